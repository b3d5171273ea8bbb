"""Flat pictures as NIfTI-1 files, so that one viewer shows films and volumes alike."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

NIFTI_TYPE = "application/octet-stream"


def flat_nifti(
    values: NDArray[Any], *, left_mm: float, top_mm: float, spacing_mm: tuple[float, float]
) -> bytes:
    """Write a picture as a volume of one slice, seen from the front.

    Parameters
    ----------
    values : (rows, columns) uint8, uint16 or float32
        Row 0 is the top, column 0 the left side of the picture.
    left_mm, top_mm
        Center of the top left pixel: to the right of, and below, the origin.
    spacing_mm
        Row and column spacing.

    Returns
    -------
    bytes
        An uncompressed NIfTI-1 file. X grows to the right of the picture, Y upwards.

    References
    ----------
    NIfTI-1: Cox et al. 2004. Written by nibabel.
    """
    from nibabel.nifti1 import Nifti1Image

    row_mm, column_mm = spacing_mm
    rows = len(values)
    affine = np.array(
        [
            [column_mm, 0, 0, left_mm],
            [0, row_mm, 0, -top_mm - (rows - 1) * row_mm],
            [0, 0, 1, 0],
            [0, 0, 0, 1],
        ],
        np.float64,
    )
    upward = np.ascontiguousarray(values[::-1].T[:, :, None])
    image = Nifti1Image(upward, affine, dtype=values.dtype)  # type: ignore[no-untyped-call]
    return bytes(image.to_bytes())
