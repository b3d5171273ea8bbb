import numpy as np

from thoracle.imaging.texture.aggregation import Aggregation
from thoracle.imaging.texture.gldzm import NAMES, gldzm


def test_a_core_lies_deeper_than_its_rim() -> None:
    levels = np.full((1, 5, 5), 1)
    levels[0, 2, 2] = 2
    found = gldzm(levels, Aggregation.MERGED_2D)

    assert found["dzm_lde"] == (1 + 9) / 2
    assert found["dzm_ldhge"] == (1 + 9 * 4) / 2


def test_an_empty_region_is_unknown() -> None:
    found = gldzm(np.zeros((1, 2, 2), np.int64), Aggregation.MERGED_2D)

    assert list(found) == [f"dzm_{name}" for name in NAMES]
    assert np.isnan(list(found.values())).all()
