import numpy as np
import pytest

from thoracle.imaging.texture.surface import surface_of


def test_a_voxel_is_an_octahedron_that_reaches_half_way() -> None:
    found = surface_of(np.ones((1, 1, 1), bool), (2.0, 2.0, 2.0))

    assert found.volume == pytest.approx(4 / 3)
    assert found.area == pytest.approx(8 * np.sqrt(3) / 2)
    assert len(found.points) == 6


def test_a_large_ball_has_nearly_its_volume() -> None:
    places = np.indices((31, 31, 31)) - 15
    ball = (places**2).sum(axis=0) <= 13**2

    assert surface_of(ball, (1.0, 1.0, 1.0)).volume == pytest.approx(
        4 / 3 * np.pi * 13**3, rel=0.02
    )


def test_what_lies_apart_adds_up() -> None:
    two = np.zeros((3, 3, 9), bool)
    two[1, 1, [1, 7]] = True
    one = surface_of(np.ones((1, 1, 1), bool), (1.0, 2.0, 3.0))
    both = surface_of(two, (1.0, 2.0, 3.0))

    assert both.volume == pytest.approx(2 * one.volume)
    assert both.area == pytest.approx(2 * one.area)
