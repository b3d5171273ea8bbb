"""Breathing of known truth, made here so that no test leans on the simulators that it may judge."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pytest

from thoracle.core.arrays import DoubleArray


@dataclass(frozen=True, kw_only=True)
class Known:
    """A signal and what is true of it; one onset more than peaks, the end of the last breath."""

    signal: DoubleArray
    onsets_s: DoubleArray
    peaks_s: DoubleArray
    rate_hz: float


Breathe = Callable[..., Known]


@pytest.fixture(scope="session")
def breathe() -> Breathe:
    """Return a function that draws breaths of given lengths, one after the other."""

    def drawn(
        lengths_s: "list[float] | DoubleArray",
        *,
        depths: "list[float] | DoubleArray | float" = 1.0,
        inspiration: float = 0.4,
        rate_hz: float = 25.0,
        lead_s: float = 2.0,
        tail_s: float = 2.0,
    ) -> Known:
        lengths = np.asarray(lengths_s, np.float64)
        onsets_s = lead_s + np.concatenate([[0.0], np.cumsum(lengths)])
        peaks_s = onsets_s[:-1] + inspiration * lengths
        times_s = np.arange(round((onsets_s[-1] + tail_s) * rate_hz)) / rate_hz
        signal = np.zeros(times_s.size)
        heights = np.broadcast_to(np.asarray(depths, np.float64), lengths.shape)
        for onset, length, peak, depth in zip(onsets_s, lengths, peaks_s, heights, strict=False):
            own = (times_s >= onset) & (times_s < onset + length)
            rising = (times_s[own] - onset) / (peak - onset)
            falling = np.clip((times_s[own] - peak) / (onset + length - peak), 0, 1)
            shape = np.where(rising < 1, 1 - np.cos(np.pi * rising), 1 + np.cos(np.pi * falling))
            signal[own] = depth * shape / 2
        # No sensor stands still: what does is cut off or off.
        signal += 1e-3 * times_s
        return Known(signal=signal, onsets_s=onsets_s, peaks_s=peaks_s, rate_hz=rate_hz)

    return drawn
