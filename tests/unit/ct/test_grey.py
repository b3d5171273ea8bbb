"""The grey of the lung window."""

import numpy as np
import pytest

from thoracle.ct.grey import lung_grey


@pytest.mark.parametrize(
    ("hu", "grey"), [(-2000, -1), (-1350, -1), (-600, 0), (-225, 0.5), (150, 1), (3000, 1)]
)
def test_the_lung_window_runs_from_minus_one_to_one(hu: float, grey: float) -> None:
    found = lung_grey(np.array([hu], np.float32))
    assert found.dtype == np.float32
    assert found[0] == pytest.approx(grey, abs=1e-6)


def test_the_input_is_left_as_it_was() -> None:
    hu = np.array([-5000.0, 5000.0], np.float32)
    lung_grey(hu)
    assert hu.tolist() == [-5000.0, 5000.0]
