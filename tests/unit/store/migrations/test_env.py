"""The migrations end at the tables that the code uses."""

import importlib
from pathlib import Path

from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.runtime.environment import EnvironmentContext
from alembic.script import ScriptDirectory
from sqlalchemy import create_engine, inspect

import thoracle.store
from thoracle.store.engine import open_engine
from thoracle.store.tables import METADATA


def test_after_all_migrations_the_database_equals_the_declared_tables(tmp_path: Path) -> None:
    engine = open_engine(tmp_path, database_url=None)
    with engine.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), METADATA) == []
    engine.dispose()


def test_the_versions_run_on_the_connection_that_is_handed_over() -> None:
    folder = Path(str(thoracle.store.__file__)).parent / "migrations"
    config = Config()
    config.set_main_option("script_location", str(folder).replace("%", "%%"))
    scripts = ScriptDirectory.from_config(config)
    engine = create_engine("sqlite://")
    with engine.connect() as connection:
        config.attributes["connection"] = connection
        with EnvironmentContext(
            config, scripts, fn=lambda revision, _: scripts._upgrade_revs("head", revision)
        ):
            importlib.import_module("thoracle.store.migrations.env")
        assert inspect(connection).has_table("results")
    engine.dispose()
