"""A result decides, leaves open, or abstains."""

from dataclasses import replace

import pytest

from thoracle.core.results import FileResult, Finding, Reason, Status
from thoracle.radiograph.trust import ABSTAINING, Trust, Verdict, risk, trust

LABELS = ("No finding", "Other lung opacity", "COVID-19")


def _findings(*probabilities: float) -> tuple[Finding, ...]:
    return tuple(
        Finding(label=label, logit=0, probability=one, threshold=0.3, is_positive=one >= 0.3)
        for label, one in zip(LABELS, probabilities, strict=True)
    )


def _result(*probabilities: float, codes: tuple[str, ...] = ()) -> FileResult:
    return FileResult(
        file="a.png",
        sha256="0" * 64,
        status=Status.ANALYZED,
        findings=_findings(*probabilities),
        warnings=tuple(Reason(code=code, text=f"because of {code}") for code in codes),
    )


@pytest.mark.parametrize(
    ("probabilities", "label"),
    [
        ((0.9, 0.05, 0.05), "No finding"),
        ((0.1, 0.2, 0.7), "COVID-19"),
        ((0.1, 0.5, 0.4), "Other lung opacity"),
    ],
)
def test_the_likeliest_of_what_reaches_its_threshold_is_decided(
    probabilities: tuple[float, ...], label: str
) -> None:
    assert trust(_result(*probabilities)) == Trust(verdict=Verdict.DECIDED, label=label)


@pytest.mark.parametrize("probabilities", [(0.25, 0.25, 0.25), (0.4, 0.4, 0.2)])
def test_nothing_or_nothing_beside_something_is_undecided(
    probabilities: tuple[float, ...],
) -> None:
    assert trust(_result(*probabilities)).verdict is Verdict.UNDECIDED


@pytest.mark.parametrize("code", ABSTAINING)
def test_a_warning_that_takes_the_ground_away_makes_it_abstain(code: str) -> None:
    said = trust(_result(0.9, 0.05, 0.05, codes=("low-resolution", code)))
    assert said.verdict is Verdict.ABSTAINS
    assert [one.code for one in said.reasons] == [code]
    assert said.label is None


def test_any_other_warning_leaves_the_verdict() -> None:
    assert trust(_result(0.9, 0.05, 0.05, codes=("low-resolution",))).verdict is Verdict.DECIDED


def test_where_nothing_was_computed_nothing_is_concluded() -> None:
    for status in (Status.REFUSED, Status.FAILED):
        result = replace(_result(0.9, 0.05, 0.05), status=status, findings=())
        assert trust(result) == Trust(verdict=Verdict.NONE)


def test_the_risk_is_what_is_left_beside_no_finding() -> None:
    assert risk(_findings(0.2, 0.5, 0.3)) == pytest.approx(0.8)
    assert risk(_findings(1.0000001, 0.0, 0.0)) == 0.0
    assert risk(()) is None
