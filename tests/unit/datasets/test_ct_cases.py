"""Labeled scans come with their patients, in HU, seen as radiologists do."""

import csv
import os
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from nibabel.nifti1 import Nifti1Image
from numpy.typing import NDArray

from thoracle.core.errors import ManifestError
from thoracle.datasets.ct_cases import read_case, read_cases, read_hu_scan

SHAPE = (6, 5, 4)  # columns, rows, slices of the file


def _save(values: NDArray[Any], affine: NDArray[Any], path: Path) -> None:
    Nifti1Image(values, affine).to_filename(path)  # type: ignore[no-untyped-call]


def _write(path: Path, values: NDArray[Any], *, x: float = -2.0, y: float = -2.0) -> None:
    affine = np.diag([x, y, 5.0, 1.0])
    affine[:3, 3] = (30.0, 20.0, -100.0)
    _save(values, affine, path)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Two cases of one patient; the first voxel of a file is black and consolidated."""
    for name in ("a", "b"):
        grey = np.full(SHAPE, 4095, np.int16)
        grey[0, 0, 0] = 0
        label_map = np.zeros(SHAPE, np.uint8)
        label_map[0, 0, 0] = 3
        _write(tmp_path / f"{name}_image.nii.gz", grey)
        _write(tmp_path / f"{name}_labels.nii.gz", label_map)
    with (tmp_path / "cases.csv").open("w", encoding="utf-8", newline="") as stream:
        csv.writer(stream).writerows([("case", "patient"), ("a", "p1"), ("b", "p1")])
    return tmp_path


def test_every_case_has_its_patient_and_files(folder: Path) -> None:
    cases = read_cases(folder)
    assert [(one.name, one.patient) for one in cases] == [("a", "p1"), ("b", "p1")]
    assert cases[0].image == folder / "a_image.nii.gz"


def test_grey_becomes_hu_of_its_window_and_the_scan_says_so(folder: Path) -> None:
    labeled = read_case(read_cases(folder)[0])
    assert labeled.scan.hu.shape == (4, 5, 6)
    assert labeled.scan.hu[0, 0, 0] == -1350
    assert labeled.scan.hu[1, 1, 1] == 150
    assert labeled.scan.window_hu == (-1350.0, 150.0)
    assert not labeled.scan.has_hu
    assert labeled.scan.spacing_mm == (5.0, 2.0, 2.0)
    assert labeled.label_map[0, 0, 0] == 3


@pytest.mark.parametrize(("x", "row", "column"), [(-2.0, 0, 0), (2.0, 0, 5)])
def test_a_voxel_keeps_its_place_in_the_patient_whatever_the_file_does(
    tmp_path: Path, x: float, row: int, column: int
) -> None:
    values = np.full(SHAPE, -1000, np.int16)
    values[0, 0, 0] = 700
    _write(tmp_path / "scan.nii.gz", values, x=x)
    scan = read_hu_scan(tmp_path / "scan.nii.gz")
    assert scan.has_hu
    assert np.argwhere(scan.hu == 700).tolist() == [[0, row, column]]
    # The file's first voxel lies at RAS (30, 20, −100): LPS (−30, −20, −100).
    np.testing.assert_allclose(scan.affine @ (column, row, 0, 1), (-30, -20, -100, 1))
    assert np.diag(scan.affine).tolist() == [2.0, 2.0, 5.0, 1.0]


def test_values_that_are_no_grey_and_labels_that_are_none_are_refused(folder: Path) -> None:
    cases = read_cases(folder)
    _write(cases[0].image, np.full(SHAPE, -5, np.int16))
    with pytest.raises(ManifestError, match="expected grey from 0 to 4095"):
        read_case(cases[0])
    _write(cases[1].labels, np.full(SHAPE, 7, np.uint8))
    with pytest.raises(ManifestError, match="expected 0 to 3"):
        read_case(cases[1])


def test_labels_of_another_place_are_refused(folder: Path) -> None:
    case = read_cases(folder)[0]
    _write(case.labels, np.zeros(SHAPE, np.uint8), y=-3.0)
    with pytest.raises(ManifestError, match="expected the same grid"):
        read_case(case)


def test_values_without_air_are_no_hu(tmp_path: Path) -> None:
    _write(tmp_path / "scan.nii.gz", np.full(SHAPE, 12, np.int16))
    with pytest.raises(ManifestError, match="expected HU, where air is near"):
        read_hu_scan(tmp_path / "scan.nii.gz")


def test_a_missing_table_column_or_file_is_named(folder: Path, tmp_path: Path) -> None:
    with pytest.raises(ManifestError, match="expected a table with the columns case and patient"):
        read_cases(tmp_path / "nowhere")
    (folder / "a_labels.nii.gz").unlink()
    with pytest.raises(ManifestError, match="a_labels"):
        read_cases(folder)
    (folder / "cases.csv").write_text("case\na\n", encoding="utf-8")
    with pytest.raises(ManifestError, match="without a column case or patient"):
        read_cases(folder)


@pytest.mark.skipif("THORACLE_DATA" not in os.environ, reason="needs THORACLE_DATA")
def test_the_collections_own_volumes_are_those_of_its_table() -> None:
    folder = Path(os.environ["THORACLE_DATA"]) / "ct"
    with (folder / "cases.csv").open(encoding="utf-8", newline="") as stream:
        (row,) = [one for one in csv.DictReader(stream) if one["case"] == "case2"]
    (case,) = [one for one in read_cases(folder) if one.name == "case2"]
    labeled = read_case(case)
    volume_ml = (labeled.label_map > 0).sum() * labeled.scan.voxel_ml
    assert volume_ml == pytest.approx(float(row["lung_volume_ml"]), rel=1e-3)


def test_a_corrected_scan_in_hu_has_reader_and_minutes_and_stays_in_hu(folder: Path) -> None:
    hu = np.full(SHAPE, -1000, np.int16)
    hu[1, 1, 1] = 640
    _write(folder / "a_image.nii.gz", hu)
    rows = [
        ("case", "patient", "unit", "reader", "minutes"),
        ("a", "", "HU", "Dr. A", "7.5"),
        ("b", "p1", "", "", ""),
    ]
    with (folder / "cases.csv").open("w", encoding="utf-8", newline="") as stream:
        csv.writer(stream).writerows(rows)
    first, second = read_cases(folder)
    assert (first.is_hu, first.reader, first.minutes) == (True, "Dr. A", 7.5)
    assert (first.patient, first.has_patient) == ("unknown:a", False)
    assert (second.is_hu, second.reader, second.minutes, second.has_patient) == (
        False, None, None, True,
    )  # fmt: skip
    scan = read_case(first).scan
    assert (scan.hu.max(), scan.hu.min(), scan.has_hu) == (640, -1000, True)
    _write(folder / "a_image.nii.gz", np.full(SHAPE, 100, np.int16))
    with pytest.raises(ManifestError, match="as the lowest value of a_image") as raised:
        read_case(first)
    assert raised.value.code == "ct-no-hu"


@pytest.mark.parametrize(("unit", "minutes"), [("hu", "1"), ("HU", "soon"), ("HU", "-1")])
def test_a_row_of_unknown_unit_or_time_is_refused(folder: Path, unit: str, minutes: str) -> None:
    text = f"case,patient,unit,reader,minutes\na,p1,{unit},r,{minutes}\n"
    (folder / "cases.csv").write_text(text, encoding="utf-8")
    with pytest.raises(ManifestError, match="expected grey or HU, and a number or nothing"):
        read_cases(folder)
