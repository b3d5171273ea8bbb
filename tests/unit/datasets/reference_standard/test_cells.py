"""Cells: dates in a stated format only, words of the plan only, and no content in a problem."""

from datetime import datetime

import pytest

from thoracle.datasets.reference_standard.cells import Row, rows_of
from thoracle.datasets.reference_standard.problems import Problems
from thoracle.datasets.reference_standard.sheets import Sheet


def _row(**cells: str) -> Row:
    return Row("xrays", 5, cells, Problems())


def _said(row: Row) -> str:
    (problem,) = row.problems.all
    return problem.text


@pytest.mark.parametrize(
    ("text", "form", "at", "has_time"),
    [
        ("2020-04-03", "", "2020-04-03", False),
        ("2020-04-03T14:05", "", "2020-04-03T14:05", True),
        ("2020-04-03 14:05:06", "", "2020-04-03T14:05:06", True),
        ("03/04/2020", "%d/%m/%Y", "2020-04-03", False),
        ("04/03/2020 14:05", "%m/%d/%Y %H:%M", "2020-04-03T14:05", True),
    ],
)
def test_a_date_is_read_in_the_stated_format(text: str, form: str, at: str, has_time: bool) -> None:
    found = _row(taken=text).moment("taken", form)
    assert found is not None
    assert (found.at, found.has_time) == (datetime.fromisoformat(at), has_time)


@pytest.mark.parametrize(
    "text",
    ["03/04/2020", "2020-13-01", "20200403", "2020-4-3", "2020-04-03T14:05Z", "43924", "soon"],
)
def test_another_date_is_a_problem_that_asks_for_the_format(text: str) -> None:
    row = _row(taken=text)
    assert row.moment("taken", "") is None
    said = _said(row)
    assert 'taken = "%d/%m/%Y" under [dates]' in said
    assert "row 5" in said
    assert text not in said


def test_day_and_month_are_not_guessed_when_only_one_order_fits() -> None:
    row = _row(taken="25/12/2020")
    assert row.moment("taken", "%m/%d/%Y") is None
    assert '"00/00/0000"' in _said(row)


@pytest.mark.parametrize(("text", "value"), [("25", 25.0), ("25.5", 25.5), ("", None)])
def test_a_number_within_its_range_is_read(text: str, value: float | None) -> None:
    assert _row(bmi=text).number_in("bmi", 8, 120) == value


@pytest.mark.parametrize("text", ["25,5", "7.9", "121", "nan", "1e2", "-25", "inf"])
def test_another_number_is_a_problem(text: str) -> None:
    row = _row(bmi=text)
    assert row.number_in("bmi", 8, 120) is None
    assert "a number from 8 to 120" in _said(row)


def test_words_are_compared_without_case_and_spaces() -> None:
    assert _row(sex=" FEMALE ").word("sex", {"female": "F"}) == "F"


def test_an_unknown_word_is_a_problem_that_does_not_say_it() -> None:
    row = _row(reading="Mrs Smith")
    assert row.word("reading", {"positive": "positive"}) is None
    assert "words.reading" in _said(row)
    assert "Smith" not in _said(row)


def test_an_empty_cell_is_unknown_unless_it_is_needed() -> None:
    row = _row(reading="")
    assert row.word("reading", {}) is None
    assert row.problems.all == ()
    assert row.need("reading") is None
    assert "an empty cell in the column reading" in _said(row)


def _rows(header: tuple[str, ...], **names: str) -> tuple[list[Row], list[str]]:
    problems = Problems()
    sheet = Sheet(header=header, rows=((2, ("1",) * len(header)),), wide=())
    rows = rows_of(
        sheet,
        "codes",
        columns=("admission", "code"),
        required=("admission", "code"),
        names=names,
        problems=problems,
    )
    return list(rows), [problem.text for problem in problems.all]


def test_columns_go_by_the_plans_names_and_others_are_not_read() -> None:
    rows, said = _rows(("Event ID", "CODE", "surname"), admission="event_id")
    assert said == []
    assert dict(rows[0].cells) == {"admission": "1", "code": "1"}


def test_every_missing_column_is_named_at_once() -> None:
    rows, said = _rows(("surname",))
    assert rows == []
    assert "found no column admission, no column code" in said[0]


def test_semicolons_for_commas_are_recognized() -> None:
    _, said = _rows(("admission;code",))
    assert "semicolons" in said[0]


def test_a_column_twice_is_a_problem() -> None:
    rows, said = _rows(("admission", "code", "Code"))
    assert rows == []
    assert "code more than once" in said[0]


def test_a_column_name_that_the_plan_has_wrong_is_a_problem() -> None:
    _, said = _rows(("admission", "code"), kode="x")
    assert "columns.codes.kode" in said[0]


def test_rows_wider_than_the_header_are_a_problem() -> None:
    problems = Problems()
    sheet = Sheet(header=("code",), rows=((2, ("1",)),), wide=(2,))
    given = {"columns": ("code",), "required": ("code",), "names": {}, "problems": problems}
    assert list(rows_of(sheet, "codes", **given))  # type: ignore[arg-type]
    assert "codes, row 2: found more cells than the header has" in problems.all[0].text


def test_a_time_zone_in_a_format_is_not_understood() -> None:
    assert _row(taken="2021-01-02 +0100").moment("taken", "%Y-%m-%d %z") is None
