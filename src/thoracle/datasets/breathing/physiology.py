"""Breathing as bodies do it: varied breaths, sighs, pauses, waxing and waning, changes of posture.

The signal is the volume in the lungs, up in inspiration, in usual tidal volumes (about 0.5 l in an
adult). What a sensor adds comes from `thoracle.datasets.breathing.sensor`.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

import numpy as np

from thoracle.core.arrays import DoubleArray, IntArray
from thoracle.datasets.breathing.noise import colored, noise_for, rescale
from thoracle.datasets.breathing.physiology_ranges import EXPIRATION_FORM, HABITS, Body
from thoracle.datasets.breathing.ragged import padded
from thoracle.datasets.breathing.rhythm import Rhythm, draw_rhythm
from thoracle.datasets.breathing.types import Sampling, Simulated, classes_in_turn
from thoracle.respiration.types import CLASSES, NOISE

_BLOCK: Final = 128  # windows sampled at once
_LATE: Final = 1e-6  # of a sample
_HOUR_S: Final = 3600.0
_SLOPES: Final = (0.0, 2.0)  # of the noise class: white to a random walk; chosen
_SPIKES_PER_S: Final = 0.1  # of the noise class, on average; chosen
_SPIKE_SIZE: Final = 5.0  # standard deviations of the noise; chosen


@dataclass(frozen=True, slots=True)
class _Truth:
    """What is true of windows: values with the window each belongs to."""

    onsets: list[tuple[IntArray, DoubleArray]] = field(default_factory=list)
    peaks: list[tuple[IntArray, DoubleArray]] = field(default_factory=list)
    pauses: list[tuple[IntArray, DoubleArray]] = field(default_factory=list)

    def learn(self, rhythm: Rhythm, rows: IntArray, duration_s: float) -> None:
        """Add the breaths of some windows."""
        is_pause, ends = rhythm.is_pause, rhythm.start_s + rhythm.length_s
        peaks = rhythm.start_s + rhythm.inspired_s
        onsets_in = ~is_pause & (rhythm.start_s >= 0.0) & (rhythm.start_s < duration_s)
        peaks_in = ~is_pause & (peaks >= 0.0) & (peaks < duration_s)
        paused = is_pause & (ends > 0.0) & (rhythm.start_s < duration_s)
        both = np.stack([rhythm.start_s, ends], axis=-1).clip(0.0, duration_s)
        for kept, values, where in (
            (self.onsets, rhythm.start_s, onsets_in),
            (self.peaks, peaks, peaks_in),
            (self.pauses, both, paused),
        ):
            kept.append((rows[np.nonzero(where)[0]], values[where]))


def simulate(
    patterns: Sequence[str] | None,
    count: int,
    sampling: Sampling,
    *,
    rng: np.random.Generator,
    body: Body | None = None,
) -> Simulated:
    """Simulate windows of breathing as bodies do it.

    Parameters
    ----------
    patterns
        Names of `CLASSES` that the windows take in turn; None takes all seven.
    count
        How many windows altogether.
    sampling
        Rate, length, white noise and scaling.
    rng
        Source of all chance.
    body
        What happens beyond the pattern.

    Returns
    -------
    Simulated
        Windows begin anywhere in a cycle, so that a window shorter than one may hold no pause. In
        the noise class `clean` is 0 before scaling, and the signal is noise of any color with
        spikes.
    """
    kinds = classes_in_turn(None if patterns is None else tuple(patterns), count)
    body = body or Body()
    clean, signal = (np.zeros((count, sampling.samples)) for _ in range(2))
    truth = _Truth()
    for name, habit in HABITS.items():
        every = np.flatnonzero(kinds == CLASSES.index(name))
        for rows in np.split(every, range(_BLOCK, every.size, _BLOCK)):
            rhythm = draw_rhythm(habit, rows.size, sampling.duration_s, body=body, rng=rng)
            moved = breathe(rhythm, rng.uniform(*EXPIRATION_FORM, rows.size), sampling)
            clean[rows] = shifted(moved, body, sampling, rng=rng)
            signal[rows] = clean[rows]
            if sampling.snr_db is not None:
                normal = rng.standard_normal(moved.shape)
                signal[rows] += noise_for(clean[rows], normal, sampling.snr_db)
            truth.learn(rhythm, rows, sampling.duration_s)
    is_noise = kinds == CLASSES.index(NOISE)
    signal[is_noise] = pure_noise(int(is_noise.sum()), sampling, rng=rng)
    return _finished(signal, clean, kinds, sampling, truth)


def breathe(rhythm: Rhythm, form: DoubleArray, sampling: Sampling) -> DoubleArray:
    """Work out the volume in the lungs at each sample.

    Parameters
    ----------
    rhythm
        Breaths that cover the windows.
    form : (windows,) float64
        Of expiration: 1 falls as inspiration rises, in half a cosine; less falls sooner, and then
        rests.
    sampling
        Where the samples lie.

    Returns
    -------
    (windows, samples) float64
        Rises all through an inspiration and falls, or stays, from then on.
    """
    times_s = sampling.times_s
    begins = np.ceil(rhythm.start_s * sampling.rate_hz - _LATE).astype(np.int64)
    begins = begins.clip(0, times_s.size)
    begins[:, 0] = 0
    lengths = np.diff(begins, append=times_s.size).ravel()
    following = np.append(rhythm.level[:, 1:], rhythm.level[:, -1:], axis=1)
    start, inspired, whole, depth, level, after = (
        np.repeat(each.ravel(), lengths).reshape(-1, times_s.size)
        for each in (
            rhythm.start_s,
            rhythm.inspired_s,
            rhythm.length_s,
            rhythm.depth,
            rhythm.level,
            following,
        )
    )
    passed = times_s - start
    rises = passed < inspired
    rising = passed / np.where(inspired > 0.0, inspired, 1.0)
    falling = ((passed - inspired) / (whole - inspired)).clip(0.0, 1.0) ** form[:, None]
    turn = np.where(rises, rising, 1.0 + falling)
    base = np.where(rises, level, after)
    volume: DoubleArray = base + (level + depth - base) * (0.5 - 0.5 * np.cos(np.pi * turn))
    return volume


def shifted(
    moved: DoubleArray, body: Body, sampling: Sampling, *, rng: np.random.Generator
) -> DoubleArray:
    """Let some windows change posture once: depth and level are others from then on.

    Parameters
    ----------
    moved : (windows, samples) float64
        Volumes; not modified.
    body
        How often, and by how much.
    sampling
        Where the samples lie.
    rng
        Source of all chance.

    Returns
    -------
    (windows, samples) float64
    """
    windows = len(moved)
    chance = body.shifts_per_hour * sampling.duration_s / _HOUR_S
    rows = np.flatnonzero(rng.random(windows) < chance)
    at_s = rng.uniform(0.0, sampling.duration_s, (windows, 1))[rows]
    takes_s = rng.uniform(*body.shift_s, (windows, 1))[rows]
    level = rng.choice([-1.0, 1.0], (windows, 1)) * rng.uniform(*body.shift_level, (windows, 1))
    gain = rng.uniform(*body.shift_gain, (windows, 1))[rows]
    done = ((sampling.times_s - at_s) / takes_s).clip(0.0, 1.0)
    done = done * done * (3.0 - 2.0 * done)
    made = moved.copy()
    made[rows] = moved[rows] * (1.0 + (gain - 1.0) * done) + level[rows] * done
    return made


def pure_noise(count: int, sampling: Sampling, *, rng: np.random.Generator) -> DoubleArray:
    """Draw windows without any breathing: noise of a color between white and a walk, and spikes.

    Parameters
    ----------
    count
        How many windows.
    sampling
        Where the samples lie.
    rng
        Source of all chance.

    Returns
    -------
    (count, samples) float64
    """
    shape = (count, sampling.samples)
    made = colored(rng.standard_normal(shape), rng.uniform(*_SLOPES, count))
    chance = rng.uniform(0.0, 2.0 * _SPIKES_PER_S, (count, 1)) / sampling.rate_hz
    spikes = rng.normal(0.0, _SPIKE_SIZE, shape)
    noise: DoubleArray = np.where(rng.random(shape) < chance, spikes, made)
    return noise


def _finished(
    signal: DoubleArray, clean: DoubleArray, kinds: IntArray, sampling: Sampling, truth: _Truth
) -> Simulated:
    count = kinds.size
    low, high = np.zeros(count), np.ones(count)
    if sampling.is_scaled and count:
        low, high = signal.min(axis=1), signal.max(axis=1)
        rescale(signal, low, high)
        rescale(clean, low, high)
    onsets_s, peaks_s, pauses_s = (
        _gathered(kept, count) for kept in (truth.onsets, truth.peaks, truth.pauses)
    )
    return Simulated(
        signal=signal,
        clean=clean,
        low=low,
        high=high,
        kinds=kinds,
        onsets_s=onsets_s,
        peaks_s=peaks_s,
        pauses_s=pauses_s,
        sampling=sampling,
    )


def _gathered(kept: list[tuple[IntArray, DoubleArray]], count: int) -> DoubleArray:
    rows = np.concatenate([rows for rows, _ in kept])
    values = np.concatenate([values for _, values in kept])
    order = np.argsort(rows, kind="stable")
    return padded(values[order], rows[order], count)
