"""The files of an archive, written under numbers into the caller's own folder."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from thoracle.core.errors import ImageError


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """A file of an archive: its own name, which may say anything, and where it lies now."""

    name: str
    path: Path


def write_members(
    received: Iterable[tuple[str, bytes]], folder: Path, *, files_max: int
) -> tuple[Member, ...]:
    """Write files as they come.

    Parameters
    ----------
    received
        Names and contents, from an archive.
    folder
        Where the files go, under numbers; empty.
    files_max
        How many there may be.

    Raises
    ------
    ImageError
        zip-too-many; zip-no-room in the folder.
    """
    members: list[Member] = []
    for name, content in received:
        if len(members) == files_max:
            raise ImageError(
                f"The ZIP archive holds more than {files_max} files – expected at most "
                "that. Send it in several parts.",
                code="zip-too-many",
            )
        path = folder / str(len(members))
        _write(path, content)
        members.append(Member(name=name, path=path))
    return tuple(members)


def need_members(members: Sequence[Member]) -> tuple[Member, ...]:
    """Return the files of an archive that holds any.

    Raises
    ------
    ImageError
        zip-empty.
    """
    if not members:
        raise ImageError(
            "The ZIP archive holds no file – expected at least one film. Pack it again.",
            code="zip-empty",
        )
    return tuple(members)


def _write(path: Path, content: bytes) -> None:
    try:
        path.write_bytes(content)
    except OSError as fault:
        raise ImageError(
            f"The ZIP archive cannot be unpacked here ({fault.strerror}) – expected room in the "
            "folder for temporary files. Make room, or send the films one by one.",
            code="zip-no-room",
        ) from fault
