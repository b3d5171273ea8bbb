"""The store of this installation, as the settings name it."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from thoracle.store.results import ResultStore


def open_own_store() -> "ResultStore":
    """Open the store of the settings; close it when done."""
    from thoracle.core.settings import settings
    from thoracle.store.results import open_store

    own = settings()
    return open_store(own.home, database_url=own.database_url)
