"""The files in a ZIP archive of a study, one after the other; runs in a decoder's child."""

import io
import re
import zipfile
from collections.abc import Iterator
from pathlib import PurePosixPath
from typing import Final

from thoracle.core.errors import ImageError
from thoracle.imaging.limits import NAME_LIMIT, DecodeLimits

FORMAT: Final = "ZIP"
_METHODS: Final = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
_ENCRYPTED_BIT: Final = 0x1  # APPNOTE.TXT 4.4.4
_MAGIC: Final = (b"PK\x03\x04", b"PK\x05\x06")
_OFFICE_MARK: Final = "[Content_Types].xml"  # ECMA-376 part 2, 7.2
_HIDDEN: Final = re.compile(r"\.[^.]")
_NOT_FILMS: Final = ("dicomdir", "thumbs.db", "desktop.ini", "__macosx")


def is_archive(content: bytes) -> bool:
    """Say whether bytes begin as a ZIP archive does, with a file or empty."""
    return content.startswith(_MAGIC)


def archive_members(content: bytes, *, limits: DecodeLimits) -> Iterator[tuple[str, bytes]]:
    """Read the files of an archive in its own order.

    Folders, hidden files, and what systems put beside films (DICOMDIR, __MACOSX, Thumbs.db) are
    left out. Nothing is written, so a name may say anything; an archive inside is a file like
    another, and is not opened.

    Parameters
    ----------
    content
        The whole archive.
    limits
        What one file may have.

    Yields
    ------
    name, content
        The last part of the file's path, printable and at most `NAME_LIMIT` long; its bytes.
        A locked archive (zip-encrypted), a rare compression (zip-method), a file larger than any
        film (zip-too-large) and an Office document (zip-document) are ImageErrors; what zipfile and
        zlib raise on damage is theirs.
    """
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        _need_no_document(archive)
        for one in archive.infolist():
            if _is_film(one):
                _need_readable(one, limits)
                yield _name(one), archive.read(one)


def _need_no_document(archive: zipfile.ZipFile) -> None:
    if _OFFICE_MARK in archive.namelist():
        raise ImageError(
            "The file is an Office document – expected films. Save the pictures in it as PNG.",
            code="zip-document",
        )


def _is_film(one: zipfile.ZipInfo) -> bool:
    parts = PurePosixPath(one.filename.replace("\\", "/")).parts
    is_beside = any(_HIDDEN.match(part) or part.lower() in _NOT_FILMS for part in parts)
    return not one.is_dir() and bool(parts) and not is_beside


def _name(one: zipfile.ZipInfo) -> str:
    last = PurePosixPath(one.filename.replace("\\", "/")).name
    return "".join(sign if sign.isprintable() else "?" for sign in last)[-NAME_LIMIT:]


def _need_readable(one: zipfile.ZipInfo, limits: DecodeLimits) -> None:
    if one.flag_bits & _ENCRYPTED_BIT:
        raise ImageError(
            "The ZIP archive is locked with a password – expected an open one. Unpack it, then "
            "send its films.",
            code="zip-encrypted",
        )
    if one.compress_type not in _METHODS:
        raise ImageError(
            f"The ZIP archive is packed with method {one.compress_type} – expected stored or "
            "deflated files. Pack it again, or send its films.",
            code="zip-method",
        )
    if one.file_size > limits.file_bytes_max:
        raise ImageError(
            f"The ZIP archive holds a file of {one.file_size} bytes – expected at most "
            f"{limits.file_bytes_max} for one film. Take it out.",
            code="zip-too-large",
        )
