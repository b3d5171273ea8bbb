"""Outlines of drawn lungs, and warps whose answer is known."""

import numpy as np
import pytest

from thoracle.core.arrays import BoolArray
from thoracle.datasets.film_shape import FRAME, POINTS, fill_outline, frame_grid, outline_of, warp


def _lungs(rows: int = 200, columns: int = 180, *, lift: int = 0) -> BoolArray:
    """Draw two ellipses with flat bases, the left one `lift` rows higher."""
    y, x = np.mgrid[:rows, :columns]
    left = ((y - 95 + lift) / 70) ** 2 + ((x - 55) / 30) ** 2 < 1
    right = ((y - 95) / 70) ** 2 + ((x - 125) / 30) ** 2 < 1
    return np.asarray(left | right)


def test_a_filled_outline_is_the_mask_that_it_was_taken_from() -> None:
    mask = _lungs()
    outline = outline_of(mask, film_aspect=200 / 180)
    assert outline is not None
    top, left, bottom, right = outline.box
    ys, xs = frame_grid(256, 256)
    rows = np.floor((top + ys * (bottom - top)) * 200).astype(int).clip(0, 199)
    columns = np.floor((left + xs * (right - left)) * 180).astype(int).clip(0, 179)
    wanted = mask[np.ix_(rows, columns)]
    found = fill_outline(outline.points, rows=256, columns=256)
    dice = 2 * (wanted & found).sum() / (wanted.sum() + found.sum())
    assert dice > 0.97


def test_the_box_and_the_aspect_are_those_of_both_lungs() -> None:
    outline = outline_of(_lungs(), film_aspect=200 / 180)
    assert outline is not None
    assert outline.box == pytest.approx((26 / 200, 26 / 180, 165 / 200, 155 / 180))
    assert outline.aspect == pytest.approx(139 / 129)
    assert outline.points.shape == (POINTS, 2)


def test_a_mask_on_a_squeezed_grid_gives_the_aspect_of_the_film() -> None:
    squeezed = _lungs()[:, ::2]
    outline = outline_of(squeezed, film_aspect=200 / 180)
    assert outline is not None
    assert outline.aspect == pytest.approx(139 / 129, rel=0.02)


def test_the_first_half_of_the_points_is_the_lung_on_the_left_whatever_its_size() -> None:
    mask = _lungs()
    mask[:, :90] &= np.arange(200)[:, None] < 120
    outline = outline_of(mask, film_aspect=1.0)
    assert outline is not None
    left, right = outline.points.reshape(2, -1, 2)
    assert left[:, 1].max() < right[:, 1].min()


def test_each_lung_is_marked_from_its_apex_down_its_outer_border() -> None:
    outline = outline_of(_lungs(), film_aspect=1.0)
    assert outline is not None
    left, right = outline.points.reshape(2, -1, 2)
    for lung, outer in ((left, -1), (right, 1)):
        assert lung[0, 0] == lung[:, 0].min()
        quarter = lung[4]
        assert (quarter[1] - lung[:, 1].mean()) * outer > 0


def test_lungs_that_touch_are_parted_between_them() -> None:
    mask = _lungs()
    mask[90:96, 80:100] = True
    parted = outline_of(mask, film_aspect=1.0)
    apart = outline_of(_lungs(), film_aspect=1.0)
    assert parted is not None
    assert apart is not None
    assert np.abs(parted.points - apart.points).max() < 0.15


@pytest.mark.parametrize("what", ["nothing", "one lung", "one block"])
def test_a_mask_without_two_lungs_has_no_outline(what: str) -> None:
    mask = _lungs()
    if what == "nothing":
        mask[:] = False
    elif what == "one lung":
        mask[:, 90:] = False
    else:
        mask[:] = False
        mask[50:150, 40:140] = True
    assert outline_of(mask, film_aspect=1.0) is None


def test_a_speck_beside_one_lung_is_no_second_lung() -> None:
    mask = _lungs()
    mask[:, 90:] = False
    mask[100:105, 130:135] = True
    assert outline_of(mask, film_aspect=1.0) is None


def test_two_lungs_in_a_mask_that_is_too_narrow_to_part_are_refused() -> None:
    assert outline_of(np.ones((20, 6), bool), film_aspect=1.0) is None


def test_an_outline_carried_onto_itself_moves_nothing() -> None:
    outline = outline_of(_lungs(), film_aspect=1.0)
    assert outline is not None
    where = warp(outline.points, outline.points, rows=64, columns=48)
    ys, xs = frame_grid(64, 48)
    np.testing.assert_allclose(where[0], np.broadcast_to(ys[:, None], (64, 48)), atol=1e-5)
    np.testing.assert_allclose(where[1], np.broadcast_to(xs[None, :], (64, 48)), atol=1e-5)


def test_a_warp_carries_the_points_onto_their_targets_and_keeps_the_rim() -> None:
    one = outline_of(_lungs(), film_aspect=1.0)
    other = outline_of(_lungs(lift=12), film_aspect=1.0)
    assert one is not None
    assert other is not None
    where = warp(one.points, other.points, rows=280, columns=240)
    ys, xs = frame_grid(280, 240)
    rows = np.abs(ys[:, None] - one.points[:, 0]).argmin(axis=0)
    columns = np.abs(xs[:, None] - one.points[:, 1]).argmin(axis=0)
    np.testing.assert_allclose(where[:, rows, columns].T, other.points, atol=0.03)
    assert where[0, 0] == pytest.approx(np.full(240, ys[0]), abs=0.01)


def test_the_grid_covers_the_frame_from_edge_to_edge() -> None:
    ys, xs = frame_grid(10, 20)
    half_row, half_column = (FRAME[2] - FRAME[0]) / 20, (FRAME[3] - FRAME[1]) / 40
    assert ys[0] - half_row == pytest.approx(FRAME[0])
    assert ys[-1] + half_row == pytest.approx(FRAME[2])
    assert xs[0] - half_column == pytest.approx(FRAME[1])
    assert xs[-1] + half_column == pytest.approx(FRAME[3])
