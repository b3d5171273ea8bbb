"""Thresholds find a phantom's lungs and its lesion, which is what they are for."""

import numpy as np
import pytest

from thoracle.ct.grid import grid_of, to_grid
from thoracle.ct.threshold import threshold_labels
from thoracle.ct.types import CONSOLIDATION, GROUND_GLASS
from thoracle.datasets.thorax import Thorax
from thoracle.datasets.thorax_phantom import Phantom, Scanner, phantom
from thoracle.datasets.thorax_shapes import Lesion

SPACING_MM = (10.0, 3.0, 3.0)
BALL = Lesion(center_mm=(60.0, 0.0, -75.0), half_mm=(30.0, 30.0, 30.0), core=0.7)


@pytest.fixture(scope="module")
def made() -> Phantom:
    """A thorax with one ball of ground glass around consolidation."""
    return phantom(Thorax(lesions=(BALL,)), Scanner(spacing_mm=SPACING_MM))


def test_lungs_and_lesion_lie_where_they_are(made: Phantom) -> None:
    slices, rows, columns = made.scan.hu.shape
    grid = grid_of((slices, rows, columns), made.scan.spacing_mm, spacing_mm=SPACING_MM)
    found = threshold_labels(to_grid(made.scan.hu, grid), spacing_mm=SPACING_MM)
    true = made.segmentation.label_map
    overlap = 2 * ((found > 0) & (true > 0)).sum() / ((found > 0).sum() + (true > 0).sum())
    assert overlap > 0.9
    assert ((found >= GROUND_GLASS) & (true >= GROUND_GLASS)).sum() > 0.6 * (true >= 2).sum()
    assert ((found == CONSOLIDATION) & (true == CONSOLIDATION)).sum() > 0


def test_a_healthy_thorax_has_little_that_is_altered() -> None:
    made = phantom(Thorax(), Scanner(spacing_mm=SPACING_MM))
    slices, rows, columns = made.scan.hu.shape
    grid = grid_of((slices, rows, columns), made.scan.spacing_mm, spacing_mm=SPACING_MM)
    found = threshold_labels(to_grid(made.scan.hu, grid), spacing_mm=SPACING_MM)
    assert (found >= GROUND_GLASS).sum() < 0.02 * (found > 0).sum()


def test_a_picture_without_a_body_has_no_lungs() -> None:
    hu = np.full((4, 40, 40), -1000.0, np.float32)
    assert threshold_labels(hu, spacing_mm=SPACING_MM).max() == 0
