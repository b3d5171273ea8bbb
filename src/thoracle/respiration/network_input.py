"""From windows of any rate to what the pattern network sees: 600 samples at 10 Hz, 0 to 1."""

from fractions import Fraction
from typing import Final

import numpy as np
from scipy import signal as dsp

from thoracle.core.arrays import BoolArray, DoubleArray, FloatArray
from thoracle.core.errors import SignalError
from thoracle.respiration.filters import GAP_MAX_S
from thoracle.respiration.types import WINDOW_S

NETWORK_RATE_HZ: Final = 10.0  # as published with the simulation model
SAMPLES: Final = round(WINDOW_S * NETWORK_RATE_HZ)
PATTERN_INPUT: Final = "window-60s-10hz-0to1"
"""The name of this form in bundles; another one needs another network."""
RATE_MIN_HZ: Final = 4.0
"""A breath at 40 per minute has six samples at this rate; its pauses keep their edges to 0.25 s."""
SHORTEST_S: Final = 55.0
"""Of a window, where samples are missing without a trace; its last value is held to the end."""


_DENOMINATOR_MAX: Final = 1000
_KAISER_BETA: Final = 5.0


def network_input(windows: DoubleArray, *, rate_hz: float) -> FloatArray:
    """Return windows as the network sees them.

    Parameters
    ----------
    windows : (windows, samples) float64
        Up is into the lungs; NaN where samples are missing. 55 to 60 s each.
    rate_hz
        Samples per second, 4 or more; other rates than 10 Hz are resampled, without aliases.

    Returns
    -------
    (windows, 600) float32
        0 to 1 in each window; missing samples lie on a line between their neighbors, and a window
        that does not move at all is 0.5 throughout.

    Raises
    ------
    SignalError
        Too low a rate, or windows of another length.
    """
    duration_s = windows.shape[1] / rate_hz
    if rate_hz < RATE_MIN_HZ:
        raise SignalError(
            f"found a signal of {rate_hz:g} Hz – expected {RATE_MIN_HZ:g} Hz or more to tell "
            "patterns by. Record it faster.",
            code="signal-rate",
        )
    if not SHORTEST_S <= duration_s <= WINDOW_S + 1.0 / rate_hz:
        raise SignalError(
            f"found a window of {duration_s:g} s – expected {WINDOW_S:g} s (from "
            f"{SHORTEST_S:g} s where samples are missing). Cut the signal into such windows.",
            code="signal-window",
        )
    filled = _filled(np.array(windows, np.float64))
    ratio = Fraction(NETWORK_RATE_HZ / rate_hz).limit_denominator(_DENOMINATOR_MAX)
    if ratio != 1:
        filled = dsp.resample_poly(
            filled,
            ratio.numerator,
            ratio.denominator,
            axis=1,
            window=("kaiser", _KAISER_BETA),
            padtype="line",
        )
    return scaled(_of_length(filled))


def has_long_gap(windows: DoubleArray, *, rate_hz: float) -> BoolArray:
    """Tell which windows miss more than three seconds in a row.

    Parameters
    ----------
    windows : (windows, samples) float64
        NaN where samples are missing.
    rate_hz
        Samples per second.

    Returns
    -------
    (windows,) bool
        What is drawn over such a gap is not what was breathed. A window that ends up to five
        seconds early is a short one and has none.
    """
    longest = int(GAP_MAX_S * rate_hz)
    missing = np.isnan(windows)
    if not missing.any():
        return np.zeros(len(windows), np.bool_)
    ends_early = np.logical_and.accumulate(missing[:, ::-1], axis=1)[:, ::-1]
    is_short = ends_early.sum(axis=1) <= (WINDOW_S - SHORTEST_S) * rate_hz
    missing &= ~(ends_early & is_short[:, None])
    run = np.zeros(len(windows), np.int64)
    worst = np.zeros(len(windows), np.int64)
    for column in missing.T:
        run = np.where(column, run + 1, 0)
        np.maximum(worst, run, out=worst)
    return np.asarray(worst > longest, np.bool_)


def scaled(windows: DoubleArray) -> FloatArray:
    """Bring each window to 0…1, as published.

    Parameters
    ----------
    windows : (windows, samples) float64
        Without gaps.

    Returns
    -------
    (windows, samples) float32
        0.5 throughout where nothing moves.
    """
    low = windows.min(axis=1, keepdims=True)
    spread = windows.max(axis=1, keepdims=True) - low
    moves = spread > 0.0
    shares = np.where(moves, (windows - low) / np.where(moves, spread, 1.0), 0.5)
    return np.asarray(shares, np.float32)


def _filled(windows: DoubleArray) -> DoubleArray:
    missing = np.isnan(windows)
    for row in np.flatnonzero(missing.any(axis=1)):
        gaps = missing[row]
        if gaps.all():
            windows[row] = 0.0
            continue
        places = np.arange(gaps.size)
        windows[row, gaps] = np.interp(places[gaps], places[~gaps], windows[row, ~gaps])
    return windows


def _of_length(windows: DoubleArray) -> DoubleArray:
    short = SAMPLES - windows.shape[1]
    if short > 0:
        return np.pad(windows, ((0, 0), (0, short)), mode="edge")
    return windows[:, :SAMPLES]
