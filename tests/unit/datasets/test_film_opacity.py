"""Opacities of known place and size."""

import numpy as np
import pytest
from scipy import ndimage

from thoracle.core.arrays import BoolArray
from thoracle.datasets.film_opacity import (
    RADIUS_RANGE,
    Opacity,
    OpacityError,
    draw_opacity,
    insert_opacity,
)

CENTRAL = Opacity(row=0.5, column=0.3, radius=0.1, strength=0.6)


@pytest.fixture
def lungs() -> BoolArray:
    """Return two lungs of 200 rows on a film of 300 by 300."""
    mask = np.zeros((300, 300), bool)
    mask[50:250, 40:140] = True
    mask[50:250, 160:260] = True
    return mask


def test_the_mask_has_the_place_and_area_that_were_asked_for(lungs: BoolArray) -> None:
    areas = []
    for seed in range(8):
        dark = np.full(lungs.shape, 0.2, np.float32)
        _, mask = insert_opacity(dark, lungs, CENTRAL, np.random.default_rng(seed))
        center = ndimage.center_of_mass(mask)
        assert center == pytest.approx((150, 90), abs=6)
        areas.append(mask.sum())
    assert np.mean(areas) == pytest.approx(np.pi * 20**2, rel=0.2)  # 0.1 of 200 rows


def test_it_brightens_its_place_and_nothing_beyond_twice_its_radius(lungs: BoolArray) -> None:
    dark = np.full(lungs.shape, 0.2, np.float32)
    out, mask = insert_opacity(dark, lungs, CENTRAL, np.random.default_rng(0))
    assert out[mask].mean() - 0.2 > 0.2
    y, x = np.mgrid[:300, :300]
    assert np.abs(out - dark)[np.hypot(y - 150, x - 90) > 50].max() < 0.01
    assert (dark == np.float32(0.2)).all()


def test_its_border_is_soft_and_its_inside_patchy(lungs: BoolArray) -> None:
    dark = np.full(lungs.shape, 0.2, np.float32)
    out, mask = insert_opacity(dark, lungs, CENTRAL, np.random.default_rng(0))
    assert np.abs(np.diff(out, axis=1)).max() < 0.1
    assert out[ndimage.binary_erosion(mask, iterations=6)].std() > 0.01


def test_it_ends_at_the_pleura(lungs: BoolArray) -> None:
    dark = np.full(lungs.shape, 0.2, np.float32)
    at_the_wall = Opacity(row=0.5, column=45 / 300, radius=0.12, strength=0.7)
    out, mask = insert_opacity(dark, lungs, at_the_wall, np.random.default_rng(0))
    assert not (mask & ~lungs).any()
    assert np.abs(out - dark)[:, :32].max() < 0.01


def test_brighter_anatomy_is_never_darkened(lungs: BoolArray) -> None:
    bright = np.full(lungs.shape, 0.97, np.float32)
    out, _ = insert_opacity(bright, lungs, CENTRAL, np.random.default_rng(0))
    assert (out >= bright).all()


@pytest.mark.parametrize(("row", "column"), [(0.5, 0.5), (0.02, 0.3), (1.5, 0.3), (0.5, -0.1)])
def test_a_center_outside_the_lungs_is_refused(lungs: BoolArray, row: float, column: float) -> None:
    outside = Opacity(row=row, column=column, radius=0.1, strength=0.6)
    with pytest.raises(OpacityError, match=r"outside the lungs; expected it inside"):
        insert_opacity(np.zeros(lungs.shape, np.float32), lungs, outside, np.random.default_rng(0))


def test_drawn_opacities_lie_in_a_lung_in_the_range_of_sizes(lungs: BoolArray) -> None:
    rng = np.random.default_rng(0)
    for _ in range(50):
        drawn = draw_opacity(np.full(lungs.shape, 0.2, np.float32), lungs, rng)
        assert lungs[int(drawn.row * 300), int(drawn.column * 300)]
        assert RADIUS_RANGE[0] <= drawn.radius <= RADIUS_RANGE[1]
        assert 0.4 < drawn.strength < 0.75


def test_none_is_put_where_the_film_is_bright_and_it_would_not_be_seen(lungs: BoolArray) -> None:
    film = np.full(lungs.shape, 0.2, np.float32)
    film[:, 160:] = 0.8
    rng = np.random.default_rng(0)
    assert all(draw_opacity(film, lungs, rng).column < 140 / 300 for _ in range(30))


def test_without_lungs_there_is_no_opacity() -> None:
    with pytest.raises(OpacityError, match="mask is empty; expected lungs"):
        draw_opacity(np.zeros((9, 9), np.float32), np.zeros((9, 9), bool), np.random.default_rng(0))
