"""Connected pieces and holes: exactly SciPy's, on random masks and on known ones."""

import subprocess
import sys

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as npst
from scipy import ndimage

from thoracle.core.arrays import BoolArray
from thoracle.radiograph.pieces import fill_holes, label_pieces

masks = npst.arrays(np.bool_, st.tuples(st.integers(1, 14), st.integers(1, 14)))


@given(masks)
def test_pieces_are_numbered_as_scipy_numbers_them(mask: BoolArray) -> None:
    np.testing.assert_array_equal(label_pieces(mask), ndimage.label(mask)[0])


@given(masks)
def test_holes_are_filled_as_scipy_fills_them(mask: BoolArray) -> None:
    filled = fill_holes(mask)
    np.testing.assert_array_equal(filled, ndimage.binary_fill_holes(mask))
    assert filled.dtype == np.bool_


@pytest.mark.parametrize("share", [0.3, 0.5, 0.59, 0.7, 0.95])
def test_large_noise_is_the_same_too(share: float) -> None:
    mask = np.random.default_rng(0).random((192, 200)) < share
    np.testing.assert_array_equal(label_pieces(mask), ndimage.label(mask)[0])
    np.testing.assert_array_equal(fill_holes(mask), ndimage.binary_fill_holes(mask))


def test_pixels_that_share_a_corner_only_are_apart() -> None:
    assert label_pieces(np.eye(3, dtype=bool)).tolist() == [[1, 0, 0], [0, 2, 0], [0, 0, 3]]


def test_two_arms_that_meet_below_are_one_piece() -> None:
    mask = np.array([[1, 0, 1], [1, 0, 1], [1, 1, 1]], bool)
    assert label_pieces(mask).max() == 1


def test_an_empty_mask_has_no_piece_and_no_hole() -> None:
    mask = np.zeros((4, 5), bool)
    assert not label_pieces(mask).any()
    assert not fill_holes(mask).any()


def test_a_ring_is_filled_and_a_bay_is_not() -> None:
    ring = np.ones((5, 5), bool)
    ring[2, 2] = False
    assert fill_holes(ring).all()
    ring[2, :3] = False
    np.testing.assert_array_equal(fill_holes(ring), ring)


def test_judging_a_film_does_not_load_scipy() -> None:
    script = "import sys, thoracle.jobs.analyze_files; print(*sorted(sys.modules))"
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )
    assert "scipy" not in done.stdout.split()
