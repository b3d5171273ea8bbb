"""A DICOM tree: headers only, by content, other modalities and bombs left out."""

from pathlib import Path

import pytest
from pydicom.dataset import FileDataset, FileMetaDataset
from pydicom.uid import DeflatedExplicitVRLittleEndian, ExplicitVRLittleEndian, generate_uid

from thoracle.core.errors import ManifestError
from thoracle.datasets.film import Population
from thoracle.datasets.readers import dicom_tree


def _write(path: Path, *, syntax: str = ExplicitVRLittleEndian, **tags: str) -> None:
    meta = FileMetaDataset()
    meta.MediaStorageSOPClassUID = "1.2.840.10008.5.1.4.1.1.1"
    meta.MediaStorageSOPInstanceUID = generate_uid()
    meta.TransferSyntaxUID = syntax
    dataset = FileDataset(str(path), {}, file_meta=meta, preamble=b"\0" * 128)
    for name, value in tags.items():
        setattr(dataset, name, value)
    path.parent.mkdir(parents=True, exist_ok=True)
    dataset.save_as(path, enforce_file_format=True)


def test_headers_fill_a_film(tmp_path: Path) -> None:
    _write(
        tmp_path / "pacs/a/IM1",
        Modality="DX",
        PatientID="X7",
        PatientAge="018M",
        PatientSex="F",
        StudyDate="20200301",
        ViewPosition="AP",
        InstitutionName="Clinic",
    )
    (film,) = dicom_tree.read(tmp_path / "pacs")
    assert (film.source, film.patient, film.view) == ("pacs", "pacs:X7", "AP")
    assert (film.age_years, film.population, film.sex) == (1.5, Population.CHILD, "F")
    assert (film.modality, film.label, film.site) == ("X-ray", "", "Clinic")
    assert film.study_offset_days == 0


def test_offsets_count_from_the_patients_first_study(tmp_path: Path) -> None:
    _write(tmp_path / "1", Modality="CR", PatientID="A", StudyDate="20200310")
    _write(tmp_path / "2", Modality="CR", PatientID="A", StudyDate="20200301")
    _write(tmp_path / "3", Modality="CT", PatientID="B", StudyDate="20210101")
    _write(tmp_path / "4", Modality="CR", PatientID="A", StudyDate="")
    _write(tmp_path / "5", Modality="CR", StudyDate="20200301")
    films = dicom_tree.read(tmp_path)
    assert [film.study_offset_days for film in films] == [9.0, 0.0, 0.0, None, None]
    assert [film.modality for film in films] == ["X-ray", "X-ray", "CT", "X-ray", "X-ray"]
    assert films[4].patient is None


def test_other_files_modalities_and_deflated_files_are_left_out(tmp_path: Path) -> None:
    _write(tmp_path / "film.png", Modality="CR", PatientID="A")
    _write(tmp_path / "mr", Modality="MR", PatientID="A")
    _write(tmp_path / "bomb", syntax=DeflatedExplicitVRLittleEndian, Modality="CR")
    (tmp_path / "notes.dcm").write_text("no DICOM")
    (tmp_path / "broken").write_bytes(b"\0" * 128 + b"DICM" + b"\x02\x00\x00\x00UL\x04\x00")
    assert [Path(film.path).name for film in dicom_tree.read(tmp_path)] == ["film.png"]


def test_a_tree_without_radiographs_is_refused(tmp_path: Path) -> None:
    _write(tmp_path / "mr", Modality="MR")
    with pytest.raises(ManifestError, match="holds no DICOM radiograph"):
        dicom_tree.read(tmp_path)
