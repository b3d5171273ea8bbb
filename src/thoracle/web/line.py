"""A bounded line in front of the analyzer: who may wait, and who has gone meanwhile."""

import threading
import time
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Final

from thoracle.core.errors import ThoracleError
from thoracle.web.texts import WEB

_MEMORY: Final = 0.8  # share of the past in the running mean of how long a film takes
_FIRST_GUESS_S: Final = 0.3
_LOOK_EVERY_S: Final = 0.2  # how often one who waits looks whether anybody still wants the answer


class BusyError(ThoracleError):
    """More films wait than can be answered in time (HTTP 429); `seconds` says when to return."""

    code = "busy"

    def __init__(self, seconds: int) -> None:
        super().__init__(WEB["error_busy"].format(seconds=seconds))
        self.seconds = seconds


class GoneError(Exception):
    """Whoever sent a film has hung up before its turn came; nobody is left to be told."""


def never_gone() -> bool:
    """Say that somebody waits for the answer, where nobody can know."""
    return False


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn:
    """How a film waits for its turn.

    `insists` lets it in even where the line is full: it belongs to a request that was let in;
    `is_gone` says whether whoever sent it has hung up.
    """

    insists: bool = False
    is_gone: Callable[[], bool] = never_gone


ANY_TURN: Final = Turn()


class Line:
    """The films that wait for the analyzer: a few at work, some waiting, no more.

    Parameters
    ----------
    parallel
        How many are at work at a time.
    waiting_max
        How many may wait.
    """

    def __init__(self, *, parallel: int, waiting_max: int) -> None:
        self._lock = threading.Lock()
        self._free = parallel
        self._waiting: deque[threading.Event] = deque()  # the first came first
        self._parallel = parallel
        self._places = parallel + waiting_max
        self._taken = 0
        self._mean_s = _FIRST_GUESS_S

    @contextmanager
    def place(self, turn: Turn = ANY_TURN) -> Iterator[None]:
        """Take a place in the line; wait for the turn; leave.

        Parameters
        ----------
        turn
            Anybody but who insists gets a BusyError where the line is full. Who has gone before
            their turn gets a GoneError.
        """
        with self._lock:
            if not turn.insists:
                self._need_room()
            self._taken += 1
        try:
            self._wait(turn.is_gone)
            try:
                began = time.monotonic()
                yield
                took_s = time.monotonic() - began
                self._mean_s = _MEMORY * self._mean_s + (1 - _MEMORY) * took_s
            finally:
                self._pass_on()
        finally:
            with self._lock:
                self._taken -= 1

    def need_room(self) -> None:
        """Refuse while the line is full, with a BusyError."""
        with self._lock:
            self._need_room()

    @property
    def length(self) -> int:
        """How many films are at work or waiting."""
        return self._taken

    def _need_room(self) -> None:
        if self._taken >= self._places:
            raise BusyError(max(1, round(self._taken * self._mean_s / self._parallel)))

    def _wait(self, is_gone: Callable[[], bool]) -> None:
        """Wait until it is one's turn, in the order of coming.

        Raises
        ------
        GoneError
            Nobody waits for the answer any more.
        """
        called = threading.Event()
        with self._lock:
            if self._free:
                self._free -= 1
                called.set()
            else:
                self._waiting.append(called)
        while not called.wait(_LOOK_EVERY_S):
            if is_gone() and self._has_left(called):
                raise GoneError
        if is_gone():
            self._pass_on()
            raise GoneError

    def _has_left(self, called: threading.Event) -> bool:
        """Leave the line, unless called at this very moment."""
        with self._lock:
            if called.is_set():
                return False
            self._waiting.remove(called)
        return True

    def _pass_on(self) -> None:
        with self._lock:
            if self._waiting:
                self._waiting.popleft().set()
            else:
                self._free += 1
