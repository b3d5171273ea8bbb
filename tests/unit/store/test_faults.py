"""A locked and a full database are told apart from a broken one."""

import errno
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine, text
from sqlalchemy.exc import OperationalError

from thoracle.core.errors import StoreError
from thoracle.store import engine as engine_module
from thoracle.store.engine import DATABASE_NAME, open_engine
from thoracle.store.faults import FullStoreError, is_full_disk, known_fault, telling


@pytest.fixture
def engine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Engine]:
    monkeypatch.setattr(engine_module, "_BUSY_TIMEOUT_S", 0.05)
    opened = open_engine(tmp_path, database_url=None)
    yield opened
    opened.dispose()


def _insert(engine: Engine) -> None:
    with engine.begin() as connection:
        connection.execute(text("INSERT INTO users VALUES ('ana', '2026-01-01', zeroblob(90000))"))


def test_a_database_that_another_program_holds_is_locked_and_then_works_again(
    engine: Engine, tmp_path: Path
) -> None:
    other = sqlite3.connect(tmp_path / DATABASE_NAME, isolation_level=None)
    other.execute("BEGIN EXCLUSIVE")
    with pytest.raises(StoreError, match="locked by another program") as caught:
        _insert(engine)
    assert caught.value.code == "store-locked"
    other.execute("ROLLBACK")
    other.close()
    _insert(engine)


def test_a_database_that_may_not_grow_is_full(engine: Engine) -> None:
    with engine.connect() as connection:
        connection.execute(text("PRAGMA max_page_count = 1"))
    with pytest.raises(FullStoreError, match="Make room"):
        _insert(engine)


def test_what_is_neither_stays_the_databases_own_error(engine: Engine) -> None:
    with engine.connect() as connection, pytest.raises(OperationalError, match="no such table"):
        connection.execute(text("SELECT * FROM nowhere"))


@pytest.mark.parametrize(
    ("state", "code"), [("55P03", "store-locked"), ("53100", "store-full"), ("42P01", None)]
)
def test_postgresql_says_it_by_its_state(state: str, code: str | None) -> None:
    fault = Exception("said by the driver")
    fault.sqlstate = state  # type: ignore[attr-defined]
    error = known_fault(fault)
    assert (error and error.code) == code


@pytest.mark.parametrize(
    ("fault", "is_full"),
    [
        (OSError(errno.ENOSPC, ""), True),
        (OSError(errno.EDQUOT, ""), True),
        (OSError(errno.EACCES, ""), False),
        (ValueError("28"), False),
    ],
)
def test_a_full_disk_is_known_by_its_number(fault: Exception, is_full: bool) -> None:
    assert is_full_disk(fault) is is_full


def test_what_could_not_be_kept_is_told_and_a_full_disk_apart() -> None:
    said = r"no way to keep the mask \(PermissionError\)"
    with pytest.raises(StoreError, match=said) as caught, telling("the mask"):
        raise PermissionError
    assert caught.value.code == "not-saved"
    with pytest.raises(FullStoreError), telling("the mask"):
        raise OSError(errno.ENOSPC, "No space left on device")
