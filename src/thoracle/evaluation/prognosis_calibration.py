"""Slope and intercept of the line between told and observed risk, on the scale of the logit."""

from collections.abc import Callable
from typing import Final

import numpy as np
import scipy

from thoracle.core.arrays import BoolArray, DoubleArray

TINY: Final = 1e-4  # Risks of 0 and 1 have no logit; closer ones than this nobody can judge.
_STEPS_MAX: Final = 50  # Newton's method takes about six.
_STEP_MAX: Final = 2.0  # of either number in one step, so that no step overshoots.
_TOLERANCE: Final = 1e-8
_SLOPE_MAX: Final = 50.0  # Beyond it the sample is sorted without an error: there is no line.


def logit(risks: DoubleArray) -> DoubleArray:
    """Return the logit of risks, those within `TINY` of 0 and 1 taken as that."""
    return np.asarray(scipy.special.logit(np.clip(risks, TINY, 1.0 - TINY)), np.float64)


def calibration_line(
    risks: DoubleArray, has_event: BoolArray
) -> Callable[[DoubleArray], DoubleArray]:
    """Return a function that fits the calibration line to any weights of the landmarks.

    Parameters
    ----------
    risks : (landmarks,) float64
        0 to 1.
    has_event : (landmarks,) bool
        The reference.

    Returns
    -------
    function
        From weights (resamples, landmarks) float64 to (resamples, 3) float64: the slope, the
        intercept beside it, and the intercept where the slope is held at 1 (calibration in the
        large). 1, 0 and 0 are perfect; a slope below 1 means risks too far from the middle. NaN
        where there is no line.

    References
    ----------
    Cox 1958; Van Calster et al., BMC Med 2019;17:230.
    """
    scores, events = logit(risks), has_event.astype(np.float64)

    def fit(weights: DoubleArray) -> DoubleArray:
        both = _newton(scores, events, weights, has_slope=True)
        level = _newton(scores, events, weights, has_slope=False)
        return np.column_stack([both[:, 1], both[:, 0], level[:, 0]])

    return fit


def _newton(
    scores: DoubleArray, events: DoubleArray, weights: DoubleArray, *, has_slope: bool
) -> DoubleArray:
    """Return intercept and slope of each row of weights by Newton's method; NaN without a fit."""
    line = np.tile([0.0, 1.0], (len(weights), 1))
    step = np.full_like(line, np.inf)
    for _ in range(_STEPS_MAX):
        told = scipy.special.expit(line[:, :1] + line[:, 1:] * scores)
        miss = weights * (events - told)
        spread = weights * told * (1.0 - told)
        step = _step(miss, spread, scores) if has_slope else _level_step(miss, spread)
        line = line + np.clip(step, -_STEP_MAX, _STEP_MAX)
        if np.nanmax(np.abs(step), initial=0.0) < _TOLERANCE:
            break
    has_fit = (np.abs(step).max(axis=1) < 1e-4) & (np.abs(line).max(axis=1) < _SLOPE_MAX)
    return np.where(has_fit[:, None], line, np.nan)


def _level_step(miss: DoubleArray, spread: DoubleArray) -> DoubleArray:
    level = _ratio(miss.sum(axis=1), spread.sum(axis=1))
    return np.column_stack([level, np.zeros_like(level)])


def _step(miss: DoubleArray, spread: DoubleArray, scores: DoubleArray) -> DoubleArray:
    """Solve the 2 by 2 equations of each row."""
    slope_miss, level_miss = miss @ scores, miss.sum(axis=1)
    a, b, c = spread.sum(axis=1), spread @ scores, spread @ scores**2
    determinant = a * c - b * b
    level = _ratio(c * level_miss - b * slope_miss, determinant)
    slope = _ratio(a * slope_miss - b * level_miss, determinant)
    return np.column_stack([level, slope])


def _ratio(numerator: DoubleArray, denominator: DoubleArray) -> DoubleArray:
    found = np.full(denominator.shape, np.nan)
    np.divide(numerator, denominator, out=found, where=denominator > 1e-12)
    return found
