"""The second hand of the monitor: all live streams are told of in a thread of their own."""

import asyncio
import json
import logging
import time
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass, field
from typing import Any, Final

from thoracle.jobs.breathing_live import LiveBreathing
from thoracle.jobs.breathing_live_types import StreamView
from thoracle.respiration.monitor import Status
from thoracle.web.counters import Counters

EVERY_S: Final = 1.0
_DIGITS: Final = 3
_LOG: Final = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Beaten:
    """What one beat told: its number, the statuses by stream, and what viewers are sent."""

    number: int
    statuses: Mapping[str, Status] = field(repr=False)
    text: str = field(repr=False)


class Beat:
    """Tells of all streams every second, and wakes whoever waits for it.

    Parameters
    ----------
    live
        The streams.
    counters
        Where it is counted.
    every_s
        Seconds between two beats.
    """

    def __init__(
        self, live: LiveBreathing, counters: Counters, *, every_s: float = EVERY_S
    ) -> None:
        self._live = live
        self._counters = counters
        self._every_s = every_s
        self._worker: ThreadPoolExecutor | None = None
        self._next = asyncio.Event()
        self._last = Beaten(number=0, statuses={}, text=message(0, (), is_whole=True))

    @property
    def last(self) -> Beaten:
        """What was told last."""
        return self._last

    async def run(self) -> None:
        """Beat until cancelled; a beat that fails is logged, and viewers hear nothing of it."""
        loop = asyncio.get_running_loop()
        next_s = loop.time()
        with ThreadPoolExecutor(max_workers=1, thread_name_prefix="breathing") as worker:
            self._worker = worker
            while True:
                try:
                    self._last = await loop.run_in_executor(worker, self._beat)
                except Exception:  # noqa: BLE001 – one stream must not end the watch over all
                    _LOG.exception("The live breathing streams could not be told of")
                else:
                    told, self._next = self._next, asyncio.Event()
                    told.set()
                next_s = max(next_s + self._every_s, loop.time())
                await asyncio.sleep(next_s - loop.time())

    async def after(self, number: int) -> Beaten:
        """Wait until a later beat than this one was told, and return the last."""
        while self._last.number <= number:
            await self._next.wait()
        return self._last

    async def whole(self) -> tuple[int, str]:
        """Return the last minute of all streams for a viewer who comes in, and its number."""
        if self._worker is None:
            return self._last.number, self._last.text
        return await asyncio.get_running_loop().run_in_executor(self._worker, self._whole)

    def _beat(self) -> Beaten:
        began_s = time.perf_counter()
        told = self._live.tick()
        number = self._last.number + 1
        text = message(number, told.views, is_whole=False)
        self._counters.streams.set(len(told.views))
        self._counters.stream_seconds.observe(time.perf_counter() - began_s)
        return Beaten(number=number, statuses=told.statuses, text=text)

    def _whole(self) -> tuple[int, str]:
        number = self._last.number
        return number, message(number, self._live.whole(), is_whole=True)


def message(number: int, views: tuple[StreamView, ...], *, is_whole: bool) -> str:
    """Return what viewers are sent, as JSON.

    Parameters
    ----------
    number
        Of the beat; one is missing where two differ by more than 1.
    views
        Of all streams.
    is_whole
        Whether traces are those of the last minute, and not only the new points.
    """
    streams = [_view(one) for one in views]
    return json.dumps({"number": number, "is_whole": is_whole, "streams": streams})


def status_json(status: Status) -> dict[str, Any]:
    """Return a status as JSON has it, numbers no longer than they mean."""
    made = asdict(status)
    for name in ("time_s", "rate_per_minute", "since_breath_s", "quality"):
        made[name] = _rounded(made[name])
    made["probabilities"] = {name: _rounded(one) for name, one in made["probabilities"].items()}
    return made


def _view(view: StreamView) -> dict[str, Any]:
    return {
        "name": view.name,
        "sensor": view.sensor,
        "rate_hz": view.rate_hz,
        "is_simulated": view.is_simulated,
        "is_lost": view.is_lost,
        "silent_s": _rounded(view.silent_s),
        "trace_hz": view.trace_hz,
        "trace": view.trace,
        "trace_span": view.trace_span,
        "status": None if view.status is None else status_json(view.status),
    }


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, _DIGITS)
