import numpy as np
import pytest

from thoracle.imaging.texture.histogram import intensity_histogram


def test_a_histogram_by_hand() -> None:
    found = intensity_histogram(np.array([1, 1, 1, 1, 2, 4, 4, 4]))  # counts 4, 1, 0, 3

    assert found["ih_mode"] == 1.0
    assert found["ih_uniformity"] == pytest.approx(0.25 + 1 / 64 + 9 / 64)
    assert found["ih_entropy"] == pytest.approx(0.5 + 3 / 8 + 3 / 8 * np.log2(8 / 3))
    assert (found["ih_min_grad"], found["ih_min_grad_g"]) == (-3.0, 1.0)
    assert (found["ih_max_grad"], found["ih_max_grad_g"]) == (3.0, 4.0)
    assert found["ih_mean"] == pytest.approx(18 / 8)


def test_of_several_modes_that_nearest_to_the_mean_is_taken() -> None:
    assert intensity_histogram(np.array([1, 1, 4, 4, 5, 6]))["ih_mode"] == 4.0


def test_a_single_level_has_no_gradient() -> None:
    assert np.isnan(intensity_histogram(np.ones(9, np.int64))["ih_max_grad"])
