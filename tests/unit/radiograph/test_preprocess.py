"""What the networks see: known pictures in, known pictures out."""

import numpy as np
import pytest

from thoracle.core.arrays import FloatArray
from thoracle.radiograph.preprocess import (
    SMALLEST_LUNG_SHARE,
    classifier_input,
    classifier_margin,
    clean_lung_mask,
    gate_input,
    lung_box,
    lung_input,
    scale_box,
    wide_classifier_input,
)


@pytest.fixture
def ramp() -> FloatArray:
    return np.tile(np.linspace(0.3, 0.7, 400, dtype=np.float32), (300, 1))


def test_the_gate_sees_the_whole_film_stretched(ramp: FloatArray) -> None:
    seen = gate_input(ramp, size=40)
    assert seen.shape == (40, 40)
    assert seen.min() == 0
    assert seen.max() == 1
    assert (np.diff(seen[7]) >= 0).all()


def test_the_gate_sees_the_same_film_at_half_the_contrast(ramp: FloatArray) -> None:
    fainter = 0.1 + 0.5 * ramp
    np.testing.assert_allclose(gate_input(fainter, size=40), gate_input(ramp, size=40), atol=1e-4)


def test_the_lung_network_sees_ranks_around_0(ramp: FloatArray) -> None:
    seen = lung_input(ramp, size=40)
    np.testing.assert_allclose(seen[3], (np.arange(40) + 0.5) / 20 - 1, atol=0.02)
    np.testing.assert_allclose(lung_input(ramp**2, size=40), seen, atol=0.02)


def test_the_classifier_sees_the_box_toned_by_its_surroundings() -> None:
    film = np.random.default_rng(0).uniform(0.4, 0.6, (80, 90)).astype(np.float32)
    wide = wide_classifier_input(film, (20, 30, 48, 58), size=28)
    low, high = np.percentile(film[18:50, 28:60], (0.5, 99.5))  # two pixels more on each side
    expected = ((film[18:50, 28:60] - low) / (high - low)).clip(0, 1)
    np.testing.assert_allclose(wide, expected, atol=1e-6)
    seen = classifier_input(film, (20, 30, 48, 58), size=28)
    np.testing.assert_array_equal(seen, wide[2:30, 2:30])
    film[0, 0] = 1  # outside
    np.testing.assert_array_equal(classifier_input(film, (20, 30, 48, 58), size=28), seen)


def test_the_margin_is_a_fourteenth_of_the_side() -> None:
    assert [classifier_margin(size) for size in (224, 160, 128)] == [16, 11, 9]


def test_the_two_largest_pieces_stay_with_their_holes_filled() -> None:
    probability = np.zeros((100, 100), np.float32)
    probability[20:80, 10:40] = 0.9
    probability[20:80, 60:90] = 0.9
    probability[40:45, 70:75] = 0.1  # a hole
    probability[0:14, 43:58] = 0.9  # a third piece, large enough for a lung
    mask = clean_lung_mask(probability)
    assert mask.dtype == np.bool_
    assert mask.sum() == 2 * 60 * 30
    assert mask[42, 72]
    assert not mask[5, 50]


def test_a_piece_below_the_smallest_share_is_noise() -> None:
    probability = np.zeros((100, 100), np.float32)
    side = round((SMALLEST_LUNG_SHARE * probability.size) ** 0.5)
    probability[:side, :side] = 1
    assert clean_lung_mask(probability).sum() == side * side if side**2 >= 200 else True
    probability[:side, side - 1] = 0
    assert not clean_lung_mask(probability).any()


def test_exactly_one_half_is_no_lung() -> None:
    assert not clean_lung_mask(np.full((10, 10), 0.5, np.float32)).any()


def test_the_box_is_the_lungs_with_a_margin_on_the_films_own_grid() -> None:
    mask = np.zeros((50, 50), bool)
    mask[10:40, 5:45] = True
    # On a film of 500 × 1000 px: rows 100 to 400, columns 100 to 900, a fifth of each added.
    assert lung_box(mask, rows=500, columns=1000) == (40, -60, 460, 1060)


def test_the_box_may_reach_past_the_film() -> None:
    mask = np.ones((50, 50), bool)
    assert lung_box(mask, rows=100, columns=200) == (-20, -40, 120, 240)


def test_without_lungs_there_is_no_box() -> None:
    assert lung_box(np.zeros((5, 5), bool), rows=10, columns=10) is None


def test_one_pixel_on_a_coarser_film_still_has_a_box() -> None:
    mask = np.zeros((100, 100), bool)
    mask[10, 10] = True
    top, left, bottom, right = lung_box(mask, rows=10, columns=10) or (0, 0, 0, 0)
    assert bottom > top
    assert right > left


def test_a_box_grows_about_its_center() -> None:
    assert scale_box((10, 20, 30, 60), factor=1.5) == (5, 10, 35, 70)
    assert scale_box((10, 20, 30, 60), factor=1.0) == (10, 20, 30, 60)
