"""Bringing a store's tables up to date with Alembic; loaded only when they are not."""

from importlib import resources

from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import Connection

from thoracle.core.errors import StoreError


def upgrade(connection: Connection, *, found: str | None) -> None:
    """Run the missing migrations on a connection, inside its transaction.

    Parameters
    ----------
    connection
        In a transaction that the caller commits.
    found
        The revision of its tables, None where there are none.

    Raises
    ------
    StoreError
        The revision is none of this version's.
    """
    config = Config()
    config.set_main_option(
        "script_location", str(resources.files("thoracle.store") / "migrations").replace("%", "%%")
    )
    scripts = ScriptDirectory.from_config(config)
    if found is not None and found not in {one.revision for one in scripts.walk_revisions()}:
        raise StoreError(
            f"found a store at revision {found} – expected {scripts.get_current_head()} or older. "
            "It was made by a newer Thoracle: upgrade this one, or choose another THORACLE_HOME.",
            code="store-too-new",
        )
    config.attributes["connection"] = connection
    command.upgrade(config, "head")  # does nothing if another process was first
