"""Time stamps of samples to an even grid: the rate, gaps, and how far stamps may be off.

A sensor samples evenly; what it writes beside each sample may be rounded, late or have gaps. Stamps
are believed where one even grid explains them within the tolerances below, and else refused:
nothing is resampled here.
"""

from dataclasses import dataclass, field
from typing import Final

import numpy as np

from thoracle.core.arrays import DoubleArray, IntArray
from thoracle.core.errors import SignalError

JITTER_MAX: Final = 0.25
"""How far a step may be from a whole number of periods, as a share of one. At 25 Hz that is 10 ms,
against breaths of 1 s and more."""
DRIFT_MAX_S: Final = 0.5
"""How far the stamps of a whole recording may be from an even grid: half of the quickest breath."""
_COARSE_MAX: Final = 1.5  # each stamp is rounded by half of its last digit, and so is the first
_GAP_PERIODS: Final = 3  # a recorder that starts again does so at any part of a period
_DIGITS_MAX: Final = 9
_NEARLY: Final = 1e-3
_SAMPLES_MIN: Final = 3
_SAMPLES_MAX: Final = 2**25  # more than any file within the limits holds


@dataclass(frozen=True, slots=True, kw_only=True)
class TimeGrid:
    """An even grid through time stamps.

    Attributes
    ----------
    rate_hz
        Samples per second.
    rate_error
        How far the rate may be off, as a share: what rounded stamps leave open.
    places : (rows,) int64
        Which sample of the grid each row is; the numbers left out are gaps.
    jitter_s
        The farthest that a stamp is from its place.
    """

    rate_hz: float
    rate_error: float
    places: IntArray = field(repr=False)
    jitter_s: float

    def spread(self, values: DoubleArray) -> DoubleArray:
        """Put a column's values on the grid: (samples,) float64, NaN in gaps."""
        whole = np.full(int(self.places[-1]) + 1, np.nan)
        whole[self.places] = values
        return whole


def grid_of(stamps_s: DoubleArray) -> TimeGrid:
    """Fit an even grid to time stamps.

    Parameters
    ----------
    stamps_s : (rows,) float64
        Seconds from any start.

    Returns
    -------
    TimeGrid
        A step of two periods and more is a gap. Stamps that are rounded so far that their steps do
        not show the period (as 0.008 s written with two decimals) are counted instead, between
        gaps.

    Raises
    ------
    SignalError
        signal-stamps: there are too few, some are missing, or they run backwards. signal-jitter:
        no even grid explains them.
    """
    _need_stamps(stamps_s)
    steps = np.diff(stamps_s)
    period_s = float(np.quantile(steps[steps > 0.0], 0.5, method="lower"))  # a step that is there
    counts = np.rint(steps / period_s)
    off = np.abs(steps / period_s - counts)
    is_fine = (counts >= 1) & ((off <= JITTER_MAX) | (counts > _GAP_PERIODS))
    grid = _fine(stamps_s, counts) if is_fine.all() else _coarse(stamps_s, steps)
    allowed_s = DRIFT_MAX_S if is_fine.all() else _COARSE_MAX * _last_digit_s(stamps_s)
    if grid is None or grid.jitter_s > allowed_s:
        worst = int(np.argmin(is_fine)) if not is_fine.all() else int(np.argmax(off))
        raise SignalError(
            f"found time stamps that are not even: a step of {1000 * steps[worst]:.3g} ms at row "
            f"{worst + 2}, where the middle step is {1000 * period_s:.3g} ms – expected whole "
            f"multiples of it within {100 * JITTER_MAX:.0f} %, and no drift above {DRIFT_MAX_S:g} "
            "s. Resample the signal evenly, or leave the time column out and give the rate.",
            code="signal-jitter",
        )
    return grid


def _need_stamps(stamps_s: DoubleArray) -> None:
    """Refuse stamps that say nothing.

    Raises
    ------
    SignalError
        signal-stamps.
    """
    missing = int(np.isnan(stamps_s).sum())
    if stamps_s.size < _SAMPLES_MIN or missing:
        raise SignalError(
            f"found {stamps_s.size} time stamps, {missing} of them empty – expected one for each "
            f"sample, at least {_SAMPLES_MIN}. Leave the time column out and give the rate.",
            code="signal-stamps",
        )
    backwards = np.flatnonzero(np.diff(stamps_s) < 0.0)
    if backwards.size:
        raise SignalError(
            f"found time that runs backwards at row {int(backwards[0]) + 2} – expected no time "
            "before the last. Sort the rows, or leave the time column out and give the rate.",
            code="signal-stamps",
        )
    if not (np.diff(stamps_s) > 0.0).any():
        raise SignalError(
            "found the same time at every row – expected time that passes. Leave the time column "
            "out and give the rate.",
            code="signal-stamps",
        )


def _fine(stamps_s: DoubleArray, counts: DoubleArray) -> TimeGrid | None:
    """Read how many periods each step is off the step itself."""
    places = np.concatenate([[0.0], np.cumsum(counts)])
    if places[-1] >= _SAMPLES_MAX:
        return None
    near = counts <= _GAP_PERIODS
    period_s = float(np.diff(stamps_s)[near].sum() / counts[near].sum())
    return _grid(stamps_s, places.astype(np.int64), period_s)


def _coarse(stamps_s: DoubleArray, steps: DoubleArray) -> TimeGrid | None:
    """Count rows between gaps, for stamps whose last digit is of the size of a period."""
    digit_s = _last_digit_s(stamps_s)
    is_gap = steps > _GAP_PERIODS * max(digit_s, float(steps.mean()))
    period_s = float(steps[~is_gap].mean())
    if digit_s < period_s * JITTER_MAX or period_s <= 0.0:
        return None
    counts = np.where(is_gap, np.maximum(np.rint(steps / period_s), 1.0), 1.0)
    places = np.concatenate([[0.0], np.cumsum(counts)])
    if places[-1] >= _SAMPLES_MAX:
        return None
    return _grid(stamps_s, places.astype(np.int64), period_s)


def _grid(stamps_s: DoubleArray, places: IntArray, period_s: float) -> TimeGrid:
    off_s = stamps_s - places * period_s
    digit_s = _last_digit_s(stamps_s)
    error = digit_s / max(float(stamps_s[-1] - stamps_s[0]), digit_s)
    return TimeGrid(
        rate_hz=_plain(1.0 / period_s, error),
        rate_error=error,
        places=places,
        jitter_s=float(off_s.max() - off_s.min()) / 2.0,
    )


def _plain(rate_hz: float, error: float) -> float:
    """Return the number with the fewest digits that the stamps cannot tell from a rate."""
    for digits in range(_DIGITS_MAX):
        plain = round(rate_hz, digits)
        if abs(plain - rate_hz) <= rate_hz * max(error, 1e-9):
            return plain
    return rate_hz


def _last_digit_s(stamps_s: DoubleArray) -> float:
    """Return what the last written digit of stamps is worth, in the later half.

    Programs that write a fixed number of digits round late stamps more than early ones.
    """
    late = stamps_s[stamps_s.size // 2 :]
    for digits in range(_DIGITS_MAX):
        scaled = late * 10.0**digits
        if (np.abs(scaled - np.rint(scaled)) <= _NEARLY).all():
            return float(10.0**-digits)
    return float(10.0**-_DIGITS_MAX)
