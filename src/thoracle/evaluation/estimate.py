"""One number with its interval, how many cases it rests on, and how it was made."""

import math
from dataclasses import dataclass

import numpy as np

from thoracle.core.arrays import DoubleArray
from thoracle.core.results import Reason

CONFIDENCE = 0.95  # The convention of the medical literature; every function takes another.
MINIMUM_CASES = 10  # Fewer positives or negatives: DeLong's normal approximation is not usable.


@dataclass(frozen=True, slots=True, kw_only=True)
class Estimate:
    """One figure of an evaluation.

    `value`, `low` and `high` are None where the data cannot give them; `reason` then says
    why. `n` counts the cases in the figure's denominator (films, unless said otherwise).
    `method` is a short name explained in the reference page on metrics.
    `left_out_resamples` counts bootstrap resamples in which the figure was undefined.
    """

    value: float | None
    low: float | None
    high: float | None
    n: int
    method: str
    left_out_resamples: int = 0
    reason: Reason | None = None


def unknown(reason: Reason, *, n: int, method: str) -> Estimate:
    """Return an estimate that says why there is no number."""
    return Estimate(value=None, low=None, high=None, n=n, method=method, reason=reason)


def finite_or_none(value: float) -> float | None:
    """Return a plain float, or None where it is NaN or infinite."""
    return float(value) if math.isfinite(value) else None


def too_few_cases(*, positives: int, negatives: int, minimum: int) -> Reason | None:
    """Say why a ranking figure cannot be given, or None where there are enough cases."""
    if positives >= minimum and negatives >= minimum:
        return None
    return Reason(
        code="too-few-cases",
        text=f"{positives} positives and {negatives} negatives; {minimum} of each are needed.",
    )


def ratio(numerator: DoubleArray, denominator: DoubleArray) -> DoubleArray:
    """Divide two arrays of one shape, NaN where the denominator is 0."""
    found = np.full(denominator.shape, np.nan)
    np.divide(numerator, denominator, out=found, where=denominator > 0)
    return found
