"""Keep results while others are judged; a store that refuses costs no result."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Self

from thoracle.core.errors import StoreError
from thoracle.core.settings import settings
from thoracle.jobs.analyze import AnalyzedFile

if TYPE_CHECKING:
    from thoracle.store.results import ResultStore

REFUSALS_MAX = 3  # in a row: a locked database lets each save wait for seconds before it refuses.

OnUnsaved = Callable[[StoreError], None]
"""Told of each result that the store refused."""


class Saver:
    """Keeps results in the store of the home folder, which is opened beside the models.

    Parameters
    ----------
    on_unsaved
        Told of each result that is not kept. After a few refusals in a row the store is not
        asked again. None raises the StoreError instead.
    """

    def __init__(self, on_unsaved: OnUnsaved | None = None) -> None:
        self._stack = ExitStack()
        self._on_unsaved = on_unsaved
        self._refusals: list[StoreError] = []  # in a row

    def __enter__(self) -> Self:
        thread = self._stack.enter_context(ThreadPoolExecutor(max_workers=1))
        self._opened = thread.submit(_open_writable_store)
        return self

    def __exit__(self, *_how: object) -> None:
        self._stack.close()
        if self._opened.exception() is None:
            self._opened.result().close()

    def need_store(self) -> None:
        """Wait until the store is open; one that cannot be used is a StoreError."""
        self._opened.result()

    def save(self, analyzed: AnalyzedFile) -> None:
        """Keep one result, or tell that it is not kept.

        Parameters
        ----------
        analyzed
            Of any status.
        """
        if len(self._refusals) < REFUSALS_MAX:
            self._try_to_save(analyzed)
        if self._refusals and self._on_unsaved is not None:
            self._on_unsaved(self._refusals[-1])

    def _try_to_save(self, analyzed: AnalyzedFile) -> None:
        from thoracle.jobs.results import save_result

        try:
            save_result(self._opened.result(), analyzed, now=datetime.now(UTC))
        except StoreError as error:
            if self._on_unsaved is None:
                raise
            self._refusals.append(error)
        else:
            self._refusals.clear()


def _open_writable_store() -> "ResultStore":
    from thoracle.store.results import open_writable_store

    own = settings()
    return open_writable_store(own.home, database_url=own.database_url)
