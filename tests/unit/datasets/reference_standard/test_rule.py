"""MIDDLEMORE's two-condition rule, branch by branch, and against the sentence of the paper."""

from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from thoracle.datasets.reference_standard.plan import FlankedBy
from thoracle.datasets.reference_standard.rule import Branch, ReadXRay, branch_of, is_positive

START = datetime.fromisoformat("2021-01-01")


def _films(readings: str) -> list[ReadXRay]:
    """Turn "P-N" into films on following days; "-" is a day without one."""
    return [
        ReadXRay(accession=f"X{day}", taken=START + timedelta(days=day), is_positive=sign == "P")
        for day, sign in enumerate(readings)
        if sign != "-"
    ]


def _branch(readings: str, at: int, *, coded: bool, flanked_by: str = "any") -> Branch:
    films = _films(readings)
    return branch_of(films[at], films, is_coded=coded, flanked_by=FlankedBy(flanked_by))


@pytest.mark.parametrize(
    ("sentence", "readings", "at", "coded", "branch"),
    [
        ("read positive with the code stays positive", "P", 0, True, Branch.POSITIVE_CODED),
        ("read positive without the code is negative", "P", 0, False, Branch.POSITIVE_UNCODED),
        (
            "read positive without the code is negative beside other positives",
            "PPP", 1, False, Branch.POSITIVE_UNCODED,
        ),
        ("read negative without the code is negative", "N", 0, False, Branch.NEGATIVE_UNCODED),
        (
            "read negative without the code is negative even when flanked",
            "PNP", 1, False, Branch.NEGATIVE_UNCODED,
        ),
        ("read negative alone with the code is positive", "N", 0, True, Branch.NEGATIVE_ALONE),
        (
            "read negative with the code is positive if all others are negative too",
            "NNN", 1, True, Branch.NEGATIVE_ALONE,
        ),
        ("read negative before a positive stays negative", "NP", 0, True, Branch.NEGATIVE_BESIDE),
        ("read negative after a positive stays negative", "PN", 1, True, Branch.NEGATIVE_BESIDE),
        (
            "read negative after two positives stays negative",
            "PPN", 2, True, Branch.NEGATIVE_BESIDE,
        ),
        (
            "read negative between two positives is positive",
            "PNP", 1, True, Branch.NEGATIVE_FLANKED,
        ),
        (
            "read negative between two positives with days between is positive",
            "P--N--P", 1, True, Branch.NEGATIVE_FLANKED,
        ),
        (
            "two negatives between two positives are both positive",
            "PNNP", 2, True, Branch.NEGATIVE_FLANKED,
        ),
    ],
)  # fmt: skip
def test_every_branch_of_the_rule(
    sentence: str, readings: str, at: int, coded: bool, branch: Branch
) -> None:
    assert _branch(readings, at, coded=coded) is branch, sentence


def test_adjacent_asks_for_positives_among_the_nearest() -> None:
    assert _branch("PNNP", 1, coded=True, flanked_by="adjacent") is Branch.NEGATIVE_BESIDE
    assert _branch("PNP", 1, coded=True, flanked_by="adjacent") is Branch.NEGATIVE_FLANKED


@pytest.mark.parametrize("other_day", [-1, 1])
def test_films_taken_at_one_time_do_not_flank_one_another(other_day: int) -> None:
    films = [
        ReadXRay(accession="a", taken=START, is_positive=True),
        ReadXRay(accession="b", taken=START, is_positive=False),
        ReadXRay(accession="c", taken=START + timedelta(days=other_day), is_positive=True),
    ]
    for flanked_by in FlankedBy:
        found = branch_of(films[1], films, is_coded=True, flanked_by=flanked_by)
        assert found is Branch.NEGATIVE_BESIDE


def test_three_branches_mean_pneumonia_and_three_do_not() -> None:
    positive = {Branch.POSITIVE_CODED, Branch.NEGATIVE_ALONE, Branch.NEGATIVE_FLANKED}
    assert {one for one in Branch if is_positive(one)} == positive


def _as_the_paper_says(readings: str, at: int, *, coded: bool) -> bool:
    """Say the paper's two sentences once more, on letters instead of films."""
    if readings[at] == "P":
        return coded
    if not coded:
        return False
    another_is_positive = "P" in readings[:at] + readings[at + 1 :]
    is_flanked = "P" in readings[:at] and "P" in readings[at + 1 :]
    stays_negative = another_is_positive and not is_flanked
    return not stays_negative


@given(readings=st.text("PN", min_size=1, max_size=7), coded=st.booleans(), data=st.data())
def test_the_rule_is_the_papers_sentence(readings: str, coded: bool, data: st.DataObject) -> None:
    at = data.draw(st.integers(0, len(readings) - 1))
    found = is_positive(_branch(readings, at, coded=coded))
    assert found is _as_the_paper_says(readings, at, coded=coded)


@given(readings=st.text("PN", min_size=1, max_size=6), coded=st.booleans(), data=st.data())
def test_neither_the_order_of_films_nor_the_film_itself_among_them_matters(
    readings: str, coded: bool, data: st.DataObject
) -> None:
    films = _films(readings)
    film = data.draw(st.sampled_from(films))
    others = data.draw(st.permutations([one for one in films if one is not film]))
    for flanked_by in FlankedBy:
        whole = branch_of(film, films, is_coded=coded, flanked_by=flanked_by)
        assert branch_of(film, others, is_coded=coded, flanked_by=flanked_by) is whole
