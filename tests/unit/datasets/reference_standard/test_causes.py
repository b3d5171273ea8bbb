"""Which labels stay possible, and that a contradiction is named and never decided."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from thoracle.datasets.labels import (
    ANY_PNEUMONIA,
    BACTERIAL,
    COVID_19,
    OPACITY,
    OTHER,
    UNKNOWN,
    VIRAL,
    Label,
    Labels,
)
from thoracle.datasets.reference_standard.causes import Conflict, cause_of, microbiology_text

ANY_VIRUS = VIRAL | COVID_19


@pytest.mark.parametrize(
    ("sentence", "coded", "found", "possible", "conflict"),
    [
        ("one code is its own cause", [BACTERIAL], UNKNOWN, BACTERIAL, None),
        ("an unspecified code leaves all", [ANY_PNEUMONIA], UNKNOWN, ANY_PNEUMONIA, None),
        ("a narrow code counts over a wide one", [ANY_PNEUMONIA, VIRAL], UNKNOWN, VIRAL, None),
        ("J12.8 with U07.1 is COVID-19", [ANY_VIRUS, COVID_19], UNKNOWN, COVID_19, None),
        (
            "two causes coded stay both possible, as a conflict",
            [BACTERIAL, VIRAL], UNKNOWN, BACTERIAL | VIRAL, Conflict.CODES,
        ),
        (
            "of two causes coded a wide third code adds nothing",
            [BACTERIAL, COVID_19, ANY_PNEUMONIA], UNKNOWN, BACTERIAL | COVID_19, Conflict.CODES,
        ),
        ("microbiology decides what codes leave open", [ANY_PNEUMONIA], VIRAL, VIRAL, None),
        (
            "microbiology that finds two leaves two",
            [ANY_PNEUMONIA], BACTERIAL | VIRAL, BACTERIAL | VIRAL, None,
        ),
        ("microbiology that agrees changes nothing", [VIRAL], VIRAL, VIRAL, None),
        (
            "microbiology against the code leaves both, as a conflict",
            [VIRAL], BACTERIAL, BACTERIAL | VIRAL, Conflict.MICROBIOLOGY,
        ),
        (
            "microbiology that finds more than the code says is a conflict",
            [BACTERIAL], BACTERIAL | VIRAL, BACTERIAL | VIRAL, Conflict.MICROBIOLOGY,
        ),
        (
            "microbiology does not settle a conflict of codes",
            [BACTERIAL, OTHER], BACTERIAL, BACTERIAL | OTHER, Conflict.CODES,
        ),
        ("J12.8 and an adenovirus is viral", [ANY_VIRUS], VIRAL, VIRAL, None),
    ],
)  # fmt: skip
def test_every_meeting_of_codes_and_microbiology(
    sentence: str, coded: list[Labels], found: Labels, possible: Labels, conflict: Conflict | None
) -> None:
    cause = cause_of(coded, found, is_covid_possible=True)
    assert (cause.possible, cause.conflict) == (possible, conflict), sentence


@pytest.mark.parametrize(
    ("sentence", "coded", "possible"),
    [
        ("an unspecified pneumonia was not COVID-19", [ANY_PNEUMONIA], OPACITY),
        ("an unspecified virus was not COVID-19", [ANY_VIRUS], VIRAL),
    ],
)
def test_before_covid_no_code_leaves_it_possible(
    sentence: str, coded: list[Labels], possible: Labels
) -> None:
    assert cause_of(coded, UNKNOWN, is_covid_possible=False).possible == possible, sentence


_SETS = st.frozensets(st.sampled_from(sorted(set(Label) - {Label.NORMAL})), min_size=1)


@given(coded=st.lists(_SETS, min_size=1, max_size=4), found=st.frozensets(st.sampled_from(Label)))
def test_order_and_repeats_of_codes_do_not_matter(coded: list[Labels], found: Labels) -> None:
    once = cause_of(coded, found, is_covid_possible=True)
    assert cause_of([*reversed(coded), coded[0]], found, is_covid_possible=True) == once


@given(coded=st.lists(_SETS, min_size=1, max_size=4), found=_SETS)
def test_what_was_found_always_stays_possible(coded: list[Labels], found: Labels) -> None:
    cause = cause_of(coded, found, is_covid_possible=True)
    assert found <= cause.possible
    assert cause.conflict is not None or all(cause.possible <= one for one in coded)


@pytest.mark.parametrize(
    ("results", "text"),
    [
        ([], "not done"),
        ([UNKNOWN], "negative"),
        ([UNKNOWN, VIRAL], "viral"),
        ([VIRAL, BACTERIAL], "bacterial+viral"),
    ],
)
def test_a_test_that_was_not_done_is_not_a_negative_one(results: list[Labels], text: str) -> None:
    assert microbiology_text(results) == text
