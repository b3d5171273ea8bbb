"""Where inspiration begins and ends in segments of sines: by formula, not by search."""

from dataclasses import dataclass, field
from typing import Final

import numpy as np

from thoracle.core.arrays import BoolArray, DoubleArray, IntArray
from thoracle.datasets.breathing.ragged import padded, within
from thoracle.datasets.breathing.types import Segments

_TURN: Final = 2.0 * np.pi


@dataclass(frozen=True, slots=True, kw_only=True)
class _Parts:
    """All segments that are not empty, window after window."""

    row: IntArray = field(repr=False)
    start_s: DoubleArray = field(repr=False)
    end_s: DoubleArray = field(repr=False)
    b: DoubleArray = field(repr=False)
    steep: DoubleArray = field(repr=False)  # a·b, the sine's greatest slope
    d: DoubleArray = field(repr=False)
    is_pause: BoolArray = field(repr=False)

    def slope(self, at_s: DoubleArray) -> DoubleArray:
        slope: DoubleArray = self.steep * np.cos(self.b * at_s) + self.d
        return slope


def turns(segments: Segments, duration_s: float) -> tuple[DoubleArray, DoubleArray]:
    """Find the onsets of inspiration and the peaks of noise-free windows.

    An onset is where the signal turns from falling to rising: inside a segment at its minimum, or
    at a cut that falls before and rises after. After a pause, rising is enough. A window's first
    sample is no onset, for nobody knows what was before. Peaks likewise; a pause ends a rise.

    Parameters
    ----------
    segments
        Outside of pauses, a·b must exceed the size of d, as it does in all published ranges.
    duration_s
        Of a window.

    Returns
    -------
    (windows, breaths) float64, (windows, breaths) float64
        Onsets and peaks in seconds, padded with NaN. In each window they take turns, except that a
        pause may stand between two onsets or two peaks.
    """
    parts = _parts(segments, duration_s)
    turned = np.arccos(np.clip(-parts.d / parts.steep, -1.0, 1.0))
    follows = np.zeros(parts.row.size, np.bool_)
    follows[1:] = parts.row[1:] == parts.row[:-1]
    rises = ~parts.is_pause & (parts.slope(parts.start_s) > 0.0)
    falls = ~parts.is_pause & ~rises
    rose = np.roll(~parts.is_pause & (parts.slope(parts.end_s) > 0.0), 1)
    onset_at_cut = follows & rises & ~rose
    peak_at_cut = follows & (falls | parts.is_pause) & rose
    count = len(segments.start_s)
    return (
        padded(*_times(parts, -turned, onset_at_cut), count),
        padded(*_times(parts, turned, peak_at_cut), count),
    )


def _parts(segments: Segments, duration_s: float) -> _Parts:
    ends = segments.ends_s(duration_s)
    row, column = np.nonzero(ends > segments.start_s)
    a, b, _, d = np.moveaxis(segments.parameters[row, column], -1, 0)
    return _Parts(
        row=row.astype(np.int64),
        start_s=segments.start_s[row, column],
        end_s=ends[row, column],
        b=b,
        steep=a * b,
        d=d,
        is_pause=segments.is_pause[row, column],
    )


def _times(parts: _Parts, angle: DoubleArray, at_cut: BoolArray) -> tuple[DoubleArray, IntArray]:
    """Return when b·t = angle + 2πk in each segment, after its start where that is a turn too."""
    first = np.ceil((parts.b * parts.start_s - angle) / _TURN)
    after = np.ceil((parts.b * parts.end_s - angle) / _TURN)
    inside = np.where(parts.is_pause, 0, after - first).astype(np.int64)
    lengths = inside + at_cut
    part = np.repeat(np.arange(lengths.size), lengths)
    turn = first[part] + within(lengths) - at_cut[part]
    times = (angle[part] + _TURN * turn) / parts.b[part]
    is_cut = turn < first[part]
    return np.where(is_cut, parts.start_s[part], times), parts.row[part]
