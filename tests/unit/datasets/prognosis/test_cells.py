"""Cells: a number, an instant, or None."""

from datetime import datetime

import pytest

from thoracle.datasets.prognosis.cells import hours_between, instant_of, number_of


@pytest.mark.parametrize(
    ("text", "value"), [("5", 5.0), ("-0.5", -0.5), ("1e2", 100.0), ("<5", None), ("", None)]
)
def test_a_number_is_read_and_a_limit_is_none(text: str, value: float | None) -> None:
    assert number_of(text) == value


@pytest.mark.parametrize("text", ["nan", "inf", "5,3"])
def test_what_is_not_finite_or_has_a_comma_is_none(text: str) -> None:
    assert number_of(text) is None


@pytest.mark.parametrize(
    ("text", "form", "expected"),
    [
        ("2020-01-31 01:09", "", datetime.fromisoformat("2020-01-31T01:09:00")),
        ("2020-01-31T01:09:07.5", "", datetime.fromisoformat("2020-01-31T01:09:07")),
        ("2020/1/3 1:09", "", datetime.fromisoformat("2020-01-03T01:09:00")),
        ("2020-01-31", "", datetime.fromisoformat("2020-01-31")),
        ("2020-01-31T01:09:00+02:00", "", datetime.fromisoformat("2020-01-31T01:09:00")),
        ("31/01/2020", "%d/%m/%Y", datetime.fromisoformat("2020-01-31")),
        ("2020-13-01", "", None),
        ("01/02/2020", "", None),
        ("31.01.2020", "%d/%m/%Y", None),
    ],
)
def test_an_instant_is_read_without_guessing(
    text: str, form: str, expected: datetime | None
) -> None:
    assert instant_of(text, form) == expected


def test_hours_are_negative_backwards() -> None:
    start, end = datetime.fromisoformat("2020-01-01T12:00:00"), datetime.fromisoformat("2020-01-02")
    assert hours_between(start, end) == 12.0
    assert hours_between(end, start) == -12.0


@pytest.mark.parametrize(("text", "value"), [("1,5", 1.5), ("1.234", None), ("1.234,5", None)])
def test_with_a_decimal_comma_a_point_is_not_guessed(text: str, value: float | None) -> None:
    assert number_of(text, ",") == value
