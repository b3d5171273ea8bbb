"""Keep results while others are judged; a store that refuses costs no result."""

import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, suppress
from datetime import UTC, datetime
from pathlib import Path
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
    from thoracle.store.engine import DATABASE_NAME
    from thoracle.store.results import open_store

    own = settings()
    store = open_store(own.home, database_url=own.database_url)
    try:
        _need_rights(own.home, None if own.database_url else own.home / DATABASE_NAME)
    except StoreError:
        store.close()
        raise
    return store


def _need_rights(home: Path, database: Path | None) -> None:
    """Refuse a store that may only be read.

    Raises
    ------
    StoreError
        There is no right to write to its folder, or to the file of its database.
    """
    results = home / "results"
    with suppress(OSError):  # what then is missing cannot be written to
        results.mkdir(parents=True, exist_ok=True)
    needed = (results, *(() if database is None else (home, database)))
    locked = next((one for one in needed if not os.access(one, os.W_OK)), None)
    if locked is not None:
        raise StoreError(
            f"found no right to write to {locked} – expected a store that takes results (setting "
            "THORACLE_HOME). Give the right, choose another folder, or analyze with --no-store.",
            code="store-unwritable",
        )
