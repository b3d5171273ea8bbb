"""Color maps: the tables equal matplotlib's, and the scale is never the image's own."""

import matplotlib as mpl
import numpy as np
import pytest

from thoracle.core.errors import SettingError
from thoracle.reporting.colormaps import (
    COLORMAPS,
    DEFAULT_COLORMAP,
    apply_colormap,
    color_steps,
    colormap_table,
)


@pytest.mark.parametrize("name", COLORMAPS)
def test_a_table_equals_matplotlibs_map_of_that_name(name: str) -> None:
    expected = mpl.colormaps[name](np.arange(256), bytes=True)[:, :3]
    # matplotlib cuts off where the tables round: half a grey step at most.
    assert np.abs(colormap_table(name).astype(int) - expected.astype(int)).max() <= 1


@pytest.mark.parametrize("name", COLORMAPS)
def test_lightness_rises_along_the_whole_table(name: str) -> None:
    luminance = colormap_table(name).astype(float) ** 2.2 @ [0.2126, 0.7152, 0.0722]
    assert np.all(np.diff(luminance[::8]) > 0)


def test_there_are_three_maps_and_jet_is_not_the_default() -> None:
    assert len(COLORMAPS) >= 3
    assert DEFAULT_COLORMAP == COLORMAPS[0] == "inferno"
    assert "jet" not in COLORMAPS


def test_a_faint_map_stays_faint_because_it_is_not_stretched_to_its_own_maximum() -> None:
    faint = np.array([[0.0, 0.01]], np.float32)
    assert color_steps(faint, scale_max=1.0).tolist() == [[0, 3]]
    strong = faint * np.float32(100)
    assert color_steps(strong, scale_max=1.0).tolist() == [[0, 255]]


def test_negative_unknown_and_oversized_values_stay_on_the_scale() -> None:
    values = np.array([[-5.0, np.nan, np.inf, 7.0, 2.0]], np.float32)
    assert color_steps(values, scale_max=4.0).tolist() == [[0, 0, 255, 255, 128]]


def test_colors_are_looked_up_in_the_table() -> None:
    colored = apply_colormap(np.array([[0.0, 2.0]], np.float32), scale_max=2.0, name="viridis")
    assert colored.shape == (1, 2, 3)
    assert colored[0, 0].tolist() == [68, 1, 84]  # viridis begins at #440154 ...
    assert colored[0, 1].tolist() == [253, 231, 37]  # ... and ends at #fde725


def test_changing_a_returned_table_changes_no_other() -> None:
    colormap_table("magma")[:] = 0
    assert colormap_table("magma").any()


@pytest.mark.parametrize("scale_max", [0.0, -1.0, float("nan"), float("inf")])
def test_a_scale_without_a_positive_end_is_refused(scale_max: float) -> None:
    with pytest.raises(SettingError, match=r"ends at .* expected a positive number") as caught:
        color_steps(np.zeros((1, 1), np.float32), scale_max=scale_max)
    assert caught.value.code == "color-scale"


def test_an_unknown_map_names_those_there_are() -> None:
    with pytest.raises(SettingError, match="'jet' – expected one of inferno, magma, viridis"):
        colormap_table("jet")
