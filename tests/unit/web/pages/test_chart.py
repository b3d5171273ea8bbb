"""The page of a patient over time says the risk, what drove it, and what else is kept."""

import csv
import io
import re
from pathlib import Path

import pytest
from fastapi.testclient import TestClient
from tests.unit.web.pages.kept_charts import send as sent
from tests.unit.web.pages.kept_charts import ward_csv, with_network, without_network
from tests.unit.web.recordings import belt_csv

from thoracle.core.settings import settings
from thoracle.jobs.pseudonyms import Pseudonyms
from thoracle.store.results import ResultStore
from thoracle.web.services import Services


@pytest.fixture(autouse=True)
def _network(client: TestClient) -> None:
    with_network(client)


@pytest.fixture
def _numbers(client: TestClient, tmp_path: Path) -> None:
    """Keep patients' numbers as they are."""
    services: Services = client.app.state.services  # type: ignore[attr-defined]
    services._pseudonyms = Pseudonyms(tmp_path, keeps_identifiers=True)


def test_the_risk_and_what_drove_it_are_told(client: TestClient) -> None:
    page = client.get(sent(client)).text
    assert "Risk of death until discharge: 51 % (46 % to 56 %)" in page
    assert page.count('class="ch-point"') == 2 * 3  # wide, and narrow for a phone
    assert "By leaving values out" in page
    assert "+31.0" in page
    assert "lead from 20 %, the risk with nothing known, to 51 %" in page
    assert "where the network weighed, not why" in page
    assert "LDH is 510 U/L, 365 or more: the rule says death." in page
    assert "6 of 7 observations are not known" in page
    assert "What would be measured next" in page
    assert page.count("<figure") == 4
    assert 'class="ch-usual"' in page
    assert 'class="ch-value outside"' in page
    assert re.search(r"prognosis 1\.0\.0, SHA-256 d{64}", page)


def test_another_horizon_can_be_chosen(client: TestClient) -> None:
    path = sent(client)
    page = client.get(f"{path}?horizon=0").text
    assert "Risk of death within 1 day: 17 %" in page
    assert 'aria-current="true">within 1 day' in page
    assert client.get(f"{path}?horizon=4").status_code == 422


def test_it_is_told_in_portuguese(client: TestClient) -> None:
    page = client.get(sent(client), headers={"Accept-Language": "pt"}).text
    assert "Risco de óbito até a alta: 51 % (46 % a 56 %)" in page
    for english in ("What ", "Course of", "Change", "Versions", "Told ", "Kept "):
        assert english not in page


def test_without_a_network_the_rest_is_told(client: TestClient) -> None:
    without_network(client)
    page = client.get(sent(client)).text
    assert "expected the bundle named prognosis" in page
    assert "the rule says death" in page
    assert "What drove the risk" not in page
    assert page.count("<figure") == 4


@pytest.mark.usefixtures("_numbers")
def test_what_was_kept_out_and_replaced_is_said_and_versions_stay(client: TestClient) -> None:
    path = sent(client, ward_csv(((50.0, "ldh", 510.0),), "unicorns,3,,4"), patient="7")
    page = client.get(path).text
    assert "Values or rows of ward.csv that were not read: 1." in page
    assert '<a href="#kept-out">' in page
    assert '<details class="card" id="kept-out" open>' in page
    assert "1 × a column that is no variable (unicorns)" in page
    assert sent(client, ward_csv(((50.0, "ldh", 610.0),)), patient="7") == path
    page = client.get(path).text
    assert "Lactate dehydrogenase, day 2, 2 h: 510 U/L became 610 U/L" in page
    assert "unicorns" not in page
    old = client.get(f"{path}?version=1").text
    assert "This is version 1 of 2" in old
    assert "51 %" in old
    assert f"{path}?version=1&amp;horizon=0" in old
    assert client.get(f"{path}?version=3").status_code == 404


@pytest.mark.usefixtures("_numbers")
def test_films_scans_and_breathing_stand_on_the_same_time(
    client: TestClient, ct_scan: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("thoracle.jobs.breathing_records.list_bundles", lambda: ())
    client.post("/analyze", files={"files": ("film.png", b"patient:p-1")})
    data = {"sensor": "belt", "patient": "p-1"}
    client.post("/breathing/new", files={"file": ("night.csv", belt_csv(30))}, data=data)
    path = sent(client, patient="p-1")
    page = client.get(path).text
    assert [
        page.count(f'class="ch-event {kind} ch-analyzed"') for kind in ("film", "ct", "breathing")
    ] == [
        2,
        2,
        2,
    ]
    assert f'href="/ct/scans/{ct_scan}"' in page
    patient = client.get("/patients/p-1").text
    assert 'class="ch-event film ch-analyzed"' in patient
    assert f'href="{path}"' in patient
    undated = client.get(sent(client, patient="p-1", admitted_at="")).text
    assert "these results stand in a list" in undated
    assert "ch-event" not in undated


@pytest.mark.usefixtures("_numbers")
def test_a_films_diagnosis_is_told_at_the_local_prevalence(
    client: TestClient, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from tests.unit.web.conftest import measured_covid

    services: Services = client.app.state.services  # type: ignore[attr-defined]
    services.measured = measured_covid()
    table = tmp_path / "prevalences.csv"
    table.write_text("place,week,prevalence,low,high\nPorto,2026-W09,0.02,0.01,0.03\n")
    monkeypatch.setenv("THORACLE_PREVALENCE", str(table))
    settings.cache_clear()
    assert "There is no film of this patient" in client.get(sent(client, patient="p-1")).text
    client.post("/analyze", files={"files": ("film.png", b"patient:p-1")})
    path = sent(client, patient="p-1")
    assert "Porto, 2026-W09" in client.get(path).text
    page = client.get(path, params={"at": "Porto|2026-W09"}).text
    assert re.search(
        r"COVID-19: 83 % by the film alone becomes 9\.\d % .* in Porto, 2026-W09", page
    )
    assert "becomes" not in client.get(path, params={"at": "Faro|2026-W09"}).text


def test_its_data_can_be_taken_along(client: TestClient) -> None:
    path = sent(client)
    table = client.get(f"{path}/measurements.csv")
    assert table.headers["content-type"] == "text/csv; charset=utf-8"
    assert len(list(csv.DictReader(io.StringIO(table.text)))) == 6
    assert client.get(f"{path}/reading.json").json()["schema"] == "thoracle chart reading 1"


def test_a_chart_is_deleted(client: TestClient, store: ResultStore) -> None:
    path = sent(client)
    answer = client.post(f"{path}/delete")
    assert str(answer.url.path) == "/charts"
    assert store.charts.list_charts(9) == ()
    assert client.get(path).status_code == 404


def test_nothing_of_it_needs_a_script_or_a_style_of_its_own(client: TestClient) -> None:
    page = client.get(sent(client)).text
    assert "style=" not in page
    assert "onclick" not in page
    assert re.findall(r"<script[^>]*>(.+?)</script>", page) == []
