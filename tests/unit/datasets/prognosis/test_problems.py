"""What was kept out: one line each, without what stands in a cell."""

import numpy as np
import pytest

from thoracle.datasets.prognosis.problems import THOUSANDS, Kind, Problems


def test_the_same_thing_in_many_rows_is_one_problem() -> None:
    problems = Problems("ward.csv")
    problems.add(Kind.IMPOSSIBLE, [7], variable="ldh", values=1)
    problems.add(Kind.IMPOSSIBLE, np.array([3, 9]), variable="ldh", values=2)
    problems.add(Kind.IMPOSSIBLE, [3], variable="potassium", values=1)
    (ldh, potassium) = problems.all
    assert (ldh.rows, ldh.values, ldh.places) == (3, 3, (3, 7, 9))
    assert ldh.text == (
        "ward.csv, ldh, rows 3, 7, 9: found 3 × values outside the plausible range – expected 20 "
        "to 30000 U/L. Correct them at their source."
    )
    assert potassium.variable == "potassium"


def test_of_many_rows_the_first_are_named() -> None:
    problems = Problems("ward.csv")
    problems.add(Kind.NO_TIME, range(2, 22))
    (one,) = problems.all
    assert one.places == tuple(range(2, 14))
    assert "ward.csv, 20 rows (2, 3, 4, 5, …): found no time" in one.text


@pytest.mark.parametrize("kind", Kind)
def test_every_kind_has_a_sentence(kind: Kind) -> None:
    problems = Problems("ward.csv")
    problems.add(kind, [2], variable="hemoglobin", detail="g/dL", values=1)
    (one,) = problems.all
    assert "found " in one.text
    assert " – expected " in one.text
    assert "{" not in one.text


def test_problems_come_in_one_order() -> None:
    problems = Problems("ward.csv")
    problems.add(Kind.REPEATED, [5])
    problems.add(Kind.NO_PATIENT, [9])
    assert [one.kind for one in problems.all] == [Kind.NO_PATIENT, Kind.REPEATED]


def test_a_whole_column_has_no_rows() -> None:
    problems = Problems("ward.csv")
    problems.add(Kind.UNKNOWN_COLUMN, (), detail="shoe size")
    assert 'ward.csv, all rows: found the column "shoe size"' in problems.all[0].text


def test_a_variable_without_a_unit_says_none() -> None:
    problems = Problems("ward.csv")
    problems.add(Kind.IMPOSSIBLE, [2], variable="sars_cov_2_rna", values=1)
    assert "expected 0 to 1. Correct" in problems.all[0].text


def test_signs_between_thousands_have_a_sentence_of_their_own() -> None:
    problems = Problems("ward.csv")
    problems.add(Kind.NOT_A_NUMBER, [2], variable="ldh", detail=THOUSANDS, values=1)
    assert problems.all[0].text == (
        "ward.csv, ldh, row 2: found 1 × numbers such as 1,000 or 1.000, which may be a thousand "
        "or one – expected no sign between thousands, and one decimal sign in the whole file. "
        "Write 1000, or 1.0."
    )


def test_an_unknown_unit_names_those_that_are_known() -> None:
    problems = Problems("ward.csv")
    problems.add(Kind.UNKNOWN_UNIT, [2], variable="urea", detail="mg/dL", values=1)
    assert problems.all[0].text == (
        'ward.csv, urea, row 2: found 1 × the unit "mg/dL" – expected one of "mmol/L", '
        '"mg/dL urea", "mg/dL urea nitrogen". Correct it at its source.'
    )
