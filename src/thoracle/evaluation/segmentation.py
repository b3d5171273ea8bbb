"""Overlap and surface distance of masks."""

import math
from collections.abc import Sequence

import numpy as np
import scipy

from thoracle.core.arrays import BoolArray, DoubleArray
from thoracle.core.errors import EvaluationError


def dice(mask: BoolArray, reference: BoolArray) -> float:
    """Return twice the overlap over the sum of both sizes.

    Parameters
    ----------
    mask, reference : (rows, columns) or (slices, rows, columns) bool
        The same grid.

    Returns
    -------
    float
        0 no overlap, 1 equal. NaN where both are empty: there was nothing to find.

    Raises
    ------
    EvaluationError
        The masks have different shapes, or are not bool.
    """
    problem = _mask_problem(mask, reference)
    if problem is not None:
        raise EvaluationError(problem, code="evaluation-shape")
    total = int(mask.sum()) + int(reference.sum())
    if total == 0:
        return math.nan
    return 2.0 * int((mask & reference).sum()) / total


def hd95_mm(mask: BoolArray, reference: BoolArray, *, spacing_mm: Sequence[float]) -> float:
    """Return the 95th percentile of surface distances, the larger of the two directions.

    Parameters
    ----------
    mask, reference : (rows, columns) or (slices, rows, columns) bool
        The same grid.
    spacing_mm
        Distance between centers along each axis, in the order of the axes.

    Returns
    -------
    float
        Millimeters, from surface voxel to nearest surface voxel. NaN where a mask is empty,
        since it has no surface. A mask that ends at the border has a surface there.

    Raises
    ------
    EvaluationError
        The masks have different shapes or are not bool, or the spacing does not fit them.
    """
    problem = _mask_problem(mask, reference)
    if problem is not None:
        raise EvaluationError(problem, code="evaluation-shape")
    if len(spacing_mm) != mask.ndim or not all(step > 0.0 for step in spacing_mm):
        raise EvaluationError(
            f"The spacing is {tuple(spacing_mm)} mm for a mask of {mask.ndim} axes: expected one "
            "number above 0 per axis. Read it from the file.",
            code="evaluation-values",
        )
    if not mask.any() or not reference.any():
        return math.nan
    first, second = _surface(mask), _surface(reference)
    there = _distances_mm(first, second, spacing_mm)
    back = _distances_mm(second, first, spacing_mm)
    return float(max(np.percentile(there, 95.0), np.percentile(back, 95.0)))


def _surface(mask: BoolArray) -> BoolArray:
    return np.asarray(mask & ~scipy.ndimage.binary_erosion(mask, border_value=0), dtype=np.bool_)


def _distances_mm(start: BoolArray, goal: BoolArray, spacing_mm: Sequence[float]) -> DoubleArray:
    field = scipy.ndimage.distance_transform_edt(~goal, sampling=tuple(spacing_mm))
    return np.asarray(field, dtype=np.float64)[start]


def _mask_problem(mask: BoolArray, reference: BoolArray) -> str | None:
    if mask.shape != reference.shape:
        return (
            f"The mask has shape {mask.shape}, the reference {reference.shape}: expected the same "
            "grid. Resample one onto the other."
        )
    if mask.dtype != np.bool_ or reference.dtype != np.bool_:
        return (
            f"The masks are {mask.dtype} and {reference.dtype}, expected bool. Compare a label map "
            "with the label that is meant."
        )
    return None
