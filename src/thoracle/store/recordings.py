"""Breathing recordings: a row and a folder for each, kept together or not at all."""

import secrets
from dataclasses import asdict, fields
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from sqlalchemy import Engine, Row, delete, insert, select

from thoracle.core.errors import StoreError
from thoracle.store.aging import delete_older, remove_leftovers
from thoracle.store.faults import telling
from thoracle.store.folders import read_file, remove_folder, write_folder
from thoracle.store.ids import ENTROPY_BYTES, checked_id, new_id
from thoracle.store.queries import latest, narrowed
from thoracle.store.recording_types import (
    NewRecording,
    RecordingFacts,
    RecordingLine,
    StoredRecording,
)
from thoracle.store.tables import RECORDINGS
from thoracle.store.types import EVERYTHING, Search

TRACES_NAME: Final = "traces.npz"
_FACTS: Final = tuple(one.name for one in fields(RecordingFacts))
_LINE: Final = tuple(column for column in RECORDINGS.columns if column.name != "document")


class RecordingStore:
    """Recordings of one installation; safe to use from several threads and processes.

    Parameters
    ----------
    engine
        From `thoracle.store.engine.open_engine`.
    root
        Folder that holds one folder for each recording.
    """

    def __init__(self, engine: Engine, root: Path) -> None:
        self._engine = engine
        self._root = root

    def save(self, new: NewRecording, *, now: datetime) -> str:
        """Keep a recording: its traces first, then its row; a failure leaves neither.

        Parameters
        ----------
        new
            What is kept.
        now
            With a time zone.

        Returns
        -------
        str
            Its id; ids sort by time.
        """
        made_id = new_id(now, secrets.token_bytes(ENTROPY_BYTES))
        row = {
            **asdict(new.facts),
            "id": made_id,
            "created_at": now,
            "document": dict(new.document),
        }
        with telling(new.facts.file):
            try:
                write_folder(self._root, made_id, {TRACES_NAME: new.traces})
                with self._engine.begin() as connection:
                    connection.execute(insert(RECORDINGS).values(**row))
            except BaseException:
                remove_folder(self._root, made_id)
                raise
        return made_id

    def get(self, recording_id: str) -> StoredRecording:
        """Return one recording with all that is told of it.

        Raises
        ------
        StoreError
            There is no such recording.
        """
        query = select(RECORDINGS).where(RECORDINGS.c.id == checked_id(recording_id))
        with self._engine.connect() as connection:
            row = connection.execute(query).one_or_none()
        if row is None:
            raise StoreError(_unknown_text(recording_id), code="unknown-recording")
        return StoredRecording(line=_line(row), document=row.document)

    def list_recordings(
        self, limit: int, *, before: str | None = None, search: Search = EVERYTHING
    ) -> tuple[RecordingLine, ...]:
        """Return recordings, the newest first.

        Parameters
        ----------
        limit
            At most this many.
        before
            Only those older than this one; None begins with the newest.
        search
            What they are narrowed to; what only films have finds none.

        Returns
        -------
        tuple of RecordingLine
            Empty where there is nothing (more).
        """
        query = latest(RECORDINGS, limit, before=before).with_only_columns(*_LINE)
        with self._engine.connect() as connection:
            rows = connection.execute(query.where(*narrowed(search, RECORDINGS))).all()
        return tuple(_line(row) for row in rows)

    def traces(self, recording_id: str) -> bytes:
        """Return a recording's traces as NPZ."""
        return read_file(self._root, recording_id, TRACES_NAME)

    def delete(self, recording_id: str) -> None:
        """Delete a recording with its traces, for good.

        Raises
        ------
        StoreError
            There is no such recording.
        """
        query = delete(RECORDINGS).where(RECORDINGS.c.id == checked_id(recording_id))
        with self._engine.begin() as connection:
            deleted = connection.execute(query).rowcount
        if not deleted:
            raise StoreError(_unknown_text(recording_id), code="unknown-recording")
        remove_folder(self._root, recording_id)

    def delete_older(self, than: datetime) -> int:
        """Delete every recording older than a time; return how many."""
        return delete_older(self._engine, RECORDINGS, than, self.delete)

    def remove_leftovers(self, *, older_than: datetime) -> int:
        """Remove folders that a killed process left without a row; return how many."""
        return remove_leftovers(self._engine, RECORDINGS, self._root, older_than=older_than)


def _line(row: Row[Any]) -> RecordingLine:
    facts = RecordingFacts(**{name: getattr(row, name) for name in _FACTS})
    return RecordingLine(id=row.id, created_at=row.created_at, facts=facts)


def _unknown_text(recording_id: str) -> str:
    return (
        f"found no recording {recording_id} – expected one that was kept and not deleted. Take an "
        "id from the list of recordings."
    )
