"""ICD-10 codes as hospitals write them."""

import pytest

from thoracle.datasets.labels import label_text
from thoracle.datasets.reference_standard.icd10 import dotted, is_cut_short, meaning_of, plain_code
from thoracle.datasets.reference_standard.plan import default_plan


@pytest.mark.parametrize(
    "text", ["J18.9", "j189", " J18.9 ", "J18.9*", "J18.9†", "J18.9+", "J 18.9 !"]
)
def test_dots_case_spaces_and_trailing_signs_do_not_matter(text: str) -> None:
    assert plain_code(text) == "J189"


@pytest.mark.parametrize("text", ["J18.-", "J18", "j18-"])
def test_a_category_may_have_a_placeholder(text: str) -> None:
    assert plain_code(text) == "J18"


@pytest.mark.parametrize(
    "text", ["", "J1", "18.9", "J189.", "J1.89", "J18.9.1", "J18.9, I10", "pneumonia", "J18.912345"]
)
def test_what_is_no_code_is_not_guessed(text: str) -> None:
    assert plain_code(text) is None


def test_a_code_is_printed_with_its_dot() -> None:
    assert [dotted(one) for one in ("J189", "J13", "J1282")] == ["J18.9", "J13", "J12.82"]


@pytest.mark.parametrize(
    ("code", "labels"),
    [
        ("A481", "bacterial"),
        ("B012", "viral"),
        ("J100", "viral"),
        ("J110", "viral"),
        ("J121", "viral"),
        ("J128", "covid-19|viral"),
        ("J1281", "viral"),
        ("J1282", "covid-19"),
        ("J13", "bacterial"),
        ("J14", "bacterial"),
        ("J157", "bacterial"),
        ("J160", "bacterial"),
        ("J168", "other"),
        ("J172", "other"),
        ("J189", "bacterial|covid-19|other|viral"),
        ("J690", "other"),
        ("U071", "covid-19"),
        ("U072", "bacterial|covid-19|other|viral"),
    ],
)
def test_the_longest_code_of_the_shipped_table_counts(code: str, labels: str) -> None:
    meaning = meaning_of(code, default_plan().codes)
    assert meaning is not None
    assert label_text(meaning.possible) == labels


@pytest.mark.parametrize("code", ["I500", "J101", "J440", "J22", "A482", "U073"])
def test_other_codes_say_nothing_of_pneumonia(code: str) -> None:
    assert meaning_of(code, default_plan().codes) is None


def test_a_code_that_lacks_the_deciding_digit_is_cut_short() -> None:
    codes = default_plan().codes
    assert is_cut_short("J10", codes)
    assert is_cut_short("U07", codes)
    assert not is_cut_short("J12", codes)
    assert not is_cut_short("I50", codes)
