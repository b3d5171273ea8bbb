"""A bundle is judged only on patients that it never saw."""

import csv
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from nibabel.nifti1 import Nifti1Image
from numpy.typing import NDArray

from thoracle.core.errors import EvaluationError
from thoracle.datasets.ct_cases import CtCase, read_case, read_cases
from thoracle.inference.bundle import open_bundle
from thoracle.jobs.evaluate_ct import find_ct_bundles, judge_ct, learned_patients


def _save(values: NDArray[Any], affine: NDArray[Any], path: Path) -> None:
    Nifti1Image(values, affine).to_filename(path)  # type: ignore[no-untyped-call]


@pytest.fixture
def cases(tmp_path: Path) -> tuple[CtCase, ...]:
    """Three scans of two patients: lungs of −825 HU, ground glass of −350 HU as labeled."""
    folder = tmp_path / "cases"
    folder.mkdir()
    hu = np.full((60, 50, 30), -1300.0)  # columns, rows, slices
    hu[4:56, 4:46] = 120
    label_map = np.zeros(hu.shape, np.uint8)
    label_map[10:26, 12:36, 6:24] = 1
    label_map[34:50, 12:36, 6:24] = 1
    label_map[36:44, 16:28, 10:16] = 2
    hu[label_map == 1], hu[label_map == 2] = -825, -350
    grey = np.round((hu + 1350) / 1500 * 4095).astype(np.int16)
    affine = np.diag([-5.0, -5.0, 5.0, 1.0])
    rows = [("case", "patient"), ("a", "p1"), ("b", "p1"), ("c", "p2")]
    for name, _patient in rows[1:]:
        own = label_map.copy()
        own[36:44, 16:28, 10:13][own[36:44, 16:28, 10:13] == 2] = 1 if name == "b" else 2
        _save(grey, affine, folder / f"{name}_image.nii.gz")
        _save(own, affine, folder / f"{name}_labels.nii.gz")
    with (folder / "cases.csv").open("w", encoding="utf-8", newline="") as stream:
        csv.writer(stream).writerows(rows)
    return read_cases(folder)


def test_each_scan_is_judged_by_the_bundle_that_left_its_patient_out(
    cases: tuple[CtCase, ...], ct_bundle: Callable[..., Path]
) -> None:
    first = ct_bundle(patients="p2", place="without-p1/bundle")
    ct_bundle(patients="p1", place="without-p2/bundle")
    bundles = find_ct_bundles(first.parents[1])
    judged = judge_ct(bundles, cases)
    assert [(one.case, one.patient, one.learned) for one in judged.scans] == [
        ("a", "p1", 1), ("b", "p1", 1), ("c", "p2", 1),
    ]  # fmt: skip
    last = judged.scans[2]
    assert last.groups["lungs"].dice > 0.95
    assert last.groups["infection"].reference_ml == pytest.approx(8 * 12 * 6 * 0.125)
    assert np.isnan(last.groups["consolidation"].dice)
    assert last.poi_error == last.poi - last.reference_poi


def test_two_references_of_one_patient_are_the_references_own_noise(
    cases: tuple[CtCase, ...], ct_bundle: Callable[..., Path]
) -> None:
    judged = judge_ct([open_bundle(str(ct_bundle(patients="p2")))], cases)
    whole = 100 * (8 * 12 * 6) / (2 * 16 * 24 * 18)
    assert list(judged.noise) == ["p1"]
    assert judged.noise["p1"] == pytest.approx((whole, whole / 2))


def test_a_scan_without_labels_is_shown_by_the_bundle_of_most_patients(
    cases: tuple[CtCase, ...], ct_bundle: Callable[..., Path], tmp_path: Path
) -> None:
    affine = np.diag([-5.0, -5.0, 5.0, 1.0])
    hu = read_case(cases[0]).scan.hu.T  # as the file has it: columns, rows, slices
    path = tmp_path / "normal.nii.gz"
    _save(hu, affine, path)
    bundles = [
        open_bundle(str(ct_bundle(patients=names, place=place)))
        for names, place in (("p1", "one"), ("p1, p2", "two"))
    ]
    (shown,) = judge_ct(bundles, cases, unlabeled=[path]).unlabeled
    assert shown.name == "normal"
    assert shown.lung_parts == 2
    assert shown.lungs_ml == pytest.approx(2 * 16 * 24 * 18 * 0.125, rel=0.1)


def test_a_bundle_of_all_patients_alone_cannot_be_judged(
    cases: tuple[CtCase, ...], ct_bundle: Callable[..., Path]
) -> None:
    with pytest.raises(EvaluationError, match="never saw"):
        judge_ct([open_bundle(str(ct_bundle(patients="p1, p2")))], cases)


def test_a_bundle_that_does_not_say_whom_it_learned_from_is_refused(
    ct_bundle: Callable[..., Path],
) -> None:
    folder = ct_bundle()
    description = folder / "bundle.toml"
    text = description.read_text(encoding="utf-8")
    description.write_text(text.replace("patients = ", "others = "), encoding="utf-8")
    with pytest.raises(EvaluationError, match="expected whom it learned from"):
        learned_patients(open_bundle(str(folder)))


def test_a_folder_without_bundles_is_refused(tmp_path: Path) -> None:
    with pytest.raises(EvaluationError, match="found no bundle"):
        find_ct_bundles(tmp_path)
