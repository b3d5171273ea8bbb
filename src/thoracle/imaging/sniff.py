"""What a file is, by its first bytes and never by its name."""

from thoracle.core.errors import ImageError
from thoracle.imaging.format_texts import FORMAT_WORDS

FORMATS = ("PNG", "JPEG", "TIFF", "WEBP", "BMP", "DICOM")

HEAD_BYTES = 512
"""How much of a file is enough to tell what it is."""

_TIFF_MAGIC = (b"II*\0", b"MM\0*", b"II+\0", b"MM\0+")

# Sizes of the BMP information headers (BITMAPCOREHEADER to BITMAPV5HEADER).
_BMP_HEADER_BYTES = (12, 40, 52, 56, 64, 108, 124)

# Formats that we name when we refuse them: (offset, magic bytes, name).
_REFUSED: tuple[tuple[int, bytes, str], ...] = (
    (0, b"GIF8", "GIF"),
    (0, b"%PDF", "PDF"),
    (0, b"PK\x03\x04", FORMAT_WORDS["zip"]),
    (0, b"PK\x05\x06", FORMAT_WORDS["zip_empty"]),
    (0, b"\x1f\x8b", "gzip"),
    (0, b"7z\xbc\xaf\x27\x1c", FORMAT_WORDS["7z"]),
    (0, b"Rar!", FORMAT_WORDS["rar"]),
    (0, b"\0\0\0\x0cjP  ", FORMAT_WORDS["jpeg2000"]),
    (0, b"\xff\x4f\xff\x51", FORMAT_WORDS["jpeg2000"]),
    (0, b"\0\0\0\x0cJXL ", "JPEG XL"),
    (0, b"\xff\x0a", "JPEG XL"),
    (4, b"ftypheic", "HEIC"),
    (4, b"ftypheix", "HEIC"),
    (4, b"ftypmif1", "HEIF"),
    (4, b"ftypavif", "AVIF"),
    (4, b"ftyp", FORMAT_WORDS["video"]),
    (344, b"n+1\0", "NIfTI"),
    (344, b"ni1\0", "NIfTI"),
    (4, b"n+2\0", "NIfTI"),
    (0, b"NRRD", "NRRD"),
    (0, b"8BPS", "Photoshop"),
    (0, b"\0\0\1\0", FORMAT_WORDS["icon"]),
    (0, b"\x89HDF", "HDF5"),
    (0, b"\x7fELF", FORMAT_WORDS["program"]),
    (0, b"MZ", FORMAT_WORDS["program"]),
    (0, b"\x08\0\x05\0", FORMAT_WORDS["dicom_without_header"]),
    (0, b"\x08\0\x08\0", FORMAT_WORDS["dicom_without_header"]),
    (0, b"\x02\0\0\0", FORMAT_WORDS["dicom_without_preamble"]),
    (0, b"{", FORMAT_WORDS["json"]),
    (0, b"<", FORMAT_WORDS["markup"]),
)


def sniff_format(content: bytes) -> str:
    """Return which of the readable formats a file's bytes are.

    Parameters
    ----------
    content
        The whole file.

    Returns
    -------
    str
        "PNG", "JPEG", "TIFF", "WEBP", "BMP" or "DICOM".

    Raises
    ------
    ImageError
        The file is empty (image-empty) or of another format (image-unknown-format).

    References
    ----------
    DICOM PS3.10 7.1: the prefix "DICM" follows a preamble of 128 bytes of any content, so
    that it is looked for first.
    """
    if not content:
        raise ImageError(
            "The file is empty – expected PNG, JPEG, TIFF, WebP, BMP or DICOM. Copy or download "
            "the file again.",
            code="image-empty",
        )
    known = _readable(content)
    if known is not None:
        return known
    raise ImageError(
        f"The file is {_name_of(content)} – expected PNG, JPEG, TIFF, WebP, BMP or DICOM. Save the "
        "film in one of these.",
        code="image-unknown-format",
    )


def kind_of(content: bytes) -> str:
    """Name what bytes are, whether Thoracle reads them or not.

    Parameters
    ----------
    content
        The whole file, or its first `HEAD_BYTES`.

    Returns
    -------
    str
        One of `FORMATS`, or in words: "GIF", "text", "empty", "of no known kind".
    """
    if not content:
        return FORMAT_WORDS["empty"]
    return _readable(content) or _named(content) or FORMAT_WORDS["unknown"]


def _readable(content: bytes) -> str | None:
    for name, matches in (
        ("DICOM", content[128:132] == b"DICM"),
        ("PNG", content.startswith(b"\x89PNG\r\n\x1a\n")),
        ("JPEG", content.startswith(b"\xff\xd8\xff")),
        ("TIFF", content.startswith(_TIFF_MAGIC)),
        ("WEBP", content.startswith(b"RIFF") and content[8:12] == b"WEBP"),
        ("BMP", _is_bmp(content)),
    ):
        if matches:
            return name
    return None


def _is_bmp(content: bytes) -> bool:
    """Two letters are too few: the size of the second header must be one that exists."""
    size_of_header = int.from_bytes(content[14:18], "little")
    return content.startswith(b"BM") and size_of_header in _BMP_HEADER_BYTES


def _name_of(content: bytes) -> str:
    text = f"of no known kind (it begins with {content[:4].hex(' ')})"
    return _named(content) or text


def _named(content: bytes) -> str | None:
    for offset, magic, name in _REFUSED:
        if content[offset : offset + len(magic)] == magic:
            return name
    is_text = all(byte in b"\t\r\n" or 32 <= byte < 127 for byte in content[:HEAD_BYTES])
    return FORMAT_WORDS["text"] if is_text else None
