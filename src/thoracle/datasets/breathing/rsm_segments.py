"""The segments of the published model: drawn for many windows at once, then sampled."""

import math
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import ArrayLike

from thoracle.core.arrays import DoubleArray
from thoracle.datasets.breathing.ragged import padded
from thoracle.datasets.breathing.rsm_ranges import CUTS, PERIOD_S, RsmPattern
from thoracle.datasets.breathing.types import Sampling, Segments

_PARAMETERS: Final = 4
_LATE: Final = 1e-6  # of a sample: an instant that rounding puts there still lies on the sample


@dataclass(frozen=True, slots=True)
class Periods:
    """How the published minute is laid over a window.

    A window of n minutes holds n periods, as in the authors' script. Of another length it holds the
    nearest whole number of periods, at least one, and all instants are stretched or squeezed with
    them; rates of breathing are not.

    Attributes
    ----------
    count
        How many.
    length_s
        Of each.
    """

    count: int
    length_s: float

    @classmethod
    def of(cls, duration_s: float) -> "Periods":
        """Return the periods of a window of this length."""
        count = max(1, math.floor(duration_s / PERIOD_S + 0.5))
        return cls(count, duration_s / count)

    def segments(self, pattern: RsmPattern) -> int:
        """Segments of a window of a pattern."""
        return self.count * (CUTS + 2) if pattern.pause else self.count * CUTS + 1

    @property
    def draws(self) -> int:
        """Uniform numbers that one window takes at most."""
        return self.count * (CUTS + 1 + _PARAMETERS * (CUTS + 2))


def draw_segments(pattern: RsmPattern, uniform: DoubleArray, periods: Periods) -> Segments:
    """Make the segments of many windows of one pattern.

    Parameters
    ----------
    pattern
        Its ranges.
    uniform : (windows, draws) float64
        From 0 to below 1; one row for each window, `periods.draws` of them.
    periods
        How the published minute is laid over the window.

    Returns
    -------
    Segments
        `CUTS` cuts a period. Where there are pauses each period is cut by itself and ends in one;
        where there are none, cuts fall anywhere in the window.
    """
    if pattern.pause is None or pattern.pause_until_s is None:
        starts, ranges = _cut_anywhere(pattern, uniform, periods.count), [*pattern.segments]
        ranges += [pattern.segments[-1]] * (starts.shape[1] - len(ranges))
        is_pause = np.zeros(starts.shape, np.bool_)
    else:
        starts = _cut_each_period(pattern, uniform, periods.count, pattern.pause_until_s)
        ranges = [*pattern.segments, pattern.pause] * periods.count
        is_pause = np.zeros(starts.shape, np.bool_)
        is_pause[:, CUTS + 1 :: CUTS + 2] = True
    low, high = np.moveaxis(np.array([one.bounds for one in ranges]), -1, 0)
    first = periods.count * (CUTS + 1)
    used = uniform[:, first : first + low.size].reshape(len(uniform), *low.shape)
    return Segments(
        start_s=starts * (periods.length_s / PERIOD_S),
        parameters=low + used * (high - low),
        is_pause=is_pause,
    )


def sample(segments: Segments, sampling: Sampling) -> DoubleArray:
    """Work out the noise-free signal.

    Parameters
    ----------
    segments
        Of windows that have some.
    sampling
        Where the samples lie.

    Returns
    -------
    (windows, samples) float64
        A sample on an instant belongs to the segment that begins there.
    """
    times_s = sampling.times_s
    starts = np.nan_to_num(segments.start_s, nan=sampling.duration_s + 1.0)
    begins = np.ceil(starts * sampling.rate_hz - _LATE).astype(np.int64)
    lengths = np.diff(begins.clip(max=times_s.size), append=times_s.size).ravel()
    a, b, c, d = segments.parameters.reshape(-1, _PARAMETERS).T
    level = c - d * segments.start_s.ravel()
    a, b, d, level = (
        np.repeat(each, lengths).reshape(-1, times_s.size) for each in (a, b, d, level)
    )
    b *= times_s
    np.sin(b, out=b)
    b *= a
    d *= times_s
    b += d
    b += level
    return b


def pauses_of(segments: Segments, duration_s: float) -> DoubleArray:
    """Return start and end of each window's pauses, (windows, pauses, 2) float64 with NaN."""
    ends = segments.ends_s(duration_s)
    row, column = np.nonzero(segments.is_pause & (ends > segments.start_s))
    both = np.stack([segments.start_s[row, column], ends[row, column]], axis=1)
    return padded(both, row, len(segments.start_s))


def _cut_anywhere(pattern: RsmPattern, uniform: DoubleArray, periods: int) -> DoubleArray:
    low, high = np.array(pattern.cuts_s[0]) * periods
    cuts = _whole(uniform[:, : CUTS * periods], low, high)
    cuts.sort(axis=1)
    return np.concatenate([np.zeros((len(cuts), 1)), cuts], axis=1)


def _cut_each_period(
    pattern: RsmPattern, uniform: DoubleArray, periods: int, until_s: int
) -> DoubleArray:
    low, high = np.array(pattern.cuts_s).T
    drawn = uniform[:, : CUTS * periods].reshape(len(uniform), periods, CUTS)
    cuts = _whole(drawn, low, high)
    cuts.sort(axis=2)
    last = uniform[:, CUTS * periods : (CUTS + 1) * periods]
    paused = _whole(last, cuts[..., -1], until_s)[..., None]
    starts = np.concatenate([np.zeros_like(paused), cuts, paused], axis=2)
    starts += PERIOD_S * np.arange(periods)[:, None]
    return starts.reshape(len(starts), periods * (CUTS + 2))


def _whole(uniform: DoubleArray, low: ArrayLike, high: ArrayLike) -> DoubleArray:
    """Turn uniform numbers into whole ones from `low` to `high`, both included."""
    least, most = np.asarray(low, np.float64), np.asarray(high, np.float64)
    return least + np.floor(uniform * (most - least + 1.0))
