"""The Respiratory Simulation Model: windows of six patterns and of noise, all at once, with truth.

References
----------
Wang et al. 2020 (doi 10.1109/JIOT.2020.2991456, arXiv 2002.05534) and the authors' script.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from thoracle.core.arrays import DoubleArray, IntArray
from thoracle.datasets.breathing.noise import noise_for, rescale
from thoracle.datasets.breathing.rsm_ranges import RSM, SPIKE_VALUES, SPIKES
from thoracle.datasets.breathing.rsm_segments import Periods, draw_segments, pauses_of, sample
from thoracle.datasets.breathing.turns import turns
from thoracle.datasets.breathing.types import Sampling, Segments, Simulated, classes_in_turn
from thoracle.respiration.types import CLASSES, NOISE

_BRADYPNEA: Final = CLASSES.index("bradypnea")
_NOISE: Final = CLASSES.index(NOISE)
_BLOCK: Final = 128  # windows worked on at once: what they take stays in the processor's cache


@dataclass(frozen=True, slots=True)
class _Chance:
    """A source of its own for each thing drawn, so that each window's share is always the same."""

    segments: np.random.Generator
    added: np.random.Generator
    noise: np.random.Generator
    spikes: np.random.Generator

    @classmethod
    def of(cls, rng: np.random.Generator) -> "_Chance":
        return cls(*(np.random.default_rng(seed) for seed in rng.integers(2**63, size=4)))


def simulate(
    patterns: Sequence[str] | None,
    count: int,
    sampling: Sampling,
    *,
    rng: np.random.Generator,
    has_authors_slips: bool = False,
) -> Simulated:
    """Simulate windows of breathing by the published model.

    Parameters
    ----------
    patterns
        Names of `CLASSES` that the windows take in turn; None takes all seven.
    count
        How many windows altogether.
    sampling
        Rate, length, noise and scaling; `PUBLISHED` has the authors' numbers.
    rng
        Source of all chance. The first windows are the same however many are asked for.
    has_authors_slips
        Follow two slips of the authors' script: bradypnea gets its noise in the first sample alone,
        and a value of 0 counts when a window is scaled.

    Returns
    -------
    Simulated
        With the segments. In the noise class `clean` is 0 before scaling, and there are neither
        breaths nor pauses nor segments.
    """
    kinds = classes_in_turn(None if patterns is None else tuple(patterns), count)
    chance = _Chance.of(rng)
    segments = _segments(kinds, chance.segments, sampling)
    clean, signal = (np.zeros((count, sampling.samples)) for _ in range(2))
    low, high = np.zeros(count), np.ones(count)
    for start in range(0, count, _BLOCK):
        block = slice(start, start + _BLOCK)
        breathes = kinds[block] != _NOISE
        clean[block][breathes] = sample(segments.of(block).of(breathes), sampling)
        noise = _noise(clean[block], kinds[block], sampling, chance, has_slips=has_authors_slips)
        np.add(clean[block], noise, out=signal[block])
        if sampling.is_scaled:
            low[block], high[block] = _extent(signal[block], counts_zero=has_authors_slips)
            for values in (clean[block], signal[block]):
                rescale(values, low[block], high[block])
    onsets_s, peaks_s = turns(segments, sampling.duration_s)
    return Simulated(
        signal=signal,
        clean=clean,
        low=low,
        high=high,
        kinds=kinds,
        onsets_s=onsets_s,
        peaks_s=peaks_s,
        pauses_s=pauses_of(segments, sampling.duration_s),
        sampling=sampling,
        segments=segments,
    )


def _segments(kinds: IntArray, rng: np.random.Generator, sampling: Sampling) -> Segments:
    """Draw the segments of windows of all kinds; windows of noise have none."""
    periods = Periods.of(sampling.duration_s)
    uniform = rng.random((kinds.size, periods.draws))
    longest = max(periods.segments(pattern) for pattern in RSM.values())
    made = Segments(
        start_s=np.full((kinds.size, longest), np.nan),
        parameters=np.full((kinds.size, longest, 4), np.nan),
        is_pause=np.zeros((kinds.size, longest), np.bool_),
    )
    for name, pattern in RSM.items():
        rows = np.flatnonzero(kinds == CLASSES.index(name))
        drawn = draw_segments(pattern, uniform[rows], periods)
        here = rows, slice(drawn.start_s.shape[1])
        made.start_s[here] = drawn.start_s
        made.parameters[here] = drawn.parameters
        made.is_pause[here] = drawn.is_pause
    return made


def _noise(
    clean: DoubleArray, kinds: IntArray, sampling: Sampling, chance: _Chance, *, has_slips: bool
) -> DoubleArray:
    """Return what is added to windows: noise, and all there is to those of the noise class."""
    noise = np.zeros(clean.shape)
    if sampling.snr_db is not None:
        normal = chance.added.standard_normal(clean.shape)
        noise = noise_for(clean, normal, sampling.snr_db)
        if has_slips:
            slow = np.flatnonzero(kinds == _BRADYPNEA)
            noise[slow] = 0.0
            noise[slow, :1] = noise_for(clean[slow, :1], normal[slow, :1], sampling.snr_db)
    is_noise = kinds == _NOISE
    if is_noise.any():
        noise[is_noise] = _pure_noise(int(is_noise.sum()), sampling, chance)
    return noise


def _pure_noise(count: int, sampling: Sampling, chance: _Chance) -> DoubleArray:
    """Return windows of the noise class: standard normal with spikes of whole numbers."""
    made = chance.noise.standard_normal((count, sampling.samples))
    spikes = SPIKES * Periods.of(sampling.duration_s).count
    uniform = chance.spikes.random((count, 2, spikes))
    places = np.floor(uniform[:, 0] * sampling.samples).astype(np.int64)
    low, high = SPIKE_VALUES
    values = low + np.floor(uniform[:, 1] * (high - low + 1))
    for place, value in zip(places.T, values.T, strict=True):  # a later one wins, as published
        made[np.arange(count), place] = value
    return made


def _extent(signal: DoubleArray, *, counts_zero: bool) -> tuple[DoubleArray, DoubleArray]:
    low, high = signal.min(axis=1), signal.max(axis=1)
    return (low.clip(max=0.0), high.clip(min=0.0)) if counts_zero else (low, high)
