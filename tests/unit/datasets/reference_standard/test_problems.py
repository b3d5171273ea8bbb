"""Problems name rows and never what stands in a cell."""

import pytest

from thoracle.datasets.reference_standard.problems import Problems, TablesError, shape_of


def _noted() -> Problems:
    problems = Problems()
    for row in (7, 3):
        problems.add("xrays", [row], found="a thing", expected="another", action="Correct it")
    problems.add("codes", [], found="no column", expected="one", action="Add it")
    return problems


def test_the_same_problem_in_two_rows_is_one_with_both_rows() -> None:
    first, second = _noted().all
    assert first.text == "xrays, rows 3, 7: found a thing – expected another. Correct it."
    assert second.text == "codes: found no column – expected one. Add it."


def test_all_problems_are_refused_at_once() -> None:
    with pytest.raises(
        TablesError, match=r"found 2 problems .* The first: xrays, rows 3, 7"
    ) as got:
        _noted().refuse()
    assert len(got.value.problems) == 2
    assert got.value.code == "reference-tables"


def test_without_problems_nothing_is_refused() -> None:
    Problems().refuse()


def test_many_rows_are_cut_with_their_number() -> None:
    problems = Problems()
    problems.add("xrays", range(2, 22), found="a", expected="b", action="C")
    assert problems.all[0].text.startswith(
        "xrays, rows 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13 and 8 more:"
    )


def test_only_tables_with_problems_are_of_concern() -> None:
    assert _noted().concern("codes")
    assert not _noted().concern("admissions")


def test_a_shape_shows_form_and_no_content() -> None:
    assert shape_of("03/04/2020 14:05") == "00/00/0000 00:00"
    assert shape_of("ABC1234 Smith\x07") == "AAA0000 Aaaaa?"
    assert len(shape_of("x" * 100)) == 25
