"""Crops show what was asked for, and a seed gives the same ones again."""

from collections.abc import Callable

import numpy as np
import pytest
import torch

from thoracle.datasets.ct_cases import CtCase, read_case
from thoracle.train.ct.crops import (
    CropBatches,
    TrainingScan,
    cut,
    middle_of_crop,
    training_scan,
)
from thoracle.train.ct.recipe import parse_ct_recipe

MM = (5.0, 6.0, 6.0)


@pytest.fixture
def scans(cases: tuple[CtCase, ...]) -> list[TrainingScan]:
    """The four scans on a grid of 6 mm."""
    return [training_scan(read_case(one), spacing_mm=MM) for one in cases]


def test_a_scan_is_cut_to_its_lungs_with_a_margin(scans: list[TrainingScan]) -> None:
    scan = scans[0]
    assert scan.grey.shape == scan.label_map.shape
    assert 0 <= scan.grey.min() < scan.grey.max() <= 1
    assert np.median(scan.grey[scan.label_map == 1]) == pytest.approx(0.35, abs=0.01)
    voxel_ml = 0.18
    assert (scan.label_map > 0).sum() * voxel_ml == pytest.approx(1728, rel=0.1)
    assert len(scan.places[0]) > 0
    assert len(scan.places[1]) == 0


def test_half_of_the_crops_lie_around_altered_places(scans: list[TrainingScan]) -> None:
    rng = np.random.default_rng(0)
    drawn = [middle_of_crop(scans[0], rng, lesions=0.5) for _ in range(400)]
    altered = np.mean([scans[0].label_map[tuple(one)] == 2 for one in drawn])
    assert 0.44 < altered < 0.62
    always = middle_of_crop(scans[0], rng, lesions=1.0)
    assert scans[0].label_map[tuple(always)] == 2


@pytest.mark.parametrize("crop", [(4, 16, 16), (40, 64, 96)])
def test_a_crop_has_its_size_and_repeats_the_edge_of_a_smaller_scan(
    scans: list[TrainingScan], crop: tuple[int, int, int]
) -> None:
    grey, label_map = cut(scans[0], np.array([1, 2, 3]), crop=crop, slices_zoom=1.2)
    assert grey.shape == label_map.shape == crop
    assert grey.dtype == np.float32


def test_a_crop_without_zoom_holds_the_scans_own_voxels(scans: list[TrainingScan]) -> None:
    middle = np.array([10, 20, 20])
    grey, label_map = cut(scans[0], middle, crop=(4, 16, 16), slices_zoom=1.0)
    np.testing.assert_allclose(grey, scans[0].grey[8:12, 12:28, 12:28])
    np.testing.assert_array_equal(label_map, scans[0].label_map[8:12, 12:28, 12:28])


def test_the_same_key_gives_the_same_batch_and_another_another(
    scans: list[TrainingScan], ct_recipe_text: Callable[..., str]
) -> None:
    batches = CropBatches(scans, parse_ct_recipe(ct_recipe_text()))
    (grey, labels), (again, _), (other, _) = batches[1, 0], batches[1, 0], batches[1, 1]
    assert grey.shape == (2, 1, 8, 32, 48)
    assert labels.shape == (2, 8, 32, 48)
    assert grey.min() >= -1
    assert grey.max() <= 1
    assert torch.equal(grey, again)
    assert not torch.equal(grey, other)


def test_patients_are_drawn_equally_often_and_not_scans(
    scans: list[TrainingScan], ct_recipe_text: Callable[..., str]
) -> None:
    batches = CropBatches(scans, parse_ct_recipe(ct_recipe_text()))
    assert [len(one) for one in batches.by_patient] == [2, 1, 1]
