"""A result's files on disk: a whole folder or none."""

import os
import re
import shutil
from collections.abc import Collection, Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from thoracle.core.errors import StoreError
from thoracle.core.files import write_atomically
from thoracle.store.ids import checked_id

_STAGING_PREFIX: Final = ".staging-"
_NAME_PATTERN: Final = re.compile(r"[a-z0-9][a-z0-9-]*\.(png|npz|nii\.gz|html|pdf|svg|csv)")


def write_folder(root: Path, result_id: str, files: Mapping[str, bytes]) -> None:
    """Write a result's files into `root/<id>`: all of them, or nothing.

    Parameters
    ----------
    root
        Folder of all results.
    result_id
        From `thoracle.store.ids.new_id`.
    files
        Whole files by name, such as `film.png`.
    """
    staging = root / f"{_STAGING_PREFIX}{checked_id(result_id)}"
    staging.mkdir(parents=True)
    try:
        for name, content in files.items():
            write_atomically(staging / _checked_name(name), content)
        staging.rename(root / result_id)
        _sync_folder(root)
    except BaseException:
        shutil.rmtree(staging, ignore_errors=True)
        raise


def remove_folder(root: Path, result_id: str) -> None:
    """Remove a result's files; nothing happens where there are none."""
    shutil.rmtree(root / checked_id(result_id), ignore_errors=True)


def read_file(root: Path, result_id: str, name: str) -> bytes:
    """Return one of a result's files.

    Parameters
    ----------
    root
        Folder of all results.
    result_id, name
        From anywhere: both are checked before they become a path.

    Returns
    -------
    bytes
        The whole file.

    Raises
    ------
    StoreError
        There is no such file.
    """
    path = root / checked_id(result_id) / _checked_name(name)
    try:
        return path.read_bytes()
    except OSError as error:
        raise StoreError(
            f"found no file {name} of result {result_id} – expected one that was saved. Take a "
            "name from the result's page.",
            code="unknown-picture",
        ) from error


def file_names(root: Path, result_id: str) -> tuple[str, ...]:
    """Return the names of a result's files in order; none where its folder is missing."""
    folder = root / checked_id(result_id)
    if not folder.is_dir():
        return ()
    return tuple(sorted(path.name for path in folder.iterdir()))


def folders(root: Path) -> Iterator[tuple[Path, str | None]]:
    """Yield every folder under `root` with its id; None marks a half-written one."""
    if root.is_dir():
        for path in sorted(root.iterdir()):
            yield path, None if path.name.startswith(_STAGING_PREFIX) else path.name


def remove_unknown(root: Path, known: Collection[str], *, older_than: datetime) -> int:
    """Remove folders that no row knows, half-written ones too.

    Parameters
    ----------
    root
        Folder of all results.
    known
        Ids that have a row.
    older_than
        Younger folders stay: another process may be saving them right now.

    Returns
    -------
    int
        How many were removed.
    """
    left = [
        path
        for path, one in folders(root)
        if one not in known and datetime.fromtimestamp(path.stat().st_mtime, UTC) < older_than
    ]
    for path in left:
        shutil.rmtree(path, ignore_errors=True)
    return len(left)


def _checked_name(name: str) -> str:
    if _NAME_PATTERN.fullmatch(name) is None:
        raise StoreError(
            f"found the file name {name[:64]!r} – expected lower-case letters, digits and hyphens, "
            "then an ending such as .png. Take a name from the result's page.",
            code="unknown-picture",
        )
    return name


def _sync_folder(folder: Path) -> None:
    """Make a rename last through a power cut."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
