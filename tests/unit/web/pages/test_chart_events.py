"""What else is kept of a patient stands in order of time, placed where admission is known."""

from datetime import timedelta

import pytest
from fastapi.testclient import TestClient
from tests.unit.web.conftest import START, keep_ct

from thoracle.core.languages import language
from thoracle.store.results import ResultStore
from thoracle.web.pages.chart_events import events_of
from thoracle.web.services import Services

ENGLISH = language("en")


@pytest.fixture
def services(client: TestClient) -> Services:
    found: Services = client.app.state.services  # type: ignore[attr-defined]
    return found


def test_results_are_placed_in_hours_since_admission(
    services: Services, store: ResultStore
) -> None:
    for seed, hours in ((4, 30), (5, 6)):
        keep_ct(store, START + timedelta(hours=hours), seed=seed)
    for admitted_at in (START.isoformat(), START.replace(tzinfo=None).isoformat()):
        found = events_of(services, "p-1", admitted_at, ENGLISH)
        assert [one.hours for one in found] == [6.0, 30.0]
    assert found[0].title.startswith("CT scan: ")
    assert found[0].kind == "ct"
    assert found[0].is_of_analysis
    assert found[0].time.startswith("analyzed 2026-")


@pytest.mark.parametrize("admitted_at", ["", "yesterday"])
def test_without_an_admission_they_have_no_place(
    services: Services, store: ResultStore, admitted_at: str
) -> None:
    keep_ct(store, START)
    (found,) = events_of(services, "p-1", admitted_at, ENGLISH)
    assert found.hours is None


def test_of_nobody_nothing_is_known(services: Services, store: ResultStore) -> None:
    keep_ct(store, START, patient=None)
    assert events_of(services, None, "", ENGLISH) == ()
