"""Pixels written as PNG bytes, the same bytes every time."""

import struct
from collections.abc import Mapping
from io import BytesIO
from typing import Any

import numpy as np
from isal import isal_zlib
from numpy.typing import NDArray
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from thoracle.core.errors import ImageError

_SMALL_LEVEL = 6  # zlib's own default.
_FAST_LEVEL = 1  # ISA-L's: quicker than zlib's, and a film shrinks by about half as there

_SIGNATURE = b"\x89PNG\r\n\x1a\n"  # ISO/IEC 15948, 5.2
_GREY, _RGB = 0, 2  # color types: ISO/IEC 15948, 11.2.2
_FILTER_UP = 2  # each byte minus the one above it: ISO/IEC 15948, 9.2

_GREY_TYPES = (np.dtype(np.uint8), np.dtype(np.uint16), np.dtype(np.bool_))


def png_bytes(
    pixels: NDArray[Any], *, fast: bool = False, text: Mapping[str, str] | None = None
) -> bytes:
    """Write a picture as PNG.

    Parameters
    ----------
    pixels : (rows, columns) uint8, uint16 or bool, or (rows, columns, 3) uint8
        Grey, a mask, or red, green, blue.
    fast
        Quickly rather than small, for overlays that are looked at once and for films to keep.
    text
        Key and value pairs for text chunks, written in their order; Latin-1.

    Returns
    -------
    bytes
        The same for the same input: no time and no software name is written.

    Raises
    ------
    ImageError
        The array has another shape or type.
    """
    is_grey = pixels.ndim == 2 and pixels.dtype in _GREY_TYPES
    is_color = pixels.ndim == 3 and pixels.shape[2] == 3 and pixels.dtype == np.uint8
    if not (is_grey or is_color) or pixels.size == 0:
        raise ImageError(
            f"found pixels of shape {pixels.shape} and type {pixels.dtype} – expected (rows, "
            "columns) of uint8, uint16 or bool, or (rows, columns, 3) of uint8. Convert them.",
            code="image-encode",
        )
    if fast and pixels.dtype != np.bool_:
        return _fast_png(pixels, text or {})
    notes = PngInfo()
    for key, value in (text or {}).items():
        notes.add_text(key, value)
    stream = BytesIO()
    Image.fromarray(np.ascontiguousarray(pixels)).save(
        stream, format="PNG", compress_level=_SMALL_LEVEL, pnginfo=notes
    )
    return stream.getvalue()


def _fast_png(pixels: NDArray[Any], text: Mapping[str, str]) -> bytes:
    """Encode with one filter and a fast deflate: Pillow tries every filter on every line."""
    rows, columns = pixels.shape[:2]
    samples = np.ascontiguousarray(pixels, dtype=pixels.dtype.newbyteorder(">"))
    flat = samples.view(np.uint8).reshape(rows, -1)
    lines = np.empty((rows, 1 + flat.shape[1]), np.uint8)
    lines[:, 0] = _FILTER_UP
    lines[0, 1:] = flat[0]
    np.subtract(flat[1:], flat[:-1], out=lines[1:, 1:])
    kind = _GREY if pixels.ndim == 2 else _RGB
    header = struct.pack(">IIBBBBB", columns, rows, 8 * pixels.dtype.itemsize, kind, 0, 0, 0)
    return b"".join(
        (
            _SIGNATURE,
            _chunk(b"IHDR", header),
            *(_chunk(b"tEXt", f"{key}\0{said}".encode("latin-1")) for key, said in text.items()),
            _chunk(b"IDAT", isal_zlib.compress(lines, _FAST_LEVEL)),
            _chunk(b"IEND", b""),
        )
    )


def _chunk(kind: bytes, content: bytes) -> bytes:
    checksum = isal_zlib.crc32(content, isal_zlib.crc32(kind))
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", checksum)
