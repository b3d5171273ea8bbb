"""How well two scans lie over each other, and whether they can be of one patient at all."""

from dataclasses import dataclass
from typing import Final, Literal, Protocol, TypeVar

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from thoracle.core.arrays import BoolArray, DoubleArray, FloatArray

T = TypeVar("T", np.uint8, np.int16, np.float32)

_BOX_MM: Final = 15.0  # ribs, spine and diaphragm around the lungs
_UNSEEN: Final = -9  # grey is −1 to 1
_SEEN_LEAST: Final = 0.5  # of the box: a corner that agrees says nothing of two chests
_AXES: Final = (2, 1, 0)  # of a place in mm: left, back, up; an array's are the other way round


class View(Protocol):
    """A scan on a small grid, as `thoracle.ct.register.Coarse`."""

    @property
    def grey(self) -> FloatArray:
        """(slices, rows, columns) float32, −1 to 1."""

    @property
    def lungs(self) -> BoolArray:
        """(slices, rows, columns) bool."""

    @property
    def affine(self) -> DoubleArray:
        """(4, 4): from (column, row, slice, 1) to place in mm."""

    @property
    def spacing_mm(self) -> tuple[float, float, float]:
        """Of slices, rows and columns."""

    @property
    def center_mm(self) -> DoubleArray:
        """Center of the lungs, in mm."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Overlap:
    """How well a later scan lies over an earlier one.

    Attributes
    ----------
    dice
        Of the lungs, 0 to 1.
    surface_mm
        Mean distance between both lung surfaces, from each to the other; infinite where the
        later lungs lie outside of the earlier scan.
    surface_p95_mm
        What 95 % of both surfaces stay below.
    correlation
        Of the grey in a box around the lungs (Pearson), −1 to 1, over what both scans show; 0 where
        the later scan shows less than half of the box.
    """

    dice: float
    surface_mm: float
    surface_p95_mm: float
    correlation: float


def overlap_of(earlier: View, later: View, matrix: DoubleArray) -> Overlap:
    """Measure how well a later scan lies over an earlier one.

    Parameters
    ----------
    earlier, later
        Scans on their own small grids.
    matrix : (4, 4) float64
        From a place of the earlier scan to the same place of the later one, in mm.

    Returns
    -------
    Overlap
        On the earlier scan's grid.
    """
    carry = to_indices(earlier.affine, matrix, later.affine)
    correlation = _correlation(earlier, later, matrix)
    moved = resampled(later.lungs.astype(np.uint8), carry, earlier.lungs.shape, order=0) > 0
    if not moved.any():
        return Overlap(dice=0.0, surface_mm=np.inf, surface_p95_mm=np.inf, correlation=correlation)
    shared = np.count_nonzero(moved & earlier.lungs)
    total = np.count_nonzero(moved) + np.count_nonzero(earlier.lungs)
    apart = _surface_distances(earlier.lungs, moved, earlier.spacing_mm)
    return Overlap(
        dice=float(2.0 * shared / total),
        surface_mm=float(apart.mean()),
        surface_p95_mm=float(np.percentile(apart, 95)),
        correlation=correlation,
    )


def mirrored_along(earlier: View, later: View, matrices: tuple[DoubleArray, ...]) -> int | None:
    """Return the axis along which a later scan fits better when it is mirrored.

    Parameters
    ----------
    earlier, later
        Scans on their own small grids.
    matrices : (4, 4) float64 each
        Ways to lay the later over the earlier scan; the last is the best known.

    Returns
    -------
    int or None
        0 feet–head, 1 front–back, 2 right–left; None where it fits best as it is.
    """
    center = earlier.center_mm
    best, found = _correlation(earlier, later, matrices[-1]), None
    for place in range(3):
        mirror = np.eye(4)
        mirror[place, place] = -1.0
        mirror[place, 3] = 2.0 * center[place]
        turned = max(_correlation(earlier, later, one @ mirror) for one in matrices)
        if turned > best:
            best, found = turned, _AXES[place]
    return found


def to_indices(earlier: DoubleArray, matrix: DoubleArray, later: DoubleArray) -> DoubleArray:
    """Return the (4, 4) matrix from indices (slice, row, column, 1) of one grid to another's.

    Parameters
    ----------
    earlier, later : (4, 4) float64
        From (column, row, slice, 1) to place in mm, of each grid.
    matrix : (4, 4) float64
        From a place of the earlier scan to the same place of the later one.
    """
    swap = np.eye(4)[[2, 1, 0, 3]]
    return np.asarray(swap @ np.linalg.inv(later) @ matrix @ earlier @ swap)


def resampled(
    values: NDArray[T],
    carry: DoubleArray,
    shape: tuple[int, ...],
    *,
    order: Literal[0, 1],
    outside: int = 0,
) -> NDArray[T]:
    """Look up values of one grid at the voxels of another, in the values' own type.

    Parameters
    ----------
    values : (slices, rows, columns)
        Of the grid that is looked into.
    carry : (4, 4) float64
        From `to_indices`.
    shape
        Of the result.
    order
        0 takes the nearest voxel (labels), 1 interpolates (grey).
    outside
        What stands where the other grid does not reach.
    """
    return ndimage.affine_transform(
        values, carry[:3, :3], carry[:3, 3], shape, order=order, mode="constant", cval=outside
    )


def _correlation(earlier: View, later: View, matrix: DoubleArray) -> float:
    """Correlate grey in a box around the earlier lungs, where the later scan reaches."""
    reach = [round(_BOX_MM / one) for one in earlier.spacing_mm]
    box = tuple(
        slice(max(0, int(at.min()) - far), int(at.max()) + far + 1)
        for at, far in zip(np.nonzero(earlier.lungs), reach, strict=True)
    )
    first = earlier.grey[box]
    carry = to_indices(earlier.affine, matrix, later.affine)
    carry[:3, 3] += carry[:3, :3] @ [one.start for one in box]
    second = resampled(later.grey, carry, first.shape, order=1, outside=_UNSEEN)
    seen = second >= -1.0
    if np.count_nonzero(seen) < _SEEN_LEAST * seen.size:
        return 0.0
    one, other = first[seen], second[seen]
    if one.std() == 0.0 or other.std() == 0.0:
        return 0.0
    return float(np.corrcoef(one, other)[0, 1])


def _surface_distances(
    first: BoolArray, second: BoolArray, spacing_mm: tuple[float, float, float]
) -> DoubleArray:
    """Return the distances from each surface's voxels to the other surface."""
    either = first | second
    box = tuple(slice(int(at.min()), int(at.max()) + 1) for at in np.nonzero(either))
    rims = [one[box] & ~ndimage.binary_erosion(one[box]) for one in (first, second)]
    there, back = (ndimage.distance_transform_edt(~one, sampling=spacing_mm) for one in rims)
    return np.concatenate([back[rims[0]], there[rims[1]]])
