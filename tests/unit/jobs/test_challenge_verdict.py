"""What is said of a challenger follows from its checks, and what could not be checked is named."""

from typing import Any

import pytest

from thoracle.evaluation.estimate import Estimate
from thoracle.evaluation.non_inferiority import Verdict
from thoracle.jobs.challenge_verdict import AUROC, Check, JudgedSet, Outcome, concluded

FINDINGS = ("No finding", "COVID-19")


def ranking(of: str, low: float, high: float) -> Check:
    middle = (low + high) / 2
    return Check(
        figure=AUROC,
        of=of,
        champion=0.8,
        challenger=0.8 + middle,
        difference=Estimate(value=middle, low=low, high=high, n=90, method="m"),
        margin=0.05,
        verdict=Verdict.NOT_WORSE if low > -0.05 else Verdict.NOT_SHOWN,
        has_passed=low > -0.05,
    )


def judged_set(*checks: Check, rival: str = "champion", few: tuple[str, ...] = ()) -> JudgedSet:
    figures: Any = None
    return JudgedSet(
        name="held-out films",
        rival=rival,
        films=("a", "b"),
        patients=2,
        support=dict.fromkeys(FINDINGS, 20),
        unreadable=(),
        checks=checks,
        too_few=few,
        figures=figures,
    )


GOOD = tuple(ranking(one, -0.01, 0.03) for one in FINDINGS)


def test_all_that_was_asked_and_passed_is_not_worse() -> None:
    outcome, words = concluded([judged_set(*GOOD)])
    assert outcome is Outcome.NOT_WORSE
    assert words == (
        "On 2 held-out films of 2 patients the challenger is shown to be not worse in ranking and "
        "calibration, and worse in no source."
    )


def test_a_finding_that_no_set_ranks_is_not_shown() -> None:
    lacking = judged_set(GOOD[0], few=("COVID-19 (3)",))
    outcome, words = concluded([lacking, lacking])
    assert outcome is Outcome.NOT_SHOWN
    assert words == ("Of COVID-19 no set has films enough to rank: a loss would not be seen.")
    outcome, words = concluded([judged_set(*GOOD), lacking])
    assert outcome is Outcome.NOT_WORSE
    assert words.endswith("Not ranked there, for want of films: COVID-19 (3).")


@pytest.mark.parametrize(
    ("low", "high", "outcome"),
    [(-0.09, -0.01, Outcome.WORSE), (-0.09, 0.01, Outcome.NOT_SHOWN)],
)
def test_each_rival_must_be_passed(low: float, high: float, outcome: Outcome) -> None:
    lost = judged_set(GOOD[0], ranking("COVID-19", low, high), rival="first bundle, 1.3.0")
    found, words = concluded([judged_set(*GOOD), lost])
    assert found is outcome
    assert words.startswith("Against the first bundle, 1.3.0: on the held-out films the challenger")


def test_without_any_ranking_nothing_is_shown() -> None:
    outcome, words = concluded([judged_set()])
    assert (outcome, words) == (
        Outcome.NOT_SHOWN, "On the held-out films no finding has films enough to be ranked.",
    )  # fmt: skip
