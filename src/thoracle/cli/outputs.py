"""Options that name what a command writes: checked as they are read, before any work."""

from pathlib import Path

from thoracle.core.outputs import need_writable_file, need_writable_folder


def folder_to_write(given: Path | None) -> Path | None:
    """Return the value of an option, once it is sure that this folder can be written into."""
    if given is not None:
        need_writable_folder(given)
    return given


def file_to_write(given: Path | None) -> Path | None:
    """Return the value of an option, once it is sure that this file can be written."""
    if given is not None:
        need_writable_file(given)
    return given
