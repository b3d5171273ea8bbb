"""Prioritized ethnicity, as HISO 10001:2017 orders groups."""

import itertools
from typing import Any

import pytest

ORDER = ["Maori", "Pacific", "Asian", "MELAA", "Other", "European"]


def _group(hospital: Any, text: str) -> str | None:
    (stay,) = hospital(admissions=[{"ethnicity": text}]).tables().admissions
    found: str | None = stay.ethnicity
    return found


@pytest.mark.parametrize(("first", "second"), list(itertools.combinations(ORDER, 2)))
def test_of_two_groups_the_one_earlier_in_the_order_counts(
    hospital: Any, first: str, second: str
) -> None:
    assert _group(hospital, f"{second}; {first}") == first
    assert _group(hospital, f"{first};{second}") == first


@pytest.mark.parametrize(
    ("text", "group"),
    [("21;11", "Maori"), ("Māori", "Maori"), ("43", "Asian"), ("53; 12", "MELAA")],
)
def test_codes_of_both_levels_are_understood(hospital: Any, text: str, group: str) -> None:
    assert _group(hospital, text) == group


@pytest.mark.parametrize("text", ["", "not stated", "99", ";"])
def test_a_group_that_is_not_stated_is_unknown(hospital: Any, text: str) -> None:
    assert _group(hospital, text) is None


def test_not_stated_beside_a_group_is_the_group(hospital: Any) -> None:
    assert _group(hospital, "9;1") == "European"


def test_an_unknown_word_is_a_problem_without_the_word(hospital: Any) -> None:
    (said,) = hospital(admissions=[{"ethnicity": "Martian; Asian"}]).said()
    assert "row 2" in said
    assert "Martian" not in said
