"""Samples that are lost, and what may stand in their place."""

import numpy as np

from thoracle.core.arrays import BoolArray, DoubleArray


def gaps(
    share: DoubleArray, samples: int, mean_samples: float, *, rng: np.random.Generator
) -> BoolArray:
    """Draw which samples are lost.

    Parameters
    ----------
    share : (windows, 1) float64
        Share of the samples that is lost on average, from 0 to below 1.
    samples
        Of a window.
    mean_samples
        Mean length of a gap; below 2 each sample is lost or not by itself.
    rng
        Source of all chance.

    Returns
    -------
    (windows, samples) bool
        True where a sample is lost. Gaps and what lies between them have geometric lengths, as
        where a connection comes and goes.
    """
    drawn = rng.random((len(share), samples))
    lost: BoolArray = drawn < share
    if mean_samples < 2.0:
        return lost
    begins = share / ((1.0 - share) * mean_samples)
    made = np.empty((samples, len(share)), np.bool_)
    state = lost[:, 0]
    for number, column in enumerate(drawn.T):
        if number:
            state = np.where(state, column >= 1.0 / mean_samples, column < begins[:, 0])
        made[number] = state
    return made.T


def held(signal: DoubleArray, is_lost: BoolArray) -> DoubleArray:
    """Repeat the last sample before each gap; a gap at the start takes the first one after it.

    Parameters
    ----------
    signal : (windows, samples) float64
        Not modified.
    is_lost : (windows, samples) bool
        As `gaps` draws them.

    Returns
    -------
    (windows, samples) float64
        A window of which all is lost is 0.
    """
    place = np.where(is_lost, -1, np.arange(signal.shape[1]))
    np.maximum.accumulate(place, axis=1, out=place)
    first = np.argmin(is_lost, axis=1)[:, None]
    made = np.take_along_axis(signal, np.where(place < 0, first, place), axis=1)
    made[is_lost.all(axis=1)] = 0.0
    return made


def without(signal: DoubleArray, is_lost: BoolArray) -> DoubleArray:
    """Close the gaps: what is left stands together at the start, and NaN after it.

    Parameters
    ----------
    signal : (windows, samples) float64
        Not modified.
    is_lost : (windows, samples) bool
        As `gaps` draws them.

    Returns
    -------
    (windows, samples) float64
    """
    kept = np.where(is_lost, np.nan, signal)
    return np.take_along_axis(kept, np.argsort(is_lost, axis=1, kind="stable"), axis=1)
