"""Finds breaths: where inspiration begins, where it ends, and where the next one begins.

Three steps. How fast one breathes is told, stretch by stretch, by the strongest wave between 4 and
72 per minute; a low-pass filter a little above it takes the heart out. Turns of that signal count
where it moves by a quarter of the breaths around them. Each onset and peak is then placed on a less
filtered signal, where an end-expiratory pause ends and where expiration begins.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Final

import numpy as np

from thoracle.core.arrays import BoolArray, DoubleArray, IntArray
from thoracle.respiration.filters import (
    ANALYSIS_RATE_HZ,
    at_analysis_rate,
    low_pass_bank,
    stretches,
)
from thoracle.respiration.types import Breath

APNEA_MIN_S: Final = 10.0  # AASM Manual for the Scoring of Sleep: ten seconds or more
_PAUSE_SAMPLES: Final = round(APNEA_MIN_S * ANALYSIS_RATE_HZ)
_EDGE_SAMPLES: Final = round(0.5 * ANALYSIS_RATE_HZ)
"""An onset before is the beginning of the signal, in the midst of an inspiration."""
SHORTEST_S: Final = 5.0
"""Of a stretch between gaps: less holds no breath that is whole for sure."""

_CUTOFFS_HZ: Final = np.array([0.4, 0.6, 0.9, 1.3, 2.0, 3.0])
_PLACES: Final = np.arange(_CUTOFFS_HZ.size, dtype=np.float64)
_CUTOFF_OF_WAVE: Final = 1.4  # for finding: chosen on the tuning half of BIDMC, decision 29
_FINE_CUTOFF_OF_WAVE: Final = 6.0  # for placing
_WAVE_HZ: Final = (0.06, 1.2)
_DRIFT_HZ: Final = 0.05  # weighs 0.3; 0.1 Hz weighs 0.75
_HEART_HZ: Final = 0.4  # weighs half, 1.2 Hz a tenth
_PULSE_HZ: Final = 0.65  # 39 per minute: few hearts beat slower, few people breathe faster
_WEAK: Final = 0.5
_NEIGHBORS: Final = 3
_WAVE_WINDOW_S, _WAVE_STEP_S = 40.0, 10.0
_WAVE_SPECTRUM: Final = 1024  # frequencies are 0.01 Hz apart at the analysis rate
_DEPTH_SHARE: Final = 0.25  # of the breaths around: less is no breath
_LEAST_SHARE: Final = 0.15  # of the breaths of the whole stretch
_ROUNDING: Final = 1e-9  # of the largest value: what a filter makes of a constant
_AROUND_S: Final = 5.0
_TROUGH_TILT: Final = 0.5  # of a breath's depth in the time of a breath: see _placed
_PEAK_TILT: Final = 0.1  # less: holds at the top are short, and each tilt moves a round peak


@dataclass(frozen=True, slots=True, kw_only=True)
class Breathing:
    """What was found in a signal.

    Attributes
    ----------
    breaths
        Complete ones, in order. A breath before a pause of ten seconds ends where the pause begins.
    peaks_s : (peaks,) float64
        Ends of inspiration, those of breaths that the ends of the signal cut included.
    pauses
        Start and end, s, of each time of ten seconds or more without a breath, whatever its cause.
    seen
        Start and end, s, of each stretch without a gap that is long enough to be searched.
    slow, fast : (samples,) float64
        At `ANALYSIS_RATE_HZ`: what was searched for breaths, and what was filtered out of it, the
        heart and noise. Their sum is the signal. NaN outside of `seen`.
    """

    breaths: tuple[Breath, ...]
    peaks_s: DoubleArray = field(repr=False)
    pauses: tuple[tuple[float, float], ...]
    seen: tuple[tuple[float, float], ...]
    slow: DoubleArray = field(repr=False)
    fast: DoubleArray = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Moments:
    """Of each peak, as samples: onset of its inspiration, itself, and end of its expiration.

    And lowest and highest point of its inspiration, which a pause or a plateau parts from them.
    With the stretch that they were found in, as it was, and filtered as in `Breathing`.
    """

    onsets: IntArray
    peaks: IntArray
    expired: IntArray
    bottoms: IntArray
    tops: IntArray
    is_begun: BoolArray
    signal: DoubleArray
    slow: DoubleArray
    fast: DoubleArray

    def breaths(self, start_s: float) -> list[Breath]:
        """Return those whose onset and end are both known."""
        if self.peaks.size == 0:
            return []
        following = np.append(self.onsets[1:], self.signal.size - 1)
        is_pause = following - self.expired >= _PAUSE_SAMPLES
        ends = np.where(is_pause, self.expired, following)
        is_over = np.ones(self.peaks.size, np.bool_)
        is_over[-1] = is_pause[-1]
        whole = np.flatnonzero(self.is_begun & is_over)
        depths = self.signal[self.tops[whole]] - self.signal[self.bottoms[whole]]
        moments = np.stack([self.onsets, self.peaks, ends])[:, whole]
        moments = start_s + moments / ANALYSIS_RATE_HZ
        return [
            Breath(onset_s=onset, peak_s=peak, end_s=end, depth=depth)
            for onset, peak, end, depth in zip(*moments.tolist(), depths.tolist(), strict=True)
        ]

    def pauses(self, start_s: float) -> list[tuple[float, float]]:
        """Return the times of ten seconds or more from an expiration to the next onset."""
        starts = np.concatenate([[0], self.expired])
        ends = np.concatenate([self.onsets, [self.signal.size - 1]])
        long = ends - starts >= _PAUSE_SAMPLES
        moments = start_s + np.stack([starts[long], ends[long]]) / ANALYSIS_RATE_HZ
        return [(begin_s, end_s) for begin_s, end_s in moments.T.tolist()]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Turns:
    """Alternating turns of a signal, as samples: each peak, and the troughs on both sides of it."""

    peaks: IntArray
    before: IntArray
    after: IntArray


def find_breaths(
    signal: DoubleArray, *, rate_hz: float, usual_depth: float | None = None
) -> Breathing:
    """Find the breaths of a signal.

    Parameters
    ----------
    signal : (samples,) float64
        Inspiration up (`filters.orient`), any length; NaN where samples are missing. Gaps of up to
        3 s are interpolated, and nothing is told across longer ones.
    rate_hz
        Samples per second, at least 2.
    usual_depth
        How deep this person breathed before, in the signal's unit: in a window that holds nothing
        but a pause, the heart is then not taken for breaths. Unknown where None.

    Returns
    -------
    Breathing
        Times from the first sample.
    """
    common = at_analysis_rate(signal, rate_hz=rate_hz)
    slow, fast = np.full((2, common.size), np.nan)
    breaths: list[Breath] = []
    peaks_s: list[float] = []
    pauses: list[tuple[float, float]] = []
    seen: list[tuple[float, float]] = []
    for start, end in stretches(~np.isnan(common)):
        start_s, end_s = start / ANALYSIS_RATE_HZ, end / ANALYSIS_RATE_HZ
        if end_s - start_s < SHORTEST_S:
            continue
        found = _in_stretch(common[start:end], usual_depth or 0.0)
        slow[start:end], fast[start:end] = found.slow, found.fast
        breaths += found.breaths(start_s)
        pauses += found.pauses(start_s)
        peaks_s += (start_s + found.peaks / ANALYSIS_RATE_HZ).tolist()
        seen.append((start_s, end_s))
    return Breathing(
        breaths=tuple(breaths),
        peaks_s=np.array(peaks_s, np.float64),
        pauses=tuple(pauses),
        seen=tuple(seen),
        slow=slow,
        fast=fast,
    )


def wave_hz(signal: DoubleArray) -> DoubleArray:
    """Tell, for each sample, how fast one breathes there.

    Parameters
    ----------
    signal : (samples,) float64
        At `ANALYSIS_RATE_HZ`, without gaps.

    Returns
    -------
    (samples,) float64
        The frequency of the strongest wave within 40 s, or in all of a shorter signal.
    """
    rate_hz = ANALYSIS_RATE_HZ
    length = min(signal.size, round(_WAVE_WINDOW_S * rate_hz))
    windows = np.lib.stride_tricks.sliding_window_view(signal, length)
    windows = windows[:: round(_WAVE_STEP_S * rate_hz)]
    taper, frequencies_hz, band, weights = _wave_tools(length)
    centered = windows - windows.mean(axis=1, keepdims=True)
    spectra = np.abs(np.fft.rfft(centered * taper, _WAVE_SPECTRUM, axis=1)[:, band]) * weights
    strongest = _without_heart(frequencies_hz[np.argmax(spectra, axis=1)], spectra.max(axis=1))
    if strongest.size > 2:
        strongest = _median_of_five(strongest)
    centers = np.arange(strongest.size) * _WAVE_STEP_S * rate_hz + length / 2
    logs = np.interp(np.arange(signal.size), centers, np.log(strongest))
    return np.asarray(np.exp(logs), np.float64)


def _without_heart(strongest_hz: DoubleArray, heights: DoubleArray) -> DoubleArray:
    """Take a stronger neighbor's wave where a weak and fast one may be the heart in a pause."""
    found = strongest_hz.copy()
    for place in np.flatnonzero(strongest_hz > _PULSE_HZ).tolist():
        around = slice(max(0, place - _NEIGHBORS), place + _NEIGHBORS + 1)
        highest = int(np.argmax(heights[around])) + around.start
        if heights[place] < _WEAK * heights[highest]:
            found[place] = strongest_hz[highest]
    return found


def _median_of_five(values: DoubleArray) -> DoubleArray:
    """Return the median of each value and its two neighbors on both sides; the ends repeat."""
    padded = np.concatenate([values[:1], values[:1], values, values[-1:], values[-1:]])
    around = np.lib.stride_tricks.sliding_window_view(padded, 5)
    return np.asarray(np.sort(around, axis=1)[:, 2], np.float64)


def _in_stretch(signal: DoubleArray, usual_depth: float) -> "_Moments":
    """Find the turns of a stretch without gaps, and place them."""
    bank = low_pass_bank(signal, rate_hz=ANALYSIS_RATE_HZ, cutoffs_hz=_CUTOFFS_HZ)
    waves_hz = wave_hz(bank[-1])
    slow = _mixed(bank, _CUTOFF_OF_WAVE * waves_hz)
    rounding = _ROUNDING * float(np.abs(signal).max())
    turns = _turns(slow, max(usual_depth, rounding / _LEAST_SHARE))
    fine = _mixed(bank, _FINE_CUTOFF_OF_WAVE * waves_hz)
    onsets, peaks, expired = _placed(fine, turns, waves_hz[turns.peaks])
    return _Moments(
        onsets=onsets,
        peaks=peaks,
        expired=expired,
        bottoms=turns.before,
        tops=turns.peaks,
        is_begun=onsets >= _EDGE_SAMPLES,
        signal=signal,
        slow=slow,
        fast=signal - slow,
    )


def _mixed(bank: DoubleArray, cutoffs_hz: DoubleArray) -> DoubleArray:
    """Filter each sample at a cut-off of its own, between those of the bank."""
    place = np.interp(cutoffs_hz, _CUTOFFS_HZ, _PLACES)
    below = np.minimum(place.astype(np.int64), _PLACES.size - 2)
    share, each = place - below, np.arange(cutoffs_hz.size)
    return np.asarray((1 - share) * bank[below, each] + share * bank[below + 1, each], np.float64)


def _turns(signal: DoubleArray, usual_depth: float) -> _Turns:
    """Return the turns between which the signal moves by enough to be a breath."""
    samples = _extremes(signal)
    heights = signal[samples]
    legs = np.abs(heights[1:] - heights[:-1])
    least = _LEAST_SHARE * max(_deep(legs), usual_depth)
    rough = _alternating(heights.tolist(), [least] * heights.size)
    needed = _needed(samples, heights, rough, least)
    kept = _alternating(heights.tolist(), needed.tolist())
    if len(kept) > 1 and heights[kept[1]] < heights[kept[0]] < heights[: kept[0] + 1].min() + least:
        kept = kept[1:]  # no breath was seen to rise: the signal only falls into its first trough
    return _as_turns(samples[kept], heights[kept], signal.size)


def _needed(samples: IntArray, heights: DoubleArray, rough: list[int], least: float) -> DoubleArray:
    """Return by how much the signal must move at each extreme: a share of the depths around."""
    if len(rough) < 3:
        return np.full(heights.size, least)
    found, places = heights[rough], samples[rough]
    legs = np.abs(found[1:] - found[:-1])
    middles = (places[1:] + places[:-1]) / 2
    reach = _AROUND_S * ANALYSIS_RATE_HZ
    first = np.searchsorted(middles, middles - reach)
    last = np.searchsorted(middles, middles + reach, side="right")
    sums = np.concatenate([[0.0], np.cumsum(legs)])
    squares = np.concatenate([[0.0], np.cumsum(legs**2)])
    around = (squares[last] - squares[first]) / (sums[last] - sums[first])
    needed = _DEPTH_SHARE * np.interp(samples, middles, around)
    return np.asarray(np.maximum(least, needed), np.float64)


def _deep(legs: DoubleArray) -> float:
    """Return the mean of depths, each weighted by itself: many ripples do not make it small."""
    total = float(legs.sum())
    return float(legs @ legs) / total if total > 0 else 0.0


def _extremes(signal: DoubleArray) -> IntArray:
    """Return the samples at which a signal turns, in the middle where it rests, and its ends."""
    steps = signal[1:] - signal[:-1]
    moving = np.flatnonzero(steps)
    rises = steps[moving] > 0
    changes = np.flatnonzero(rises[1:] != rises[:-1])
    inner = (moving[changes] + 1 + moving[changes + 1]) // 2
    return np.concatenate([[0], inner, [signal.size - 1]]).astype(np.int64)


def _alternating(heights: Sequence[float], needed: Sequence[float]) -> list[int]:
    """Return places of alternate highs and lows that differ by what is needed at the later one.

    The last one is not confirmed by a move after it: it is the most extreme so far.
    """
    kept: list[int] = []
    high = low = 0
    rising: bool | None = None
    for place, height in enumerate(heights):
        if height > heights[high]:
            high = place
        if height < heights[low]:
            low = place
        if rising is not False and heights[high] - height >= needed[place] > 0:
            kept.append(high)
            rising, low = False, place
        elif rising is not True and height - heights[low] >= needed[place] > 0:
            kept.append(low)
            rising, high = True, place
    return kept if rising is None else [*kept, high if rising else low]


def _as_turns(samples: IntArray, heights: DoubleArray, size: int) -> _Turns:
    """Pair each confirmed peak with the troughs beside it; an end of the signal stands for none."""
    falls = np.flatnonzero(heights[1:] < heights[:-1])
    real = falls[samples[falls] > 0]
    ends = np.concatenate([[0], samples, [size - 1]])
    return _Turns(peaks=samples[real], before=ends[real], after=ends[real + 2])


def _placed(
    fine: DoubleArray, turns: _Turns, waves_hz: DoubleArray
) -> tuple[IntArray, IntArray, IntArray]:
    """Place onset, peak and end of expiration of each breath.

    An onset is the lowest sample between two peaks once the signal is tilted: the lowest one alone
    would lie anywhere in an end-expiratory pause. So for the end of expiration, tilted the other
    way, and for a peak, which lies where a plateau ends.
    """
    if turns.peaks.size == 0:
        return turns.peaks, turns.peaks, turns.peaks
    depths = fine[turns.peaks] - np.minimum(fine[turns.before], fine[turns.after])
    slopes = depths * waves_hz / ANALYSIS_RATE_HZ
    edges = np.concatenate([[0], turns.peaks, [fine.size]])
    onsets = _lowest(fine, edges[:-1], -_TROUGH_TILT * slopes)
    expired = _lowest(fine, edges[1:], _TROUGH_TILT * slopes)
    troughs = np.concatenate([turns.before[:1], turns.after])
    peaks = _lowest(-fine, troughs, -_PEAK_TILT * slopes)
    return onsets, peaks, expired


def _lowest(values: DoubleArray, edges: IntArray, slopes: DoubleArray) -> IntArray:
    """Return the sample of the least value between neighboring edges, each part tilted alone."""
    lengths = edges[1:] - edges[:-1]
    tilts = np.repeat(slopes, lengths) * np.arange(edges[0], edges[-1])
    tilted = values[edges[0] : edges[-1]] + tilts
    least = np.minimum.reduceat(tilted, edges[:-1] - edges[0])
    places = np.flatnonzero(tilted == np.repeat(least, lengths)) + edges[0]
    return np.asarray(places[np.searchsorted(places, edges[:-1])], np.int64)


@lru_cache(maxsize=64)
def _wave_tools(length: int) -> tuple[DoubleArray, DoubleArray, BoolArray, DoubleArray]:
    """Return the taper of a window, the frequencies in the band, which of all, and their weights.

    Slow waves weigh less, for drift leaks into them, and fast ones, which may be the heart: in a
    long pause it is all that moves.
    """
    frequencies_hz = np.asarray(np.fft.rfftfreq(_WAVE_SPECTRUM, 1 / ANALYSIS_RATE_HZ), np.float64)
    band = (frequencies_hz >= _WAVE_HZ[0]) & (frequencies_hz <= _WAVE_HZ[1])
    taper = np.asarray(np.hanning(length), np.float64)
    inside = frequencies_hz[band]
    weights = (1 - 0.5 ** ((inside / _DRIFT_HZ) ** 2 / 2)) / (1 + (inside / _HEART_HZ) ** 2)
    return taper, inside, np.asarray(band, np.bool_), weights
