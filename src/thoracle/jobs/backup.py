"""Everything an installation keeps in one file, and back."""

import io
import json
import re
import zipfile
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Final

from thoracle.core.errors import StoreError
from thoracle.core.files import write_atomically
from thoracle.jobs.pseudonyms import KEY_NAME
from thoracle.store.results import ResultStore

ROWS_NAME: Final = "rows.jsonl"
_FILE_NAME: Final = re.compile(
    r"(?:results|scans|comparisons|recordings)/[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}/"
    r"[a-z0-9][a-z0-9-]*\.(?:png|npz|nii\.gz|html|pdf|svg|csv)"
)
_FILE_BYTES_MAX: Final = 2**30
_WITH_FOLDERS: Final = ("results", "scans", "comparisons", "recordings")
_CHARTS: Final = "charts"


def back_up(store: ResultStore, home: Path, path: Path) -> int:
    """Write the rows, the pictures and the key of the pseudonyms into one zip file.

    Parameters
    ----------
    store
        Open; it may be in use.
    home
        Folder of all that Thoracle keeps.
    path
        Written under another name first, then renamed.

    Returns
    -------
    int
        How many results, scans, comparisons, recordings and charts it holds.

    Raises
    ------
    StoreError
        The file cannot be written.
    """
    fresh = path.with_name(f".{path.name}.new")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with zipfile.ZipFile(fresh, "w", zipfile.ZIP_STORED) as archive:
            count = _write(archive, store, home)
        fresh.chmod(0o600)  # the key of the pseudonyms and the hashes of passwords are in it
        fresh.replace(path)
    except OSError as error:
        raise StoreError(
            f"found no way to write {path} ({error.strerror or error}) – expected room and rights "
            "for a copy of all results. Choose another place.",
            code="backup-unwritable",
        ) from error
    finally:
        with suppress(OSError):
            fresh.unlink(missing_ok=True)
    return count


def restore(store: ResultStore, home: Path, path: Path) -> int:
    """Bring a backup into an empty installation: files first, then all rows at once.

    Parameters
    ----------
    store
        Open and empty.
    home
        Its folder.
    path
        From `back_up`.

    Returns
    -------
    int
        How many rows.

    Raises
    ------
    StoreError
        The file is no backup, is damaged, or the store is not empty.
    """
    try:
        with zipfile.ZipFile(path) as archive:  # reading checks each entry's CRC
            names = archive.namelist()
            lines = archive.read(ROWS_NAME).decode("utf-8").splitlines()
            files = [name for name in names if _is_file(archive, name)]
            key = archive.read(KEY_NAME) if KEY_NAME in names else None
            store.need_empty()
            for name in files:
                write_atomically(home / name, archive.read(name))
    except (OSError, KeyError, ValueError, zipfile.BadZipFile) as error:
        raise StoreError(
            f"found no backup that can be read in {path} ({type(error).__name__}) – expected the "
            "file of `thoracle backup`. Take another copy.",
            code="damaged-backup",
        ) from error
    count = store.load_rows(lines)
    if key is not None:
        write_atomically(home / KEY_NAME, key)
        (home / KEY_NAME).chmod(0o600)
    return count


def _write(archive: zipfile.ZipFile, store: ResultStore, home: Path) -> int:
    rows = io.StringIO()
    folders, charts = [], 0
    for line in store.dump_rows():
        rows.write(line + "\n")
        one = json.loads(line)
        if one.get("table") in _WITH_FOLDERS:
            folders.append(f"{one['table']}/{one['row']['id']}")
        charts += one.get("table") == _CHARTS
    archive.writestr(ROWS_NAME, rows.getvalue(), compress_type=zipfile.ZIP_DEFLATED)
    for path in _files(home, folders):
        archive.write(path, str(path.relative_to(home)))
    key = home / KEY_NAME
    if key.is_file():
        archive.write(key, KEY_NAME)
    return len(folders) + charts


def _files(home: Path, folders: list[str]) -> Iterator[Path]:
    for one in folders:
        folder = home / one
        if folder.is_dir():
            yield from sorted(path for path in folder.iterdir() if path.is_file())


def _is_file(archive: zipfile.ZipFile, name: str) -> bool:
    """Say whether an entry is a result's file, of a size that one may have."""
    fits = archive.getinfo(name).file_size <= _FILE_BYTES_MAX
    return fits and _FILE_NAME.fullmatch(name) is not None
