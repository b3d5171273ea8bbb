import numpy as np
import pytest

from thoracle.imaging.texture.aggregation import Aggregation
from thoracle.imaging.texture.glcm import glcm
from thoracle.imaging.texture.measure import (
    VOXELS_MIN,
    Binning,
    Layer,
    grey_feature_names,
    measure_grey,
    measure_layers,
)

IMAGE = np.random.default_rng(0).random((1, 24, 24))
MASK = np.zeros(IMAGE.shape, bool)
MASK[:, 4:20, 3:15] = True


def test_grey_becomes_levels_inside_the_region_only() -> None:
    layer = Layer(image=IMAGE, binning=Binning(bins=8))
    levels = np.zeros(IMAGE.shape, np.int64)
    levels[MASK] = Binning(bins=8).levels(IMAGE[MASK])
    found = measure_grey(layer, MASK, Aggregation.MERGED_2D)

    for name, value in glcm(levels, Aggregation.MERGED_2D).items():
        assert found[name] == pytest.approx(value)
    assert found["stat_mean"] == pytest.approx(IMAGE[MASK].mean())


def test_bins_of_a_size_begin_at_the_lowest_grey_unless_told() -> None:
    values = np.array([10.0, 12.0, 19.0])

    assert Binning(bins=None, bin_size=5.0).levels(values).tolist() == [1, 1, 2]
    assert Binning(bins=None, bin_size=5.0, lowest=0.0).levels(values).tolist() == [3, 3, 4]


def test_every_layer_has_the_grey_features_under_its_prefix_and_patterns_come_once() -> None:
    layers = {
        "": Layer(image=IMAGE, binning=Binning()),
        "wavelet_hh_": Layer(image=-IMAGE, binning=Binning()),
    }
    found = measure_layers(layers, MASK, Aggregation.MERGED_2D)

    assert {f"wavelet_hh_{name}" for name in grey_feature_names()} < set(found)
    assert sum("lbp" in name for name in found) == 10
    assert found["wavelet_hh_stat_mean"] == pytest.approx(-found["stat_mean"])


@pytest.mark.parametrize("voxels", [0, 1, VOXELS_MIN - 1])
def test_a_region_that_is_too_small_is_unknown_and_never_0(voxels: int) -> None:
    mask = np.zeros(IMAGE.shape, bool)
    mask.ravel()[:voxels] = True
    found = measure_layers({"": Layer(image=IMAGE, binning=Binning())}, mask, Aggregation.MERGED_2D)

    assert np.isnan(list(found.values())).all()
    assert set(found) == {*grey_feature_names(), *(f"lbp_{number}" for number in range(10))}
