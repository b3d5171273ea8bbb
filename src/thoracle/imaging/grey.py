"""The one rule by which color becomes grey, and how much color a picture has."""

from typing import Any, TypeVar, cast

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from thoracle.core.errors import ImageError

# ITU-R BT.601 luma, 0.299 R + 0.587 G + 0.114 B, in 65536ths that add up to one, so that
# equal channels give exactly their own value. Pillow's convert("L") is the same rule.
_WEIGHTS = (19595, 38470, 7471)
_ONE = 65536

# Channels of a scanned grey film differ by a few levels; ink and skin by far more.
_VISIBLE_DIFFERENCE = 16.0 / 255.0

_BLOCK_ROWS = 256  # Bounds the memory of the 32-bit intermediate.

Samples = TypeVar("Samples", bound=np.generic)


def to_grey(rgb: NDArray[Samples]) -> NDArray[Samples]:
    """Turn color into grey with ITU-R BT.601 luma.

    Parameters
    ----------
    rgb : (rows, columns, 3) uint8, uint16 or float32
        Red, green, blue, as displayed (not linear light).

    Returns
    -------
    (rows, columns), the input's type
        Luma on the input's range; whole numbers are rounded. Where the channels are equal it
        is exactly their value. Any other shape or type of input is an ImageError.

    References
    ----------
    ITU-R Recommendation BT.601-7, 2.5.1.
    """
    _check(rgb)
    plain: NDArray[Any] = rgb
    if plain.dtype == np.uint8:
        return np.asarray(Image.fromarray(np.ascontiguousarray(plain)).convert("L"))
    if plain.dtype == np.uint16:
        grey = np.empty(plain.shape[:2], np.uint16)
        for top in range(0, plain.shape[0], _BLOCK_ROWS):
            block = plain[top : top + _BLOCK_ROWS].astype(np.uint32)
            grey[top : top + _BLOCK_ROWS] = (_weighted(block) + _ONE // 2) >> 16
        return cast("NDArray[Samples]", grey)
    luma: NDArray[Any] = _weighted(plain) / np.float32(_ONE)
    return luma


def color_share(rgb: NDArray[Any]) -> float:
    """Return the share of pixels whose channels differ visibly.

    Parameters
    ----------
    rgb : (rows, columns, 3) uint8, uint16 or float32
        Red, green, blue; floats from 0 to 1.

    Returns
    -------
    float
        0 (grey) to 1 (every pixel's channels differ by more than 16 of 255). Any other shape or
        type of input is an ImageError.
    """
    _check(rgb)
    peak = 1.0 if rgb.dtype == np.float32 else float(np.iinfo(rgb.dtype).max)
    red, green, blue = (np.ascontiguousarray(rgb[..., channel]) for channel in range(3))
    highest = np.maximum(np.maximum(red, green), blue)
    lowest = np.minimum(np.minimum(red, green), blue)
    return float(np.count_nonzero(highest - lowest > _VISIBLE_DIFFERENCE * peak) / highest.size)


def _weighted(rgb: NDArray[Any]) -> NDArray[Any]:
    red, green, blue = (rgb.dtype.type(weight) for weight in _WEIGHTS)
    summed: NDArray[Any] = rgb[..., 0] * red + rgb[..., 1] * green + rgb[..., 2] * blue
    return summed


def _check(rgb: NDArray[Any]) -> None:
    if rgb.ndim != 3 or rgb.shape[2] != 3 or rgb.dtype not in (np.uint8, np.uint16, np.float32):
        raise ImageError(
            f"found an array of shape {rgb.shape} and type {rgb.dtype} – expected (rows, columns, "
            "3) of uint8, uint16 or float32. Convert it to RGB first.",
            code="image-pixel-type",
        )
