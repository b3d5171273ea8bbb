"""Measurements are read with their units and times; what cannot be is kept out and counted."""

import math
from typing import Any

import pytest

from thoracle.core.errors import ChartError
from thoracle.jobs.chart_measurements import (
    MEASUREMENTS_MAX,
    ReadDocument,
    checked_admission,
    read_measurements,
)
from thoracle.prognosis.variables import place_of

ADMITTED = "2026-02-27T08:00:00+00:00"


def _read(*rows: dict[str, Any], **facts: Any) -> ReadDocument:
    return read_measurements({"measurements": list(rows), **facts}, source="a.json")


def _row(variable: str, value: object, unit: str, **time: object) -> dict[str, Any]:
    return {"variable": variable, "value": value, "unit": unit, **(time or {"time_h": 1.0})}


def _kinds(read: ReadDocument) -> list[tuple[str, str]]:
    return [(one.kind, one.variable) for one in read.noted.notes.kept_out]


def test_a_chart_is_read_with_whose_it_is() -> None:
    read = _read(
        _row("hs-CRP", 4.2, "mg/dL", time_h=30),
        _row("ldh", 250, "U/L", time_h=2.5),
        patient="123",
        age_years=64,
        sex="F",
        admitted_at=ADMITTED,
    )
    chart = read.noted.chart
    assert read.patient == "123"
    assert (chart.age_years, chart.sex, chart.admitted_at) == (64.0, "F", ADMITTED)
    assert chart.times_h.tolist() == [2.5, 30.0]
    assert chart.variables.tolist() == [place_of("ldh"), place_of("hs_crp")]
    assert chart.values.tolist() == [250.0, pytest.approx(42.0)]
    assert _kinds(read) == []


def test_a_time_may_be_a_moment_after_admission() -> None:
    read = _read(_row("ldh", 1e2, "U/L", at="2026-02-28T14:00:00+00:00"), admitted_at=ADMITTED)
    assert read.noted.chart.times_h.tolist() == [30.0]


@pytest.mark.parametrize(
    ("admitted_at", "at", "time_h"),
    [
        ("2026-02-27T08:00", "2026-02-28T14:00:00+01:00", 29.0),
        ("2026-02-27T08:00", "2026-02-28T14:00:00Z", 30.0),
        (ADMITTED, "2026-02-28T14:00", 30.0),
        ("2026-02-27T08:00", "2026-02-28T14:00", 30.0),
        ("2026-02-27T08:00-03:00", "2026-02-28T14:00", 27.0),
    ],
)
def test_a_time_without_a_zone_is_in_utc_beside_one_with_it(
    admitted_at: str, at: str, time_h: float
) -> None:
    read = _read(_row("ldh", 250, "U/L", time_h="", at=at), admitted_at=admitted_at)
    assert read.noted.chart.times_h.tolist() == [time_h]


@pytest.mark.parametrize(
    ("time", "detail", "said"),
    [
        ({"at": "28/02/2026 14:00"}, "unreadable", "expected a date and time such as 2026"),
        ({"at": "46081.58"}, "unreadable", "found a time that cannot be read"),
        ({"at": "2026-02-28"}, "date only", "found a date without a time"),
        ({"at": "20260228"}, "date only", "Add the time"),
        ({"time_h": "noon"}, "unreadable", "or hours since admission"),
        ({"time_h": ""}, "", "found no time"),
    ],
)
def test_a_time_that_tells_nothing_is_told_from_none(
    time: dict[str, Any], detail: str, said: str
) -> None:
    (out,) = _read(_row("ldh", 250, "U/L", **time), admitted_at=ADMITTED).noted.notes.kept_out
    assert (out.kind, out.detail) == ("no time", detail)
    assert said in out.text


@pytest.mark.parametrize(
    ("row", "kind"),
    [
        (_row("blood of dragons", 1, "U/L"), ("unknown column", "")),
        (_row("ldh", 250, ""), ("unknown unit", "ldh")),
        (_row("ldh", 250, "stones"), ("unknown unit", "ldh")),
        (_row("ldh", "<5", "U/L"), ("not a number", "ldh")),
        (_row("ldh", True, "U/L"), ("not a number", "ldh")),
        (_row("ldh", math.inf, "U/L"), ("not a number", "ldh")),
        (_row("ldh", 1e9, "U/L"), ("impossible value", "ldh")),
        (_row("ldh", 250, "U/L", time_h=None), ("no time", "")),
        (_row("ldh", 250, "U/L", at="2026-02-28T14:00:00+00:00"), ("no admission time", "")),
    ],
)
def test_what_cannot_be_is_kept_out_and_told(row: dict[str, Any], kind: tuple[str, str]) -> None:
    read = _read(row, _row("ldh", "251,5", "U/L", time_h="3"))
    assert read.noted.chart.values.tolist() == [251.5]  # as forms write it
    assert _kinds(read) == [kind]


@pytest.mark.parametrize("text", ["180,000", "1,234", "-1,234", "1,234,567", "1.234.567"])
def test_a_sign_between_thousands_is_never_read_as_a_decimal_sign(text: str) -> None:
    read = _read(_row("platelet_count", text, "/µL"))
    assert read.noted.chart.values.size == 0
    (out,) = read.noted.notes.kept_out
    assert (out.kind, out.variable, out.values) == ("not a number", "platelet_count", 1)
    assert "which may be a thousand or one" in out.text


@pytest.mark.parametrize(
    ("text", "value"),
    [("251,5", 251.5), ("0,125", 0.125), ("1234,5", 1234.5), ("251.125", 251.125), ("251", 251)],
)
def test_a_sign_that_can_only_be_decimal_is_read(text: str, value: float) -> None:
    assert _read(_row("nt_probnp", text, "ng/L")).noted.chart.values.tolist() == [value]


def test_beside_decimal_commas_a_point_may_stand_between_thousands() -> None:
    read = _read(
        _row("platelet_count", "180.000", "/µL", time_h=1),
        _row("ldh", "251,5", "U/L", time_h=1),
        _row("ph", 7.345, "", time_h=1),
    )
    assert sorted(read.noted.chart.values.tolist()) == [7.345, 251.5]  # JSON's number is clear
    assert _kinds(read) == [("not a number", "platelet_count")]


def test_a_time_with_a_sign_between_thousands_is_none() -> None:
    assert _kinds(_read(_row("ldh", 250, "U/L", time_h="1,234"))) == [("no time", "")]


def test_nothing_said_of_the_patient_is_unknown() -> None:
    read = _read()
    assert read.patient is None
    assert math.isnan(read.noted.chart.age_years)
    assert (read.noted.chart.sex, read.noted.chart.admitted_at) == ("", "")


@pytest.mark.parametrize("facts", [{"age_years": 200}, {"age_years": -1}, {"sex": "X"}])
def test_a_patient_that_cannot_be_is_refused(facts: dict[str, Any]) -> None:
    with pytest.raises(ChartError, match="expected 0 to 130 years") as caught:
        _read(**facts)
    assert caught.value.code == "chart-patient-facts"


@pytest.mark.parametrize("document", [{}, {"measurements": {}}, {"measurements": [1]}])
def test_another_document_is_refused(document: dict[str, Any]) -> None:
    with pytest.raises(ChartError, match="no list of measurements") as caught:
        read_measurements(document, source="a.json")
    assert caught.value.code == "chart-json"


def test_more_than_one_patients_worth_is_refused() -> None:
    rows = [_row("ldh", 1, "U/L")] * (MEASUREMENTS_MAX + 1)
    with pytest.raises(ChartError, match="expected at most 100000") as caught:
        read_measurements({"measurements": rows}, source="a.json")
    assert caught.value.code == "chart-too-long"


def test_an_admission_is_a_moment_or_nothing() -> None:
    assert checked_admission("") == ""
    assert checked_admission("2026-02-27T08:30") == "2026-02-27T08:30"
    with pytest.raises(ChartError, match="ISO 8601"):
        checked_admission("Friday")
