"""Write a bundle's description with the digest of every file it holds."""

import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import tomli_w

from thoracle.core.errors import BundleError
from thoracle.core.files import sha256_of_file, write_atomically
from thoracle.inference.bundle import DESCRIPTION, SCHEMA

LICENSE = "CC BY-NC-SA 4.0"


def read_description(folder: Path) -> dict[str, Any]:
    """Return a bundle's description as a table; an unfinished bundle has an empty one.

    Parameters
    ----------
    folder
        The bundle's folder.

    Returns
    -------
    dict
        As TOML gives it.
    """
    path = folder / DESCRIPTION
    return tomllib.loads(path.read_text(encoding="utf-8")) if path.is_file() else {}


def write_description(folder: Path, table: Mapping[str, Any]) -> None:
    """Write bundle.toml with fresh digests of all other files in the folder.

    Parameters
    ----------
    folder
        The bundle's folder with its files in place.
    table
        Everything but `schema` and `files`.

    Raises
    ------
    BundleError
        The folder holds a folder, which a bundle never does.
    """
    names = sorted(path.name for path in folder.iterdir() if path.name != DESCRIPTION)
    if any((folder / name).is_dir() for name in names):
        raise BundleError(f"found a folder inside {folder} – expected files only. Remove it.")
    files = {name: sha256_of_file(folder / name) for name in names}
    whole = {"schema": SCHEMA, "license": LICENSE, **table, "files": files}
    write_atomically(folder / DESCRIPTION, tomli_w.dumps(whole).encode("utf-8"))
