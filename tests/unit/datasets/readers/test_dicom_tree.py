"""A DICOM tree: headers only, by content; what is left out is counted."""

from collections.abc import Callable
from pathlib import Path

import pytest
from pydicom.uid import DeflatedExplicitVRLittleEndian

from thoracle.core.errors import ManifestError
from thoracle.datasets.readers import dicom_tree

WriteDicom = Callable[..., Path]


def test_offsets_count_from_the_patients_first_study(
    tmp_path: Path, write_dicom: WriteDicom
) -> None:
    write_dicom(tmp_path / "1", Modality="CR", PatientID="A", StudyDate="20200310")
    write_dicom(tmp_path / "2", Modality="CR", PatientID="A", StudyDate="20200301")
    write_dicom(tmp_path / "3", Modality="CT", PatientID="B", StudyDate="20210101")
    write_dicom(tmp_path / "4", Modality="CR", PatientID="A", StudyDate="")
    write_dicom(tmp_path / "5", Modality="CR", StudyDate="20200301")
    films = dicom_tree.read(tmp_path).films
    assert [film.study_offset_days for film in films] == [9.0, 0.0, 0.0, None, None]
    assert [film.modality for film in films] == ["X-ray", "X-ray", "CT", "X-ray", "X-ray"]
    assert films[4].patient is None
    assert {film.source for film in films} == {tmp_path.name}


def test_other_files_are_left_out_and_counted_by_what_they_are(
    tmp_path: Path, write_dicom: WriteDicom
) -> None:
    write_dicom(tmp_path / "film.png", Modality="CR", PatientID="A")
    for name in ("mr1", "mr2"):
        write_dicom(tmp_path / name, Modality="MR", PatientID="A")
    write_dicom(tmp_path / "bomb", syntax=DeflatedExplicitVRLittleEndian, Modality="CR")
    (tmp_path / "notes.dcm").write_text("no DICOM")
    (tmp_path / "broken").write_bytes(b"\0" * 128 + b"DICM\x08\x00\x60\x00ZZ\x02\x00CR")
    reading = dicom_tree.read(tmp_path)
    assert [Path(film.path).name for film in reading.films] == ["film.png"]
    assert reading.skipped == {
        "DICOM of modality MR": 2,
        "deflated DICOM": 1,
        "text": 1,
        "damaged DICOM": 1,
    }


def test_a_tree_without_radiographs_is_refused_with_what_it_holds(
    tmp_path: Path, write_dicom: WriteDicom
) -> None:
    write_dicom(tmp_path / "mr", Modality="MR")
    with pytest.raises(ManifestError, match=r"no DICOM radiograph .*1 DICOM of modality MR"):
        dicom_tree.read(tmp_path)
