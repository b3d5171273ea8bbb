"""Labels keep what is known in part."""

from itertools import chain, combinations

import pytest

from thoracle.core.errors import ManifestError
from thoracle.datasets.labels import (
    ANY_PNEUMONIA,
    COVID_19,
    FINDINGS,
    NORMAL,
    OPACITY,
    UNKNOWN,
    VIRAL,
    Label,
    finding_of,
    is_abnormal,
    label_text,
    labels_of_words,
    parse_label,
)

EVERY_SET = [
    frozenset(chosen)
    for chosen in chain.from_iterable(combinations(Label, size) for size in range(6))
]


@pytest.mark.parametrize("possible", EVERY_SET)
def test_every_set_of_labels_survives_writing_and_reading(possible: frozenset[Label]) -> None:
    assert parse_label(label_text(possible)) == possible


def test_text_is_sorted_and_joined_by_bars() -> None:
    assert label_text(ANY_PNEUMONIA) == "bacterial|covid-19|other|viral"
    assert label_text(UNKNOWN) == ""


def test_spaces_around_parts_do_not_matter() -> None:
    assert parse_label(" viral | bacterial ") == {Label.VIRAL, Label.BACTERIAL}


@pytest.mark.parametrize("text", ["flu", "viral|", "NORMALS", "viral,bacterial"])
def test_a_text_that_is_no_label_names_those_expected(text: str) -> None:
    with pytest.raises(ManifestError, match="expected one or more of normal, bacterial") as caught:
        parse_label(text)
    assert caught.value.code == "label-unknown"


@pytest.mark.parametrize(
    ("text", "label"),
    [
        ("COVID-19", "covid-19"),
        ("Normal", "normal"),
        ("Bacterial", "bacterial"),
        ("VIRAL", "viral"),
        ("Other", "other"),
        ("Viral | COVID-19", "covid-19|viral"),
    ],
)
def test_letters_may_be_of_either_case(text: str, label: str) -> None:
    assert label_text(parse_label(text)) == label_text(labels_of_words(text)) == label


@pytest.mark.parametrize(
    ("text", "label"),
    [
        ("No finding", "normal"),
        ("No_Finding", "normal"),
        ("healthy", "normal"),
        ("Viral  Pneumonia", "viral"),
        ("COVID", "covid-19"),
        ("COVID_19", "covid-19"),
        ("Other lung opacity", "bacterial|other|viral"),
        ("other pneumonia/opacity", "other"),
        ("Pneumonia", "bacterial|covid-19|other|viral"),
        ("unlabeled", ""),
        ("", ""),
    ],
)
def test_words_in_use_for_a_class_are_known(text: str, label: str) -> None:
    assert label_text(labels_of_words(text)) == label


def test_a_finding_s_own_name_has_that_finding() -> None:
    assert [finding_of(labels_of_words(name)) for name in FINDINGS] == list(FINDINGS)


def test_a_word_for_no_class_is_refused() -> None:
    with pytest.raises(ManifestError, match="expected one or more of normal"):
        labels_of_words("cats")


@pytest.mark.parametrize(
    ("possible", "finding"),
    [
        (UNKNOWN, None),
        (NORMAL, "No finding"),
        (COVID_19, "COVID-19"),
        (VIRAL, "Other lung opacity"),
        (OPACITY, "Other lung opacity"),
        (ANY_PNEUMONIA, None),
        (NORMAL | VIRAL, None),
        (NORMAL | COVID_19, None),
    ],
)
def test_a_finding_is_named_only_where_the_label_decides_it(
    possible: frozenset[Label], finding: str | None
) -> None:
    assert finding_of(possible) == finding


def test_the_findings_are_exactly_the_three_of_the_classifier() -> None:
    assert FINDINGS == ("No finding", "Other lung opacity", "COVID-19")
    assert {finding_of(possible) for possible in EVERY_SET} == {None, *FINDINGS}


@pytest.mark.parametrize(
    ("possible", "abnormal"),
    [(UNKNOWN, None), (NORMAL, False), (ANY_PNEUMONIA, True), (NORMAL | VIRAL, None)],
)
def test_abnormal_is_unknown_while_normal_is_one_of_several(
    possible: frozenset[Label], abnormal: bool | None
) -> None:
    assert is_abnormal(possible) is abnormal
