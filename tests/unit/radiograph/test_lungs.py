"""The lung finder around a network whose lungs are the darker half."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from thoracle.core.arrays import FloatArray
from thoracle.core.errors import BundleError
from thoracle.inference.bundle import open_bundle
from thoracle.radiograph.lungs import LungFinder
from thoracle.radiograph.preprocess import lung_input


@pytest.fixture(scope="module")
def finder(shared_bundles: Path) -> LungFinder:
    return LungFinder(open_bundle(str(shared_bundles / "lungs")))


def test_the_probability_is_that_of_the_networks_logit(
    finder: LungFinder, draw: Callable[..., FloatArray]
) -> None:
    pixels = draw()
    expected = 1 / (1 + np.exp(10 * lung_input(pixels, size=32)))
    found = finder.probability(pixels)
    np.testing.assert_allclose(found, expected, atol=1e-6)
    assert found.dtype == np.float32


def test_the_darker_half_is_the_lungs(finder: LungFinder, draw: Callable[..., FloatArray]) -> None:
    expected = np.zeros((32, 32), bool)
    expected[16:] = True
    np.testing.assert_array_equal(finder.find(draw()), expected)


def test_the_box_holds_them_with_a_margin(
    finder: LungFinder, draw: Callable[..., FloatArray]
) -> None:
    lungs = finder.locate(draw(rows=256, columns=240))
    assert lungs.found
    # Rows 128 to 256, columns 0 to 240; a fifth of 128 is 25.6, of 240 is 48.
    assert lungs.box == (102, -48, 282, 288)
    assert lungs.mask.shape == (32, 32)


def test_without_lungs_the_whole_film_is_the_box(finder: LungFinder) -> None:
    lungs = finder.locate(np.full((150, 130), 0.4, np.float32))
    assert not lungs.found
    assert lungs.box == (0, 0, 150, 130)
    assert not lungs.mask.any()


def test_a_bundle_of_another_task_is_refused(shared_bundles: Path) -> None:
    with pytest.raises(BundleError, match="expected task 'lungs'"):
        LungFinder(open_bundle(str(shared_bundles / "gate")))
