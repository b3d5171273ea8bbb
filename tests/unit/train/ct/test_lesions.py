"""Drawn lesions lie in lungs only, are labeled as what they look like, and repeat by seed."""

import numpy as np
import pytest

from thoracle.core.arrays import ByteArray, FloatArray
from thoracle.ct.types import CONSOLIDATION, GROUND_GLASS, LUNG
from thoracle.train.ct.lesions import GROUND_GLASS_HU, SOFT_TISSUE_HU, draw_lesions

MM = (5.0, 2.0, 2.0)
LUNG_GREY = (-850 + 1350) / 1500
WALL_GREY = (40 + 1350) / 1500


@pytest.fixture
def chest() -> tuple[FloatArray, ByteArray]:
    """Two lungs of −850 HU in a wall of 40 HU."""
    label_map = np.zeros((16, 100, 140), np.uint8)
    label_map[2:14, 20:80, 15:60] = LUNG
    label_map[2:14, 20:80, 80:125] = LUNG
    grey = np.where(label_map == LUNG, LUNG_GREY, WALL_GREY).astype(np.float32)
    return grey, label_map


def _many(chest: tuple[FloatArray, ByteArray]) -> list[tuple[FloatArray, ByteArray]]:
    return [
        draw_lesions(*chest, spacing_mm=MM, rng=np.random.default_rng(seed)) for seed in range(40)
    ]


def test_nothing_changes_outside_of_the_lungs_nor_in_what_was_given(
    chest: tuple[FloatArray, ByteArray],
) -> None:
    before = chest[0].copy(), chest[1].copy()
    outside = chest[1] == 0
    for grey, label_map in _many(chest):
        np.testing.assert_array_equal(grey[outside], chest[0][outside])
        assert not label_map[outside].any()
        assert (label_map[~outside] > 0).all()
    np.testing.assert_array_equal(chest[0], before[0])
    np.testing.assert_array_equal(chest[1], before[1])


def test_every_crop_gets_a_lesion_and_both_kinds_come_up(
    chest: tuple[FloatArray, ByteArray],
) -> None:
    made = _many(chest)
    assert all((label_map > LUNG).any() for _, label_map in made)
    with_glass = sum((label_map == GROUND_GLASS).any() for _, label_map in made)
    with_tissue = sum((label_map == CONSOLIDATION).any() for _, label_map in made)
    assert with_glass > 30
    assert 15 < with_tissue < 40


def test_labels_say_what_the_grey_shows(chest: tuple[FloatArray, ByteArray]) -> None:
    for grey, label_map in _many(chest):
        hu = grey * 1500 - 1350
        glass, tissue = hu[label_map == GROUND_GLASS], hu[label_map == CONSOLIDATION]
        if glass.size > 200:
            # A half-covered rim counts too, and lesions may lie over each other.
            assert -850 + GROUND_GLASS_HU[0] / 2 < np.median(glass) < -850 + 2 * GROUND_GLASS_HU[1]
        if tissue.size > 200:
            assert np.median(tissue) > SOFT_TISSUE_HU[0] - 400
        assert hu[label_map == LUNG].mean() < -800


def test_vessels_show_through_ground_glass(chest: tuple[FloatArray, ByteArray]) -> None:
    grey, label_map = chest
    vessel = np.zeros(grey.shape, bool)
    vessel[:, ::12] = True
    vessel &= label_map == LUNG
    grey = np.where(vessel, np.float32(0.8), grey)
    for seed in range(20):
        drawn, labels = draw_lesions(
            grey, label_map, spacing_mm=MM, rng=np.random.default_rng(seed)
        )
        glass = labels == GROUND_GLASS
        if (glass & vessel).sum() > 50:
            assert drawn[glass & vessel].mean() > drawn[glass & ~vessel].mean() + 0.1


def test_a_seed_gives_the_same_lesions_again(chest: tuple[FloatArray, ByteArray]) -> None:
    once, again, other = (
        draw_lesions(*chest, spacing_mm=MM, rng=np.random.default_rng(seed)) for seed in (3, 3, 4)
    )
    np.testing.assert_array_equal(once[0], again[0])
    np.testing.assert_array_equal(once[1], again[1])
    assert (once[1] != other[1]).any()


def test_a_crop_without_lung_stays_as_it_is() -> None:
    grey, label_map = np.full((4, 16, 16), 0.9, np.float32), np.zeros((4, 16, 16), np.uint8)
    drawn, labels = draw_lesions(grey, label_map, spacing_mm=MM, rng=np.random.default_rng(0))
    np.testing.assert_array_equal(drawn, grey)
    assert not labels.any()
