"""Every feature of random regions against MIRP, an independent program of the IBSI's author."""

import logging
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

from thoracle.core.arrays import BoolArray, DoubleArray, IntArray
from thoracle.imaging.texture.aggregation import Aggregation
from thoracle.imaging.texture.first_order import first_order
from thoracle.imaging.texture.glcm import glcm
from thoracle.imaging.texture.gldzm import gldzm
from thoracle.imaging.texture.glrlm import glrlm
from thoracle.imaging.texture.glszm import glszm
from thoracle.imaging.texture.histogram import intensity_histogram
from thoracle.imaging.texture.ngldm import ngldm
from thoracle.imaging.texture.ngtdm import ngtdm
from thoracle.imaging.texture.volume_shape import volume_shape
from thoracle.imaging.texture.wavelets import BOUNDARY, WAVELET, wavelet_bands

pytestmark = [
    pytest.mark.slow,
    pytest.mark.filterwarnings("ignore"),  # MIRP's own, of pandas and ITK
]

# MIRP's names of the aggregations: as asked for, and at the end of its columns.
DIRECTED = {
    Aggregation.AVERAGED_2D: ("2d_average", "2d_avg"),
    Aggregation.MERGED_2D: ("2d_slice_merge", "2d_s_mrg"),
    Aggregation.BY_DIRECTION_25D: ("2.5d_direction_merge", "2.5d_d_mrg"),
    Aggregation.MERGED_25D: ("2.5d_volume_merge", "2.5d_v_mrg"),
    Aggregation.AVERAGED_3D: ("3d_average", "3d_avg"),
    Aggregation.MERGED_3D: ("3d_volume_merge", "3d_v_mrg"),
}
ZONES = {
    Aggregation.MERGED_2D: "2d",
    Aggregation.MERGED_25D: "2.5d",
    Aggregation.MERGED_3D: "3d",
}
PREFIX = {glcm: "d1_", glrlm: "", glszm: "", gldzm: "", ngldm: "d1_a0.0_", ngtdm: ""}
SHAPE = (5, 9, 11)
SHARE_INSIDE = 0.75


@pytest.fixture(scope="module", autouse=True)
def _quiet() -> Iterator[None]:
    logging.disable(logging.CRITICAL)
    yield
    logging.disable(logging.NOTSET)


@pytest.fixture(scope="module")
def region() -> tuple[IntArray, BoolArray]:
    """Random levels 1 to 8 in a ragged region with holes and single voxels."""
    generator = np.random.default_rng(3)
    return generator.integers(1, 9, size=SHAPE), generator.random(SHAPE) < SHARE_INSIDE


@pytest.fixture(scope="module")
def mirp_values(region: tuple[IntArray, BoolArray]) -> dict[str, Any]:
    """What MIRP measures of the region, by its column."""
    from mirp import extract_features

    levels, mask = region
    methods = [asked for asked, _ in DIRECTED.values()]
    zones = list(ZONES.values())
    table = extract_features(
        image=levels.astype(float),
        mask=mask.astype(int),
        base_discretisation_method="none",
        base_feature_families="all",
        glcm_spatial_method=methods,
        glrlm_spatial_method=methods,
        glszm_spatial_method=zones,
        gldzm_spatial_method=zones,
        ngtdm_spatial_method=zones,
        ngldm_spatial_method=zones,
    )[0]
    return dict(table.iloc[0])


@pytest.mark.parametrize("aggregation", Aggregation)
@pytest.mark.parametrize("family", [glcm, glrlm])
def test_matrices_with_directions_agree(
    region: tuple[IntArray, BoolArray],
    mirp_values: dict[str, Any],
    family: Any,
    aggregation: Aggregation,
) -> None:
    levels, mask = region
    ending = f"{PREFIX[family]}{DIRECTED[aggregation][1]}"

    for name, value in family(np.where(mask, levels, 0), aggregation).items():
        assert value == pytest.approx(mirp_values[f"{name}_{ending}"], rel=1e-9), name


@pytest.mark.parametrize("aggregation", ZONES)
@pytest.mark.parametrize("family", [glszm, gldzm, ngldm, ngtdm])
def test_matrices_without_directions_agree(
    region: tuple[IntArray, BoolArray],
    mirp_values: dict[str, Any],
    family: Any,
    aggregation: Aggregation,
) -> None:
    levels, mask = region
    ending = f"{PREFIX[family]}{ZONES[aggregation]}"

    for name, value in family(np.where(mask, levels, 0), aggregation).items():
        assert value == pytest.approx(mirp_values[f"{name}_{ending}"], rel=1e-9), name


def test_statistics_and_histogram_agree(
    region: tuple[IntArray, BoolArray], mirp_values: dict[str, Any]
) -> None:
    levels, mask = region
    inside = levels[mask]

    for name, value in (first_order(inside.astype(float)) | intensity_histogram(inside)).items():
        assert value == pytest.approx(mirp_values[name], rel=1e-9), name


def test_shapes_agree(region: tuple[IntArray, BoolArray], mirp_values: dict[str, Any]) -> None:
    levels, mask = region

    for name, value in volume_shape(levels.astype(float), mask, spacing=(1.0, 1.0, 1.0)).items():
        # MIRP sums 10 terms of the ellipsoid's series, and meshes in single precision.
        tolerance = 1e-3 if name == "morph_area_dens_aee" else 1e-5
        assert value == pytest.approx(mirp_values[name], rel=tolerance), name


@pytest.mark.parametrize("axes", [2, 3])
def test_wavelet_bands_agree(axes: int) -> None:
    image = np.random.default_rng(5).normal(size=(12, 14, 16))
    bands = wavelet_bands(image, is_volume=axes == 3)

    assert len(bands) == 2**axes
    for letters, band in bands.items():
        np.testing.assert_allclose(band, _mirp_band(image, letters), rtol=1e-9, atol=1e-12)


def _mirp_band(image: DoubleArray, letters: str) -> DoubleArray:
    import pywt
    from mirp._imagefilters.utilities import SeparableFilterSet

    wavelet = pywt.Wavelet(WAVELET)
    passes = {"L": np.array(wavelet.dec_lo), "H": np.array(wavelet.dec_hi)}
    names = ("filter_x", "filter_y", "filter_z")
    kernels = {name: passes[letter] for name, letter in zip(names, letters, strict=False)}
    filters = SeparableFilterSet(**{**dict.fromkeys(names), **kernels})
    return np.asarray(filters.convolve(voxel_grid=image, mode=BOUNDARY))
