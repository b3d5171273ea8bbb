"""Local binary patterns: which of a pixel's eight neighbors are at least as bright."""

import numpy as np

from thoracle.core.arrays import BoolArray, DoubleArray, IntArray
from thoracle.imaging.texture.lattice import box_of

POINTS = 8
NAMES = tuple(f"lbp_{number}" for number in range(POINTS + 2))
_HALF = float(np.sqrt(0.5))


def lbp_histogram(image: DoubleArray, mask: BoolArray) -> dict[str, float]:
    """Return how often each uniform pattern occurs in a region, slice by slice.

    Parameters
    ----------
    image : (slices, rows, columns) float64
        Grey; what lies around the region counts as neighbors.
    mask : (slices, rows, columns) bool
        Region True.

    Returns
    -------
    dict
        `lbp_0` to `lbp_8`: the share of pixels of which so many neighbors, side by side, are at
        least as bright; `lbp_9`: of all others. NaN for an empty region.

    References
    ----------
    Ojala et al. 2002: 8 points at radius 1, rotation invariant, uniform. Not in the IBSI.
    """
    number = int(mask.sum())
    if not number:
        return dict.fromkeys(NAMES, float("nan"))
    box = tuple(
        slice(max(one.start - 1, 0), min(one.stop + 1, side))  # the neighbors are needed too
        for one, side in zip(box_of(mask)[1:], mask.shape[1:], strict=True)
    )
    counts = np.zeros(POINTS + 2)
    for one, inside in zip(image, mask, strict=True):
        if inside.any():
            patterns = uniform_patterns(one[box])[inside[box]]
            counts += np.bincount(patterns, minlength=POINTS + 2)
    return dict(zip(NAMES, (counts / number).tolist(), strict=True))


def uniform_patterns(image: DoubleArray) -> IntArray:
    """Return each pixel's pattern, 0 to 9.

    Parameters
    ----------
    image : (rows, columns) float64
        Grey; beyond its edge it is 0, as in scikit-image.

    Returns
    -------
    (rows, columns) int64
        Points on the corners are interpolated between four pixels.
    """
    framed = np.pad(image, 1)
    ring = np.stack([_at(framed, row, column) >= image for row, column in _CIRCLE])
    bright = ring.sum(axis=0)
    changes = (ring != np.roll(ring, 1, axis=0)).sum(axis=0)
    return np.where(changes <= 2, bright, POINTS + 1).astype(np.int64)


_CIRCLE = (
    (0.0, 1.0), (-_HALF, _HALF), (-1.0, 0.0), (-_HALF, -_HALF),
    (0.0, -1.0), (_HALF, -_HALF), (1.0, 0.0), (_HALF, _HALF),
)  # fmt: skip


def _at(framed: DoubleArray, row: float, column: float) -> DoubleArray:
    """Return the grey at a place beside each pixel, between those that are nearest to it."""
    top, left = int(np.floor(row)), int(np.floor(column))
    down, right = row - top, column - left
    rows, columns = framed.shape[0] - 2, framed.shape[1] - 2
    total = np.zeros((rows, columns))
    for step_down, share_down in ((0, 1.0 - down), (1, down)):
        for step_right, share_right in ((0, 1.0 - right), (1, right)):
            if share_down * share_right:
                begin, start = 1 + top + step_down, 1 + left + step_right
                part = framed[begin : begin + rows, start : start + columns]
                total += share_down * share_right * part
    return total
