"""What the handlers work with: one analyzer, one store, and a lock between them."""

import threading
from dataclasses import dataclass
from pathlib import PureWindowsPath

from fastapi import Request

from thoracle.core.results import FileResult
from thoracle.jobs.results import AnalyzerLike, save_result, second_look
from thoracle.store.results import ResultStore
from thoracle.web.options import WebOptions

NAME_LIMIT = 255  # the longest file name of common file systems


@dataclass(frozen=True, slots=True, kw_only=True)
class Saved:
    """One analyzed file and the id it is kept under."""

    id: str
    result: FileResult


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
    """

    def __init__(self, analyzer: AnalyzerLike, store: ResultStore, options: WebOptions) -> None:
        self.store = store
        self.options = options
        self._analyzer = analyzer
        self._turns = threading.BoundedSemaphore(options.parallel)

    def analyze(self, content: bytes, *, name: str, override_gate: bool = False) -> Saved:
        """Analyze one uploaded file and keep the result; blocks, so call it in a worker."""
        with self._turns:
            analyzed = self._analyzer.analyze_bytes(
                content, file=clean_name(name), override_gate=override_gate
            )
        saved = save_result(self.store, analyzed, now=self.options.now())
        return Saved(id=saved, result=analyzed.result)

    def look_again(self, result_id: str, *, turn_degrees: int, override_gate: bool) -> str:
        """Judge a kept film again and keep that too; blocks, so call it in a worker."""
        with self._turns:
            return second_look(
                self._analyzer,
                self.store,
                result_id,
                turn_degrees=turn_degrees,
                override_gate=override_gate,
                now=self.options.now(),
            )


def services_of(request: Request) -> Services:
    """Return the services of the app that got a request."""
    services: Services = request.app.state.services
    return services


def clean_name(name: str) -> str:
    """Return the last part of an uploaded file's name, whatever system it comes from."""
    last = PureWindowsPath(name).name  # it splits at slashes of both kinds
    return last[:NAME_LIMIT] or "unnamed"
