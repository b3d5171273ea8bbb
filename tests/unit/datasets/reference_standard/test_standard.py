"""Every X-ray judged: what bars it, what decides it, and what it is taken for."""

from dataclasses import replace
from typing import Any

import pytest

from thoracle.datasets.labels import label_text
from thoracle.datasets.reference_standard.causes import Conflict
from thoracle.datasets.reference_standard.plan import CodeMeaning, FlankedBy, default_plan
from thoracle.datasets.reference_standard.rule import Branch
from thoracle.datasets.reference_standard.types import Exclusion

ANY = "bacterial|covid-19|other|viral"
BOTH = ["RSV", "virus", "bacteria"]


@pytest.mark.parametrize(
    ("sentence", "reading", "codes", "organisms", "label"),
    [
        ("bacterial by code", "positive", ["J13"], [], "bacterial"),
        ("viral by code", "positive", ["J12.1"], [], "viral"),
        ("COVID-19 by code", "positive", ["U07.1"], [], "covid-19"),
        ("COVID-19 pneumonia as WHO codes it", "positive", ["J12.8", "U07.1"], [], "covid-19"),
        ("other by code", "positive", ["J69.0"], [], "other"),
        ("unspecified", "positive", ["J18.9"], [], ANY),
        ("unspecified, a virus found", "positive", ["J18.9"], ["RSV"], "viral"),
        ("unspecified, both found", "positive", ["J18.9"], BOTH, "bacterial|viral"),
        ("unspecified, nothing found", "positive", ["J18.9"], ["no growth"], ANY),
        ("missed by its reader", "negative", ["J13"], [], "bacterial"),
        ("normal", "negative", ["I50.0"], [], "normal"),
        ("normal with a virus in the nose", "negative", ["I50.0"], ["RSV"], "normal"),
        ("seen, not confirmed", "positive", ["I50.0"], [], "normal|other"),
    ],
)  # fmt: skip
def test_every_class(
    hospital: Any, sentence: str, reading: str, codes: list[str], organisms: list[str], label: str
) -> None:
    (found,) = (
        hospital(
            xrays=[{"reading": reading}],
            codes=[{"code": one} for one in codes],
            microbiology=[{"organism": one} for one in organisms],
        )
        .judged()
        .values()
    )
    assert (label_text(found.labels), found.conflict) == (label, None), sentence


def test_code_and_microbiology_that_differ_are_a_conflict_with_both_possible(hospital: Any) -> None:
    made = hospital(xrays=[{}], codes=[{"code": "J12.1"}], microbiology=[{"organism": "bacteria"}])
    found = made.judged()["X1"]
    assert label_text(found.labels) == "bacterial|viral"
    assert found.conflict is Conflict.MICROBIOLOGY


@pytest.mark.parametrize(
    ("reason", "rows"),
    [
        (Exclusion.NOT_SUSPECTED, {"xrays": [{"suspected": "no"}]}),
        (Exclusion.LATERAL, {"xrays": [{"view": "lateral"}]}),
        (Exclusion.OUTSIDE, {"xrays": [{"taken": "2022-01-01"}]}),
        (
            Exclusion.TWO_ADMISSIONS,
            {
                "xrays": [{"taken": "2021-01-09"}],
                "admissions": [
                    {},
                    {"admission": "B", "admitted": "2021-01-09", "discharged": "2021-02-01"},
                ],
            },
        ),
        (Exclusion.NOT_DISCHARGED, {"admissions": [{"discharged": ""}]}),
        (Exclusion.NOT_CODED, {"codes": []}),
        (Exclusion.UNDECIDED, {"xrays": [{"reading": "uncertain"}]}),
        (Exclusion.NO_POSITION, {"xrays": [{"position": ""}]}),
    ],
)
def test_every_reason_that_bars_an_xray(
    hospital: Any, reason: Exclusion, rows: dict[str, Any]
) -> None:
    found = hospital(**{"xrays": [{}], "codes": [{}], **rows}).judged()["X1"]
    assert found.exclusion is reason


def test_nothing_bars_a_plain_xray(hospital: Any) -> None:
    assert hospital(xrays=[{}], codes=[{}]).judged()["X1"].exclusion is None


def test_of_two_reasons_the_first_of_the_list_counts(hospital: Any) -> None:
    found = hospital(xrays=[{"suspected": "no", "position": ""}], codes=[{}]).judged()["X1"]
    assert found.exclusion is Exclusion.NOT_SUSPECTED


def test_an_admission_without_codes_is_unknown_and_not_negative(hospital: Any) -> None:
    found = hospital(xrays=[{"reading": "negative"}]).judged()["X1"]
    assert (found.branch, found.is_positive, found.labels) == (None, None, frozenset())


def test_xrays_that_are_left_out_are_still_evidence(hospital: Any) -> None:
    rows = [
        {"accession": "a", "taken": "2021-01-02", "suspected": "no"},
        {"accession": "b", "taken": "2021-01-03", "reading": "negative"},
        {"accession": "c", "taken": "2021-01-04", "position": ""},
    ]
    assert hospital(xrays=rows, codes=[{}]).judged()["b"].branch is Branch.NEGATIVE_FLANKED


def test_an_undecided_xray_is_no_evidence(hospital: Any) -> None:
    rows = [
        {"accession": "a", "taken": "2021-01-02", "reading": "uncertain"},
        {"accession": "b", "taken": "2021-01-03", "reading": "negative"},
    ]
    assert hospital(xrays=rows, codes=[{}]).judged()["b"].branch is Branch.NEGATIVE_ALONE


def test_another_admissions_xrays_are_no_evidence(hospital: Any) -> None:
    later = {"admission": "B", "admitted": "2021-02-01", "discharged": "2021-02-05"}
    rows = [
        {"accession": "a", "reading": "negative"},
        {"accession": "b", "taken": "2021-02-02"},
    ]
    made = hospital(xrays=rows, admissions=[{}, later], codes=[{}, {"admission": "B"}])
    assert made.judged()["a"].branch is Branch.NEGATIVE_ALONE


def test_the_plan_decides_which_codes_say_pneumonia(hospital: Any) -> None:
    plan = default_plan()
    off = CodeMeaning(code="J13", title="", clause="", labels="bacterial", pneumonia=False)
    plan = replace(plan, codes=(off,))
    assert hospital(plan, xrays=[{}], codes=[{}]).judged()["X1"].branch is Branch.POSITIVE_UNCODED


def test_the_plan_decides_the_label_of_what_is_not_confirmed(hospital: Any) -> None:
    plan = default_plan()
    plan = replace(plan, labels=replace(plan.labels, unconfirmed="normal"))
    found = hospital(plan, xrays=[{}], codes=[{"code": "I50.0"}]).judged()["X1"]
    assert label_text(found.labels) == "normal"


def test_labels_that_rest_on_a_choice_are_marked(hospital: Any) -> None:
    days = ["2021-01-02", "2021-01-03", "2021-01-04", "2021-01-05"]
    rows = [
        {"accession": day, "taken": day, "reading": reading}
        for day, reading in zip(days, ("positive", "negative", "negative", "positive"), strict=True)
    ]
    for flanked_by in FlankedBy:
        plan = replace(default_plan(), rule=replace(default_plan().rule, flanked_by=flanked_by))
        found = hospital(plan, xrays=rows, codes=[{"code": "U07.1"}]).judged()
        marked = [found[day].depends_on_flank for day in days]
        assert marked == [False, True, True, False]
        alone = [found[day].is_by_covid_code_alone for day in days]
        is_any = flanked_by is FlankedBy.ANY
        assert alone == [True, is_any, is_any, True]


def test_before_covid_an_unspecified_pneumonia_was_another(hospital: Any) -> None:
    stay = {"admitted": "2019-01-01", "discharged": "2019-01-09"}
    made = hospital(xrays=[{"taken": "2019-01-02"}], admissions=[stay], codes=[{"code": "J18.9"}])
    assert label_text(made.judged()["X1"].labels) == "bacterial|other|viral"
