"""What simulators of breathing are asked for, and the windows with their truth that they return."""

import math
from dataclasses import dataclass, field
from typing import Final

import numpy as np

from thoracle.core.arrays import BoolArray, DoubleArray, IntArray
from thoracle.core.errors import SignalError
from thoracle.respiration.types import CLASSES, WINDOW_S

PUBLISHED_RATE_HZ: Final = 10.0
"""Of the simulation model: Wang et al. 2020 (doi 10.1109/JIOT.2020.2991456)."""

PUBLISHED_SNR_DB: Final = 20.0
"""Signal to added noise, mean square to mean square: Wang et al. 2020."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sampling:
    """How windows are sampled.

    Attributes
    ----------
    rate_hz
        Samples per second.
    duration_s
        Length of a window.
    snr_db
        White noise is added so far below the mean square of the noise-free window; None adds none.
    is_scaled
        Whether each window goes from 0 to 1 after the noise; else values are the model's own.

    Raises
    ------
    SignalError
        A number is not positive or not finite, or fewer than two samples come of them.
    """

    rate_hz: float
    duration_s: float
    snr_db: float | None
    is_scaled: bool = True

    def __post_init__(self) -> None:
        for name, value in (("rate", self.rate_hz), ("duration", self.duration_s)):
            if not (math.isfinite(value) and value > 0.0):
                raise SignalError(
                    f"found a sampling {name} of {value:g} – expected a number above 0. Give one.",
                    code="breathing-sampling",
                )
        if self.snr_db is not None and not math.isfinite(self.snr_db):
            raise SignalError(
                f"found a ratio of signal to noise of {self.snr_db:g} dB – expected a finite "
                "number, or none for no noise. Give one.",
                code="breathing-sampling",
            )
        if self.samples < 2:
            raise SignalError(
                f"found {self.duration_s:g} s at {self.rate_hz:g} Hz, which is not even two "
                "samples – expected a window. Make it longer or sample it faster.",
                code="breathing-sampling",
            )

    @property
    def samples(self) -> int:
        """Samples of a window."""
        return round(self.duration_s * self.rate_hz)

    @property
    def times_s(self) -> DoubleArray:
        """Time of each sample from the window's start."""
        return np.arange(self.samples) / self.rate_hz


PUBLISHED: Final = Sampling(rate_hz=PUBLISHED_RATE_HZ, duration_s=WINDOW_S, snr_db=PUBLISHED_SNR_DB)


@dataclass(frozen=True, slots=True, kw_only=True)
class Segments:
    """What windows of the published model are made of; the windows are the first axis.

    In a segment s(t) = a·sin(b·t) + c + d·(t − t₀): t is the window's time, t₀ the segment's start.

    Attributes
    ----------
    start_s : (windows, segments) float64
        In order; a segment ends where the next one starts, and is empty where both are equal.
        NaN where a window has fewer, and in windows of noise.
    parameters : (windows, segments, 4) float64
        a, b (rad/s), c and d (1/s).
    is_pause : (windows, segments) bool
        Whether nobody breathes in it.
    """

    start_s: DoubleArray = field(repr=False)
    parameters: DoubleArray = field(repr=False)
    is_pause: BoolArray = field(repr=False)

    def of(self, windows: slice | BoolArray) -> "Segments":
        """Return those of some windows."""
        return Segments(
            start_s=self.start_s[windows],
            parameters=self.parameters[windows],
            is_pause=self.is_pause[windows],
        )

    def ends_s(self, duration_s: float) -> DoubleArray:
        """Return where each segment ends, (windows, segments) float64, NaN where there is none."""
        following = np.append(self.start_s[:, 1:], np.full((len(self.start_s), 1), np.nan), axis=1)
        ends = np.where(np.isnan(following), duration_s, following)
        return np.where(np.isnan(self.start_s), np.nan, ends)


@dataclass(frozen=True, slots=True, kw_only=True)
class Simulated:
    """Simulated windows with what is true of them; the windows are the first axis of all arrays.

    Lists of different length are padded with NaN; `count` tells how long each is.

    Attributes
    ----------
    signal : (windows, samples) float64
        After noise; up is into the lungs. From 0 to 1 in each window where that was asked for.
    clean : (windows, samples) float64
        Before noise, in the same unit as `signal`.
    low, high : (windows,) float64
        Least and greatest value before scaling: unscaled = low + scaled · (high − low). 0 and 1
        where nothing was scaled.
    kinds : (windows,) int64
        Places in `CLASSES`.
    onsets_s : (windows, breaths) float64
        Where inspiration begins: the noise-free signal turns from falling, or from a pause, to
        rising.
    peaks_s : (windows, breaths) float64
        Where inspiration ends.
    pauses_s : (windows, pauses, 2) float64
        Start and end.
    sampling
        As it was asked for.
    segments
        Of the published model; None of others.
    """

    signal: DoubleArray = field(repr=False)
    clean: DoubleArray = field(repr=False)
    low: DoubleArray = field(repr=False)
    high: DoubleArray = field(repr=False)
    kinds: IntArray = field(repr=False)
    onsets_s: DoubleArray = field(repr=False)
    peaks_s: DoubleArray = field(repr=False)
    pauses_s: DoubleArray = field(repr=False)
    sampling: Sampling
    segments: Segments | None = field(default=None, repr=False)

    @property
    def patterns(self) -> tuple[str, ...]:
        """Name of each window's class."""
        return tuple(CLASSES[kind] for kind in self.kinds.tolist())


def classes_in_turn(patterns: "tuple[str, ...] | None", count: int) -> IntArray:
    """Return the class of each of `count` windows, which take the given patterns in turn.

    Parameters
    ----------
    patterns
        Names of `CLASSES`; one that stands there twice comes twice as often. None takes all.
    count
        How many windows, 0 or more.

    Returns
    -------
    (count,) int64
        Places in `CLASSES`.

    Raises
    ------
    SignalError
        A name is no class, there is none, or the count is negative.
    """
    names = CLASSES if patterns is None else tuple(patterns)
    unknown = [name for name in names if name not in CLASSES]
    if unknown or not names:
        raise SignalError(
            f"found the patterns {', '.join(names) or 'none'} – expected some of "
            f"{', '.join(CLASSES)}. Choose among them.",
            code="breathing-pattern",
        )
    if count < 0:
        raise SignalError(
            f"found {count} windows to simulate – expected 0 or more. Ask for some.",
            code="breathing-pattern",
        )
    chosen = np.array([CLASSES.index(name) for name in names], np.int64)
    return np.resize(chosen, count) if count else chosen[:0]
