"""Bytes on disk to a scan: folders, archives, volumes, and all that may lie beside slices."""

import gzip
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import nibabel
import numpy as np
import pytest
from numpy.typing import NDArray

from thoracle.core.errors import ImageError
from thoracle.imaging.sandbox import DecoderPool
from thoracle.jobs import ct_scans
from thoracle.jobs.ct_scans import ScanRefusedError, Trust, open_scan

Files = Callable[..., list[bytes]]
Pack = Callable[..., bytes]


@pytest.fixture(scope="module")
def pool() -> Iterator[DecoderPool]:
    with DecoderPool(workers=1, memory_mb=1536, cpu_s=10, pixels_max=1_000_000) as one:
        yield one


@pytest.fixture
def hu(thorax: Callable[..., NDArray[np.int16]]) -> NDArray[np.int16]:
    return np.maximum(thorax(), np.int16(-1024))


@pytest.fixture
def folder(tmp_path: Path, ct_files: Files, hu: NDArray[np.int16]) -> Path:
    inner = tmp_path / "study" / "series"
    inner.mkdir(parents=True)
    for number, content in enumerate(ct_files(hu)):
        (inner / f"IM{(number * 5) % 12:03}").write_bytes(content)
    return tmp_path / "study"


def nifti(hu: NDArray[np.int16]) -> bytes:
    affine = np.diag([-6.0, -7.0, 8.0, 1.0])
    image: Any = nibabel.Nifti1Image(hu.T, affine)  # type: ignore[no-untyped-call]
    image.header.set_xyzt_units("mm")
    return bytes(image.to_bytes())


def test_a_folder_and_an_archive_of_it_give_the_same_scan(
    folder: Path, hu: NDArray[np.int16], pool: DecoderPool, pack: Pack
) -> None:
    packed = folder.parent / "series.zip"
    files = {f"a/b/{one.name}": one.read_bytes() for one in folder.rglob("IM*")}
    packed.write_bytes(pack(files))
    one, other = open_scan(folder, Trust(), pool), open_scan(packed, Trust(), pool)
    for scan in (one, other):
        assert np.array_equal(scan.hu, hu)
        assert scan.spacing_mm == (8.0, 7.0, 6.0)
    assert one.sha256 == other.sha256


@pytest.mark.parametrize("name", ["a.nii", "a.nii.gz", "a.zip", "named.wrongly"])
def test_a_volume_is_known_by_its_bytes(
    name: str, hu: NDArray[np.int16], tmp_path: Path, pool: DecoderPool, pack: Pack
) -> None:
    content = nifti(hu)
    stored = {"a.nii": content, "a.zip": pack({"x.nii.gz": gzip.compress(content)})}
    path = tmp_path / name
    path.write_bytes(stored.get(name, gzip.compress(content)))
    scan = open_scan(path, Trust(), pool)
    assert np.array_equal(scan.hu, hu)
    assert scan.facts.format == "NIfTI"


def test_what_lies_beside_slices_is_left_out_and_told(
    folder: Path, hu: NDArray[np.int16], pool: DecoderPool, ct_files: Files
) -> None:
    (folder / "DICOMDIR").write_bytes(b"\0" * 128 + b"DICM")
    (folder / ".hidden").write_bytes(b"x")
    (folder / "readme.txt").write_text("hello")
    report = ct_files(
        hu[:1], PixelData=None, Rows=None, SOPClassUID="1.2.840.10008.5.1.4.1.1.88.67"
    )
    (folder / "report.dcm").write_bytes(report[0])
    scan = open_scan(folder, Trust(), pool)
    assert np.array_equal(scan.hu, hu)
    assert [one.text for one in scan.warnings] == [
        "Files that are not DICOM, left out: 1.",
        "DICOM files without a grey picture, left out: 1.",
    ]


def test_a_torn_slice_is_refused_by_name_and_never_left_out(
    folder: Path, pool: DecoderPool
) -> None:
    torn = folder / "series" / "IM003"
    torn.write_bytes(torn.read_bytes()[:-100])
    with pytest.raises(ImageError, match=r"^series/IM003: .* ends too early"):
        open_scan(folder, Trust(), pool)


def test_a_chosen_series_is_opened(
    folder: Path, hu: NDArray[np.int16], pool: DecoderPool, ct_files: Files
) -> None:
    for number, content in enumerate(ct_files(hu, SeriesInstanceUID="9.9", RescaleIntercept=-1110)):
        (folder / f"other{number}").write_bytes(content)
    with pytest.raises(ScanRefusedError, match=r"9\.9 \(12 × 8 mm"):
        open_scan(folder, Trust(), pool)
    scan = open_scan(folder, Trust(), pool, series_uid="1.2.3.4")
    assert np.array_equal(scan.hu, hu)


def test_what_is_no_scan_is_refused(
    tmp_path: Path, hu: NDArray[np.int16], pool: DecoderPool, pack: Pack
) -> None:
    (tmp_path / "empty").mkdir()
    (tmp_path / "film.png").write_bytes(b"\x89PNG\r\n\x1a\n")
    (tmp_path / "two.zip").write_bytes(pack({"a.nii": nifti(hu), "b.nii": nifti(hu)}))
    (tmp_path / "report.gz").write_bytes(gzip.compress(b"no volume at all"))
    for name, found in (
        ("empty", r"no DICOM or NIfTI file \(–\)"),
        ("film.png", r"no DICOM or NIfTI file \(film.png: PNG\)"),
        ("two.zip", "2 NIfTI volumes"),
        ("report.gz", "not NIfTI"),
        ("missing", "no readable file"),
    ):
        with pytest.raises(ImageError, match=found):
            open_scan(tmp_path / name, Trust(), pool)


def test_a_report_alone_is_refused_with_its_own_reason(
    tmp_path: Path, hu: NDArray[np.int16], pool: DecoderPool, ct_files: Files
) -> None:
    report = ct_files(
        hu[:1], PixelData=None, Rows=None, SOPClassUID="1.2.840.10008.5.1.4.1.1.88.67"
    )
    (tmp_path / "sr.dcm").write_bytes(report[0])
    with pytest.raises(ImageError) as error:
        open_scan(tmp_path, Trust(), pool)
    assert error.value.code == "image-dicom-no-pixels"


def test_a_folder_of_too_many_files_is_refused(
    folder: Path, pool: DecoderPool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ct_scans, "FILES_MAX", 11)
    with pytest.raises(ImageError, match="found 12 files – expected at most 11"):
        open_scan(folder, Trust(), pool)
