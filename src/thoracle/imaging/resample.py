"""Resizing, cropping and turning films, the same code in training and in serving."""

import numpy as np
from PIL import Image

from thoracle.core.arrays import ByteArray, FloatArray

RANK_LEVELS = 4096  # greys that ranks tell apart; films of 12 bits lose nothing.
Box = tuple[int, int, int, int]
"""(top, left, bottom, right) in pixels, bottom and right exclusive; it may reach past the film."""


def resize(pixels: FloatArray, *, rows: int, columns: int) -> FloatArray:
    """Resize a picture with an antialiased triangle filter.

    Parameters
    ----------
    pixels : (rows, columns) float32
        Any range.
    rows, columns
        The new size, in pixels.

    Returns
    -------
    (rows, columns) float32
        The same range as the input.
    """
    if pixels.shape == (rows, columns):
        return pixels.astype(np.float32, copy=True)
    source = Image.fromarray(np.ascontiguousarray(pixels, dtype=np.float32))
    resized = source.resize((columns, rows), Image.Resampling.BILINEAR)
    return np.asarray(resized, dtype=np.float32).copy()


def shrink(pixels: FloatArray, *, longest: int) -> FloatArray:
    """Resize a picture that is larger than wanted; a smaller one stays as it is.

    Parameters
    ----------
    pixels : (rows, columns) float32
        Any range.
    longest
        Most pixels of the longer side.

    Returns
    -------
    (rows, columns) float32
        The same range and shape; at least one pixel a side.
    """
    share = min(1.0, longest / max(pixels.shape))
    rows, columns = (max(1, round(side * share)) for side in pixels.shape)
    return resize(pixels, rows=rows, columns=columns)


def crop_mirrored(pixels: FloatArray, box: Box) -> FloatArray:
    """Cut a box out of a picture; what lies past the film mirrors what lies before its edge.

    Black bars would tell how wide the film is cut, and so where it comes from.

    Parameters
    ----------
    pixels : (rows, columns) float32
        Any range.
    box
        (top, left, bottom, right) in pixels; it may reach past the film, but not lie outside.

    Returns
    -------
    (bottom - top, right - left) float32
        A copy.
    """
    top, left, bottom, right = box
    rows, columns = pixels.shape
    inner = pixels[max(top, 0) : min(bottom, rows), max(left, 0) : min(right, columns)]
    past = ((max(-top, 0), max(bottom - rows, 0)), (max(-left, 0), max(right - columns, 0)))
    return np.asarray(np.pad(inner, past, mode="reflect"), dtype=np.float32)


def crop(pixels: FloatArray, box: Box) -> FloatArray:
    """Cut a box out of a picture; what lies past the film is 0 (black).

    Parameters
    ----------
    pixels : (rows, columns) float32
        Any range.
    box
        (top, left, bottom, right) in pixels; it may reach past the film.

    Returns
    -------
    (bottom - top, right - left) float32
        A copy.
    """
    top, left, bottom, right = box
    rows, columns = pixels.shape
    out = np.zeros((bottom - top, right - left), np.float32)
    inner_top, inner_left = max(top, 0), max(left, 0)
    inner_bottom, inner_right = min(bottom, rows), min(right, columns)
    if inner_bottom > inner_top and inner_right > inner_left:
        out[inner_top - top : inner_bottom - top, inner_left - left : inner_right - left] = pixels[
            inner_top:inner_bottom, inner_left:inner_right
        ]
    return out


def turn_clockwise(pixels: FloatArray, *, degrees: int) -> FloatArray:
    """Turn a picture clockwise by a multiple of 90 degrees.

    Parameters
    ----------
    pixels : (rows, columns) float32
        Any range.
    degrees
        A multiple of 90; negative turns counter-clockwise.

    Returns
    -------
    (rows, columns) float32
        A copy; rows and columns change places for odd quarters.

    Raises
    ------
    ValueError
        `degrees` is not a multiple of 90.
    """
    if degrees % 90:
        raise ValueError(f"found a turn of {degrees} degrees – expected a multiple of 90.")
    return np.ascontiguousarray(np.rot90(pixels, k=-(degrees // 90) % 4))


def stretch(pixels: FloatArray, *, low_percent: float, high_percent: float) -> FloatArray:
    """Map two percentiles of a picture onto 0 and 1 and clip; a flat picture becomes 0.

    Parameters
    ----------
    pixels : (rows, columns) float32
        Any range.
    low_percent, high_percent
        Percentiles, 0 to 100.

    Returns
    -------
    (rows, columns) float32
        0 to 1.
    """
    low, high = np.percentile(pixels, (low_percent, high_percent))
    if high <= low:
        return np.zeros_like(pixels, dtype=np.float32)
    scaled = (pixels.astype(np.float32) - np.float32(low)) / np.float32(high - low)
    return np.asarray(np.clip(scaled, 0.0, 1.0), dtype=np.float32)


def equalize(pixels: FloatArray) -> FloatArray:
    """Replace each grey by its rank, so that any increasing tone curve gives the same picture.

    Hospitals and publishers differ first in their tone curves; ranks undo them all.

    Parameters
    ----------
    pixels : (rows, columns) float32
        0 to 1.

    Returns
    -------
    (rows, columns) float32
        The share of pixels that are darker, ties counted half: 0 to 1.
    """
    top = RANK_LEVELS - 1
    levels = np.clip(pixels * top, 0, top).astype(np.int64)
    counts = np.bincount(levels.ravel(), minlength=RANK_LEVELS)
    ranks = (np.cumsum(counts) - 0.5 * counts) / levels.size
    return ranks[levels].astype(np.float32)


def to_bytes(pixels: FloatArray) -> ByteArray:
    """Round 0…1 to 8-bit grey."""
    return np.round(np.clip(pixels, 0.0, 1.0) * 255.0).astype(np.uint8)
