"""Migrations run inside the caller's transaction, and a newer store is left alone."""

import pytest
from sqlalchemy import create_engine, inspect

from thoracle.core.errors import StoreError
from thoracle.store.engine import LATEST_REVISION
from thoracle.store.upgrade import upgrade


def test_an_empty_database_gets_the_tables_once() -> None:
    engine = create_engine("sqlite://")
    with engine.begin() as connection:
        upgrade(connection, found=None)
        upgrade(connection, found=LATEST_REVISION)
        assert inspect(connection).has_table("results")
    engine.dispose()


def test_an_unknown_revision_is_refused_before_anything_runs() -> None:
    engine = create_engine("sqlite://")
    with engine.begin() as connection:
        with pytest.raises(StoreError, match="found a store at revision 9999") as caught:
            upgrade(connection, found="9999")
        assert inspect(connection).get_table_names() == []
    engine.dispose()
    assert caught.value.code == "store-too-new"
