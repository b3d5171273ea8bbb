import numpy as np
import pytest

from thoracle.imaging.texture.lbp import lbp_histogram, uniform_patterns


def test_a_bright_spot_a_dark_spot_and_an_edge_have_their_patterns() -> None:
    spot = np.zeros((5, 5))
    spot[2, 2] = 1.0
    edge = np.zeros((5, 5))
    edge[:, :2] = 1.0

    assert uniform_patterns(spot)[2, 2] == 0
    assert uniform_patterns(-spot)[2, 2] == 8
    assert uniform_patterns(edge)[2, 1] == 5  # along the edge and behind it


def test_shares_of_a_region_sum_to_one_and_come_from_its_own_pixels() -> None:
    image = np.random.default_rng(0).random((2, 20, 20))
    mask = np.zeros(image.shape, bool)
    mask[1, 5:15, 3:12] = True
    found = lbp_histogram(image, mask)
    expected = np.bincount(uniform_patterns(image[1])[5:15, 3:12].ravel(), minlength=10) / 90

    assert list(found.values()) == pytest.approx(expected)
    assert sum(found.values()) == pytest.approx(1.0)


def test_patterns_do_not_change_with_brightness() -> None:
    image = np.random.default_rng(1).random((1, 9, 9))
    mask = np.zeros(image.shape, bool)
    mask[:, 2:7, 2:7] = True

    assert lbp_histogram(image * 3 + 7, mask) == pytest.approx(lbp_histogram(image, mask))


def test_an_empty_region_is_unknown() -> None:
    found = lbp_histogram(np.zeros((1, 3, 3)), np.zeros((1, 3, 3), bool))

    assert np.isnan(list(found.values())).all()
