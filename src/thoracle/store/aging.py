"""How kept things with a row and a folder go as they grow old, and leave nothing behind."""

from collections.abc import Callable
from contextlib import suppress
from datetime import datetime
from pathlib import Path

from sqlalchemy import Engine, Table, select

from thoracle.core.errors import StoreError
from thoracle.store.folders import remove_unknown


def delete_older(
    engine: Engine,
    table: Table,
    than: datetime,
    delete: Callable[[str], None],
    *,
    by: str = "created_at",
) -> int:
    """Delete all rows older than a time.

    Parameters
    ----------
    engine
        Of the database.
    table
        With the columns `id` and the one named by `by`.
    than
        With a time zone; younger ones stay.
    delete
        Deletes one by its id; a StoreError of it says that another process was first.
    by
        Name of the column that says how old a row is.

    Returns
    -------
    int
        How many were old.
    """
    query = select(table.c.id).where(table.c[by] < than)
    with engine.connect() as connection:
        old = list(connection.execute(query).scalars())
    for one in old:
        with suppress(StoreError):
            delete(one)
    return len(old)


def remove_leftovers(engine: Engine, table: Table, root: Path, *, older_than: datetime) -> int:
    """Remove folders that a killed process left without a row.

    Parameters
    ----------
    engine
        Of the database.
    table
        With the column `id`.
    root
        Folder above those of the rows.
    older_than
        Younger folders stay: another process may be saving them right now.

    Returns
    -------
    int
        How many were removed.
    """
    with engine.connect() as connection:
        known = set(connection.execute(select(table.c.id)).scalars())
    return remove_unknown(root, known, older_than=older_than)
