"""How a label map agrees with a reader's: overlap, distance, volume, for any group of labels."""

import math
from dataclasses import dataclass

import numpy as np

from thoracle.core.arrays import BoolArray, ByteArray
from thoracle.evaluation.segmentation import dice, hd95_mm


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupAgreement:
    """One group of labels in one scan.

    `dice` is 0 to 1; it and `hd95_mm` are NaN where the reference has less of the group than is
    asked for, or where nothing was found to measure a distance from. Volumes are always known.
    """

    dice: float
    hd95_mm: float
    volume_ml: float
    reference_ml: float

    @property
    def error_ml(self) -> float:
        """Found less reference."""
        return self.volume_ml - self.reference_ml


def group_agreement(
    label_map: ByteArray,
    reference: ByteArray,
    *,
    labels: tuple[int, ...],
    spacing_mm: tuple[float, float, float],
    reference_min_ml: float,
) -> GroupAgreement:
    """Compare a group of labels with the reader's.

    Parameters
    ----------
    label_map, reference : (slices, rows, columns) uint8
        On one grid; masks of other shapes are an EvaluationError.
    labels
        Which are counted together.
    spacing_mm
        Of slices, rows and columns.
    reference_min_ml
        Less in the reference is too little for an overlap to mean anything; 0 takes any.

    Returns
    -------
    GroupAgreement
        Volumes count whole voxels.
    """
    found, wanted = np.isin(label_map, labels), np.isin(reference, labels)
    voxel_ml = float(np.prod(spacing_mm)) / 1000.0
    volume_ml, reference_ml = float(found.sum()) * voxel_ml, float(wanted.sum()) * voxel_ml
    if reference_ml < reference_min_ml or not wanted.any():
        overlap, distance = math.nan, math.nan
    else:
        near = _around(found | wanted)
        overlap = dice(found[near], wanted[near])
        distance = hd95_mm(found[near], wanted[near], spacing_mm=spacing_mm)
    return GroupAgreement(
        dice=overlap, hd95_mm=distance, volume_ml=volume_ml, reference_ml=reference_ml
    )


def percentage_of_infection(
    label_map: ByteArray, *, infection: tuple[int, ...], lungs: tuple[int, ...]
) -> float:
    """Return altered lung as a percentage of both lungs.

    Parameters
    ----------
    label_map : (slices, rows, columns) uint8
        Labels.
    infection, lungs
        Which labels are altered lung, and which are lung, altered or not.

    Returns
    -------
    float
        0 to 100; NaN without lungs.
    """
    whole = int(np.isin(label_map, lungs).sum())
    return math.nan if not whole else 100.0 * int(np.isin(label_map, infection).sum()) / whole


def _around(mask: BoolArray) -> tuple[slice, ...]:
    """Return the box of a mask with a voxel more at each side, so that borders stay borders."""
    sides = []
    for axis, length in enumerate(mask.shape):
        found = np.flatnonzero(mask.any(axis=tuple(one for one in range(mask.ndim) if one != axis)))
        sides.append(slice(max(0, int(found[0]) - 1), min(length, int(found[-1]) + 2)))
    return tuple(sides)
