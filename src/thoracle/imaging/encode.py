"""Pixels written as PNG bytes, the same bytes every time."""

from collections.abc import Mapping
from io import BytesIO
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from thoracle.core.errors import ImageError

_SMALL_LEVEL = 6  # zlib's own default.
_FAST_LEVEL = 1

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
        Compress little and quickly (level 1), for overlays that are looked at once.
    text
        Key and value pairs for text chunks, written in their order.

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
    notes = PngInfo()
    for key, value in (text or {}).items():
        notes.add_text(key, value)
    stream = BytesIO()
    Image.fromarray(np.ascontiguousarray(pixels)).save(
        stream,
        format="PNG",
        compress_level=_FAST_LEVEL if fast else _SMALL_LEVEL,
        pnginfo=notes,
    )
    return stream.getvalue()
