"""Groups of labels are compared as one, volumes are always known, and nothing is no percentage."""

import math

import numpy as np
import pytest

from thoracle.core.arrays import ByteArray
from thoracle.evaluation.label_maps import group_agreement, percentage_of_infection
from thoracle.evaluation.segmentation import dice, hd95_mm

MM = (5.0, 2.0, 2.0)  # 0.02 ml a voxel


def _map(columns: slice, label: int) -> ByteArray:
    label_map = np.zeros((6, 20, 20), np.uint8)
    label_map[1:5, 5:15, columns] = label
    return label_map


def test_two_labels_counted_together_agree_where_each_alone_does_not() -> None:
    found, reference = _map(slice(4, 14), 2), _map(slice(4, 14), 3)
    both = group_agreement(found, reference, labels=(2, 3), spacing_mm=MM, reference_min_ml=0)
    assert (both.dice, both.hd95_mm, both.error_ml) == (1.0, 0.0, 0.0)
    assert both.volume_ml == pytest.approx(400 * 0.02)
    alone = group_agreement(found, reference, labels=(2,), spacing_mm=MM, reference_min_ml=0)
    assert math.isnan(alone.dice)
    assert alone.volume_ml == pytest.approx(8)
    assert alone.reference_ml == 0


def test_a_shift_by_one_voxel_costs_overlap_and_distance() -> None:
    found, reference = _map(slice(5, 15), 1), _map(slice(4, 14), 1)
    one = group_agreement(found, reference, labels=(1,), spacing_mm=MM, reference_min_ml=0)
    assert one.dice == pytest.approx(0.9)
    assert one.hd95_mm == pytest.approx(2.0)


def test_too_little_in_the_reference_has_no_dice_but_a_volume() -> None:
    found, reference = _map(slice(4, 14), 2), _map(slice(4, 5), 2)
    one = group_agreement(found, reference, labels=(2,), spacing_mm=MM, reference_min_ml=1)
    assert math.isnan(one.dice)
    assert one.error_ml == pytest.approx(7.2)


def test_nothing_found_is_a_dice_of_zero_and_no_distance() -> None:
    one = group_agreement(
        _map(slice(0, 0), 2), _map(slice(4, 14), 2), labels=(2,), spacing_mm=MM, reference_min_ml=1
    )
    assert one.dice == 0
    assert math.isnan(one.hd95_mm)


def test_only_the_part_around_both_masks_is_looked_at_and_that_changes_nothing() -> None:
    rng = np.random.default_rng(3)
    found = (rng.random((9, 30, 30)) > 0.7).astype(np.uint8)
    reference = (rng.random((9, 30, 30)) > 0.7).astype(np.uint8)
    for one in (found, reference):
        one[:2], one[:, :8], one[:, :, 22:] = 0, 0, 0
    near = group_agreement(found, reference, labels=(1,), spacing_mm=MM, reference_min_ml=0)
    assert near.dice == dice(found == 1, reference == 1)
    assert near.hd95_mm == hd95_mm(found == 1, reference == 1, spacing_mm=MM)


def test_percentage_of_infection_is_of_all_lung_altered_or_not() -> None:
    label_map = np.array([[[0, 1, 1, 2], [3, 1, 1, 1]]], np.uint8)
    found = percentage_of_infection(label_map, infection=(2, 3), lungs=(1, 2, 3))
    assert found == pytest.approx(100 * 2 / 7)


def test_without_lungs_there_is_no_percentage() -> None:
    empty = np.zeros((2, 2, 2), np.uint8)
    assert math.isnan(percentage_of_infection(empty, infection=(2, 3), lungs=(1, 2, 3)))
