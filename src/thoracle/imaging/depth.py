"""Frames of a depth camera: what they hold, how many are accepted, how they are made smaller."""

import math
from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from thoracle.core.arrays import FloatArray
from thoracle.core.errors import ImageError

FILE_BYTES_MAX: Final = 512 * 2**20
FRAMES_MAX: Final = 36_000  # an hour at 10 frames per second
PIXELS_MAX: Final = 4096 * 3072
VALUES_MAX: Final = 24_000_000
"""Most values that are kept, 96 MB: frames are made smaller until they fit."""
_VALID_MIN: Final = 0.5  # of a block's pixels, for a mean that is not of its edge alone
_SIDE_MIN: Final = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class DepthHeader:
    """Frames as they are kept: how many, their sides, and how many pixels a side of one is."""

    frames: int
    rows: int
    columns: int
    step: int


@dataclass(frozen=True, slots=True, kw_only=True)
class DepthFrames:
    """A depth video.

    Attributes
    ----------
    depth_mm : (frames, rows, columns) float32
        Distance to the camera; NaN where the camera saw nothing.
    step
        Each value is the mean of `step` × `step` of the camera's pixels.
    sha256
        Of the file's bytes.
    name
        What the file is called.
    """

    depth_mm: FloatArray = field(repr=False)
    step: int
    sha256: str
    name: str


def check_depth_size(size_bytes: int) -> None:
    """Refuse a file that is larger than any depth video within the limits.

    Raises
    ------
    ImageError
        depth-too-large.
    """
    if size_bytes > FILE_BYTES_MAX:
        raise ImageError(
            f"The file has {size_bytes} bytes – expected at most {FILE_BYTES_MAX} for one depth "
            "video. Export a shorter time, or smaller frames.",
            code="depth-too-large",
        )


def kept_size(frames: int, rows: int, columns: int) -> DepthHeader:
    """Say how frames of a declared size are kept, before memory is taken for them.

    Parameters
    ----------
    frames, rows, columns
        As the file declares.

    Raises
    ------
    ImageError
        depth-size: there are too many, they are too large, or too small to show a chest.
    """
    is_sound = 2 <= frames <= FRAMES_MAX and min(rows, columns) >= _SIDE_MIN
    if not is_sound or rows * columns > PIXELS_MAX:
        raise ImageError(
            f"The depth video declares {frames} frames of {rows} × {columns} pixels – expected 2 "
            f"to {FRAMES_MAX} frames of {_SIDE_MIN} × {_SIDE_MIN} to {PIXELS_MAX} pixels in all. "
            "Export a shorter time, or smaller frames.",
            code="depth-size",
        )
    step = max(1, math.isqrt(frames * rows * columns // VALUES_MAX))
    while frames * (rows // step) * (columns // step) > VALUES_MAX:
        step += 1
    return DepthHeader(frames=frames, rows=rows // step, columns=columns // step, step=step)


def made_smaller(frame: NDArray[Any], header: DepthHeader) -> FloatArray:
    """Return a frame as it is kept.

    Parameters
    ----------
    frame : (rows, columns) whole or real numbers
        Depth in mm; 0, and what is not finite, was not seen.
    header
        From `kept_size`; rows and columns that do not fill a block are left out.

    Returns
    -------
    (rows, columns) float32
        Means of the pixels that were seen; NaN where fewer than half of a block were.
    """
    step = header.step
    whole = frame[: header.rows * step, : header.columns * step].astype(np.float32)
    blocks = whole.reshape(header.rows, step, header.columns, step)
    is_seen = np.isfinite(blocks) & (blocks > 0.0)
    count = is_seen.sum((1, 3))
    total = np.where(is_seen, blocks, 0.0).sum((1, 3))
    small = np.full(count.shape, np.nan, np.float32)
    np.divide(total, count, out=small, where=count >= _VALID_MIN * step * step)
    return small
