"""Opening the database and bringing its tables up to date."""

import time
from pathlib import Path
from sqlite3 import Connection as SqliteConnection
from sqlite3 import Cursor, OperationalError
from typing import Any, Final

from sqlalchemy import Connection, Engine, create_engine, event, inspect, text
from sqlalchemy.exc import SQLAlchemyError

from thoracle.core.errors import StoreError
from thoracle.store.faults import say_what_is_wrong
from thoracle.store.tables import to_strict_json

DATABASE_NAME: Final = "thoracle.sqlite3"
LATEST_REVISION: Final = "0007"  # the last of migrations/versions; a test compares them
_BUSY_TIMEOUT_S: Final = 15.0  # a writer holds SQLite's lock for milliseconds
_RETRY_S: Final = 0.01
_IMMEDIATE: Final = "thoracle_immediate"
_LOCK_NUMBER: Final = 7401  # any number that no other program locks in the same database


def open_engine(home: Path, *, database_url: str | None) -> Engine:
    """Open the database and bring its tables up to date.

    Parameters
    ----------
    home
        Folder of the SQLite file, made if missing; ignored when a URL is given.
    database_url
        SQLAlchemy URL; None means SQLite, in write-ahead mode, under `home`.

    Returns
    -------
    Engine
        Ready to use; its tables are those of `thoracle.store.tables`.

    Raises
    ------
    StoreError
        The database cannot be reached, its driver is not installed, or a newer Thoracle made it.
    """
    try:
        engine = _new_engine(home, database_url)
        _upgrade(engine)
    except (SQLAlchemyError, ImportError, OSError) as error:
        first_line = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise StoreError(
            f"found a store that cannot be opened ({first_line}) – expected a database at "
            "THORACLE_DATABASE_URL, or a writable folder at THORACLE_HOME. Check both settings.",
            code="store-unreachable",
        ) from error
    return engine


def _new_engine(home: Path, database_url: str | None) -> Engine:
    if database_url is None:
        home.mkdir(parents=True, exist_ok=True)
        database_url = f"sqlite:///{home / DATABASE_NAME}"
    engine = create_engine(database_url, json_serializer=to_strict_json)
    say_what_is_wrong(engine)
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", _configure_sqlite)
        event.listen(engine, "begin", _begin_sqlite)
    return engine


def _configure_sqlite(connection: SqliteConnection, _record: Any) -> None:
    """Take over BEGIN from the driver, which skips it before DDL, and turn on write-ahead."""
    connection.isolation_level = None
    cursor = connection.cursor()
    cursor.execute(f"PRAGMA busy_timeout = {int(_BUSY_TIMEOUT_S * 1000)}")
    _turn_on_write_ahead(cursor)
    cursor.execute("PRAGMA synchronous = FULL")  # a stored result survives a power cut
    cursor.close()


def _turn_on_write_ahead(cursor: Cursor) -> None:
    """Wait for others who do the same: for this statement SQLite's own timeout does not count.

    Raises
    ------
    OperationalError
        It stays locked.
    """
    deadline_s = time.monotonic() + _BUSY_TIMEOUT_S
    while True:
        try:
            cursor.execute("PRAGMA journal_mode = WAL")
        except OperationalError:
            if time.monotonic() >= deadline_s:
                raise
            time.sleep(_RETRY_S)
        else:
            return


def _begin_sqlite(connection: Connection) -> None:
    immediate = connection.get_execution_options().get(_IMMEDIATE, False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if immediate else "BEGIN")


def _upgrade(engine: Engine) -> None:
    """Run the missing migrations in one transaction; two processes may start at once."""
    with engine.connect() as connection:
        if _revision(connection) == LATEST_REVISION:
            return
    # A tenth of a second of imports, which a store that is up to date does not need.
    from thoracle.store.upgrade import upgrade

    immediate = engine.execution_options(**{_IMMEDIATE: True})
    with immediate.begin() as connection:
        if connection.dialect.name == "postgresql":
            connection.execute(text(f"SELECT pg_advisory_xact_lock({_LOCK_NUMBER})"))
        upgrade(connection, found=_revision(connection))


def _revision(connection: Connection) -> str | None:
    if not inspect(connection).has_table("alembic_version"):
        return None
    found = connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
    return None if found is None else str(found)
