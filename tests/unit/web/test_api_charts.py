"""Programs send measurements, fetch what is told of them, list and delete them."""

from typing import Any

import pytest
from fastapi.testclient import TestClient
from tests.unit.jobs.made_charts import ADMITTED, ROWS
from tests.unit.web.pages.kept_charts import ward_csv, with_network

from thoracle.prognosis.variables import VARIABLES, place_of
from thoracle.store.results import ResultStore

CHARTS = "/api/v1/charts"
NOBODYS = "018f3b0e-7c00-7abc-8def-0123456789ab"
DOCUMENT = {
    "age_years": 64,
    "sex": "F",
    "admitted_at": ADMITTED,
    "measurements": [
        {
            "variable": name,
            "value": value,
            "unit": VARIABLES[place_of(name)].unit,
            "time_h": time_h,
        }
        for time_h, name, value in ROWS
    ],
}


@pytest.fixture(autouse=True)
def _network(client: TestClient) -> None:
    with_network(client)


def test_measurements_are_kept_and_told_of(client: TestClient) -> None:
    sent = client.post(f"{CHARTS}?file=a.json", json=DOCUMENT)
    assert sent.status_code == 201
    kept = sent.json()
    assert sent.headers["location"] == f"{CHARTS}/{kept['id']}"
    assert kept["document"]["schema"] == "thoracle chart 1"
    assert (kept["version"], kept["versions"], kept["measurements"]) == (1, 1, 6)
    assert kept["risk"] == pytest.approx(0.51)
    assert client.get(sent.headers["location"]).json() == kept
    reading = client.get(f"{CHARTS}/{kept['id']}/reading").json()["reading"]
    assert reading["schema"] == "thoracle chart reading 1"
    assert [one["index_h"] for one in reading["risks"]] == [1.0, 26.0, 50.0]
    table = client.get(f"{CHARTS}/{kept['id']}/measurements").text
    assert table.splitlines()[1] == "0.5,ldh,260.0,U/L"


def test_the_same_is_told_of_what_is_not_kept(client: TestClient, store: ResultStore) -> None:
    told = client.post(f"{CHARTS}/predict", json=DOCUMENT)
    assert told.status_code == 200
    kept = client.post(CHARTS, json=DOCUMENT).json()["id"]
    reading = client.get(f"{CHARTS}/{kept}/reading").json()["reading"]
    assert told.json()["reading"] == reading
    assert told.json()["kept_out"] == []
    assert len(store.charts.list_charts(9)) == 1
    table = client.post(f"{CHARTS}/predict", content=ward_csv(ROWS, "unicorns,1,,2"))
    assert [one["kind"] for one in table.json()["kept_out"]] == ["unknown column"]


def test_what_is_sent_later_makes_another_version(client: TestClient) -> None:
    first = client.post(CHARTS, json=DOCUMENT).json()
    more = {"measurements": [{"variable": "ldh", "value": 800, "unit": "U/L", "time_h": 74}]}
    later = client.post(f"{CHARTS}?chart={first['id']}", json=more)
    assert later.status_code == 201
    assert (later.json()["id"], later.json()["version"]) == (first["id"], 2)
    assert later.json()["risk"] == pytest.approx(0.8)
    old = client.get(f"{CHARTS}/{first['id']}?version=1").json()
    assert old["document"] == first["document"]
    assert [one["measurements"] for one in old["history"]] == [6, 7]


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"{", "chart-json"),
        (b'{"measurements": []}', "chart-empty"),
        (b"a,b\n", "chart-columns"),
        (b'{"resourceType": "Bundle"}', "chart-patients"),
        (b'{"resourceType": "Bundle", ', "chart-fhir"),
    ],
)
def test_what_cannot_be_read_is_a_problem(client: TestClient, content: bytes, code: str) -> None:
    answer = client.post(CHARTS, content=content)
    assert answer.status_code == 422
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["code"] == code


def test_the_same_key_gives_the_same_chart(client: TestClient, store: ResultStore) -> None:
    headers = {"Idempotency-Key": "k"}
    first = client.post(CHARTS, json=DOCUMENT, headers=headers)
    again = client.post(CHARTS, json=DOCUMENT, headers=headers)
    assert (first.status_code, again.status_code) == (201, 200)
    assert first.json() == again.json()
    other = client.post(CHARTS, json={**DOCUMENT, "sex": "M"}, headers=headers)
    assert (other.status_code, other.json()["code"]) == (422, "key-reused")
    assert len(store.charts.list_charts(9)) == 1


def test_charts_are_listed_page_by_page_and_deleted(client: TestClient) -> None:
    ids = [client.post(CHARTS, json=DOCUMENT).json()["id"] for _ in range(3)]
    page: Any = client.get(f"{CHARTS}?limit=2").json()
    assert [one["id"] for one in page["charts"]] == ids[:0:-1]
    assert [one["id"] for one in client.get(page["next"]).json()["charts"]] == ids[:1]
    assert client.delete(f"{CHARTS}/{ids[0]}").status_code == 204
    for path in ("", "/reading", "/measurements"):
        gone = client.get(f"{CHARTS}/{ids[0]}{path}")
        assert (gone.status_code, gone.json()["code"]) == (404, "unknown-chart")
    assert client.delete(f"{CHARTS}/{NOBODYS}").status_code == 404
