"""Watch many patients' breathing as it comes in: state, rate and alarms, anew each second."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

import numpy as np

from thoracle.core.arrays import DoubleArray
from thoracle.core.errors import SignalError
from thoracle.respiration.alarms import (
    ADULTS,
    APNEA,
    FAST,
    PATTERN,
    SIGNAL,
    SLOW,
    Alarm,
    AlarmLimits,
    AlarmPanel,
    Steady,
)
from thoracle.respiration.breaths import Breathing, find_breaths
from thoracle.respiration.filters import orient
from thoracle.respiration.measures import Told, find_apneas, measure
from thoracle.respiration.model import PatternAnswers, PatternClassifier
from thoracle.respiration.network_input import RATE_MIN_HZ
from thoracle.respiration.quality import (
    QUALITY_MIN,
    Faults,
    Stretch,
    find_faults,
    window_quality,
)
from thoracle.respiration.types import SENSORS, WINDOW_S

STEP_S: Final = 1.0
MEASURE_EVERY_S: Final = 2.0
"""Breaths are searched every two seconds, patients in turn; patterns are told at each step."""
MEASURED_S: Final = 30.0
"""The rate is that of the last half minute: of a minute, it would lag behind by half of it."""
FIRST_S: Final = 15.0  # so long, nothing is told: five breaths of a healthy adult.
RATE_MAX_HZ: Final = 1000.0
_NORMAL: Final = ("eupnea", "tachypnea", "bradypnea")
"""Patterns that the alarms of the rate speak of already."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Status:
    """What is told of one patient after a second.

    Attributes
    ----------
    patient
        Name of the stream.
    time_s
        Length of the stream until now.
    pattern
        Steady one of `PATTERNS`; None where none is told, as in the first minute.
    pattern_since_s
        When it began to be told.
    probabilities
        Of this second's window, by class; empty before the first whole window.
    rate_per_minute
        Of the last half minute; None where its quality forbids to tell it.
    since_breath_s
        Time since the last breath was over; None where nobody knows.
    quality
        Index of the last half minute, 0 to 1; None before the first 15 s.
    alarms
        That are on, by urgency.
    """

    patient: str
    time_s: float
    pattern: str | None
    pattern_since_s: float | None
    probabilities: Mapping[str, float] = field(repr=False)
    rate_per_minute: float | None
    since_breath_s: float | None
    quality: float | None
    alarms: tuple[Alarm, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Measured:
    rate_per_minute: float | None = None
    since_breath_s: float | None = None
    quality: float | None = None


class _Stream:
    """The last minute of one patient, and what was told of it."""

    def __init__(self, *, samples: int, limits: AlarmLimits) -> None:
        self.window = np.full(samples, np.nan)
        self.seen = 0  # samples of the whole stream
        self.fresh = 0  # of them since the last step
        self.unmeasured = 0  # since breaths were searched
        self.measured = _Measured()
        self.panel = AlarmPanel(limits)
        self.pattern = Steady(hold_s=limits.pattern_s)

    def push(self, samples: DoubleArray) -> None:
        kept = samples[-self.window.size :]
        older = self.window.size - kept.size
        self.window[:older] = self.window[kept.size :]
        self.window[older:] = kept
        self.seen += samples.size
        self.fresh += samples.size
        self.unmeasured += samples.size

    @property
    def is_full(self) -> bool:
        """Whether it holds a whole window."""
        return self.seen >= self.window.size

    def last(self, samples: int) -> DoubleArray:
        """Return the last samples, fewer where the stream is younger."""
        return self.window[-min(samples, self.seen) :]


class Monitor:
    """Many streams of one rate and kind of sensor.

    Parameters
    ----------
    classifier
        Names patterns; None where only rates are watched.
    rate_hz
        Samples per second of every stream.
    sensor
        One of `SENSORS`.
    limits
        Of the alarms.

    Raises
    ------
    SignalError
        The rate or the sensor is none that can be watched.
    """

    def __init__(
        self,
        classifier: PatternClassifier | None,
        *,
        rate_hz: float,
        sensor: str,
        limits: AlarmLimits = ADULTS,
    ) -> None:
        if not RATE_MIN_HZ <= rate_hz <= RATE_MAX_HZ:
            raise SignalError(
                f"found a stream of {rate_hz:g} Hz – expected {RATE_MIN_HZ:g} to {RATE_MAX_HZ:g} "
                "Hz. Give the sensor's own rate.",
                code="signal-rate",
            )
        if sensor not in SENSORS:
            raise SignalError(
                f"found the sensor {sensor!r} – expected one of {', '.join(SENSORS)}. Say unknown "
                "where you do not know.",
                code="signal-sensor",
            )
        self.rate_hz, self.sensor, self.limits = rate_hz, sensor, limits
        self._classifier = classifier
        self._streams: dict[str, _Stream] = {}

    @property
    def patients(self) -> tuple[str, ...]:
        """Names of the streams, in the order in which they came."""
        return tuple(self._streams)

    def push(self, patient: str, samples: DoubleArray) -> None:
        """Take new samples of a stream; the first ones begin it.

        Parameters
        ----------
        patient
            Name of the stream.
        samples : (samples,) float64
            As the sensor gave them; NaN for each that is missing, so that time goes on.
        """
        stream = self._streams.get(patient)
        if stream is None:
            samples_kept = round(WINDOW_S * self.rate_hz)
            stream = self._streams[patient] = _Stream(samples=samples_kept, limits=self.limits)
        stream.push(np.asarray(samples, np.float64))

    def drop(self, patient: str) -> None:
        """End a stream; that there is none does no harm."""
        self._streams.pop(patient, None)

    def window(self, patient: str) -> DoubleArray:
        """Return the last minute of a stream, (samples,) float64, NaN before its beginning."""
        return self._streams[patient].window.copy()

    def step(self) -> tuple[Status, ...]:
        """Tell of each stream to which a second or more was added since it was told of last.

        Returns
        -------
        tuple of Status
            All patterns are told in one go, which is quickest.
        """
        due = {
            name: stream
            for name, stream in self._streams.items()
            if stream.fresh >= STEP_S * self.rate_hz
        }
        told = self._patterns(due)
        statuses = []
        for turn, (name, stream) in enumerate(due.items()):
            stream.fresh = 0
            is_first = stream.measured.quality is None
            if is_first or stream.unmeasured >= MEASURE_EVERY_S * self.rate_hz:
                stream.measured = self._measure(stream)
                # Streams that began together are measured in turn from here on.
                stream.unmeasured = round(self.rate_hz) * (turn % 2) if is_first else 0
            statuses.append(self._status(name, stream, told.get(name, {})))
        return tuple(statuses)

    def _patterns(self, due: Mapping[str, _Stream]) -> dict[str, dict[str, float]]:
        """Name the pattern of every whole window; return probabilities, and keep the names."""
        full = {name: stream for name, stream in due.items() if stream.is_full}
        if self._classifier is None or not full:
            return {}
        windows = np.stack([self._oriented(stream.window) for stream in full.values()])
        found: PatternAnswers = self._classifier.classify(windows, rate_hz=self.rate_hz)
        for stream, name in zip(full.values(), found.names, strict=True):
            stream.pattern.tell(name, now_s=stream.seen / self.rate_hz)
        labels = [one.name for one in self._classifier.bundle.labels]
        return {
            name: dict(zip(labels, row, strict=True))
            for name, row in zip(full, found.probabilities.tolist(), strict=True)
        }

    def _oriented(self, signal: DoubleArray) -> DoubleArray:
        return orient(signal, sensor=self.sensor, rate_hz=self.rate_hz)

    def _measure(self, stream: _Stream) -> _Measured:
        """Search the last minute for breaths; rate and quality are of its last half."""
        if stream.seen < FIRST_S * self.rate_hz:
            return _Measured()
        signal = stream.last(stream.window.size)
        length_s = signal.size / self.rate_hz
        part = Stretch(start_s=max(0.0, length_s - MEASURED_S), length_s=min(length_s, MEASURED_S))
        faults = find_faults(signal, rate_hz=self.rate_hz)
        breathing = find_breaths(self._oriented(signal), rate_hz=self.rate_hz)
        quality = window_quality(breathing, faults, part)
        since_breath_s = _since_breath_s(breathing, faults, length_s)
        rate = None
        if quality.index >= QUALITY_MIN:
            told = Told.of(self.sensor, is_clipped="clipped" in quality.reasons)
            apneas = find_apneas(breathing, faults)
            rate = measure(breathing.breaths, apneas, part, told=told).rate_per_minute
        return _Measured(rate_per_minute=rate, since_breath_s=since_breath_s, quality=quality.index)

    def _status(self, name: str, stream: _Stream, chances: dict[str, float]) -> Status:
        now_s = stream.seen / self.rate_hz
        pattern = stream.pattern.name
        alarms = stream.panel.tell(self._states(stream, pattern), now_s=now_s)
        return Status(
            patient=name,
            time_s=now_s,
            pattern=pattern,
            pattern_since_s=None if pattern is None else stream.pattern.since_s,
            probabilities=chances,
            rate_per_minute=stream.measured.rate_per_minute,
            since_breath_s=stream.measured.since_breath_s,
            quality=stream.measured.quality,
            alarms=alarms,
        )

    def _states(self, stream: _Stream, pattern: str | None) -> dict[str, bool]:
        """Return what is known to hold, by alarm."""
        limits, found = self.limits, stream.measured
        if found.quality is None:
            return {}
        lost = found.since_breath_s is None
        states = {
            SIGNAL: lost,
            PATTERN: pattern is not None and pattern not in _NORMAL,
        }
        if found.since_breath_s is not None:  # a signal that is lost does not end an apnea
            states[APNEA] = found.since_breath_s >= limits.apnea_s
        if found.rate_per_minute is not None:
            slow, fast = (
                limits.margin_per_minute * stream.panel.is_on(code) for code in (SLOW, FAST)
            )
            states[SLOW] = found.rate_per_minute <= limits.slow_per_minute + slow
            states[FAST] = found.rate_per_minute >= limits.fast_per_minute - fast
        return states


def _since_breath_s(breathing: Breathing, faults: Faults, length_s: float) -> float | None:
    """Return how long nobody breathed until now; None where the end of the signal says nothing.

    A breath that is under way counts from its last peak.
    """
    lost = [*faults.gaps, *faults.disconnected]
    if not breathing.seen or any(one.end_s >= length_s - STEP_S for one in lost):
        return None
    first_s, last_s = breathing.seen[-1]
    if last_s < length_s - 2 * STEP_S:
        return None
    ends = [one.end_s for one in breathing.breaths if one.end_s <= last_s]
    peaks = [float(one) for one in breathing.peaks_s if one <= last_s]
    return max(0.0, length_s - max([first_s, *ends, *peaks]))
