"""The public CT scans: what is true opens, what is not is refused for its reasons."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import nibabel
import numpy as np
import pytest

from thoracle.imaging.sandbox import DecoderPool
from thoracle.imaging.scan import CtScan
from thoracle.jobs.ct_scans import ScanRefusedError, Trust, open_scan

WINDOW = (-1350.0, 150.0)


@pytest.fixture(scope="module")
def pool() -> Iterator[DecoderPool]:
    with DecoderPool(workers=1, memory_mb=1536, cpu_s=10, pixels_max=64_000_000) as one:
        yield one


@pytest.fixture(scope="module")
def folder(data_folder: Path) -> Path:
    return data_folder / "ct"


def test_slices_of_a_converter_are_refused_for_every_reason(
    folder: Path, pool: DecoderPool
) -> None:
    with pytest.raises(ScanRefusedError) as error:
        open_scan(folder / "case7_dicom.zip", Trust(), pool)
    assert {reason.code for reason in error.value.reasons} == {
        "scan-no-position",
        "scan-no-orientation",
        "scan-not-ct",
        "scan-not-hu",
    }
    assert "(0018,0088) says: 6 mm" in error.value.text


@pytest.mark.parametrize("trust", [Trust(assume_window=WINDOW), Trust(slice_spacing_mm=6.0)])
def test_half_a_word_is_not_enough(trust: Trust, folder: Path, pool: DecoderPool) -> None:
    with pytest.raises(ScanRefusedError):
        open_scan(folder / "case7_dicom.zip", trust, pool)


def test_on_a_user_s_word_they_are_the_part_of_case_7_that_they_are(
    folder: Path, pool: DecoderPool
) -> None:
    """The same patient's NIfTI is every second pixel of them: instance 11 is its slice 10."""
    trust = Trust(assume_window=WINDOW, slice_spacing_mm=6.0)
    scan = open_scan(folder / "case7_dicom.zip", trust, pool)
    whole = open_scan(folder / "case7_image.nii.gz", Trust(assume_window=WINDOW), pool)
    assert len(scan.assumptions) == 3
    assert scan.spacing_mm == pytest.approx((6.0, 0.683594, 0.683594))
    assert np.array_equal(scan.hu[:, ::2, ::2], whole.hu[10:26])
    assert whole.spacing_mm == pytest.approx((6.0, 1.367188, 1.367188))


@pytest.mark.parametrize("name", ["case1", "case2", "case3", "case4", "case6", "case7"])
def test_window_grey_is_refused_and_its_window_brings_tissue_where_it_belongs(
    name: str, folder: Path, pool: DecoderPool
) -> None:
    path = folder / f"{name}_image.nii.gz"
    with pytest.raises(ScanRefusedError) as error:
        open_scan(path, Trust(), pool)
    assert error.value.code == "scan-not-hu"
    scan = open_scan(path, Trust(assume_window=WINDOW), pool)
    assert "scan-window-doubtful" not in {one.code for one in scan.warnings}
    labels: Any = nibabel.load(folder / f"{name}_labels.nii.gz")
    lung = np.asarray(labels.dataobj).T == 1
    assert lung.shape == scan.hu.shape  # these files are stored as LPS
    assert -900 < np.median(scan.hu[lung]) < -600
    assert _lung_is_left_and_right_of_the_middle(scan, lung)


def _lung_is_left_and_right_of_the_middle(scan: CtScan, lung: np.ndarray) -> bool:
    return bool(
        lung[..., : scan.hu.shape[2] // 2].any() and lung[..., scan.hu.shape[2] // 2 :].any()
    )


@pytest.mark.parametrize("name", ["P001", "cap001", "normal001"])
def test_true_hu_open_without_a_word(name: str, folder: Path, pool: DecoderPool) -> None:
    scan = open_scan(folder / "covid_ct_md" / f"{name}.nii.gz", Trust(), pool)
    assert scan.has_hu
    assert scan.assumptions == ()
    assert {one.code for one in scan.warnings} <= {"scan-unit-unnamed"}
    assert scan.spacing_mm[0] == pytest.approx(4.0)
    # The table lies behind the patient: above air, at the bottom of the rows.
    front, back = (scan.hu[:, rows].mean() for rows in (slice(0, 12), slice(-40, -12)))
    assert back > front


def test_slices_and_volume_of_one_patient_agree_where_they_overlap(
    folder: Path, pool: DecoderPool
) -> None:
    """P001.nii.gz has every second slice and half the pixels of the series."""
    slices = open_scan(folder / "covid_ct_md" / "P001_dicom_excerpt.zip", Trust(), pool)
    volume = open_scan(folder / "covid_ct_md" / "P001.nii.gz", Trust(), pool)
    assert slices.has_hu
    assert slices.facts.kernel == "D40s"
    assert slices.spacing_mm == pytest.approx((2.0, 0.748047, 0.748047))
    pairs = 0
    for k in range(len(slices.hu)):
        place = slices.affine @ (0, 0, k, 1)
        column, row, index = np.linalg.solve(volume.affine, place)[:3]
        assert (column, row) == pytest.approx((0.0, 0.0), abs=0.51)
        if abs(index - round(index)) < 0.01:
            pairs += 1
            fine = slices.hu[k].astype(np.float32)
            coarse = volume.hu[round(index)].astype(np.float32)
            means = fine.reshape(256, 2, 256, 2).mean(axis=(1, 3))
            assert np.corrcoef(means.ravel(), coarse.ravel())[0, 1] > 0.99
            mirrored = np.corrcoef(means[:, ::-1].ravel(), coarse.ravel())[0, 1]
            assert mirrored < 0.9
            assert abs(np.median(means - coarse)) < 5
    assert pairs == 5
