"""The synthetic thorax: what is painted has the volumes that formulas give."""

from dataclasses import replace

import numpy as np
import pytest

from thoracle.core.errors import EvaluationError
from thoracle.ct.types import CONSOLIDATION, GROUND_GLASS, LUNG
from thoracle.datasets.thorax import Thorax
from thoracle.datasets.thorax_phantom import PADDING_HU, Scanner, phantom
from thoracle.datasets.thorax_shapes import Lesion

LESION = Lesion(center_mm=(20.0, 10.0, 75.0), half_mm=(30.0, 25.0, 20.0), core=0.6)
COARSE = Scanner(spacing_mm=(6.0, 3.0, 3.0))


def test_voxels_of_each_label_add_up_to_the_formulas() -> None:
    made = phantom(Thorax(gap=0.99, lesions=(LESION,)), COARSE)
    count = np.bincount(made.segmentation.label_map.ravel(), minlength=4) * made.scan.voxel_ml
    assert count[1:].sum() == pytest.approx(sum(made.volumes.lung_ml), rel=0.005)
    assert count[GROUND_GLASS] == pytest.approx(LESION.ground_glass_ml, rel=0.05)
    assert count[CONSOLIDATION] == pytest.approx(LESION.consolidation_ml, rel=0.05)


def test_the_right_lung_lies_at_the_first_columns_and_the_apex_at_the_last_slices() -> None:
    made = phantom(Thorax(lesions=(LESION,)), COARSE)
    labels, affine = made.segmentation.label_map, made.scan.affine
    slices, rows, columns = (float(one.mean()) for one in np.nonzero(labels >= GROUND_GLASS))
    place = affine @ [columns, rows, slices, 1.0]
    np.testing.assert_allclose(place[:3], [75.0, 10.0, 20.0], atol=0.5)  # x left, y back, z up
    heights = np.flatnonzero((labels == LUNG).any(axis=(1, 2))) * 6.0 + affine[2, 3]
    assert (heights[0], heights[-1]) == pytest.approx((-75.0, 165.0), abs=6.0)


def test_an_edge_is_partly_one_thing_and_partly_another() -> None:
    made = phantom(Thorax(), COARSE)
    inside = made.scan.hu[made.segmentation.label_map == LUNG]
    assert np.median(inside) == -850
    assert np.any((inside > -800) & (inside < -500))


def test_a_window_cuts_what_lies_beyond_it_and_the_scan_says_so() -> None:
    scan = phantom(Thorax(), replace(COARSE, window_hu=(-1350.0, 150.0))).scan
    assert scan.hu.max() == 150
    assert scan.window_hu == (-1350.0, 150.0)
    assert not scan.has_hu


def test_a_round_field_is_padded_outside() -> None:
    scan = phantom(Thorax(), replace(COARSE, is_round=True)).scan
    assert (scan.hu[:, 0, 0] == PADDING_HU).all()
    assert (scan.hu[:, scan.hu.shape[1] // 2, scan.hu.shape[2] // 2] > PADDING_HU).all()


def test_noise_has_the_width_that_was_asked_for_and_the_same_seed_repeats_it() -> None:
    noisy = replace(COARSE, noise_hu=40.0, field_mm=((0.0, 30.0), (-60.0, 60.0), (-150.0, 150.0)))
    first, again = (
        phantom(Thorax(), noisy, rng=np.random.default_rng(3)).scan.hu for _ in range(2)
    )
    clean = phantom(Thorax(), replace(noisy, noise_hu=0.0)).scan.hu
    np.testing.assert_array_equal(first, again)
    assert np.std(first.astype(float) - clean) == pytest.approx(40.0, rel=0.03)


def test_noise_without_a_generator_is_an_error() -> None:
    with pytest.raises(EvaluationError, match="found noise of 40 HU without a generator"):
        phantom(Thorax(), replace(COARSE, noise_hu=40.0))
