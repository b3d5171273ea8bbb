"""What readers say of results: kept with their name and time, several for each film."""

import secrets
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Engine, Row, insert, select
from sqlalchemy.exc import SQLAlchemyError

from thoracle.core.errors import StoreError
from thoracle.store.ids import ENTROPY_BYTES, checked_id, new_id
from thoracle.store.tables import READINGS, RESULTS
from thoracle.store.types import Mark, MarkKind, NewReading, Reading

COMMENT_LENGTH: Final = 4000


class ReadingStore:
    """Readings of one installation; safe to use from several threads and processes.

    Parameters
    ----------
    engine
        From `thoracle.store.engine.open_engine`.
    """

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def save(self, result_id: str, new: NewReading, *, now: datetime) -> str:
        """Keep one reading.

        Parameters
        ----------
        result_id
            Of a kept result.
        new
            Who says what.
        now
            When, with a time zone.

        Returns
        -------
        str
            The reading's id; ids sort by time.

        Raises
        ------
        StoreError
            There is no such result, or the database refused.
        """
        reading_id = new_id(now, secrets.token_bytes(ENTROPY_BYTES))
        self._need_result(result_id)
        row = {
            "id": reading_id,
            "result_id": result_id,
            "created_at": now,
            "reader": new.reader,
            "agrees": new.agrees,
            "finding": new.finding,
            "comment": new.comment[:COMMENT_LENGTH],
            "marks": [{"kind": str(one.kind), "points": one.points} for one in new.marks],
        }
        try:
            with self._engine.begin() as connection:
                connection.execute(insert(READINGS).values(**row))
        except SQLAlchemyError as error:
            raise StoreError(
                f"found no way to save the reading ({type(error).__name__}) – expected room and "
                "rights for it. Check the disk and THORACLE_DATABASE_URL.",
                code="not-saved",
            ) from error
        return reading_id

    def of_results(self, result_ids: Sequence[str]) -> tuple[Reading, ...]:
        """Return the readings of some results, the oldest first."""
        wanted = [checked_id(one) for one in result_ids]
        query = select(READINGS).where(READINGS.c.result_id.in_(wanted)).order_by(READINGS.c.id)
        with self._engine.connect() as connection:
            return tuple(_reading(row) for row in connection.execute(query))

    def everything(self) -> tuple[Reading, ...]:
        """Return every reading, the oldest first."""
        with self._engine.connect() as connection:
            rows = connection.execute(select(READINGS).order_by(READINGS.c.id))
            return tuple(_reading(row) for row in rows)

    def _need_result(self, result_id: str) -> None:
        query = select(RESULTS.c.id).where(RESULTS.c.id == checked_id(result_id))
        with self._engine.connect() as connection:
            if connection.execute(query).one_or_none() is None:
                raise StoreError(
                    f"found no result {result_id} – expected one that was saved and not deleted. "
                    "Take an id from the list of results.",
                    code="unknown-result",
                )


def _reading(row: Row[Any]) -> Reading:
    return Reading(
        id=row.id,
        result_id=row.result_id,
        created_at=row.created_at,
        reader=row.reader,
        agrees=row.agrees,
        finding=row.finding,
        comment=row.comment,
        marks=tuple(_mark(one) for one in row.marks),
    )


def _mark(said: Mapping[str, Any]) -> Mark:
    points = tuple((float(x), float(y)) for x, y in said["points"])
    return Mark(kind=MarkKind(said["kind"]), points=points)
