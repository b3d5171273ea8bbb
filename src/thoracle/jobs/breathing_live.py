"""Breathing streams that are on now: all are told of once a second, in memory and nowhere else."""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from itertools import count
from typing import Final

import numpy as np

from thoracle.core.arrays import DoubleArray
from thoracle.core.errors import BundleError, SignalError
from thoracle.inference.bundle import open_bundle
from thoracle.jobs.breathing_live_stream import LiveStream
from thoracle.jobs.breathing_live_types import StreamRequest, StreamView, Told
from thoracle.jobs.breathing_simulated_patient import SimulatedPatient
from thoracle.respiration.alarms import ADULTS, AlarmLimits
from thoracle.respiration.model import PatternClassifier
from thoracle.respiration.monitor import Monitor, Status

LOST_KEPT_S: Final = 120.0
"""A stream whose connection broke off is kept so long, with its alarm; its sender may go on."""
SILENT_S: Final = 3.0
"""After so long without a sample, a sender that connects again takes over from itself."""
SIMULATED_MAX: Final = 6
VALUE_MAX: Final = 1e9  # no sensor's unit needs more, and squares of it are still finite

MakeClassifier = Callable[[], PatternClassifier | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Connection:
    """One connection of a stream; `number` tells it from those before."""

    stream: LiveStream
    number: int

    @property
    def is_current(self) -> bool:
        """Whether no later connection has taken the stream over."""
        return self.stream.connection == self.number


def pattern_classifier() -> PatternClassifier | None:
    """Open the bundle that names patterns; None where it is not installed.

    Raises
    ------
    BundleError
        It is there, but cannot be used.
    """
    try:
        return PatternClassifier(open_bundle("breathing"), threads=1)
    except BundleError as error:
        if error.code != "bundle-missing":
            raise
        return None


class LiveBreathing:
    """All streams that are on.

    `open`, `take`, `leave` and `simulate` are quick and may be called from any thread; `tick` and
    `whole` do the work, from one thread at a time.

    Parameters
    ----------
    streams_max
        How many may be on.
    classifier
        Makes what names patterns, once it is first needed.
    limits
        Of the alarms.
    clock
        Seconds, never going back.
    """

    def __init__(
        self,
        *,
        streams_max: int,
        classifier: MakeClassifier = pattern_classifier,
        limits: AlarmLimits = ADULTS,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.limits = limits
        self._streams_max = streams_max
        self._make_classifier = classifier
        self._classifier: PatternClassifier | None = None
        self._has_asked = False
        self._clock = clock
        self._lock = threading.Lock()
        self._keys = count()
        self._streams: dict[str, LiveStream] = {}  # by name
        self._gone: list[LiveStream] = []
        self._patients: dict[str, tuple[SimulatedPatient, Connection]] = {}
        self._monitors: dict[tuple[float, str], Monitor] = {}

    def __len__(self) -> int:
        return len(self._streams)

    def open(self, asked: StreamRequest) -> Connection:
        """Begin a stream, or go on with one whose connection broke off.

        Parameters
        ----------
        asked
            Name, rate and sensor; a SignalError where they cannot be watched.

        Returns
        -------
        Connection
            For `take` and `leave`.

        Raises
        ------
        SignalError
            As many streams are on as may be, or another one has that name.
        """
        asked.check()
        now_s = self._clock()
        with self._lock:
            stream = self._streams.get(asked.name)
            if stream is None:
                if len(self._streams) >= self._streams_max:
                    raise SignalError(
                        f"found {len(self._streams)} streams that are on – expected fewer than "
                        f"the setting breathing_streams_max, {self._streams_max}. End one, or "
                        "raise the setting.",
                        code="streams-full",
                    )
                stream = LiveStream(asked, key=str(next(self._keys)), now_s=now_s)
                self._streams[asked.name] = stream
            elif not _may_go_on(stream, asked, now_s=now_s):
                raise SignalError(
                    f"found a stream {asked.name!r} that is on already – expected another name, "
                    "or its own sender, rate and sensor after a break. Rename it, or wait.",
                    code="stream-taken",
                )
            stream.connection += 1
            stream.lost_s = None
            return Connection(stream=stream, number=stream.connection)

    def take(self, connection: Connection, samples: DoubleArray) -> None:
        """Take new samples of a stream.

        Parameters
        ----------
        connection
            From `open`.
        samples : (samples,) float64
            NaN where they are missing.

        Raises
        ------
        SignalError
            There are more of them than the stated rate allows, or a value is beyond all sensors,
            or the stream goes on elsewhere.
        """
        stream = connection.stream
        if not connection.is_current:
            raise SignalError(
                f"found a second connection of the stream {stream.asked.name!r} – expected one. "
                "This one is closed; the other goes on.",
                code="stream-taken",
            )
        if bool((np.abs(samples) > VALUE_MAX).any()):
            raise SignalError(
                f"found a sample beyond {VALUE_MAX:.0e} – expected a sensor's value. Send it in "
                "another unit, or null where it is missing.",
                code="stream-sample",
            )
        if not stream.take(samples, now_s=self._clock()):
            raise SignalError(
                f"found more samples than {stream.asked.rate_hz:g} Hz make – expected the stated "
                "rate, at most five seconds of it at once. State the sensor's own rate, and leave "
                "out what is too late.",
                code="stream-fast",
            )

    def leave(self, connection: Connection, *, is_lost: bool) -> None:
        """End a stream, or keep it a while for its sender; nothing where another has taken over.

        Parameters
        ----------
        connection
            From `open`.
        is_lost
            Whether it broke off, instead of being ended by its sender.
        """
        stream = connection.stream
        with self._lock:
            if not connection.is_current or self._streams.get(stream.asked.name) is not stream:
                return
            if is_lost:
                stream.lost_s = self._clock()
            else:
                self._drop(stream)

    def simulate(self, pattern: str, *, seed: int) -> str:
        """Begin a simulated patient; return the stream's name, which says what it is.

        Parameters
        ----------
        pattern
            One of `PATTERNS`.
        seed
            The same one breathes alike.

        Raises
        ------
        SignalError
            There are as many of them as may be.
        """
        if len(self._patients) >= SIMULATED_MAX:
            raise SignalError(
                f"found {SIMULATED_MAX} simulated patients – expected fewer before another one. "
                "End them first.",
                code="streams-full",
            )
        patient = SimulatedPatient(pattern, seed=seed, now_s=self._clock())
        connection = self.open(patient.asked)
        with self._lock:
            self._patients[patient.asked.name] = (patient, connection)
        return patient.asked.name

    def end_simulated(self) -> None:
        """End all simulated patients."""
        with self._lock:
            patients, self._patients = self._patients, {}
        for _, connection in patients.values():
            self.leave(connection, is_lost=False)

    def tick(self) -> Told:
        """Tell of every stream with a new second.

        Returns
        -------
        Told
            What is new.
        """
        now_s = self._clock()
        self._breathe(now_s)
        with self._lock:
            for stream in [one for one in self._streams.values() if _is_over(one, now_s)]:
                self._drop(stream)
            streams = {one.key: one for one in self._streams.values()}
            gone, self._gone = self._gone, []
        for stream in gone:
            self._forget(stream)
        for stream in streams.values():
            self._monitor(stream).push(stream.key, stream.gather(now_s=now_s))
        statuses: dict[str, Status] = {}
        for monitor in self._monitors.values():
            for status in monitor.step():
                stream = streams[status.patient]
                stream.status = replace(status, patient=stream.asked.name)
                statuses[stream.key] = stream.status
        return Told(statuses=statuses, views=self._views(now_s, is_whole=False))

    def whole(self) -> tuple[StreamView, ...]:
        """Return every stream with its last minute, as of the last second that was told of."""
        return self._views(self._clock(), is_whole=True)

    def _views(self, now_s: float, *, is_whole: bool) -> tuple[StreamView, ...]:
        with self._lock:
            streams = sorted(self._streams.values(), key=lambda one: one.asked.name)
        return tuple(one.view(now_s=now_s, is_whole=is_whole) for one in streams)

    def _breathe(self, now_s: float) -> None:
        """Let simulated patients breathe up to now; those that are done end."""
        for name, (patient, connection) in tuple(self._patients.items()):
            samples = patient.until(now_s)
            if samples is None:
                self._patients.pop(name, None)
                self.leave(connection, is_lost=False)
            elif connection.is_current:
                connection.stream.take(samples, now_s=now_s)

    def _drop(self, stream: LiveStream) -> None:
        del self._streams[stream.asked.name]
        self._gone.append(stream)

    def _monitor(self, stream: LiveStream) -> Monitor:
        kind = (stream.asked.rate_hz, stream.asked.sensor)
        if kind not in self._monitors:
            self._monitors[kind] = Monitor(
                self._pattern_classifier(), rate_hz=kind[0], sensor=kind[1], limits=self.limits
            )
        return self._monitors[kind]

    def _forget(self, stream: LiveStream) -> None:
        """Drop a stream from its monitor, and a monitor with its last stream."""
        kind = (stream.asked.rate_hz, stream.asked.sensor)
        monitor = self._monitors.get(kind)
        if monitor is not None:
            monitor.drop(stream.key)
            if not monitor.patients:
                del self._monitors[kind]

    def _pattern_classifier(self) -> PatternClassifier | None:
        if not self._has_asked:
            self._classifier, self._has_asked = self._make_classifier(), True
        return self._classifier


def _may_go_on(stream: LiveStream, asked: StreamRequest, *, now_s: float) -> bool:
    is_free = stream.lost_s is not None or now_s - stream.heard_s >= SILENT_S
    return is_free and stream.asked == asked and not asked.is_simulated


def _is_over(stream: LiveStream, now_s: float) -> bool:
    return stream.lost_s is not None and now_s - stream.lost_s >= LOST_KEPT_S
