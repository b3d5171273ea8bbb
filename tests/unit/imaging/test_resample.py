"""Resizing, cropping, turning, stretching, ranking: each against a picture with a known answer."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as npst
from scipy import stats

from thoracle.core.arrays import FloatArray
from thoracle.imaging.resample import (
    crop,
    crop_mirrored,
    equalize,
    resize,
    stretch,
    to_bytes,
    turn_clockwise,
)

pictures = npst.arrays(
    np.float32,
    st.tuples(st.integers(1, 12), st.integers(1, 12)),
    elements=st.floats(0, 1, width=32),
)


@pytest.fixture
def ramp() -> FloatArray:
    return np.linspace(0, 1, 12, dtype=np.float32).reshape(3, 4)


def test_resizing_to_the_same_size_is_a_copy(ramp: FloatArray) -> None:
    same = resize(ramp, rows=3, columns=4)
    np.testing.assert_array_equal(same, ramp)
    same[0, 0] = 9
    assert ramp[0, 0] == 0


def test_resizing_takes_rows_before_columns() -> None:
    tall = np.repeat(np.array([[0.0, 1.0]], np.float32), 6, axis=0)
    wide = resize(tall, rows=2, columns=4)
    assert wide.shape == (2, 4)
    np.testing.assert_allclose(wide[0], [0, 0.25, 0.75, 1], atol=1e-6)
    assert wide.dtype == np.float32


def test_shrinking_is_antialiased() -> None:
    stripes = np.tile(np.array([0.0, 1.0], np.float32), (64, 32))
    np.testing.assert_allclose(resize(stripes, rows=8, columns=8), 0.5, atol=0.05)


@given(pictures, st.integers(1, 20), st.integers(1, 20))
def test_resizing_never_leaves_the_range(picture: FloatArray, rows: int, columns: int) -> None:
    found = resize(picture, rows=rows, columns=columns)
    assert found.shape == (rows, columns)
    assert found.min() >= picture.min() - 1e-5
    assert found.max() <= picture.max() + 1e-5


def test_a_crop_inside_is_a_copy_of_that_part(ramp: FloatArray) -> None:
    part = crop(ramp, (1, 2, 3, 4))
    np.testing.assert_array_equal(part, ramp[1:3, 2:4])
    part[:] = 9
    assert ramp.max() == 1


def test_a_mirrored_crop_repeats_the_film_backwards_past_its_edge(ramp: FloatArray) -> None:
    part = crop_mirrored(ramp, (-2, 1, 3, 6))
    np.testing.assert_array_equal(part[2:, :3], ramp[:, 1:])
    np.testing.assert_array_equal(part[2:, 3:], ramp[:, [2, 1]])
    np.testing.assert_array_equal(part[:2], part[[4, 3]])
    np.testing.assert_array_equal(crop_mirrored(ramp, (1, 2, 3, 4)), ramp[1:3, 2:4])


def test_a_mirrored_crop_may_be_many_times_the_film(ramp: FloatArray) -> None:
    assert crop_mirrored(ramp, (-20, -20, 30, 30)).shape == (50, 50)
    assert set(crop_mirrored(ramp[:1, :1], (-3, -3, 4, 4)).ravel().tolist()) == {0.0}


def test_a_crop_past_the_film_is_black_there(ramp: FloatArray) -> None:
    part = crop(ramp + 1, (-1, -2, 4, 5))
    assert part.shape == (5, 7)
    np.testing.assert_array_equal(part[1:4, 2:6], ramp + 1)
    assert part.sum() == pytest.approx((ramp + 1).sum())


@pytest.mark.parametrize("box", [(5, 0, 7, 4), (0, 6, 3, 9), (-4, 0, -1, 4)])
def test_a_crop_beside_the_film_is_black(ramp: FloatArray, box: tuple[int, int, int, int]) -> None:
    assert not crop(ramp + 1, box).any()


def test_a_turn_is_clockwise() -> None:
    picture = np.array([[1, 2], [3, 4]], np.float32)
    np.testing.assert_array_equal(turn_clockwise(picture, degrees=90), [[3, 1], [4, 2]])
    np.testing.assert_array_equal(turn_clockwise(picture, degrees=-90), [[2, 4], [1, 3]])
    np.testing.assert_array_equal(turn_clockwise(picture, degrees=180), [[4, 3], [2, 1]])


@given(pictures, st.integers(-8, 8))
def test_turning_back_undoes_a_turn(picture: FloatArray, quarters: int) -> None:
    turned = turn_clockwise(picture, degrees=90 * quarters)
    np.testing.assert_array_equal(turn_clockwise(turned, degrees=-90 * quarters), picture)


def test_a_turn_by_another_angle_is_refused(ramp: FloatArray) -> None:
    with pytest.raises(ValueError, match="turn of 45 degrees – expected a multiple of 90"):
        turn_clockwise(ramp, degrees=45)


def test_stretching_maps_the_percentiles_onto_0_and_1_and_clips() -> None:
    picture = np.linspace(0.2, 0.6, 101, dtype=np.float32)[None]
    found = stretch(picture, low_percent=10, high_percent=90)
    np.testing.assert_allclose(found[0, [0, 10, 50, 90, 100]], [0, 0, 0.5, 1, 1], atol=1e-5)
    assert found.dtype == np.float32


def test_a_flat_picture_stretches_to_black() -> None:
    assert not stretch(np.full((4, 4), 0.7, np.float32), low_percent=1, high_percent=99).any()


def test_equalizing_gives_each_grey_its_mean_rank() -> None:
    picture: Any = np.random.default_rng(5).integers(0, 200, (30, 30)).astype(np.float32) / 200
    expected: Any = (stats.rankdata(picture, method="average") - 0.5) / picture.size
    np.testing.assert_allclose(equalize(picture).ravel(), expected.ravel(), atol=1e-6)


@given(pictures, st.sampled_from([0.3, 0.5, 2.0]))
def test_equalizing_keeps_the_order_of_greys(picture: FloatArray, gamma: float) -> None:
    found = equalize(picture)
    assert 0 <= found.min() <= found.max() <= 1
    order = np.argsort(picture, axis=None)
    assert (np.diff(found.ravel()[order]) >= 0).all()


def test_equalizing_undoes_a_tone_curve() -> None:
    picture: Any = np.random.default_rng(6).integers(5, 60, (40, 40)).astype(np.float32) / 64
    brighter: Any = equalize(np.sqrt(picture))
    np.testing.assert_allclose(equalize(picture), brighter, atol=1e-6)


def test_bytes_are_rounded_and_clipped() -> None:
    grey = np.array([[-1, 0, 0.4999 / 255, 0.5001 / 255, 1, 2]], np.float32)
    assert to_bytes(grey).tolist() == [[0, 0, 0, 1, 255, 255]]
