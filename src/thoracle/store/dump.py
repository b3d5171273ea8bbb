"""All rows of the store as lines of JSON, and back, whatever the database."""

import json
from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Engine, Table, func, insert, select
from sqlalchemy.exc import SQLAlchemyError

from thoracle.core.errors import StoreError
from thoracle.store.engine import LATEST_REVISION
from thoracle.store.tables import (
    CHART_VERSIONS,
    CHARTS,
    COMPARED,
    COMPARISONS,
    MASKS,
    READINGS,
    RECORDINGS,
    RESULTS,
    SCANS,
    USERS,
    UtcDateTime,
)

TABLES: Final = (
    *(RESULTS, READINGS, USERS, SCANS, MASKS, COMPARISONS, COMPARED, RECORDINGS),
    *(CHARTS, CHART_VERSIONS),
)
"""What is kept for good; sessions, requests and jobs end by themselves."""

_BATCH: Final = 500


def dump_rows(engine: Engine) -> Iterator[str]:
    """Yield the revision of the tables, then every row, as lines of JSON.

    Parameters
    ----------
    engine
        Of an open store. Rows are read in one transaction: what is saved meanwhile is not in it.

    Yields
    ------
    str
        One JSON object, without a line end.
    """
    yield json.dumps({"revision": LATEST_REVISION})
    with engine.begin() as connection:
        for table in TABLES:
            rows = connection.execution_options(yield_per=_BATCH).execute(select(table))
            for row in rows.mappings():
                yield json.dumps({"table": table.name, "row": dict(row)}, default=_in_json)


def load_rows(engine: Engine, lines: Iterable[str]) -> int:
    """Put rows back into an empty store, all of them or none.

    Parameters
    ----------
    engine
        Of an open store.
    lines
        From `dump_rows`.

    Returns
    -------
    int
        How many rows.

    Raises
    ------
    StoreError
        The store is not empty, or the lines are damaged or of another revision.
    """
    tables = {table.name: table for table in TABLES}
    count = 0
    try:
        need_empty(engine)
        with engine.begin() as connection:
            parsed = (json.loads(line) for line in lines)
            _need_revision(next(parsed, {}))
            for one in parsed:
                table = tables[one["table"]]
                connection.execute(insert(table).values(**_from_json(table, one["row"])))
                count += 1
    except (ValueError, KeyError, TypeError, AttributeError, SQLAlchemyError) as error:
        raise StoreError(
            f"found a damaged backup ({type(error).__name__}) – expected the rows of "
            "`thoracle backup`. Nothing was restored; take another copy.",
            code="damaged-backup",
        ) from error
    return count


def need_empty(engine: Engine) -> None:
    """Refuse a store that holds anything.

    Parameters
    ----------
    engine
        Of an open store.

    Raises
    ------
    StoreError
        A table has rows.
    """
    with engine.connect() as connection:
        for table in TABLES:
            if connection.execute(select(func.count()).select_from(table)).scalar():
                raise StoreError(
                    f"found rows in the table {table.name} – expected an empty store. Restore "
                    "into a new THORACLE_HOME.",
                    code="store-not-empty",
                )


def _need_revision(first: Any) -> None:
    found = first.get("revision")
    if found != LATEST_REVISION:
        raise StoreError(
            f"found a backup at revision {found} – expected {LATEST_REVISION}. Restore it with the "
            "version of Thoracle that made it.",
            code="backup-revision",
        )


def _in_json(value: object) -> str:
    if isinstance(value, datetime):
        return value.isoformat()
    raise TypeError(type(value).__name__)


def _from_json(table: Table, row: dict[str, Any]) -> dict[str, Any]:
    times = {one.name for one in table.columns if isinstance(one.type, UtcDateTime)}
    return {
        name: datetime.fromisoformat(value) if name in times and value is not None else value
        for name, value in row.items()
    }
