"""What goes wrong in a sensor, one thing at a time: pure functions over many windows."""

from dataclasses import dataclass
from typing import Final

import numpy as np

from thoracle.core.arrays import DoubleArray, IntArray

_SECOND_HARMONIC: Final = 0.5  # of the heart's ripple, which is no plain sine; chosen
_WAVES: Final = 2  # of slow drift
_WAVE_PERIODS: Final = (1.0, 4.0)  # in windows: drift is slower than breathing; chosen
_WAVE_MAX: Final = 0.5  # of the line; chosen
_STEPS: Final = 1.0 / 3.0  # of motions that leave the sensor elsewhere; chosen


def ripple(times_s: DoubleArray, rate_per_minute: DoubleArray, phase: DoubleArray) -> DoubleArray:
    """Return the heart's beat in a breathing signal.

    Parameters
    ----------
    times_s : (samples,) float64
        Of the samples.
    rate_per_minute, phase : (windows, 1) float64
        Heart rate; phase in turns.

    Returns
    -------
    (windows, samples) float64
        A sine with its second harmonic, less than 1 from peak to peak.
    """
    turns = 2.0 * np.pi * (rate_per_minute / 60.0 * times_s + phase)
    beat: DoubleArray = np.sin(turns) + _SECOND_HARMONIC * np.sin(2.0 * turns)
    return beat / (2.0 * (1.0 + _SECOND_HARMONIC))


def drift(windows: int, samples: int, *, rng: np.random.Generator) -> DoubleArray:
    """Draw how baselines wander: a line and slow waves.

    Parameters
    ----------
    windows, samples
        How many.
    rng
        Source of all chance.

    Returns
    -------
    (windows, samples) float64
        From 0 to 1 in each window.
    """
    part = np.linspace(0.0, 1.0, samples)
    made = rng.choice([-1.0, 1.0], (windows, 1)) * part
    for _ in range(_WAVES):
        period = rng.uniform(*_WAVE_PERIODS, (windows, 1))
        phase, size = rng.random((2, windows, 1))
        made = made + _WAVE_MAX * size * np.sin(2.0 * np.pi * (part / period + phase))
    made -= made.min(axis=1, keepdims=True)
    wandered: DoubleArray = made / made.max(axis=1, keepdims=True)
    return wandered


@dataclass(frozen=True, slots=True, kw_only=True)
class Motions:
    """How a body moves: bumps a second on average; from and to, how long they are and how high."""

    per_s: float
    lasts_s: tuple[float, float]
    sizes: tuple[float, float]


def motion(
    times_s: DoubleArray, windows: int, motions: Motions, *, rng: np.random.Generator
) -> DoubleArray:
    """Draw bumps of motion, up or down, some of which leave a step behind.

    Parameters
    ----------
    times_s : (samples,) float64
        Of the samples, from 0 on.
    windows
        How many.
    motions
        How often, how long and how high.
    rng
        Source of all chance.

    Returns
    -------
    (windows, samples) float64
        0 where nothing moves.
    """
    made = np.zeros((windows, times_s.size))
    counts = rng.poisson(motions.per_s * times_s[-1], windows)
    for number in range(int(counts.max(initial=0))):
        rows = np.flatnonzero(counts > number)
        shape = rows.size, 1
        start_s = rng.uniform(0.0, times_s[-1], shape)
        passed = ((times_s - start_s) / rng.uniform(*motions.lasts_s, shape)).clip(0.0, 1.0)
        size = rng.choice([-1.0, 1.0], shape) * rng.uniform(*motions.sizes, shape)
        stays = rng.random(shape) < _STEPS
        turn = np.pi * np.where(stays, passed, 2.0 * passed)
        made[rows] += size * (0.5 - 0.5 * np.cos(turn))
    return made


def clipped(signal: DoubleArray, share: DoubleArray) -> DoubleArray:
    """Cut a share of each window's height off, half of it at the top and half at the bottom.

    Parameters
    ----------
    signal : (windows, samples) float64
        Not modified.
    share : (windows, 1) float64
        From 0 to below 1.

    Returns
    -------
    (windows, samples) float64
    """
    low, high = (each(axis=1, keepdims=True) for each in (signal.min, signal.max))
    cut = 0.5 * share * (high - low)
    return np.clip(signal, low + cut, high - cut)


def stepped(signal: DoubleArray, bits: IntArray) -> DoubleArray:
    """Round each window to the steps of a converter that covers its height.

    Parameters
    ----------
    signal : (windows, samples) float64
        Not modified.
    bits : (windows, 1) int64
        2 to the power of so many values can be told apart.

    Returns
    -------
    (windows, samples) float64
        The least and the greatest value stay what they are.
    """
    low, high = (each(axis=1, keepdims=True) for each in (signal.min, signal.max))
    step = (high - low) / (2.0**bits - 1.0)
    rounded = low + np.round((signal - low) / np.where(step > 0.0, step, 1.0)) * step
    return np.asarray(rounded, np.float64)
