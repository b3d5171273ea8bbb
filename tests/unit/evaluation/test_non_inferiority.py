"""The five readings of an interval against a margin."""

import pytest

from thoracle.core.errors import EvaluationError
from thoracle.evaluation.estimate import Estimate
from thoracle.evaluation.non_inferiority import Verdict, non_inferiority


def difference(low: float | None, high: float | None) -> Estimate:
    value = None if low is None or high is None else (low + high) / 2
    return Estimate(value=value, low=low, high=high, n=100, method="patient-bootstrap")


@pytest.mark.parametrize(
    ("low", "high", "verdict", "is_not_worse"),
    [
        (0.001, 0.05, Verdict.BETTER, True),
        (-0.01, 0.03, Verdict.NOT_WORSE, True),
        (-0.015, -0.005, Verdict.WORSE_WITHIN_MARGIN, True),
        (-0.03, 0.03, Verdict.NOT_SHOWN, False),
        (-0.02, 0.03, Verdict.NOT_SHOWN, False),
        (-0.04, -0.01, Verdict.NOT_SHOWN, False),
        (-0.08, -0.03, Verdict.WORSE, False),
        (None, None, Verdict.NOT_SHOWN, False),
    ],
)
def test_the_interval_decides_not_the_value(
    low: float | None, high: float | None, verdict: Verdict, is_not_worse: bool
) -> None:
    found = non_inferiority(difference(low, high), margin=0.02)
    assert found.verdict is verdict
    assert found.is_not_worse is is_not_worse


def test_a_loss_is_read_the_other_way_round() -> None:
    fallen = non_inferiority(difference(-0.08, -0.03), margin=0.02, higher_is_better=False)
    assert fallen.verdict is Verdict.BETTER


def test_a_margin_must_leave_room() -> None:
    with pytest.raises(EvaluationError, match=r"margin is 0, expected above 0"):
        non_inferiority(difference(0.0, 0.1), margin=0.0)
