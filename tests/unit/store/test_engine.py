"""Opening a store: write-ahead, up to date, whoever comes first, and clear when it cannot."""

import sqlite3
import subprocess
import sys
import threading
from importlib import resources
from pathlib import Path

import pytest
from alembic.script import ScriptDirectory
from sqlalchemy import inspect, text

from thoracle.core.errors import StoreError
from thoracle.store import engine as engine_module
from thoracle.store.engine import DATABASE_NAME, LATEST_REVISION, open_engine


def test_a_new_store_is_sqlite_in_write_ahead_mode_under_home(tmp_path: Path) -> None:
    engine = open_engine(tmp_path / "new" / "home", database_url=None)
    with engine.connect() as connection:
        assert connection.execute(text("PRAGMA journal_mode")).scalar() == "wal"
        assert inspect(connection).has_table("results")
    engine.dispose()
    assert (tmp_path / "new" / "home" / DATABASE_NAME).is_file()


def test_opening_again_keeps_what_is_there(tmp_path: Path) -> None:
    for _ in range(2):
        engine = open_engine(tmp_path, database_url=None)
        with engine.connect() as connection:
            versions = connection.execute(text("SELECT version_num FROM alembic_version")).all()
        engine.dispose()
    assert [tuple(row) for row in versions] == [(LATEST_REVISION,)]


def test_the_latest_revision_is_the_last_migration() -> None:
    folder = resources.files("thoracle.store") / "migrations"
    assert ScriptDirectory(str(folder)).get_current_head() == LATEST_REVISION


def test_a_store_that_is_up_to_date_opens_without_alembic(tmp_path: Path) -> None:
    open_engine(tmp_path, database_url=None).dispose()
    program = (
        "import sys; from pathlib import Path; from thoracle.store.engine import open_engine; "
        "open_engine(Path(sys.argv[1]), database_url=None); sys.exit('alembic' in sys.modules)"
    )
    subprocess.run([sys.executable, "-c", program, str(tmp_path)], check=True)


def test_a_url_chooses_the_database(tmp_path: Path) -> None:
    engine = open_engine(tmp_path, database_url=f"sqlite:///{tmp_path / 'other.db'}")
    engine.dispose()
    assert (tmp_path / "other.db").is_file()
    assert not (tmp_path / DATABASE_NAME).exists()


def test_several_openers_at_once_make_the_tables_once(tmp_path: Path) -> None:
    errors: list[StoreError] = []
    barrier = threading.Barrier(4)

    def opener() -> None:
        barrier.wait()
        try:
            open_engine(tmp_path, database_url=None).dispose()
        except StoreError as error:
            errors.append(error)

    threads = [threading.Thread(target=opener) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert errors == []


def test_a_rolled_back_transaction_takes_its_tables_with_it(tmp_path: Path) -> None:
    engine = open_engine(tmp_path, database_url=None)
    with engine.connect() as connection:
        transaction = connection.begin()
        connection.execute(text("CREATE TABLE half (a INTEGER)"))
        transaction.rollback()
        assert not inspect(connection).has_table("half")
    engine.dispose()


def test_a_store_from_a_newer_version_is_left_alone(tmp_path: Path) -> None:
    open_engine(tmp_path, database_url=None).dispose()
    connection = sqlite3.connect(tmp_path / DATABASE_NAME)
    connection.execute("UPDATE alembic_version SET version_num = '9999'")
    connection.commit()
    connection.close()
    with pytest.raises(StoreError, match="revision 9999 – expected 0007 or older") as caught:
        open_engine(tmp_path, database_url=None)
    assert caught.value.code == "store-too-new"


@pytest.mark.parametrize(
    "url", ["nonsense", "sqlite:////no/such/folder/at/all.db", "nosuchdatabase://host/name"]
)
def test_a_store_that_cannot_be_opened_names_the_setting(tmp_path: Path, url: str) -> None:
    with pytest.raises(StoreError, match="THORACLE_DATABASE_URL") as caught:
        open_engine(tmp_path, database_url=url)
    assert caught.value.code == "store-unreachable"


def test_a_home_that_is_a_file_names_the_setting(tmp_path: Path) -> None:
    home = tmp_path / "file"
    home.write_text("not a folder")
    with pytest.raises(StoreError, match="THORACLE_HOME"):
        open_engine(home, database_url=None)


class _LockedAtFirst:
    """A cursor of a database that others hold for some statements."""

    def __init__(self, locked: int) -> None:
        self.locked = locked

    def execute(self, _statement: str) -> None:
        self.locked -= 1
        if self.locked >= 0:
            raise sqlite3.OperationalError("database is locked")


def test_turning_on_write_ahead_waits_for_others(monkeypatch: pytest.MonkeyPatch) -> None:
    cursor = _LockedAtFirst(3)
    engine_module._turn_on_write_ahead(cursor)  # type: ignore[arg-type]  # a cursor in one method
    assert cursor.locked == -1
    monkeypatch.setattr(engine_module, "_BUSY_TIMEOUT_S", 0.0)
    with pytest.raises(sqlite3.OperationalError, match="locked"):
        engine_module._turn_on_write_ahead(_LockedAtFirst(9))  # type: ignore[arg-type]
