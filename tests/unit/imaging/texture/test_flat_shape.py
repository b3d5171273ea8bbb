import numpy as np
import pytest

from thoracle.imaging.texture.flat_shape import LENGTHS, NAMES, flat_shape


def test_a_rectangle_by_hand() -> None:
    found = flat_shape(np.ones((3, 5), bool), spacing=(2.0, 1.0))
    corner = np.hypot(2.0, 1.0) / 2

    assert found["shape_area"] == 30.0
    assert found["shape_perimeter"] == pytest.approx(4 * corner + 2 * 4 * 1.0 + 2 * 2 * 2.0)
    assert found["shape_outline_area"] == pytest.approx(30.0 - 4 * 0.125 * 2.0)
    assert found["shape_major_axis"] == pytest.approx(4 * np.sqrt(np.var([0, 2, 4]) * 15 / 14))
    assert found["shape_hull_share"] == pytest.approx(1.0)


def test_a_disk_is_round_and_a_ring_is_not() -> None:
    rows, columns = np.indices((81, 81)) - 40
    disk = rows**2 + columns**2 <= 35**2
    ring = disk & (rows**2 + columns**2 > 25**2)

    round_, hollow = (flat_shape(one, spacing=(1.0, 1.0)) for one in (disk, ring))
    assert round_["shape_circularity"] == pytest.approx(0.9, abs=0.06)  # the outline has steps
    assert round_["shape_elongation"] == pytest.approx(1.0)
    assert hollow["shape_circularity"] < 0.3
    assert round_["shape_diameter"] == pytest.approx(71.0)


def test_only_lengths_and_areas_grow_with_the_spacing() -> None:
    mask = np.random.default_rng(1).random((9, 9)) < 0.6
    one = flat_shape(mask, spacing=(1.0, 1.0))
    two = flat_shape(mask, spacing=(2.0, 2.0))

    changed = {name for name in one if two[name] != pytest.approx(one[name])}
    assert changed == LENGTHS


def test_a_pixel_has_no_axes_and_an_empty_region_nothing() -> None:
    assert np.isnan(flat_shape(np.ones((1, 1), bool), spacing=(1.0, 1.0))["shape_major_axis"])
    empty = flat_shape(np.zeros((2, 2), bool), spacing=(1.0, 1.0))
    assert list(empty) == [f"shape_{name}" for name in NAMES]
    assert np.isnan(list(empty.values())).all()
