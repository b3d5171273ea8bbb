"""Setting a picture upright by the Orientation that a camera or scanner wrote into the file."""

from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

Samples = TypeVar("Samples", bound=np.generic)

UPRIGHT = 1


def set_upright(samples: NDArray[Samples], *, orientation: int) -> NDArray[Samples]:
    """Undo the turn or mirroring that Orientation (tag 0x0112) describes.

    Parameters
    ----------
    samples : (rows, columns) or (rows, columns, channels)
        Pixels as stored.
    orientation
        1 to 8 as in TIFF and EXIF; any other value means upright, as readers agree.

    Returns
    -------
    (rows, columns, ...), the input's type
        A contiguous array; rows and columns change places for 5 to 8.

    References
    ----------
    TIFF 6.0, section 8, Orientation; CIPA DC-008 (EXIF 2.32) 4.6.5.
    """
    upright = np.swapaxes(samples, 0, 1) if orientation in (5, 6, 7, 8) else samples
    if orientation in (3, 4, 7, 8):
        upright = upright[::-1]
    if orientation in (2, 3, 6, 7):
        upright = upright[:, ::-1]
    return np.ascontiguousarray(upright)
