import numpy as np
import pytest

from thoracle.imaging.texture.aggregation import Aggregation
from thoracle.imaging.texture.glszm import NAMES, glszm


def test_a_flat_region_is_one_zone() -> None:
    found = glszm(np.full((1, 4, 5), 3), Aggregation.MERGED_2D)

    assert found["szm_lze"] == 400.0
    assert found["szm_z_perc"] == pytest.approx(1 / 20)
    assert found["szm_zs_entr"] == 0.0


def test_slices_are_joined_in_a_volume_only() -> None:
    levels = np.full((2, 3, 3), 1)

    assert glszm(levels, Aggregation.MERGED_25D)["szm_lze"] == 81.0
    assert glszm(levels, Aggregation.MERGED_3D)["szm_lze"] == 324.0


def test_an_empty_region_is_unknown() -> None:
    found = glszm(np.zeros((1, 2, 2), np.int64), Aggregation.MERGED_2D)

    assert list(found) == [f"szm_{name}" for name in NAMES]
    assert np.isnan(list(found.values())).all()
