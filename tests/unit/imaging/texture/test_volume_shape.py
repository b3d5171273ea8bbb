import numpy as np
import pytest
from scipy.special import eval_legendre

from thoracle.imaging.texture.volume_shape import NAMES, ellipsoid_area, volume_shape

CUBIC = (1.0, 1.0, 1.0)


def _ball(radius: int) -> np.ndarray:
    places = np.indices((2 * radius + 3,) * 3) - radius - 1
    return np.asarray((places**2).sum(axis=0) <= radius**2)


def test_a_ball_is_round() -> None:
    mask = _ball(10)
    found = volume_shape(np.ones(mask.shape), mask, spacing=CUBIC)

    assert found["morph_sphericity"] == pytest.approx(0.93, abs=0.05)  # the mesh has steps
    assert found["morph_pca_flatness"] == pytest.approx(1.0)
    assert found["morph_vol_dens_conv_hull"] == pytest.approx(1.0, abs=0.08)
    assert found["morph_com"] == pytest.approx(0.0, abs=1e-9)


def test_lengths_grow_with_the_spacing_and_ratios_do_not() -> None:
    mask = _ball(4)
    mask[:, :, :6] = False
    image = np.random.default_rng(0).random(mask.shape)
    one = volume_shape(image, mask, spacing=CUBIC)
    three = volume_shape(image, mask, spacing=(3.0, 3.0, 3.0))

    for name, power in (("volume", 3), ("area_mesh", 2), ("diam", 1), ("com", 1)):
        assert three[f"morph_{name}"] == pytest.approx(3**power * one[f"morph_{name}"])
    for name in ("sphericity", "pca_elongation", "vol_dens_aabb", "moran_i", "geary_c"):
        assert three[f"morph_{name}"] == pytest.approx(one[f"morph_{name}"])


def test_the_series_is_the_ibsis_and_exact_for_a_ball() -> None:
    assert ellipsoid_area(2.0, 2.0, 2.0) == pytest.approx(16 * np.pi, rel=1e-6)
    alpha, beta = np.sqrt(1 - (1.5 / 2) ** 2), np.sqrt(1 - (1.2 / 2) ** 2)
    place = (alpha**2 + beta**2) / (2 * alpha * beta)
    terms = [(alpha * beta) ** n / (1 - 4 * n**2) * eval_legendre(n, place) for n in range(21)]

    assert ellipsoid_area(2.0, 1.5, 1.2) == pytest.approx(4 * np.pi * 2 * 1.5 * sum(terms))


def test_what_a_voxel_or_a_plane_does_not_have_is_unknown() -> None:
    voxel = volume_shape(np.ones((1, 1, 1)), np.ones((1, 1, 1), bool), spacing=CUBIC)
    plane = volume_shape(np.ones((1, 3, 3)), np.ones((1, 3, 3), bool), spacing=CUBIC)
    empty = volume_shape(np.ones((1, 3, 3)), np.zeros((1, 3, 3), bool), spacing=CUBIC)

    assert np.isnan([voxel["morph_pca_maj_axis"], voxel["morph_moran_i"]]).all()
    assert np.isnan(plane["morph_vol_dens_aee"])
    assert plane["morph_pca_flatness"] == 0.0
    assert list(empty) == [f"morph_{name}" for name in NAMES]
    assert np.isnan(list(empty.values())).all()
