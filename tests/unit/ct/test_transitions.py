"""What became of each place, against volumes by formula."""

from dataclasses import replace

import numpy as np
import pytest
from tests.unit.ct.chest import SPACING_MM, affine_of, chest, moved

from thoracle.core.arrays import ByteArray
from thoracle.ct.transitions import OUTSIDE, Common, Labeled, on_common_grid, transitions
from thoracle.ct.types import CONSOLIDATION, GROUND_GLASS, LUNG


def _common(earlier: ByteArray, later: ByteArray, tolerance_mm: float = 1.0) -> Common:
    hu = np.zeros(earlier.shape, np.int16)
    return Common(
        earlier=earlier,
        later=later,
        earlier_hu=hu,
        later_hu=hu,
        slices=tuple(range(1, len(earlier) + 1)),
        spacing_mm=(1.0, 1.0, 1.0),
        tolerance_mm=(tolerance_mm,) * 3,
    )


def _block(first: int, last: int, label: int = GROUND_GLASS) -> ByteArray:
    """Return 20 × 20 × 20 voxels of lung with a block of 10 × 10 × (last − first) in it."""
    made = np.full((20, 20, 20), LUNG, np.uint8)
    made[5:15, 5:15, first:last] = label
    return made


def test_new_resolved_and_persistent_are_counted_in_ml() -> None:
    found = transitions(_common(_block(4, 10), _block(8, 16)))
    assert found.resolved.ml == pytest.approx(0.4)
    assert found.persistent.ml == pytest.approx(0.2)
    assert found.new.ml == pytest.approx(0.6)
    assert found.table[GROUND_GLASS][GROUND_GLASS] == pytest.approx(0.2)
    assert sum(map(sum, found.table)) == pytest.approx(8.0)


def test_a_border_that_may_be_off_by_a_voxel_leaves_only_what_is_farther_away() -> None:
    found = transitions(_common(_block(4, 10), _block(8, 16)))
    # New is column 10 to 15; the earlier border may be one column farther, or nearer.
    assert found.new.low_ml == pytest.approx(0.5)
    assert found.new.high_ml == pytest.approx(0.6 + 0.1 + 0.0, abs=0.08)
    assert found.resolved.low_ml == pytest.approx(0.3)


def test_the_same_lesion_twice_is_neither_new_nor_resolved_but_may_be_by_a_border() -> None:
    found = transitions(_common(_block(5, 15), _block(5, 15)))
    assert (found.new.ml, found.resolved.ml) == (0.0, 0.0)
    assert [found.new.low_ml, found.persistent.high_ml] == pytest.approx([0.0, 1.0])
    # The outermost layer of 10 × 10 × 10 is all but 8 × 8 × 8.
    assert found.new.high_ml == pytest.approx(1.0 - 0.512)


def test_ground_glass_that_became_consolidation_and_back() -> None:
    found = transitions(_common(_block(4, 10), _block(4, 10, CONSOLIDATION)))
    assert [found.thickened.ml, found.thinned.ml] == pytest.approx([0.6, 0.0])
    back = transitions(_common(_block(4, 10, CONSOLIDATION), _block(4, 10)))
    assert [back.thickened.ml, back.thinned.ml] == pytest.approx([0.0, 0.6])


def test_what_the_later_scan_does_not_reach_is_neither_resolved_nor_new() -> None:
    later = _block(8, 16)
    later[:, :, :10] = OUTSIDE
    found = transitions(_common(_block(4, 10), later))
    assert found.resolved.ml == 0.0
    assert found.new.ml == pytest.approx(0.6)
    assert found.unseen_ml == pytest.approx(4.0)


def test_a_lesion_that_grew_in_a_moved_chest_is_new_around_the_old_one() -> None:
    true = moved(turn_degrees=8.0, shift_mm=(10.0, -15.0, 300.0))
    first, before = chest(radius_mm=24.0)
    second, after = chest(true, affine=affine_of(shift=(10.0, -15.0, 300.0)), radius_mm=36.0)
    common = on_common_grid(
        Labeled(scan=first, label_map=before),
        Labeled(scan=second, label_map=after),
        true,
        error_mm=0.5,
    )
    found = transitions(common)
    ball = [4 / 3 * np.pi * radius**3 / 1000 for radius in (24.0, 36.0)]
    assert found.persistent.ml == pytest.approx(ball[0], rel=0.08)
    assert found.new.ml == pytest.approx(ball[1] - ball[0], rel=0.08)
    assert found.resolved.ml < 0.03 * ball[0]
    assert found.new.low_ml < ball[1] - ball[0] < found.new.high_ml


def test_a_fine_scan_is_compared_on_a_coarser_grid_around_its_lungs() -> None:
    scan, labels = chest()
    fine = replace(scan, spacing_mm=(6.0, 0.5, 0.75), affine=np.diag([0.75, 0.5, 6.0, 1.0]))
    margins = (2, 24, 16)  # of 12 mm
    one = Labeled(scan=fine, label_map=labels)
    common = on_common_grid(one, one, np.eye(4), error_mm=1.0)
    assert common.spacing_mm == (6.0, 1.5, 1.5)
    ends = [
        np.flatnonzero((labels > 0).any(axis=axes))[[0, -1]] for axes in ((1, 2), (0, 2), (0, 1))
    ]
    begins = [max(0, int(one[0]) - margin) for one, margin in zip(ends, margins, strict=True)]
    sizes = [
        min(count, int(one[1]) + 1 + margin) - begin
        for one, margin, count, begin in zip(ends, margins, labels.shape, begins, strict=True)
    ]
    assert common.earlier.shape == (sizes[0], sizes[1] // 3, sizes[2] // 2)
    assert common.slices == tuple(range(begins[0] + 1, begins[0] + sizes[0] + 1))
    assert np.array_equal(common.earlier, common.later)
    assert common.tolerance_mm[0] == pytest.approx(np.sqrt(1.0 + 2 * 9.0))


def test_hu_are_brought_over_with_the_labels() -> None:
    scan, labels = chest()
    one = Labeled(scan=scan, label_map=labels)
    common = on_common_grid(one, one, np.eye(4), error_mm=1.0)
    assert common.spacing_mm == SPACING_MM
    assert np.array_equal(common.earlier_hu, common.later_hu)
    inside = common.earlier == GROUND_GLASS
    assert common.later_hu[inside].mean() == pytest.approx(-500, abs=20)
