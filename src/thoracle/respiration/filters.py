"""From a sensor's samples to one signal: inspiration up, short gaps filled, drift and noise out."""

import math
from fractions import Fraction
from functools import lru_cache
from typing import Final

import numpy as np
from scipy import signal as dsp

from thoracle.core.arrays import BoolArray, DoubleArray
from thoracle.core.errors import SignalError
from thoracle.respiration.types import SENSORS

ANALYSIS_RATE_HZ: Final = 10.0
"""The common rate: five samples to the shortest breath looked for, and what the network sees."""
RATE_MIN_HZ: Final = 2.0
"""A second, the length of a breath at 60 per minute, holds two samples only from here on."""
GAP_MAX_S: Final = 3.0
"""Longer gaps are not interpolated: a whole breath at 20 per minute would fit in."""
LOW_HZ: Final = 0.05
"""Below lies drift: a breath of 20 s (3 per minute) is the longest looked for."""
HIGH_HZ: Final = 1.5
"""Above lies no breath of adults: 90 per minute. A pulse of less passes; breaths.py sees to it."""

_DOWN: Final = ("capnography", "depth_camera")  # inspiration lowers CO2, and brings the chest near
_NYQUIST_SHARE: Final = 0.9  # of half the rate: as far as a cut-off is held up
_PADDING_S: Final = 20.0  # the longest breath
_DENOMINATOR_MAX: Final = 10_000  # of the ratio of two rates: off by 1e-8, a millisecond in a day
_HALF_WIDTH: Final = 10  # samples of the lower rate on each side of the anti-aliasing filter
_KAISER_BETA: Final = 5.0  # as scipy.signal.resample_poly has it


def orient(signal: DoubleArray, *, sensor: str, rate_hz: float) -> DoubleArray:
    """Return the signal with inspiration up, as a volume.

    Parameters
    ----------
    signal : (samples,) float64
        As the sensor gave it; NaN where samples are missing.
    sensor
        One of `SENSORS`. Capnography and depth camera are turned over; flow, positive into the
        lungs, is integrated, its mean taken off first, from 0 again after each gap.
    rate_hz
        Samples per second.

    Returns
    -------
    (samples,) float64
        In the signal's unit, of flow in that unit times seconds. That of an unknown sensor is as it
        was: nothing that hangs on direction may be told of it.

    Raises
    ------
    SignalError
        There is no such sensor.
    """
    if sensor not in SENSORS:
        raise SignalError(
            f"found the sensor {sensor!r} – expected one of {', '.join(SENSORS)}. "
            "Say unknown where you do not know.",
            code="signal-sensor",
        )
    if sensor in _DOWN:
        return -signal
    return _integrated(signal, rate_hz) if sensor == "flow" else signal.copy()


def fill_gaps(signal: DoubleArray, *, rate_hz: float, longest_s: float = GAP_MAX_S) -> DoubleArray:
    """Draw a straight line over each gap that is not longer than `longest_s`.

    Parameters
    ----------
    signal : (samples,) float64
        NaN where samples are missing.
    rate_hz
        Samples per second.
    longest_s
        Gaps of more stay NaN, as does what is missing at the ends.

    Returns
    -------
    (samples,) float64
        A copy.
    """
    filled = signal.copy()
    missing = np.isnan(signal)
    if not missing.any() or missing.all():
        return filled
    for start, end in stretches(missing):
        if start > 0 and end < signal.size and (end - start) / rate_hz <= longest_s:
            steps = np.arange(1, end - start + 1) / (end - start + 1)
            filled[start:end] = signal[start - 1] + steps * (signal[end] - signal[start - 1])
    return filled


def stretches(mask: BoolArray, *, shortest: int = 1) -> list[tuple[int, int]]:
    """Return where a mask is set: first sample and the one after the last, of each run.

    Parameters
    ----------
    mask : (samples,) bool
        Anything.
    shortest
        Runs of fewer samples are left out.
    """
    if not mask.any():
        return []
    if mask.all():
        return [(0, mask.size)] if mask.size >= shortest else []
    bounded = np.zeros(mask.size + 2, np.bool_)
    bounded[1:-1] = mask
    edges = np.flatnonzero(bounded[1:] != bounded[:-1]).reshape(-1, 2)
    kept = edges[edges[:, 1] - edges[:, 0] >= shortest]
    return [(start, end) for start, end in kept.tolist()]


def detrend(signal: DoubleArray) -> DoubleArray:
    """Take the straight line of least squares off a signal without gaps."""
    instants = np.arange(signal.size) - (signal.size - 1) / 2
    power = float(instants @ instants)
    slope = float(instants @ signal) / power if power else 0.0
    return np.asarray(signal - signal.mean() - slope * instants, np.float64)


def low_pass_bank(signal: DoubleArray, *, rate_hz: float, cutoffs_hz: DoubleArray) -> DoubleArray:
    """Filter a signal without gaps with several low-pass filters.

    Parameters
    ----------
    signal : (samples,) float64
        At least one sample.
    rate_hz
        Samples per second.
    cutoffs_hz : (cut-offs,) float64
        Where each filter lets half of the power through.

    Returns
    -------
    (cut-offs, samples) float64
        Without phase, and Gaussian, so that the flat top of a saturated signal does not ring.
    """
    padding = min(signal.size - 1, round(_PADDING_S * rate_hz))
    before = 2 * signal[0] - signal[padding:0:-1]
    after = 2 * signal[-1] - signal[-2 : -padding - 2 : -1]
    padded = np.concatenate([before, signal, after])
    fast = _next_fast_length(padded.size)
    gains = _gains(fast, rate_hz, tuple(cutoffs_hz.tolist()))
    # Zeros that fill up the length stand beside the signal on both sides: it is shifted to 0.
    offset = float(padded.mean())
    filtered = np.fft.irfft(np.fft.rfft(padded - offset, fast) * gains, fast, axis=-1)
    return np.asarray(filtered[:, padding : padding + signal.size] + offset, np.float64)


def band_pass(signal: DoubleArray, *, rate_hz: float, high_hz: float = HIGH_HZ) -> DoubleArray:
    """Return what a signal without gaps holds between `LOW_HZ` and a cut-off, without phase.

    For eyes and spectra. Breaths are searched with the drift left in (`breaths`): without it a
    pause between breaths would bend, for they lie above its level.

    Parameters
    ----------
    signal : (samples,) float64
        At least one sample.
    rate_hz
        Samples per second; at low ones the cut-off is held to 0.9 of half the rate.
    high_hz
        Half of the power passes there.

    Returns
    -------
    (samples,) float64
        Around 0.
    """
    need_rate(rate_hz)
    cutoff_hz = min(high_hz, _NYQUIST_SHARE * rate_hz / 2)
    cutoffs_hz = np.array([cutoff_hz, 1 / math.hypot(1 / cutoff_hz, 1 / LOW_HZ)])
    # Of two Gaussian filters in a row the squares of the widths add up in time.
    passed, drift = low_pass_bank(detrend(signal), rate_hz=rate_hz, cutoffs_hz=cutoffs_hz)
    return np.asarray(passed - drift, np.float64)


def resample(signal: DoubleArray, *, rate_hz: float, to_hz: float) -> DoubleArray:
    """Return a signal at another rate, with an anti-aliasing filter without phase.

    Parameters
    ----------
    signal : (samples,) float64
        NaN where samples are missing: these are bridged for the filter, and missing again after it.
    rate_hz, to_hz
        Samples per second, before and after.

    Returns
    -------
    (samples,) float64
        The first sample is of the same instant. Always a copy.
    """
    need_rate(rate_hz)
    ratio = Fraction(to_hz / rate_hz).limit_denominator(_DENOMINATOR_MAX)
    if ratio == 1 or signal.size < 2:
        return signal.copy()
    missing = np.isnan(signal)
    if missing.all():
        return np.full(math.ceil(signal.size * ratio), np.nan)
    whole = _bridged(signal, missing) if missing.any() else signal
    # The filter's phases differ by a thousandth: of a great offset that would be a wave.
    offset = float(whole.mean())
    taps = _anti_aliasing(ratio.numerator, ratio.denominator)
    found: DoubleArray = dsp.resample_poly(
        whole - offset,
        ratio.numerator,
        ratio.denominator,
        window=taps,  # type: ignore[call-overload]  # the stubs know no array of taps
        padtype="line",
    )
    found += offset
    if missing.any():
        nearest = np.minimum(np.rint(np.arange(found.size) / float(ratio)), signal.size - 1)
        found[missing[nearest.astype(np.int64)]] = np.nan
    return found


def at_analysis_rate(signal: DoubleArray, *, rate_hz: float) -> DoubleArray:
    """Fill short gaps and resample to `ANALYSIS_RATE_HZ`; NaN where a longer gap lies."""
    need_rate(rate_hz)
    return resample(fill_gaps(signal, rate_hz=rate_hz), rate_hz=rate_hz, to_hz=ANALYSIS_RATE_HZ)


def need_rate(rate_hz: float) -> None:
    """Refuse a rate at which breaths cannot be told.

    Raises
    ------
    SignalError
        It is below `RATE_MIN_HZ`, or no number.
    """
    if not (math.isfinite(rate_hz) and rate_hz >= RATE_MIN_HZ):
        raise SignalError(
            f"found {rate_hz:g} samples per second – expected at least {RATE_MIN_HZ:g}, two to a "
            "breath of one second. Record faster, or correct the rate.",
            code="signal-slow",
        )


def _integrated(flow: DoubleArray, rate_hz: float) -> DoubleArray:
    volume = np.full(flow.size, np.nan)
    known = ~np.isnan(flow)
    offset = float(flow[known].mean()) if known.any() else 0.0
    for start, end in stretches(known):
        part = flow[start:end] - offset
        steps = (part[1:] + part[:-1]) / (2 * rate_hz)
        volume[start:end] = np.concatenate([[0.0], np.cumsum(steps)])
    return volume


def _bridged(signal: DoubleArray, missing: BoolArray) -> DoubleArray:
    instants = np.arange(signal.size)
    bridged = signal.copy()
    bridged[missing] = np.interp(instants[missing], instants[~missing], signal[~missing])
    return bridged


@lru_cache(maxsize=32)
def _anti_aliasing(up: int, down: int) -> DoubleArray:
    """Return the taps of `scipy.signal.resample_poly`, which would design them for each call."""
    longest = max(up, down)
    taps = dsp.firwin(2 * _HALF_WIDTH * longest + 1, 1.0 / longest, window=("kaiser", _KAISER_BETA))
    return np.asarray(taps, np.float64)


@lru_cache(maxsize=64)
def _gains(samples: int, rate_hz: float, cutoffs_hz: tuple[float, ...]) -> DoubleArray:
    """Return gains (cut-offs, frequencies), of which the square is a half at each cut-off."""
    frequencies_hz = np.fft.rfftfreq(samples, 1 / rate_hz)
    ratios = frequencies_hz[None, :] / np.array(cutoffs_hz)[:, None]
    return np.asarray(np.exp(-0.5 * math.log(2) * ratios**2), np.float64)


@lru_cache(maxsize=256)
def _next_fast_length(samples: int) -> int:
    from scipy.fft import next_fast_len

    return int(next_fast_len(samples, real=True))
