"""How far a signal can be trusted: where it was cut off or lost, and an index for each window."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from thoracle.core.arrays import DoubleArray
from thoracle.respiration.breaths import Breathing
from thoracle.respiration.filters import ANALYSIS_RATE_HZ, GAP_MAX_S, stretches
from thoracle.respiration.types import Breath

QUALITY_MIN: Final = 0.4
"""Below, nothing is told of a window. The lowest, in steps of 0.05, at which 95 % of the windows of
the tuning half of BIDMC are off by no more than 1.25 breaths per minute (decision 29)."""
FLAT_MIN_S: Final = 5.0
"""A sensor that says one and the same for so long is off. The longest such time in 36 recordings of
intensive care (BIDMC), saturated ones included, is 3.2 s."""
CLIPPED_RUN_S: Final = 0.3
"""At the highest or lowest value of all for so long, a signal is cut off and not just turning."""

_FLAT_SHARE: Final = 1e-6  # of the signal's range: a step of less is rounding
_LEVELS_MIN: Final = 50  # of fewer distinct values, turns rest on one of them as cut-off ones do
_CLIPPED_SHARE: Final = 0.05  # of a window's samples: then depths are too small, and it is said
_MISSING_SHARE: Final = 0.05
_NOISE_SHARE: Final = 0.3  # of the power
_SPREAD_MAX: Final = 0.3  # SD of the breaths' lengths over their mean
_POINTS: Final = 20  # at which a breath is compared with the others
_BREATHS_MIN: Final = 3  # fewer have no spread, and are alike for want of others


@dataclass(frozen=True, slots=True, kw_only=True)
class Stretch:
    """A part of a signal."""

    start_s: float
    length_s: float

    @property
    def end_s(self) -> float:
        """Where it ends."""
        return self.start_s + self.length_s


@dataclass(frozen=True, slots=True, kw_only=True)
class Faults:
    """Where a signal was cut off at an end of its range, said the same too long, or is missing."""

    clipped: tuple[Stretch, ...]
    disconnected: tuple[Stretch, ...]
    gaps: tuple[Stretch, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class WindowQuality:
    """How far a window can be trusted.

    Attributes
    ----------
    index
        0 to 1: the product of `present`, 1 - `noise`, `regularity` and `likeness`.
    reasons
        Of `clipped`, `disconnected`, `gap`, `irregular`, `noise`: what lowers it, or what forbids
        to tell depths.
    present
        Share of the window in which there is a signal: neither missing nor disconnected.
    clipped
        Share of the window that lies on an end of the signal's range. Not part of the index: the
        rate survives it, depths do not.
    noise
        Power of what is faster than breaths, the heart, movement, noise, over that and the power of
        a wave as deep as the breaths.
    regularity
        1 less the coefficient of variation of the breaths' lengths; 1 of fewer than three.
    likeness
        Mean correlation of the breaths with their mean shape; 1 of fewer than three.
    """

    index: float
    reasons: tuple[str, ...]
    present: float
    clipped: float
    noise: float
    regularity: float
    likeness: float


def find_faults(signal: DoubleArray, *, rate_hz: float) -> Faults:
    """Find where a signal was cut off, disconnected or is missing.

    Parameters
    ----------
    signal : (samples,) float64
        As the sensor gave it, not resampled; NaN where samples are missing.
    rate_hz
        Samples per second.

    Returns
    -------
    Faults
        Stretches in order. One that is disconnected is not clipped as well.
    """
    missing = np.isnan(signal)
    known = signal[~missing] if missing.any() else signal
    if known.size < 2:
        return Faults(clipped=(), disconnected=(), gaps=_as_stretches(stretches(missing), rate_hz))
    low, high = float(known.min()), float(known.max())
    step = _FLAT_SHARE * (high - low)
    resting = np.zeros(signal.size, np.bool_)
    resting[1:] = np.abs(signal[1:] - signal[:-1]) <= step
    shortest = max(3.0, CLIPPED_RUN_S * rate_hz)
    steps = math.ceil(shortest) - 1
    runs = [(start - 1, end) for start, end in stretches(resting, shortest=steps)]
    off = [run for run in runs if run[1] - run[0] >= FLAT_MIN_S * rate_hz]
    cut = [
        (start, end)
        for start, end in runs
        if shortest <= end - start < FLAT_MIN_S * rate_hz
        and not low + step < signal[start] < high - step
    ]
    return Faults(
        clipped=_as_stretches(cut if cut and _is_fine(known) else [], rate_hz),
        disconnected=_as_stretches(off, rate_hz),
        gaps=_as_stretches(stretches(missing), rate_hz),
    )


def window_quality(
    breathing: Breathing,
    faults: Faults,
    window: Stretch,
    *,
    usual_depth: float | None = None,
) -> WindowQuality:
    """Return how far a window can be trusted.

    Parameters
    ----------
    breathing
        Of the whole signal.
    faults
        Of the same.
    window
        Its breaths are those that lie whole in it.
    usual_depth
        As for `find_breaths`: noise in a window that holds a pause is then held against it.

    Returns
    -------
    WindowQuality
        Index 0 where no signal was searched.
    """
    lost = sum(_shared(one, window) for one in (*faults.disconnected, *faults.gaps))
    present = max(0.0, 1 - lost / window.length_s)
    clipped = sum(_shared(one, window) for one in faults.clipped) / window.length_s
    breaths = [
        one
        for one in breathing.breaths
        if one.onset_s >= window.start_s and one.end_s <= window.end_s
    ]
    noise = _noise(breathing, breaths, window, usual_depth or 0.0)
    regularity, likeness = 1.0, 1.0
    if len(breaths) >= _BREATHS_MIN:
        lengths = np.array([one.end_s - one.onset_s for one in breaths])
        regularity = max(0.0, 1 - float(lengths.std() / lengths.mean()))
        likeness = max(0.0, _likeness(breathing.slow + breathing.fast, breaths))
    reasons = {
        "clipped": clipped >= _CLIPPED_SHARE,
        "disconnected": any(_shared(one, window) > 0 for one in faults.disconnected),
        "gap": _has_gap(faults, window),
        "irregular": regularity < 1 - _SPREAD_MAX,
        "noise": noise > _NOISE_SHARE,
    }
    return WindowQuality(
        index=present * (1 - noise) * regularity * likeness,
        reasons=tuple(name for name, holds in reasons.items() if holds),
        present=present,
        clipped=clipped,
        noise=noise,
        regularity=regularity,
        likeness=likeness,
    )


def _is_fine(values: DoubleArray) -> bool:
    """Return whether there are so many values that a breath seldom rests on one by itself."""
    return np.unique(values).size >= _LEVELS_MIN


def _as_stretches(runs: Sequence[tuple[int, int]], rate_hz: float) -> tuple[Stretch, ...]:
    return tuple(
        Stretch(start_s=start / rate_hz, length_s=(end - start) / rate_hz) for start, end in runs
    )


def _shared(one: Stretch, window: Stretch) -> float:
    """Return how many seconds of a stretch lie in a window."""
    return max(0.0, min(one.end_s, window.end_s) - max(one.start_s, window.start_s))


def _has_gap(faults: Faults, window: Stretch) -> bool:
    parts = [_shared(one, window) for one in faults.gaps]
    return max(parts, default=0.0) > GAP_MAX_S or sum(parts) > _MISSING_SHARE * window.length_s


def _noise(
    breathing: Breathing, breaths: Sequence[Breath], window: Stretch, usual_depth: float
) -> float:
    part = slice(round(window.start_s * ANALYSIS_RATE_HZ), round(window.end_s * ANALYSIS_RATE_HZ))
    slow, fast = breathing.slow[part], breathing.fast[part]
    known = ~np.isnan(slow)
    if not known.any():
        return 1.0
    fast = fast[known]
    above = float(fast @ fast) / fast.size
    depths = [one.depth for one in breaths] or [max(usual_depth, float(np.ptp(slow[known])))]
    # A sine of that depth has the power of an eighth of its square.
    whole = above + max(usual_depth**2, sum(one**2 for one in depths) / len(depths)) / 8
    return above / whole if whole > 0 else 1.0


def _likeness(signal: DoubleArray, breaths: Sequence[Breath]) -> float:
    """Return the mean correlation of breaths with their mean, each stretched to one length."""
    shares = np.linspace(0, 1, _POINTS)
    onsets = np.array([one.onset_s for one in breaths])
    lengths = np.array([one.end_s - one.onset_s for one in breaths])
    places = (onsets[:, None] + lengths[:, None] * shares) * ANALYSIS_RATE_HZ
    shapes = np.interp(places, np.arange(signal.size), signal)
    shapes -= shapes[:, :1] + (shapes[:, -1:] - shapes[:, :1]) * shares
    centered = shapes - shapes.mean(axis=1, keepdims=True)
    mean = centered.mean(axis=0)
    norms = np.sqrt((centered**2).sum(axis=1) * (mean @ mean))
    alike = np.divide(centered @ mean, norms, out=np.zeros(norms.size), where=norms > 0)
    return float(alike.mean())
