"""Lungs are kept, what is none is dropped, and the search box has room for lungs without air."""

import numpy as np

from thoracle.core.arrays import ByteArray, FloatArray
from thoracle.ct.lungs import keep_lungs, search_box

MM = (5.0, 4.0, 4.0)


def _labels() -> ByteArray:
    """Two lungs of equal size, apart."""
    label_map = np.zeros((30, 60, 80), np.uint8)
    label_map[8:26, 15:45, 10:34] = 1
    label_map[8:26, 15:45, 46:70] = 1
    return label_map


def test_both_lungs_are_kept_and_nothing_is_changed_in_them() -> None:
    label_map = _labels()
    label_map[10:12, 20:24, 12:16] = 2
    np.testing.assert_array_equal(keep_lungs(label_map, spacing_mm=MM), label_map)


def test_gas_below_and_lines_of_a_table_are_dropped() -> None:
    label_map = _labels()
    label_map[1:4, 20:30, 20:30] = 1
    label_map[10:20, 57, :] = 1
    np.testing.assert_array_equal(keep_lungs(label_map, spacing_mm=MM), _labels())


def test_an_altered_place_beside_a_lung_is_kept_and_one_far_away_is_not() -> None:
    label_map = _labels()
    label_map[12:14, 46:48, 20:24] = 3  # one voxel of 4 mm off the lung
    label_map[2:4, 50:53, 40:43] = 3
    found = keep_lungs(label_map, spacing_mm=MM)
    assert (found[12:14, 46:48, 20:24] == 3).all()
    assert not found[2:4, 50:53, 40:43].any()


def test_plain_lung_that_came_off_is_not_kept_for_being_near() -> None:
    label_map = _labels()
    label_map[12:14, 46:48, 20:24] = 1
    assert not keep_lungs(label_map, spacing_mm=MM)[12:14, 46:48, 20:24].any()


def test_an_empty_map_stays_empty() -> None:
    assert not keep_lungs(np.zeros((4, 4, 4), np.uint8), spacing_mm=MM).any()


def _chest() -> FloatArray:
    """A body of water 240 mm wide in air, with two lungs, on a grid of 4 mm."""
    hu = np.full((30, 70, 100), -1000.0, np.float32)
    hu[:, 10:60, 20:80] = 40
    hu[6:24, 20:50, 26:46] = -850
    hu[6:24, 20:50, 54:74] = -850
    return hu


def test_the_box_holds_both_lungs_and_leaves_out_most_of_the_rest() -> None:
    hu = _chest()
    box = search_box(hu, spacing_mm=MM)
    lungs = hu == -850
    assert lungs[box].sum() == lungs.sum()
    assert hu[box].size < 0.8 * hu.size


def test_a_lung_without_air_lies_in_the_box() -> None:
    hu = _chest()
    hu[6:24, 20:50, 54:74] = 30
    slices, rows, columns = search_box(hu, spacing_mm=MM)
    assert slices.start <= 6
    assert slices.stop >= 24
    assert rows.start <= 20
    assert rows.stop >= 50
    assert columns.start <= 54
    assert columns.stop >= 74


def test_a_table_does_not_move_the_box() -> None:
    hu = _chest()
    plain = search_box(hu, spacing_mm=MM)
    hu[:, 66, 5:95] = 200
    assert search_box(hu, spacing_mm=MM) == plain


def test_without_a_body_or_without_air_in_it_nothing_is_left_out() -> None:
    air = np.full((6, 20, 20), -1000.0, np.float32)
    assert air[search_box(air, spacing_mm=MM)].shape == air.shape
    water = np.full((6, 40, 40), 10.0, np.float32)
    assert water[search_box(water, spacing_mm=MM)].shape == water.shape
