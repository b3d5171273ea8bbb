"""What a sensor makes of breathing: ripple, motion, drift, noise, limits, steps, lost samples."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType
from typing import Final

import numpy as np

from thoracle.core.arrays import BoolArray, DoubleArray, IntArray
from thoracle.core.errors import SignalError
from thoracle.datasets.breathing import artefacts
from thoracle.datasets.breathing.gaps import gaps, held, without
from thoracle.datasets.breathing.noise import colored, noise_for

Range = tuple[float, float]

_PINK: Final = 1.0
_BLOCK: Final = 256  # windows worked on at once: what they take stays in the processor's cache


class Lost(StrEnum):
    """What stands where samples were lost."""

    NAN = "nan"
    HELD = "held"
    ZEROS = "zeros"
    GONE = "gone"


@dataclass(frozen=True, slots=True, kw_only=True)
class Sensor:
    """What a sensor adds and takes; each range is drawn from uniformly, once a window.

    By default it does nothing. Sizes are in heights of the window, greatest less least value.

    Attributes
    ----------
    gain
        What the signal is multiplied with; below 0 for one that falls in inspiration.
    ripple
        Size of the heart's beat in the signal, peak to peak.
    heart_rate_per_minute
        Of that ripple.
    drift
        How far the baseline wanders, in a line and in slow waves.
    motions_per_minute
        Bumps of motion, on average.
    motion
        Size of one, up or down.
    motion_s
        How long one lasts; a third of them leave a step behind.
    white_snr_db, pink_snr_db
        Noise so far below the mean square about the window's mean; None adds none.
    clipped
        Share of the height that is cut off, half of it at the top and half at the bottom.
    bits
        The height is told apart into 2 to the power of so many steps; None leaves it as it is.
    lost_share
        Share of samples that are lost.
    lost_s
        Mean length of a gap; below two samples each sample is lost by itself.
    lost
        What stands in their place.

    Raises
    ------
    SignalError
        A number makes no sense.
    """

    gain: Range = (1.0, 1.0)
    ripple: Range = (0.0, 0.0)
    heart_rate_per_minute: Range = (50.0, 110.0)
    drift: Range = (0.0, 0.0)
    motions_per_minute: float = 0.0
    motion: Range = (0.5, 3.0)
    motion_s: Range = (0.3, 4.0)
    white_snr_db: Range | None = None
    pink_snr_db: Range | None = None
    clipped: Range = (0.0, 0.0)
    bits: tuple[int, int] | None = None
    lost_share: Range = (0.0, 0.0)
    lost_s: float = 0.0
    lost: Lost = Lost.NAN

    def __post_init__(self) -> None:
        shares = {"clipped": self.clipped, "lost_share": self.lost_share}
        wrong = [name for name, each in shares.items() if not 0.0 <= min(each) <= max(each) < 1.0]
        sizes = {"ripple": self.ripple, "drift": self.drift, "motion": self.motion}
        wrong += [name for name, each in sizes.items() if min(each) < 0.0]
        if self.bits is not None and min(self.bits) < 1:
            wrong.append("bits")
        if wrong:
            raise SignalError(
                f"found a sensor with {', '.join(wrong)} out of range – expected shares from 0 to "
                "below 1, sizes of 0 or more and bits of 1 or more. Change them.",
                code="breathing-sensor",
            )


ORDINARY: Final = Sensor(
    gain=(0.5, 2.0),
    ripple=(0.0, 0.08),
    drift=(0.0, 0.5),
    motions_per_minute=0.2,
    white_snr_db=(15.0, 40.0),
    pink_snr_db=(15.0, 40.0),
    bits=(8, 16),
    lost_share=(0.0, 0.02),
    lost_s=0.5,
)
"""A sensor in use. All its numbers are chosen, none is measured of a device."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """What a sensor gave.

    Attributes
    ----------
    signal : (windows, samples) float64
        NaN where samples were lost and left empty. Where they are gone, those that are left stand
        together at the start, and NaN after them.
    is_lost : (windows, samples) bool
        Which samples of the original time were lost.
    samples : (windows,) int64
        How many samples there are; fewer than before where they are gone.
    """

    signal: DoubleArray = field(repr=False)
    is_lost: BoolArray = field(repr=False)
    samples: IntArray = field(repr=False)


def measure(
    breathing: DoubleArray, rate_hz: float, sensor: Sensor, *, rng: np.random.Generator
) -> Measured:
    """Let a sensor see breathing.

    Parameters
    ----------
    breathing : (windows, samples) float64
        Of any unit; not modified.
    rate_hz
        Samples per second.
    sensor
        What it adds and takes.
    rng
        Source of all chance.

    Returns
    -------
    Measured
        Ripple, drift, motion and noise come first, then clipping, steps and gaps, as in a device.
    """
    windows = len(breathing)
    parts = [
        _measured(breathing[start : start + _BLOCK], rate_hz, sensor, rng)
        for start in range(0, max(windows, 1), _BLOCK)
    ]
    return Measured(
        signal=np.concatenate([part.signal for part in parts]),
        is_lost=np.concatenate([part.is_lost for part in parts]),
        samples=np.concatenate([part.samples for part in parts]),
    )


def _measured(
    breathing: DoubleArray, rate_hz: float, sensor: Sensor, rng: np.random.Generator
) -> Measured:
    windows, height = len(breathing), np.ptp(breathing, axis=1, keepdims=True)
    signal = breathing + height * _moved(breathing.shape, rate_hz, sensor, rng)
    for snr_db, slope in ((sensor.white_snr_db, 0.0), (sensor.pink_snr_db, _PINK)):
        if snr_db is not None:
            signal += _noise(breathing, _each(snr_db, windows, rng), slope, rng)
    signal *= _each(sensor.gain, windows, rng)
    if max(sensor.clipped) > 0.0:
        signal = artefacts.clipped(signal, _each(sensor.clipped, windows, rng))
    if sensor.bits is not None:
        bits = rng.integers(*sensor.bits, (windows, 1), endpoint=True)
        signal = artefacts.stepped(signal, bits)
    return _lose(signal, rate_hz, sensor, rng)


def _each(bounds: Range, windows: int, rng: np.random.Generator) -> DoubleArray:
    drawn: DoubleArray = rng.uniform(*bounds, (windows, 1))
    return drawn


def _moved(
    shape: tuple[int, int], rate_hz: float, sensor: Sensor, rng: np.random.Generator
) -> DoubleArray:
    """Return ripple, drift and motion, in heights of the window."""
    windows, samples = shape
    times_s = np.arange(samples) / rate_hz
    moved = np.zeros(shape)
    if max(sensor.ripple) > 0.0:
        rate = _each(sensor.heart_rate_per_minute, windows, rng)
        beat = artefacts.ripple(times_s, rate, rng.random((windows, 1)))
        moved += _each(sensor.ripple, windows, rng) * beat
    if max(sensor.drift) > 0.0:
        wandered = artefacts.drift(windows, samples, rng=rng)
        moved += _each(sensor.drift, windows, rng) * wandered
    if sensor.motions_per_minute > 0.0:
        motions = artefacts.Motions(
            per_s=sensor.motions_per_minute / 60.0, lasts_s=sensor.motion_s, sizes=sensor.motion
        )
        moved += artefacts.motion(times_s, windows, motions, rng=rng)
    return moved


def _noise(
    breathing: DoubleArray, snr_db: DoubleArray, slope: float, rng: np.random.Generator
) -> DoubleArray:
    normal = rng.standard_normal(breathing.shape)
    if slope:
        normal = colored(normal, np.full(len(breathing), slope))
    around = breathing - breathing.mean(axis=1, keepdims=True)
    return noise_for(around, normal, 0.0) * 10.0 ** (-snr_db / 20.0)


def _lose(
    signal: DoubleArray, rate_hz: float, sensor: Sensor, rng: np.random.Generator
) -> Measured:
    is_lost = np.zeros(signal.shape, np.bool_)
    if max(sensor.lost_share) > 0.0:
        share = _each(sensor.lost_share, len(signal), rng)
        is_lost = gaps(share, signal.shape[1], sensor.lost_s * rate_hz, rng=rng)
        signal = _FILLED[sensor.lost](signal, is_lost)
    left = np.count_nonzero(~is_lost, axis=1).astype(np.int64)
    samples = left if sensor.lost is Lost.GONE else np.full_like(left, signal.shape[1])
    return Measured(signal=signal, is_lost=is_lost, samples=samples)


def _empty(signal: DoubleArray, is_lost: BoolArray) -> DoubleArray:
    return np.where(is_lost, np.nan, signal)


def _zero(signal: DoubleArray, is_lost: BoolArray) -> DoubleArray:
    return np.where(is_lost, 0.0, signal)


_FILLED: Final[Mapping[Lost, Callable[[DoubleArray, BoolArray], DoubleArray]]] = MappingProxyType(
    {Lost.NAN: _empty, Lost.HELD: held, Lost.ZEROS: _zero, Lost.GONE: without}
)
