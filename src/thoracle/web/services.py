"""What the handlers work with: one analyzer, one store, and a bounded line in front of them."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path, PureWindowsPath
from typing import Final

from fastapi import Request

from thoracle.core.errors import ImageError, ThoracleError
from thoracle.core.files import sha256_of
from thoracle.core.results import FileResult
from thoracle.imaging.sandbox import Member
from thoracle.jobs.about import AboutBundle
from thoracle.jobs.analyze import AnalyzedFile, failed
from thoracle.jobs.example_films import ExampleFilms
from thoracle.jobs.measured import Measured
from thoracle.jobs.pseudonyms import Pseudonyms
from thoracle.jobs.results import AnalyzedLike, AnalyzerLike, Asked, save_result
from thoracle.jobs.second_look import SecondLook, second_look
from thoracle.store.results import ResultStore
from thoracle.web.attempts import Attempts
from thoracle.web.counters import Counters
from thoracle.web.options import WebOptions
from thoracle.web.texts import WEB

NAME_LIMIT: Final = 255  # the longest file name of common file systems
_MEMORY: Final = 0.8  # share of the past in the running mean of how long a film takes
_FIRST_GUESS_S: Final = 0.3


class BusyError(ThoracleError):
    """More films wait than can be answered in time (HTTP 429); `seconds` says when to return."""

    code = "busy"

    def __init__(self, seconds: int) -> None:
        super().__init__(WEB["error_busy"].format(seconds=seconds))
        self.seconds = seconds


@dataclass(frozen=True, slots=True, kw_only=True)
class Saved:
    """One analyzed file and the id it is kept under."""

    id: str
    result: FileResult


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
        self._turns = threading.BoundedSemaphore(parallel)
        self._lock = threading.Lock()
        self._parallel = parallel
        self._places = parallel + waiting_max
        self._taken = 0
        self._mean_s = _FIRST_GUESS_S

    @contextmanager
    def place(self, *, insists: bool = False) -> Iterator[None]:
        """Take a place in the line; wait for the turn; leave.

        Parameters
        ----------
        insists
            Whether to wait even where the line is full: for the films of a request that was let
            in. Anybody else gets a BusyError.
        """
        with self._lock:
            if not insists:
                self._need_room()
            self._taken += 1
        try:
            with self._turns:
                began = time.monotonic()
                yield
                took_s = time.monotonic() - began
                self._mean_s = _MEMORY * self._mean_s + (1 - _MEMORY) * took_s
        finally:
            with self._lock:
                self._taken -= 1

    def need_room(self) -> None:
        """Refuse while the line is full, with a BusyError."""
        with self._lock:
            self._need_room()

    def _need_room(self) -> None:
        if self._taken >= self._places:
            raise BusyError(max(1, round(self._taken * self._mean_s / self._parallel)))

    @property
    def length(self) -> int:
        """How many films are at work or waiting."""
        return self._taken


@dataclass(frozen=True, slots=True, kw_only=True)
class Extras:
    """What a web app knows beside its analyzer and its store; all of it may be missing.

    `pseudonyms` tells patients apart without naming them; `measured` is known of the classifier in
    use, `bundles` of all three; `examples` are films to try.
    """

    pseudonyms: Pseudonyms | None = None
    measured: Measured | None = None
    bundles: tuple[AboutBundle, ...] = ()
    examples: ExampleFilms | None = None


NO_EXTRAS: Final = Extras()


class Services:
    """The analyzer, the store and the options of one web app.

    Parameters
    ----------
    analyzer
        Ready to use; at most `options.parallel` threads enter it at a time.
    store
        Open.
    options
        Limits and clock.
    extras
        What else the app knows.
    """

    def __init__(
        self,
        analyzer: AnalyzerLike,
        store: ResultStore,
        options: WebOptions,
        *,
        extras: Extras = NO_EXTRAS,
    ) -> None:
        self.store = store
        self.options = options
        self.measured = extras.measured
        self.bundles = extras.bundles
        self.examples = extras.examples
        self.line = Line(parallel=options.parallel, waiting_max=options.waiting_max)
        self.attempts = Attempts()
        self.counters = Counters(lambda: self.line.length)
        self._analyzer = analyzer
        self._pseudonyms = extras.pseudonyms

    def analyze(
        self,
        content: bytes,
        *,
        name: str,
        asked: Asked,
        override_gate: bool = False,
        insists: bool = False,
    ) -> Saved:
        """Analyze one uploaded file and keep the result; blocks, so call it in a worker.

        Raises
        ------
        BusyError
            The line is full, and `insists` is not set.
        """
        try:
            with self.line.place(insists=insists), self.counters.seconds.time():
                analyzed = self._analyzer.analyze_bytes(
                    content, file=clean_name(name), override_gate=override_gate
                )
        except BusyError:
            self.counters.refused.inc()
            raise
        return self._keep(analyzed, asked)

    def unpack(self, content: bytes, folder: Path, *, insists: bool = False) -> tuple[Member, ...]:
        """Unpack an uploaded ZIP archive into a folder; blocks; one of no use is an ImageError."""
        with self.line.place(insists=insists):
            return self._analyzer.unpack(content, folder, files_max=self.options.files_max)

    def fail(self, content: bytes, error: ImageError, *, name: str, asked: Asked) -> Saved:
        """Keep an uploaded file that could not be read as a failed result."""
        result = failed(clean_name(name), sha256_of(content), code=error.code, text=error.text)
        return self._keep(AnalyzedFile(result=result), asked)

    def look_again(self, result_id: str, look: SecondLook) -> str:
        """Judge a kept film again and keep that too; blocks, so call it in a worker."""
        with self.line.place():
            return second_look(
                self._analyzer, self.store, result_id, look=look, now=self.options.now()
            )

    def _keep(self, analyzed: AnalyzedLike, asked: Asked) -> Saved:
        self.counters.analyses.labels(str(analyzed.result.status)).inc()
        known = replace(asked, patient=self._patient(analyzed.radiograph))
        saved = save_result(self.store, analyzed, now=self.options.now(), asked=known)
        return Saved(id=saved, result=analyzed.result)

    def _patient(self, radiograph: object | None) -> str | None:
        if self._pseudonyms is None:
            return None
        return self._pseudonyms.of(getattr(radiograph, "patient_id", None))


def services_of(request: Request) -> Services:
    """Return the services of the app that got a request."""
    services: Services = request.app.state.services
    return services


def clean_name(name: str) -> str:
    """Return the last part of an uploaded file's name, whatever system it comes from."""
    last = PureWindowsPath(name).name  # it splits at slashes of both kinds
    return last[:NAME_LIMIT] or "unnamed"
