"""Volumes by side and part: blocks whose parts can be counted on paper."""

import numpy as np
import pytest

from thoracle.core.arrays import ByteArray
from thoracle.ct.measures import PARTS, SIDES
from thoracle.ct.regions import Volumes, part_bounds, tally, volumes
from thoracle.ct.sides import LEFT, RIGHT, Sides

MM = (5.0, 10.0, 10.0)  # a voxel is half a ml, and 1 cm² of a slice


def measured(labels: ByteArray, *, knows_sides: bool = True) -> Volumes:
    """Volumes of labels whose first half of columns is the right lung."""
    sides = None
    if knows_sides:
        middle = labels.shape[2] // 2
        side_map = (labels > 0) * np.where(np.arange(labels.shape[2]) < middle, RIGHT, LEFT)
        sides = Sides(side_map=side_map.astype(np.uint8), junction_mm=0.0)
    return volumes(tally(labels, sides, spacing_mm=MM))


def block(slices: int, rows: int) -> ByteArray:
    """Two lungs of 4 columns each, of some slices and rows, with air around."""
    labels = np.zeros((slices + 2, rows + 2, 10), np.uint8)
    labels[1:-1, 1:-1, 0:4] = 1
    labels[1:-1, 1:-1, 6:10] = 1
    return labels


def test_volumes_are_counted_voxels_and_the_percentage_is_of_all_lung() -> None:
    labels = block(6, 4)
    labels[1, 1, 0:4] = 2
    labels[2, 1, 0:2] = 3
    found = measured(labels)
    assert found["both", "whole"] == {
        "lung_ml": 96.0,
        "ground_glass_ml": 2.0,
        "consolidation_ml": 1.0,
        "infection_ml": 3.0,
        "percentage_of_infection": pytest.approx(100 * 3 / 96),
    }
    assert found["right", "whole"]["percentage_of_infection"] == pytest.approx(100 * 3 / 48)
    assert found["left", "whole"]["percentage_of_infection"] == 0.0


def test_thirds_are_of_equal_height_even_where_a_slice_lies_in_two() -> None:
    labels = block(4, 4)
    labels[1] *= 2  # the lowest of four slices is ground glass
    found = measured(labels)
    for part in ("upper", "middle", "lower"):
        assert found["left", part]["lung_ml"] == pytest.approx(32.0 / 3)
    assert found["left", "lower"]["ground_glass_ml"] == pytest.approx(8.0)
    assert found["left", "middle"]["ground_glass_ml"] == 0.0
    assert found["left", "lower"]["percentage_of_infection"] == pytest.approx(75.0)


def test_dorsal_is_the_half_with_the_last_rows() -> None:
    labels = block(4, 5)
    labels[:, 5] *= 3
    found = measured(labels)
    assert found["right", "dorsal"]["lung_ml"] == pytest.approx(20.0)
    assert found["right", "ventral"]["lung_ml"] == pytest.approx(20.0)
    assert found["right", "dorsal"]["consolidation_ml"] == pytest.approx(8.0)
    assert found["right", "ventral"]["consolidation_ml"] == 0.0


def test_parts_add_up_to_the_whole_of_each_side_and_sides_to_both() -> None:
    labels = np.random.default_rng(8).integers(0, 4, (7, 9, 12)).astype(np.uint8)
    found = measured(labels)
    for name in ("lung_ml", "ground_glass_ml", "consolidation_ml", "infection_ml"):
        ml = {key: one[name] or 0.0 for key, one in found.items()}
        for side in SIDES:
            thirds = sum(ml[side, part] for part in ("upper", "middle", "lower"))
            assert thirds == pytest.approx(ml[side, "whole"])
            assert ml[side, "ventral"] + ml[side, "dorsal"] == pytest.approx(ml[side, "whole"])
        for part in PARTS:
            assert ml["right", part] + ml["left", part] == pytest.approx(ml["both", part])


def test_a_stray_voxel_moves_no_third() -> None:
    fine = (5.0, 2.0, 2.0)
    labels = np.zeros((12, 20, 40), np.uint8)
    labels[4:10, 2:18, 2:18] = 1
    sides = Sides(side_map=(labels * RIGHT), junction_mm=0.0)
    stray = labels.copy()
    stray[0, 5, 5] = 1
    moved = tally(stray, Sides(side_map=stray * RIGHT, junction_mm=0.0), spacing_mm=fine)
    assert part_bounds(moved, "right") == part_bounds(
        tally(labels, sides, spacing_mm=fine), "right"
    )
    lower = volumes(moved)["right", "lower"]["lung_ml"]
    assert lower == pytest.approx((2 * 16 * 16 + 1) * 0.02)


def test_a_lung_that_is_not_there_has_no_percentage() -> None:
    labels = block(4, 4)
    labels[:, :, 5:] = 0
    found = measured(labels)
    assert found["left", "whole"]["lung_ml"] == 0.0
    assert found["left", "whole"]["percentage_of_infection"] is None
    assert found["left", "upper"]["percentage_of_infection"] is None


def test_without_sides_only_the_whole_is_known() -> None:
    found = measured(block(4, 4), knows_sides=False)
    assert found["both", "whole"]["lung_ml"] == 64.0
    assert found["right", "whole"] == dict.fromkeys(found["both", "whole"])
    assert found["both", "upper"]["lung_ml"] is None
