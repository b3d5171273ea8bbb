"""The first version can be taken back."""

from alembic.migration import MigrationContext
from alembic.operations import Operations
from sqlalchemy import create_engine, inspect

from thoracle.store.migrations.versions import v0001_results


def test_it_creates_the_table_and_takes_it_back() -> None:
    engine = create_engine("sqlite://")
    with engine.connect() as connection:
        with Operations.context(MigrationContext.configure(connection)):
            v0001_results.upgrade()
            assert inspect(connection).has_table("results")
            names = [index["name"] for index in inspect(connection).get_indexes("results")]
            assert names == ["ix_results_sha256"]
            v0001_results.downgrade()
        assert not inspect(connection).has_table("results")
    engine.dispose()


def test_it_is_the_first() -> None:
    assert v0001_results.down_revision is None
    assert v0001_results.revision == "0001"
