"""Overlap and surface distance of shapes of known size."""

import math

import numpy as np
import pytest

from thoracle.core.arrays import BoolArray
from thoracle.core.errors import EvaluationError
from thoracle.evaluation.segmentation import dice, hd95_mm

EMPTY = np.zeros((6, 8), bool)


def box(top: int, left: int, bottom: int, right: int) -> BoolArray:
    mask = EMPTY.copy()
    mask[top:bottom, left:right] = True
    return mask


def test_half_overlapping_boxes_have_dice_one_half() -> None:
    assert dice(box(0, 0, 4, 4), box(0, 2, 4, 6)) == 0.5


def test_dice_of_equal_masks_is_one_and_of_apart_ones_zero() -> None:
    assert dice(box(1, 1, 3, 3), box(1, 1, 3, 3)) == 1.0
    assert dice(box(0, 0, 2, 2), box(4, 4, 6, 6)) == 0.0


def test_two_empty_masks_have_no_dice_and_one_empty_mask_has_zero() -> None:
    assert math.isnan(dice(EMPTY, EMPTY))
    assert dice(EMPTY, box(0, 0, 2, 2)) == 0.0


def test_a_shift_along_columns_is_as_far_as_the_column_spacing_says() -> None:
    found = hd95_mm(box(1, 1, 5, 2), box(1, 4, 5, 5), spacing_mm=(0.5, 2.0))
    assert found == 6.0


def test_a_shift_along_rows_is_as_far_as_the_row_spacing_says() -> None:
    found = hd95_mm(box(0, 1, 1, 7), box(4, 1, 5, 7), spacing_mm=(0.5, 2.0))
    assert found == 2.0


def test_volumes_are_measured_too() -> None:
    first, second = np.zeros((5, 4, 4), bool), np.zeros((5, 4, 4), bool)
    first[0], second[3] = True, True
    assert hd95_mm(first, second, spacing_mm=(4.0, 1.0, 1.0)) == 12.0


def test_equal_masks_have_no_distance() -> None:
    assert hd95_mm(box(0, 0, 3, 3), box(0, 0, 3, 3), spacing_mm=(1.0, 1.0)) == 0.0


def test_a_far_speck_counts_in_the_direction_that_sees_it() -> None:
    speck = box(0, 0, 2, 2)
    speck[5, 7] = True
    there = hd95_mm(speck, box(0, 0, 2, 2), spacing_mm=(1.0, 1.0))
    assert there == hd95_mm(box(0, 0, 2, 2), speck, spacing_mm=(1.0, 1.0))
    assert there > 4.0


@pytest.mark.parametrize(
    "pair", [(EMPTY, EMPTY), (EMPTY, box(0, 0, 1, 1)), (box(0, 0, 1, 1), EMPTY)]
)
def test_an_empty_mask_has_no_surface(pair: tuple[BoolArray, BoolArray]) -> None:
    assert math.isnan(hd95_mm(*pair, spacing_mm=(1.0, 1.0)))


def test_masks_of_other_grids_or_numbers_are_refused() -> None:
    with pytest.raises(EvaluationError, match="same grid"):
        dice(EMPTY, EMPTY[:3])
    with pytest.raises(EvaluationError, match="expected bool"):
        dice(EMPTY.astype(np.uint8), EMPTY)
    with pytest.raises(EvaluationError, match="same grid"):
        hd95_mm(EMPTY, EMPTY[:3], spacing_mm=(1.0, 1.0))


@pytest.mark.parametrize("spacing_mm", [(1.0,), (1.0, 0.0), (1.0, math.nan)])
def test_a_spacing_that_does_not_fit_is_refused(spacing_mm: tuple[float, ...]) -> None:
    with pytest.raises(EvaluationError, match="one number above 0 per axis"):
        hd95_mm(EMPTY, EMPTY, spacing_mm=spacing_mm)
