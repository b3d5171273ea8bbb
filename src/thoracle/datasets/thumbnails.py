"""Small square pictures of films, on which near-duplicates are looked for."""

from collections.abc import Callable, Iterable
from pathlib import Path

import numpy as np
from PIL import Image

from thoracle.core.arrays import ByteArray, FloatArray
from thoracle.core.errors import ImageError
from thoracle.imaging.decode import decode_trusted_file
from thoracle.imaging.resample import resize, to_bytes

SIZE = 128
"""Rows and columns of a thumbnail. The aspect ratio is given up on purpose: copies of a
film made square by somebody else must still be found."""
_READ_SIZE = 512  # pixels, longer side: enough to find flat borders
_FLAT_RANGE = 10  # grey levels of 255: a border row or column varies less, JPEG noise included
_FRAMES_MAX = 3  # a film in a black box on a white page has two
_KEPT_SHARE_MIN = 0.4  # a film trimmed below this share of its height or width is left whole


def load_thumbnail(path: Path) -> ByteArray:
    """Read a picture as a square of grey, its flat borders cut away.

    Returns
    -------
    (128, 128) uint8
        Grey after histogram equalization, so that gamma and contrast hardly matter.

    A file that cannot be decoded is an ImageError.
    """
    return to_thumbnail(read_grey(path, side_max=_READ_SIZE))


def load_thumbnails(
    paths: Iterable[Path], *, on_step: Callable[[], None]
) -> tuple[ByteArray, list[int]]:
    """Read many thumbnails; a file that cannot be read becomes flat and is named.

    Returns
    -------
    thumbnails : (films, 128, 128) uint8
    unreadable : list of int
        Positions of files that could not be read.
    """
    thumbnails: list[ByteArray] = []
    unreadable: list[int] = []
    for position, path in enumerate(paths):
        try:
            thumbnails.append(load_thumbnail(path))
        except ImageError:
            unreadable.append(position)
            thumbnails.append(np.zeros((SIZE, SIZE), np.uint8))
        on_step()
    return np.array(thumbnails, np.uint8).reshape(-1, SIZE, SIZE), unreadable


def to_thumbnail(grey: ByteArray) -> ByteArray:
    """Trim flat borders, resize to the square and equalize the histogram.

    Parameters
    ----------
    grey : (rows, columns) uint8
    """
    trimmed = _trim(grey)
    small = Image.fromarray(trimmed).resize((SIZE, SIZE), Image.Resampling.BOX)
    return _equalize(np.asarray(small))


def as_unit(thumbnails: ByteArray) -> FloatArray:
    """Turn thumbnails into float32, 0 to 1."""
    return thumbnails.astype(np.float32) / np.float32(255)


def read_grey(path: Path, *, side_max: int) -> ByteArray:
    """Decode a local file to 8-bit grey, bone bright, its longer side at most about `side_max`.

    Parameters
    ----------
    path
        A picture or DICOM file whose origin is trusted.
    side_max
        Pixels; a longer film is shrunk, a shorter one is left as it is.

    Returns
    -------
    (rows, columns) uint8
        The aspect ratio is kept.

    A file that does not exist or is not one readable film is an ImageError.
    """
    pixels = decode_trusted_file(path).pixels
    rows, columns = pixels.shape
    shrink = min(1.0, side_max / max(rows, columns))
    wanted = (max(1, round(rows * shrink)), max(1, round(columns * shrink)))
    return to_bytes(resize(pixels, rows=wanted[0], columns=wanted[1]))


def _trim(grey: ByteArray) -> ByteArray:
    """Cut flat borders away, again where a frame was inside another."""
    for _ in range(_FRAMES_MAX):
        trimmed = grey[_lively(grey), _lively(grey.T)]
        if trimmed.shape == grey.shape:
            break
        grey = trimmed
    return grey


def _lively(grey: ByteArray) -> slice:
    """Return the span of rows from the first to the last that is not flat."""
    low, high = np.percentile(grey, (5, 95), axis=1)
    lively = np.flatnonzero(high - low > _FLAT_RANGE)
    if lively.size == 0 or (lively[-1] + 1 - lively[0]) < _KEPT_SHARE_MIN * len(grey):
        return slice(0, len(grey))
    return slice(int(lively[0]), int(lively[-1]) + 1)


def _equalize(grey: ByteArray) -> ByteArray:
    """Replace every grey value by the share of pixels below it, half of its own included."""
    counts = np.bincount(grey.ravel(), minlength=256)
    below = np.cumsum(counts) - counts / 2
    return np.round(below[grey] / grey.size * 255).astype(np.uint8)
