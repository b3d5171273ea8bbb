"""Whether a first classifier is not worse than a second by more than a declared margin."""

from dataclasses import dataclass
from enum import StrEnum

from thoracle.core.errors import EvaluationError
from thoracle.evaluation.estimate import Estimate


class Verdict(StrEnum):
    """What an interval says about a margin; `NOT_SHOWN` is not a proof of either."""

    BETTER = "better"
    NOT_WORSE = "not-worse"
    WORSE_WITHIN_MARGIN = "worse-within-margin"
    WORSE = "worse"
    NOT_SHOWN = "not-shown"


@dataclass(frozen=True, slots=True, kw_only=True)
class NonInferiority:
    """A margin, and what the interval of the difference says about it.

    `is_not_worse` is true where the whole interval lies above minus the margin.
    """

    margin: float
    verdict: Verdict

    @property
    def is_not_worse(self) -> bool:
        """Whether the first is shown to be not worse than the second by more than the margin."""
        return self.verdict in {Verdict.BETTER, Verdict.NOT_WORSE, Verdict.WORSE_WITHIN_MARGIN}


def need_margin(margin: float) -> None:
    """Refuse a margin that says nothing.

    Raises
    ------
    EvaluationError
        It is not above 0.
    """
    if not margin > 0.0:
        raise EvaluationError(
            f"The margin is {margin:g}, expected above 0. Use 0.02 for 2 points of a percentage.",
            code="evaluation-margin",
        )


def non_inferiority(
    difference: Estimate, *, margin: float, higher_is_better: bool = True
) -> NonInferiority:
    """Read the interval of a difference against a margin.

    Parameters
    ----------
    difference
        First minus second, with its interval. One of 95 % makes a one-sided test at 2.5 %.
    margin
        How much worse the first may be and still count as not worse, above 0, in the
        figure's unit. It is declared before the figures are seen.
    higher_is_better
        False for a loss.

    Returns
    -------
    NonInferiority
        `NOT_SHOWN` where there is no interval, or where it holds minus the margin. A margin that
        is not above 0 is an EvaluationError.

    References
    ----------
    Piaggio et al., JAMA 2012;308:2594 (CONSORT for non-inferiority), figure 1.
    """
    need_margin(margin)
    if difference.low is None or difference.high is None:
        return NonInferiority(margin=margin, verdict=Verdict.NOT_SHOWN)
    low, high = difference.low, difference.high
    if not higher_is_better:
        low, high = -high, -low
    return NonInferiority(margin=margin, verdict=_verdict(low, high, margin))


def _verdict(low: float, high: float, margin: float) -> Verdict:
    if low > 0.0:
        return Verdict.BETTER
    if low > -margin:
        return Verdict.WORSE_WITHIN_MARGIN if high < 0.0 else Verdict.NOT_WORSE
    return Verdict.WORSE if high < -margin else Verdict.NOT_SHOWN
