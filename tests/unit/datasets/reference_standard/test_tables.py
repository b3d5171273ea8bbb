"""The four tables: what is understood, and every error of input with its rows."""

from dataclasses import replace
from typing import Any

import pytest

from thoracle.datasets.labels import UNKNOWN, VIRAL
from thoracle.datasets.reference_standard.plan import default_plan


def test_the_readings_of_an_xray_are_brought_together(hospital: Any) -> None:
    rows = [{"reader": "b", "reading": "no"}, {"reader": "a", "reading": "uncertain"}]
    (xray,) = hospital(xrays=rows).tables().xrays
    assert xray.rows == (2, 3)
    assert [(name, str(vote)) for name, vote in xray.votes] == [
        ("a", "uncertain"),
        ("b", "negative"),
    ]


@pytest.mark.parametrize(
    ("sentence", "rows", "expected"),
    [
        (
            "one accession number with two patients",
            {"xrays": [{}, {"patient": "Q", "reader": "b"}]},
            "xrays, rows 2, 3: found one accession number with different patients",
        ),
        (
            "one accession number with two dates",
            {"xrays": [{}, {"taken": "2021-01-03", "reader": "b"}]},
            "xrays, rows 2, 3: found one accession number with different patients",
        ),
        (
            "one accession number twice with one reader",
            {"xrays": [{}, {}]},
            "xrays, rows 2, 3: found one accession number twice with the same reader",
        ),
        (
            "one file for two X-rays",
            {"xrays": [{"path": "a.png"}, {"accession": "X2", "path": "a.png"}]},
            "xrays, rows 2, 3: found one file with two accession numbers",
        ),
        (
            "a time in one row and none in another",
            {"xrays": [{}, {"accession": "X2", "taken": "2021-01-02T10:00"}]},
            "xrays, row 2: found no time of day in the column taken",
        ),
        (
            "a code that is none",
            {"codes": [{"code": "pneumonia"}]},
            'codes, row 2: found "aaaaaaaaa" in the column code',
        ),
        (
            "two codes in a cell",
            {"codes": [{"code": "J13, I50.0"}]},
            'codes, row 2: found "A00, A00.0" in the column code',
        ),
        (
            "a code cut short",
            {"codes": [{"code": "J10"}]},
            'codes, row 2: found a code cut short ("A00") in the column code',
        ),
        (
            "a birth after admission",
            {"admissions": [{"born": "2022-01-01"}]},
            "admissions, row 2: found a birth after the admission",
        ),
        (
            "an organism that the plan does not know",
            {"microbiology": [{"organism": "Martian flu"}]},
            "microbiology, row 2: found a word that the plan does not know",
        ),
        (
            "an X-ray without a date",
            {"xrays": [{"taken": ""}]},
            "xrays, row 2: found an empty cell in the column taken",
        ),
    ],
)  # fmt: skip
def test_every_error_of_input_has_its_rows(
    hospital: Any, sentence: str, rows: dict[str, list[dict[str, str]]], expected: str
) -> None:
    (said,) = hospital(**rows).said()
    assert said.startswith(expected), sentence


def test_all_errors_of_all_tables_are_found_at_once(hospital: Any) -> None:
    said = hospital(
        xrays=[{"taken": "02/01/2021"}, {"accession": "X2", "reading": "?"}],
        admissions=[{"admitted": "01/01/2021"}, {"admission": "B", "bmi": "999"}],
        codes=[{"code": "?"}],
        microbiology=[{"collected": "?"}],
    ).said()
    assert len(said) == 6


def test_rows_that_were_not_understood_do_not_make_more_problems(hospital: Any) -> None:
    said = hospital(
        xrays=[{"admission": "A"}], admissions=[{"admitted": "01/01/2021"}], codes=[{}]
    ).said()
    assert len(said) == 1


@pytest.mark.parametrize(
    ("born", "age"), [("1970-01-01", 51), ("1970-01-02", 50), ("2021-01-01", 0), ("", 40)]
)
def test_the_age_is_in_completed_years_at_admission(hospital: Any, born: str, age: int) -> None:
    (stay,) = hospital(admissions=[{"born": born, "age": "40"}]).tables().admissions
    assert stay.age_years == age


def test_a_table_without_any_age_is_refused(hospital: Any) -> None:
    plan = default_plan()
    names = {"age": "x", "born": "y"}
    plan = replace(plan, columns=replace(plan.columns, admissions=names))
    assert any("neither a column age nor a column born" in one for one in hospital(plan).said())


def test_sexes_other_than_two_are_unknown_here(hospital: Any) -> None:
    stays = [{"sex": "Male"}, {"admission": "B", "sex": "x"}, {"admission": "C", "sex": ""}]
    assert [one.sex for one in hospital(admissions=stays).tables().admissions] == ["M", None, None]


def test_a_specimen_that_found_nothing_is_kept(hospital: Any) -> None:
    rows = [{"organism": "No growth"}, {"organism": "RSV"}]
    found = [one.found for one in hospital(microbiology=rows).tables().specimens]
    assert found == [UNKNOWN, VIRAL]


@pytest.mark.parametrize(
    ("taken", "admitted", "by_day"),
    [
        ("2021-01-02T09:00", "2021-01-01T09:00", False),
        ("2021-01-02", "2021-01-01T09:00", True),
        ("2021-01-02T09:00", "2021-01-01", True),
    ],
)
def test_days_are_compared_as_soon_as_one_column_has_no_times(
    hospital: Any, taken: str, admitted: str, by_day: bool
) -> None:
    stay = {"admitted": admitted, "discharged": "2021-01-09T09:00"}
    tables = hospital(xrays=[{"taken": taken}], admissions=[stay]).tables()
    assert tables.by_day is by_day
