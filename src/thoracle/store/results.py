"""The store of results: a row and a folder for each, saved together or not at all."""

import os
import secrets
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Self

from sqlalchemy import Engine, Row, UnaryExpression, delete, insert, select
from sqlalchemy.exc import SQLAlchemyError

from thoracle.core.errors import StoreError
from thoracle.core.results import FileResult, GateKind, Status, to_json
from thoracle.store.aging import delete_older, remove_leftovers
from thoracle.store.charts import ChartStore
from thoracle.store.comparisons import ComparisonStore
from thoracle.store.documents import maps_npz, result_from_json, with_map_values
from thoracle.store.dump import dump_rows, load_rows, need_empty
from thoracle.store.engine import DATABASE_NAME, open_engine
from thoracle.store.faults import FullStoreError, is_full_disk
from thoracle.store.folders import (
    file_names,
    read_file,
    remove_folder,
    write_folder,
)
from thoracle.store.ids import ENTROPY_BYTES, checked_id, new_id
from thoracle.store.jobs import JobStore
from thoracle.store.queries import narrowed
from thoracle.store.readings import ReadingStore
from thoracle.store.recordings import RecordingStore
from thoracle.store.requests import RequestStore
from thoracle.store.scans import ScanStore
from thoracle.store.tables import READINGS, RESULTS
from thoracle.store.types import (
    EVERYTHING,
    NewResult,
    Order,
    ResultSummary,
    Search,
    StoredResult,
)
from thoracle.store.uploads import UploadStore
from thoracle.store.users import UserStore

MAPS_NAME: Final = "maps.npz"
_FOLDER: Final = "results"
_SUMMARY: Final = tuple(column for column in RESULTS.columns if column.name != "document")


class ResultStore:
    """Results of one installation; safe to use from several threads and processes.

    Parameters
    ----------
    engine
        From `thoracle.store.engine.open_engine`.
    root
        Folder that holds one folder for each result.
    """

    def __init__(self, engine: Engine, root: Path) -> None:
        self._engine = engine
        self._root = root
        self.readings = ReadingStore(engine)
        self.users = UserStore(engine)
        self.requests = RequestStore(engine)
        self.jobs = JobStore(engine)
        self.comparisons = ComparisonStore(engine, root.parent / "comparisons")
        self.scans = ScanStore(engine, root.parent / "scans", self.comparisons)
        self.recordings = RecordingStore(engine, root.parent / "recordings")
        self.charts = ChartStore(engine)
        self.uploads = UploadStore(root.parent / "uploads")

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the connections to the database."""
        self._engine.dispose()

    def save(self, new: NewResult, *, now: datetime) -> str:
        """Save one result: its files first, then its row; a failure leaves neither.

        Parameters
        ----------
        new
            The result, its pictures and where it comes from.
        now
            When it was made, with a time zone.

        Returns
        -------
        str
            Its id; ids sort by time.

        Raises
        ------
        FullStoreError
            The disk is full.
        StoreError
            The disk or the database refused for another reason.
        """
        result_id = new_id(now, secrets.token_bytes(ENTROPY_BYTES))
        result = replace(new.result, file=printable(new.result.file))
        files = dict(new.pictures)
        if result.drawn_maps:
            files[MAPS_NAME] = maps_npz(result.drawn_maps)
        row = _row_of(result, new) | {"id": result_id, "created_at": now}
        try:
            self._save(result_id, files, row)
        except (OSError, ValueError, SQLAlchemyError) as error:
            if is_full_disk(error):
                raise FullStoreError from error
            raise StoreError(
                f"found no way to save the result of {result.file} ({type(error).__name__}) – "
                f"expected room and rights under {self._root} and a database that takes rows. "
                "Check the disk and THORACLE_DATABASE_URL.",
                code="not-saved",
            ) from error
        return result_id

    def load(self, result_id: str, *, with_values: bool = True) -> StoredResult:
        """Read one result again.

        Parameters
        ----------
        result_id
            From `save` or `list_results`.
        with_values
            Whether its maps have their values, most of the time that reading takes.

        Returns
        -------
        StoredResult
            All that was saved but the bytes of its pictures.

        Raises
        ------
        StoreError
            There is no such result, or it is damaged.
        """
        query = select(RESULTS).where(RESULTS.c.id == checked_id(result_id))
        with self._engine.connect() as connection:
            row = connection.execute(query).one_or_none()
        if row is None:
            raise StoreError(_unknown_text(result_id), code="unknown-result")
        result = result_from_json(row.document)
        if result.drawn_maps and with_values:
            result = with_map_values(result, read_file(self._root, result_id, MAPS_NAME))
        names = file_names(self._root, result_id)
        return StoredResult(
            summary=_summary_of(row),
            result=result,
            picture_names=tuple(name for name in names if name.endswith(".png")),
        )

    def picture(self, result_id: str, name: str) -> bytes:
        """Return the bytes of one of a result's pictures, such as `film.png`."""
        return read_file(self._root, result_id, name)

    def list_results(
        self,
        limit: int,
        *,
        before: str | None = None,
        search: Search = EVERYTHING,
        order: Order = Order.NEWEST,
    ) -> tuple[ResultSummary, ...]:
        """Return the newest, or the most urgent, results first.

        Parameters
        ----------
        limit
            At most this many.
        before
            Only results older than this one; None begins with the newest.
        search
            What they are narrowed to.
        order
            Newest first, or by falling risk; what has no risk comes last.

        Returns
        -------
        tuple of ResultSummary
            Empty where there is nothing (more).
        """
        sorting: tuple[UnaryExpression[Any], ...] = (RESULTS.c.id.desc(),)
        if order is Order.URGENT:
            sorting = (RESULTS.c.risk.desc().nulls_last(), *sorting)
        query = select(*_SUMMARY).where(*narrowed(search)).order_by(*sorting).limit(limit)
        if before is not None:
            query = query.where(RESULTS.c.id < checked_id(before))
        with self._engine.connect() as connection:
            return tuple(_summary_of(row) for row in connection.execute(query))

    def delete(self, result_id: str) -> None:
        """Delete one result: its row first, so that nobody meets a row without files.

        Parameters
        ----------
        result_id
            From `save` or `list_results`.

        Raises
        ------
        StoreError
            There is no such result.
        """
        with self._engine.begin() as connection:
            query = delete(RESULTS).where(RESULTS.c.id == checked_id(result_id))
            deleted = connection.execute(query).rowcount
            connection.execute(delete(READINGS).where(READINGS.c.result_id == result_id))
        if not deleted:
            raise StoreError(_unknown_text(result_id), code="unknown-result")
        remove_folder(self._root, result_id)

    def delete_older(self, than: datetime) -> int:
        """Delete all that is kept and older than a time; return how many."""
        deleted = delete_older(self._engine, RESULTS, than, self.delete)
        deleted += self.recordings.delete_older(than) + self.charts.delete_older(than)
        return deleted + self.comparisons.delete_older(than) + self.scans.delete_older(than)

    def dump_rows(self) -> Iterator[str]:
        """Yield all rows as lines of JSON, for a backup."""
        return dump_rows(self._engine)

    def load_rows(self, lines: Iterable[str]) -> int:
        """Put rows from a backup into an empty store, all or none; return how many."""
        return load_rows(self._engine, lines)

    def need_empty(self) -> None:
        """Refuse a store that holds anything, with a StoreError."""
        need_empty(self._engine)

    def remove_leftovers(self, *, older_than: datetime) -> int:
        """Remove folders that a killed process left without a row.

        Parameters
        ----------
        older_than
            Younger folders stay: another process may be saving them right now.

        Returns
        -------
        int
            How many were removed.
        """
        removed = remove_leftovers(self._engine, RESULTS, self._root, older_than=older_than)
        removed += self.recordings.remove_leftovers(older_than=older_than)
        removed += self.comparisons.remove_leftovers(older_than=older_than)
        return removed + self.scans.remove_leftovers(older_than=older_than)

    def _save(self, result_id: str, files: Mapping[str, bytes], row: Mapping[str, Any]) -> None:
        try:
            write_folder(self._root, result_id, files)
            with self._engine.begin() as connection:
                connection.execute(insert(RESULTS).values(**row))
        except BaseException:
            remove_folder(self._root, result_id)
            raise


def open_store(home: Path, *, database_url: str | None) -> ResultStore:
    """Open the store of an installation, bringing its tables up to date.

    Parameters
    ----------
    home
        Folder of all that Thoracle keeps; pictures lie under `home/results`.
    database_url
        SQLAlchemy URL; None means SQLite under `home`.

    Returns
    -------
    ResultStore
        A context manager; close it when done.
    """
    return ResultStore(open_engine(home, database_url=database_url), home / _FOLDER)


def open_writable_store(home: Path, *, database_url: str | None) -> ResultStore:
    """Open the store as `open_store` does, and refuse one that may only be read.

    Raises
    ------
    StoreError
        There is no right to write to its folder, or to the file of its database.
    """
    store = open_store(home, database_url=database_url)
    results = home / _FOLDER
    with suppress(OSError):  # what then is missing cannot be written to
        results.mkdir(parents=True, exist_ok=True)
    needed = (results, *(() if database_url else (home, home / DATABASE_NAME)))
    locked = next((one for one in needed if not os.access(one, os.W_OK)), None)
    if locked is None:
        return store
    store.close()
    raise StoreError(
        f"found no right to write to {locked} – expected a store that takes results (setting "
        "THORACLE_HOME). Give the right, choose another folder, or analyze with --no-store.",
        code="store-unwritable",
    )


def printable(name: str) -> str:
    """Replace what no database and no page can hold: control characters and lone surrogates."""
    whole = name.encode("utf-8", "replace").decode("utf-8")
    return "".join(sign if sign.isprintable() else "�" for sign in whole)


def _row_of(result: FileResult, new: NewResult) -> dict[str, Any]:
    top = max(result.findings, key=lambda finding: finding.probability, default=None)
    return {
        "file": result.file,
        "sha256": result.sha256,
        "status": str(result.status),
        "gate_kind": None if result.gate is None else str(result.gate.kind),
        "top_label": None if top is None else top.label,
        "format": new.format,
        "parent_id": None if new.parent_id is None else checked_id(new.parent_id),
        "owner": new.owner,
        "batch_id": new.batch_id,
        "patient": new.patient,
        "risk": new.risk,
        "distance": new.distance,
        "override_reason": new.override_reason,
        "verdict": new.verdict,
        "document": to_json(result),
    }


def _summary_of(row: Row[Any]) -> ResultSummary:
    return ResultSummary(
        id=row.id,
        created_at=row.created_at,
        file=row.file,
        sha256=row.sha256,
        status=Status(row.status),
        gate_kind=None if row.gate_kind is None else GateKind(row.gate_kind),
        top_label=row.top_label,
        format=row.format,
        parent_id=row.parent_id,
        owner=row.owner,
        batch_id=row.batch_id,
        patient=row.patient,
        risk=row.risk,
        distance=row.distance,
        override_reason=row.override_reason,
        verdict=row.verdict,
    )


def _unknown_text(result_id: str) -> str:
    return (
        f"found no result {result_id} – expected one that was saved and not deleted. Take an id "
        "from the list of results."
    )
