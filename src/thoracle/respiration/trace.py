"""A signal made small enough to be drawn and kept."""

from dataclasses import dataclass, field
from typing import Final

import numpy as np

from thoracle.core.arrays import DoubleArray, FloatArray
from thoracle.respiration.types import Recording

TRACE_RATE_MAX_HZ: Final = 25.0
"""Enough to see breaths and the heart's ripple on them."""
TRACE_SAMPLES_MAX: Final = 24 * 3600 * 25
"""A day at that rate; longer recordings are drawn more coarsely."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Trace:
    """A thinned signal.

    Attributes
    ----------
    signal : (samples,) float32
        In the recording's unit, as the sensor gave it; NaN where every sample is missing.
    rate_hz
        Samples per second.
    """

    signal: FloatArray = field(repr=False)
    rate_hz: float


def thin(recording: Recording) -> Trace:
    """Average neighbors of a signal until it has at most 25 samples per second.

    Parameters
    ----------
    recording
        As it was read.

    Returns
    -------
    Trace
        Its samples are means of the known ones among as many neighbors; a rest of fewer is one too.
    """
    faster = recording.rate_hz / TRACE_RATE_MAX_HZ
    longer = recording.signal.size / TRACE_SAMPLES_MAX
    together = max(1, int(np.ceil(round(max(faster, longer), 6))))
    means = _means(recording.signal, together)
    return Trace(signal=means.astype(np.float32), rate_hz=recording.rate_hz / together)


def _means(signal: DoubleArray, together: int) -> DoubleArray:
    if together == 1:
        return signal
    rest = -signal.size % together
    blocks = np.append(signal, np.full(rest, np.nan)).reshape(-1, together)
    is_known = ~np.isnan(blocks)
    counts = is_known.sum(axis=1)
    sums = np.where(is_known, blocks, 0.0).sum(axis=1)
    return np.where(counts > 0, sums / np.maximum(counts, 1), np.nan)
