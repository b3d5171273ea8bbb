"""The version of this software, from the installed package's metadata alone."""

from functools import lru_cache
from importlib import metadata


@lru_cache(maxsize=1)
def version() -> str:
    """Return the installed version, as pyproject.toml gave it."""
    return metadata.version("thoracle")
