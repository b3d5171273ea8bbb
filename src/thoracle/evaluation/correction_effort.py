"""What it takes to correct a label map: how much of it changes, and on how many slices."""

from dataclasses import dataclass

import numpy as np

from thoracle.core.arrays import ByteArray
from thoracle.core.errors import EvaluationError


@dataclass(frozen=True, slots=True, kw_only=True)
class CorrectionEffort:
    """How far a label map lies from its correction.

    `volume_ml` is of all voxels whose label changes, `infection_ml` of those that were altered
    lung before or are afterwards. `slices` counts those on which enough changes to be redrawn.
    """

    volume_ml: float
    infection_ml: float
    slices: int


def correction_effort(
    before: ByteArray,
    after: ByteArray,
    *,
    infection: tuple[int, ...],
    spacing_mm: tuple[float, float, float],
    slice_min_mm2: float,
) -> CorrectionEffort:
    """Measure what a correction changed.

    Parameters
    ----------
    before, after : (slices, rows, columns) uint8
        Label maps on one grid.
    infection
        Labels of altered lung.
    spacing_mm
        Of slices, rows and columns.
    slice_min_mm2
        Less than this area on a slice is no reason to redraw it.

    Returns
    -------
    CorrectionEffort
        0 where nothing changed. It counts voxels, not a reader's strokes or minutes.

    Raises
    ------
    EvaluationError
        The maps have different shapes.
    """
    if before.shape != after.shape:
        raise EvaluationError(
            f"found label maps of {before.shape} and {after.shape} voxels – expected the same "
            "grid. Resample one onto the other.",
            code="evaluation-shape",
        )
    changed = before != after
    altered = changed & (np.isin(before, infection) | np.isin(after, infection))
    voxel_ml = float(np.prod(spacing_mm)) / 1000.0
    areas_mm2 = changed.sum(axis=(1, 2)) * (spacing_mm[1] * spacing_mm[2])
    return CorrectionEffort(
        volume_ml=float(changed.sum()) * voxel_ml,
        infection_ml=float(altered.sum()) * voxel_ml,
        slices=int(((areas_mm2 >= slice_min_mm2) & (areas_mm2 > 0)).sum()),
    )
