"""Differences are told in the logit's unit and as shares of each map's own maximum."""

import numpy as np
import pytest

from thoracle.inference.parity import differences


def test_each_map_is_measured_against_its_own_maximum() -> None:
    maps = np.array([[[[1.0, 0.5]], [[10.0, 0.0]]]], np.float32)
    off = maps + np.array([[[[0.0, 0.1]], [[0.0, 0.5]]]], np.float32)
    expected = {"logits": np.zeros((1, 2), np.float32), "last/gradcam": maps}
    found = {"logits": np.full((1, 2), 0.25, np.float32), "last/gradcam": off}
    logits, share = differences(expected, found)
    assert logits == 0.25
    assert share == pytest.approx(0.1)


def test_a_map_of_noise_is_measured_against_a_hundredth_of_the_largest() -> None:
    maps = np.array([[[[1e-6]], [[1.0]]]], np.float32)
    expected = {"logits": np.zeros((1, 2), np.float32), "last/gradcam": maps}
    found = expected | {"last/gradcam": maps + np.array([[[[1e-6]], [[0.0]]]], np.float32)}
    assert differences(expected, found)[1] == pytest.approx(1e-4)


def test_without_maps_there_is_no_difference_of_maps() -> None:
    logits = {"logits": np.zeros((1, 2), np.float32)}
    assert differences(logits, logits) == (0.0, None)


@pytest.mark.parametrize("found", [{}, {"logits": np.zeros((1, 3), np.float32)}])
def test_what_is_missing_or_of_another_shape_is_infinitely_far(found: dict[str, object]) -> None:
    expected = {"logits": np.zeros((1, 2), np.float32)}
    assert differences(expected, found)[0] == float("inf")  # type: ignore[arg-type]
    assert differences({}, expected)[0] == float("inf")
