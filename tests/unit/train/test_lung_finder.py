"""Training cuts films with the same lung finder as serving."""

from pathlib import Path

import numpy as np

from thoracle.inference.bundle import open_bundle
from thoracle.train.lung_finder import LungFinder, lung_finder


def test_the_finder_is_that_of_the_bundle_in_force(bundles: Path) -> None:
    film = np.random.default_rng(1).random((64, 48), dtype=np.float32)
    by_name, by_folder = lung_finder(), lung_finder(str(bundles / "lungs"))
    expected = LungFinder(open_bundle("lungs"))
    assert by_name.bundle.digest == by_folder.bundle.digest == expected.bundle.digest
    np.testing.assert_array_equal(by_name.find(film), expected.find(film))
