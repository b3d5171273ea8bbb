"""Old rows go one by one, also beside another process, and folders without a row go with them."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import Column, DateTime, Engine, MetaData, String, Table, create_engine, insert

from thoracle.core.errors import StoreError
from thoracle.store.aging import delete_older, remove_leftovers

NOW = datetime(2026, 3, 1, tzinfo=UTC)
AGES = {"old": 3, "older": 4, "young": 0}
TABLE = Table(
    "things",
    MetaData(),
    Column("id", String, primary_key=True),
    Column("created_at", DateTime(timezone=True)),
)


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    made = create_engine(f"sqlite:///{tmp_path / 'things.sqlite'}")
    TABLE.metadata.create_all(made)
    rows = [{"id": one, "created_at": NOW - timedelta(days=age)} for one, age in AGES.items()]
    with made.begin() as connection:
        connection.execute(insert(TABLE), rows)
    yield made
    made.dispose()


def test_what_another_process_deleted_first_does_not_keep_the_rest(engine: Engine) -> None:
    asked: list[str] = []

    def delete(one: str) -> None:
        asked.append(one)
        raise StoreError("gone", code="unknown")

    assert delete_older(engine, TABLE, NOW - timedelta(days=1), delete) == 2
    assert sorted(asked) == ["old", "older"]


def test_only_old_folders_without_a_row_are_removed(engine: Engine, tmp_path: Path) -> None:
    later = datetime.now(UTC) + timedelta(minutes=1)
    for name in ("old", "nobodys"):
        (tmp_path / "kept" / name).mkdir(parents=True)
    assert remove_leftovers(engine, TABLE, tmp_path / "kept", older_than=NOW) == 0
    assert remove_leftovers(engine, TABLE, tmp_path / "kept", older_than=later) == 1
    assert [one.name for one in (tmp_path / "kept").iterdir()] == ["old"]
