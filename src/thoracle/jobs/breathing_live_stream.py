"""One live stream: what came in, what never came, and the points of its trace."""

import math
import threading
from collections import deque
from typing import Final

import numpy as np

from thoracle.core.arrays import DoubleArray
from thoracle.jobs.breathing_live_types import StreamRequest, StreamView
from thoracle.jobs.breathing_pace import Pace
from thoracle.respiration.monitor import Status
from thoracle.respiration.types import WINDOW_S

TRACE_MAX_HZ: Final = 25.0  # breathing holds nothing that a page could show beyond it
SPAN_HALVES_S: Final = 120.0
_DIGITS: Final = 5


class LiveStream:
    """One stream while it is on; samples may come in one thread and be gathered in another.

    Parameters
    ----------
    asked
        What its sender said.
    key
        Unlike that of any other stream, also of one that had the same name.
    now_s
        By a clock that never goes back.
    """

    def __init__(self, asked: StreamRequest, *, key: str, now_s: float) -> None:
        self.asked = asked
        self.key = key
        self.connection = 0
        self.lost_s: float | None = None
        self.heard_s = now_s
        self.status: Status | None = None
        self._pace = Pace(rate_hz=asked.rate_hz, now_s=now_s)
        self._lock = threading.Lock()
        self._came: list[DoubleArray] = []
        self._mean_of = math.ceil(asked.rate_hz / TRACE_MAX_HZ)
        self._rest = np.empty(0)
        self._fresh: list[float | None] = []
        self._span, self._held_s = 0.0, now_s
        self._trace: deque[float | None] = deque(maxlen=round(WINDOW_S * self.trace_hz))

    @property
    def trace_hz(self) -> float:
        """Points of the trace per second."""
        return self.asked.rate_hz / self._mean_of

    def take(self, samples: DoubleArray, *, now_s: float) -> bool:
        """Take samples that came; False where they come faster than the sender said."""
        with self._lock:
            self.heard_s = now_s
            if not self._pace.take(samples.size, now_s=now_s):
                return False
            self._came.append(samples)
            return True

    def gather(self, *, now_s: float) -> DoubleArray:
        """Return what came since it was asked last, and NaN for what never came.

        Parameters
        ----------
        now_s
            By the same clock.

        Returns
        -------
        (samples,) float64
            May be empty.
        """
        with self._lock:
            missing = np.full(self._pace.missing(now_s=now_s), np.nan)
            came, self._came = self._came, []
        samples = np.concatenate([missing, *came])
        self._fresh = self._points(samples)
        self._trace.extend(self._fresh)
        self._hold_span(now_s)
        return samples

    def view(self, *, now_s: float, is_whole: bool) -> StreamView:
        """Return what pages show of it: the new points, or the whole last minute."""
        asked = self.asked
        return StreamView(
            name=asked.name,
            sensor=asked.sensor,
            rate_hz=asked.rate_hz,
            is_simulated=asked.is_simulated,
            is_lost=self.lost_s is not None,
            silent_s=max(0.0, now_s - self.heard_s),
            trace_hz=self.trace_hz,
            trace=tuple(self._trace if is_whole else self._fresh),
            trace_span=self._span,
            status=self.status,
        )

    def _hold_span(self, now_s: float) -> None:
        """Let the trace's height grow at once and shrink slowly."""
        known = [one for one in self._trace if one is not None]
        held = self._span * 0.5 ** ((now_s - self._held_s) / SPAN_HALVES_S)
        self._span = max(held, max(known) - min(known)) if known else held
        self._held_s = now_s

    def _points(self, samples: DoubleArray) -> list[float | None]:
        """Return the means of as many samples as make a point; None where one is missing."""
        every = np.concatenate([self._rest, samples])
        whole = every.size // self._mean_of * self._mean_of
        self._rest = every[whole:]
        means = every[:whole].reshape(-1, self._mean_of).mean(axis=1)
        return [float(f"{one:.{_DIGITS}g}") if math.isfinite(one) else None for one in means]
