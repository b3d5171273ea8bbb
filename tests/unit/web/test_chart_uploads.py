"""A chart comes as a form, a body or typed fields; what is not said is not made up."""

from typing import Any

import pytest
from fastapi.testclient import TestClient
from tests.unit.web.pages.kept_charts import ward_csv, without_network

from thoracle.store.results import ResultStore
from thoracle.web.chart_uploads import (
    TIMES,
    TYPED,
    SentFile,
    read_sent,
    read_typed,
    said_of,
    typed_document,
)

CHARTS = "/api/v1/charts"
SCHEMA = b"""
name = "ward"
layout = "wide"
patient = "id"
time = { column = "hour", kind = "hours" }
values = [{ variable = "ldh", column = "LDH", unit = "U/L" }]
"""


@pytest.fixture(autouse=True)
def _no_network(client: TestClient) -> None:
    without_network(client)


def test_a_body_is_named_and_told_of_in_its_query(client: TestClient, store: ResultStore) -> None:
    query = "file=..%2Fnight.csv&admitted_at=2026-02-27T08:00&layout=measurements"
    answer = client.post(f"{CHARTS}?{query}", content=ward_csv())
    assert answer.status_code == 201
    (line,) = store.charts.list_charts(9)
    assert (line.facts.file, line.facts.admitted_at) == ("night.csv", "2026-02-27T08:00")


def test_a_schema_comes_beside_its_table(client: TestClient, store: ResultStore) -> None:
    files = {"file": ("a.csv", b"id,hour,LDH\n7,3,250\n"), "schema": ("a.toml", SCHEMA)}
    answer = client.post(CHARTS, files=files, data={"layout": "declared"})
    assert answer.status_code == 201
    assert store.charts.list_charts(9)[0].facts.last_h == 3.0


@pytest.mark.parametrize(
    ("sending", "status"),
    [
        ({"content": b""}, 422),
        ({"files": {"other": ("a.csv", b"x")}}, 422),
        ({"content": b"x", "headers": {"Content-Type": "multipart/form-data"}}, 400),
    ],
)
def test_a_request_without_a_file_is_refused(
    client: TestClient, sending: dict[str, Any], status: int
) -> None:
    assert client.post(CHARTS, **sending).status_code == status


def test_everything_that_was_sent_tells_one_request_from_another() -> None:
    first = SentFile(name="a", content=b"b", said={"patient": "1"})
    others = (
        SentFile(name="b", content=b"b", said={"patient": "1"}),
        SentFile(name="a", content=b"c", said={"patient": "1"}),
        SentFile(name="a", content=b"b", said={"patient": "2"}),
        SentFile(name="a", content=b"b", said={"patient": "1"}, schema=b"s"),
    )
    assert len({first.digest(), *(one.digest() for one in others)}) == 5
    assert first.digest() == SentFile(name="a", content=b"b", said={"patient": "1"}).digest()


def test_what_is_said_beside_a_file_goes_into_reading_it() -> None:
    sent = SentFile(name="a.csv", content=ward_csv(), said={"admitted_at": "2026-02-27"})
    assert read_sent(sent).noted.chart.admitted_at == "2026-02-27"


def test_empty_fields_are_left_out_and_long_numbers_cut() -> None:
    assert said_of({"patient": " ", "layout": None, "other": "x"}) == {}
    assert len(said_of({"patient": "7" * 99})["patient"]) == 64


def test_what_is_typed_becomes_measurements_in_the_units_of_the_form() -> None:
    form = {f"{name}-{place}": "1" for name in TYPED for place in range(1, TIMES + 1)}
    form |= {"ldh-1": " 250 ", "ldh-2": "", "time_h-1": "0,5", "time_h-2": "24", "time_h-3": "48"}
    document = typed_document({**form, "sex": "M", "age_years": ""})
    assert len(document["measurements"]) == len(TYPED) * TIMES - 1
    assert document["measurements"][0] == {
        "variable": "ldh",
        "value": "250",
        "unit": "U/L",
        "time_h": "0,5",
    }
    assert (document["sex"], document["age_years"]) == ("M", None)
    assert read_typed(document).noted.chart.sex == "M"
