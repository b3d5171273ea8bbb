"""A search finds what it says and nothing else."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from thoracle.core.results import FileResult, Status
from thoracle.store.queries import narrowed
from thoracle.store.results import ResultStore
from thoracle.store.tables import SCANS
from thoracle.store.types import NewResult, Order, Search


@pytest.fixture
def filled(
    store: ResultStore, full_result: FileResult, failed_result: FileResult, now: datetime
) -> ResultStore:
    lines = (
        ("Tórax_1.png", full_result, {"owner": "ana", "batch_id": "b1", "risk": 0.2}),
        ("torax%2.png", full_result, {"owner": "ana", "patient": "p-1", "risk": 0.9}),
        ("broken.png", failed_result, {"owner": "rui", "batch_id": "b1"}),
    )
    for day, (name, result, more) in enumerate(lines):
        new = NewResult(result=replace(result, file=name), **more)  # type: ignore[arg-type]
        store.save(new, now=now + timedelta(days=day))
    return store


@pytest.mark.parametrize(
    ("search", "found"),
    [
        (Search(), ["broken.png", "torax%2.png", "Tórax_1.png"]),
        (Search(text="TORAX"), ["torax%2.png"]),
        (Search(text="%"), ["torax%2.png"]),
        (Search(text="_"), ["Tórax_1.png"]),
        (Search(status=Status.FAILED), ["broken.png"]),
        (Search(finding="COVID-19"), ["torax%2.png", "Tórax_1.png"]),
        (Search(owner="ana", batch_id="b1"), ["Tórax_1.png"]),
        (Search(patient="p-1"), ["torax%2.png"]),
        (Search(owner="nobody"), []),
    ],
)
def test_each_condition_narrows(filled: ResultStore, search: Search, found: list[str]) -> None:
    assert [one.file for one in filled.list_results(9, search=search)] == found


def test_days_are_from_included_to_excluded(filled: ResultStore, now: datetime) -> None:
    day = timedelta(days=1)
    search = Search(since=now + day, until=now + 2 * day)
    assert [one.file for one in filled.list_results(9, search=search)] == ["torax%2.png"]


def test_the_most_urgent_come_first_and_what_has_no_risk_last(filled: ResultStore) -> None:
    lines = filled.list_results(9, order=Order.URGENT)
    assert [one.risk for one in lines] == [0.9, 0.2, None]


def test_an_empty_search_has_no_condition() -> None:
    assert narrowed(Search()) == []


def test_what_a_table_has_no_column_for_finds_nothing_there() -> None:
    assert [str(one) for one in narrowed(Search(finding="COVID-19"), SCANS)] == ["false"]
    (condition,) = narrowed(Search(patient="p-1"), SCANS)
    assert "scans.patient" in str(condition)
