"""Places where a command will write: refused before the work, not after it."""

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from thoracle.core.errors import SettingError


def need_writable_folder(folder: Path) -> None:
    """Say at once that a folder for output cannot be made or written into.

    Parameters
    ----------
    folder
        May be missing, with its parents: it can be made. Nothing is left of the trial.

    Raises
    ------
    SettingError
        It cannot be made or written into.
    """
    try:
        with _made_for_now(folder), tempfile.TemporaryFile(dir=folder):
            pass
    except OSError as error:
        raise SettingError(
            f"found no way to write into {folder} – expected a folder with the right to. Choose "
            "another.",
            code="output-unwritable",
        ) from error


def need_writable_file(path: Path) -> None:
    """Say at once that a file cannot be written.

    Parameters
    ----------
    path
        An older file there will be replaced; its folder may be missing.

    Raises
    ------
    SettingError
        It is a folder, or lies in one that cannot be made or written into.
    """
    if os.path.isdir(path):  # noqa: PTH112  (Path.is_dir raises where it may not look)
        raise SettingError(
            f"found a folder at {path} – expected the name of a file to write. Add a name to it.",
            code="output-unwritable",
        )
    need_writable_folder(path.parent)


@contextmanager
def _made_for_now(folder: Path) -> Iterator[None]:
    """Make a folder with its parents, and take away in the end what was not there before."""
    missing = [one for one in (folder, *folder.parents) if not os.path.lexists(one)]
    try:
        folder.mkdir(parents=True, exist_ok=True)
        yield
    finally:
        with suppress(OSError):  # something was never made, or another writes into it by now
            for one in missing:
                one.rmdir()
