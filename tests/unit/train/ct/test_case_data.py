"""Patches of labeled scans and of scans in HU know what they are."""

from pathlib import Path

import numpy as np
import pytest
from nibabel.nifti1 import Nifti1Image

from thoracle.ct.case import COVID, IRRELEVANT, OTHER
from thoracle.datasets.ct_cases import CtCase
from thoracle.train.ct.case_data import HuScan, examples_of, hu_patches, labeled_patches


def test_a_labeled_scan_gives_altered_and_healthy_patches(cases: tuple[CtCase, ...]) -> None:
    found = labeled_patches(cases[0])
    assert found.patient == "p1"
    assert (found.disease, found.unit, found.labeled_by) == (COVID, "window grey", "readers")
    assert set(found.targets.tolist()) == {COVID, IRRELEVANT}
    assert found.patches.shape == (len(found.candidates), 2, 48, 48)
    altered = found.targets == COVID
    assert found.patches[altered, 0, 24, 24] == pytest.approx(
        np.full(altered.sum(), 2 * 1000 / 1500 - 1), abs=0.02
    )
    assert [one.place[0] for one in found.candidates] == found.heights.tolist()


@pytest.fixture
def scan(tmp_path: Path) -> Path:
    """A body with two lungs in HU, dense in one place."""
    hu = np.full((60, 50, 30), -1000, np.int16)
    hu[4:56, 4:46] = 40
    hu[10:26, 12:36, 6:24], hu[34:50, 12:36, 6:24] = -850, -850
    hu[14:22, 18:28, 10:16] = -500
    path = tmp_path / "somebody.nii.gz"
    image = Nifti1Image(hu, np.diag([-5.0, -5.0, 5.0, 1.0]))  # type: ignore[no-untyped-call]
    image.to_filename(path)
    return path


def test_a_scan_in_hu_is_labeled_by_thresholds(scan: Path) -> None:
    found = hu_patches(HuScan(path=scan, disease=OTHER), None)
    assert (found.patient, found.unit, found.labeled_by) == ("somebody", "HU", "thresholds")
    assert set(found.targets.tolist()) == {OTHER, IRRELEVANT}
    healthy = hu_patches(HuScan(path=scan, disease=IRRELEVANT), None)
    assert set(healthy.targets.tolist()) == {IRRELEVANT}


def test_few_patches_of_a_scan_and_kind_are_taken(cases: tuple[CtCase, ...]) -> None:
    scans = [labeled_patches(one) for one in cases[:3]]
    examples = examples_of(scans, most=2, seed=0)
    assert len(examples.targets) == 12
    assert examples.groups == ("p1",) * 8 + ("p2",) * 4
    again = examples_of(scans, most=2, seed=0)
    assert again.digest == examples.digest
    assert examples_of(scans, most=3, seed=0).digest != examples.digest
