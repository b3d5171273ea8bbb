"""A correction's effort counts what changed, and the slices on which it is worth a stroke."""

import numpy as np
import pytest

from thoracle.core.arrays import ByteArray
from thoracle.core.errors import EvaluationError
from thoracle.evaluation.correction_effort import CorrectionEffort, correction_effort

SPACING = (5.0, 2.0, 2.0)  # a voxel is 0.02 ml, and 4 mm² on its slice


def _effort(before: ByteArray, after: ByteArray, *, least: float = 12.0) -> CorrectionEffort:
    return correction_effort(
        before, after, infection=(2, 3), spacing_mm=SPACING, slice_min_mm2=least
    )


def test_changed_voxels_become_ml_and_small_changes_are_no_slice_to_redraw() -> None:
    before = np.ones((4, 5, 5), np.uint8)
    after = before.copy()
    after[0, 0, :3] = 0  # three voxels of lung that are none: 12 mm²
    after[1, 0, :2] = 2  # two of ground glass that were missed: 8 mm²
    found = _effort(before, after)
    assert found.volume_ml == pytest.approx(0.1)
    assert found.infection_ml == pytest.approx(0.04)
    assert found.slices == 1
    assert _effort(before, after, least=0.0).slices == 2
    assert _effort(after, before) == found


def test_nothing_to_correct_is_no_effort() -> None:
    same = np.full((2, 3, 3), 3, np.uint8)
    assert _effort(same, same, least=0.0) == CorrectionEffort(
        volume_ml=0.0, infection_ml=0.0, slices=0
    )


def test_ground_glass_that_is_consolidation_is_altered_lung() -> None:
    before, after = np.full((1, 2, 2), 2, np.uint8), np.full((1, 2, 2), 3, np.uint8)
    assert _effort(before, after).infection_ml == pytest.approx(0.08)


def test_maps_of_other_sizes_are_refused() -> None:
    with pytest.raises(EvaluationError, match="expected the same grid"):
        _effort(np.zeros((1, 2, 2), np.uint8), np.zeros((1, 2, 3), np.uint8))
