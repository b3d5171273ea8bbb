"""One DICOM header: what it says of a film, and which objects may be films."""

from collections.abc import Callable
from pathlib import Path

import pytest
from pydicom.uid import DeflatedExplicitVRLittleEndian

from thoracle.datasets.film import Population
from thoracle.datasets.readers.dicom_files import read_dicom_film
from thoracle.datasets.readers.reading import SkippedFileError

WriteDicom = Callable[..., Path]
SECONDARY_CAPTURE = "1.2.840.10008.5.1.4.1.1.7"


def test_the_header_fills_a_film(tmp_path: Path, write_dicom: WriteDicom) -> None:
    path = write_dicom(
        tmp_path / "IM1",
        Modality="DX",
        PatientID="X7",
        PatientAge="018M",
        PatientSex="F",
        StudyDate="20200301",
        ViewPosition="AP",
        InstitutionName="Clinic",
    )
    dated = read_dicom_film(path, source="pacs")
    film = dated.film
    assert (film.source, film.patient, film.view) == ("pacs", "pacs:X7", "AP")
    assert (film.age_years, film.population, film.sex) == (1.5, Population.CHILD, "F")
    assert (film.modality, film.label, film.site, film.note) == ("X-ray", "", "Clinic", None)
    assert str(dated.study_date) == "2020-03-01"


def test_without_an_age_birth_and_study_say_it(tmp_path: Path, write_dicom: WriteDicom) -> None:
    path = write_dicom(
        tmp_path / "1", Modality="CR", PatientBirthDate="20100302", StudyDate="20200301"
    )
    film = read_dicom_film(path, source="pacs").film
    assert (film.age_years, film.population) == (9.0, Population.CHILD)


@pytest.mark.parametrize("modality", ["OT", "SC", ""])
@pytest.mark.parametrize("sop_class", [SECONDARY_CAPTURE, f"{SECONDARY_CAPTURE}.2"])
def test_a_secondary_capture_is_kept_with_a_note(
    tmp_path: Path, write_dicom: WriteDicom, modality: str, sop_class: str
) -> None:
    path = write_dicom(tmp_path / "1", Modality=modality, SOPClassUID=sop_class)
    film = read_dicom_film(path, source="pacs").film
    assert film.note == "secondary capture: may be any picture"
    assert film.modality == "X-ray"


@pytest.mark.parametrize(
    ("tags", "what"),
    [
        ({"Modality": "MR"}, "DICOM of modality MR"),
        ({"Modality": "US", "SOPClassUID": SECONDARY_CAPTURE}, "DICOM of modality US"),
        ({"Modality": "OT", "SOPClassUID": "1.2.840.10008.5.1.4.1.1.1"}, "DICOM of modality OT"),
        ({}, "other DICOM"),
        ({"Modality": "CR", "NumberOfFrames": "12"}, "DICOM of several frames"),
        ({"Modality": "CR", "syntax": DeflatedExplicitVRLittleEndian}, "deflated DICOM"),
    ],
)
def test_what_is_no_film_is_named(
    tmp_path: Path, write_dicom: WriteDicom, tags: dict[str, str], what: str
) -> None:
    with pytest.raises(SkippedFileError, match=what):
        read_dicom_film(write_dicom(tmp_path / "1", **tags), source="pacs")


def test_one_frame_may_be_said_to_be_one(tmp_path: Path, write_dicom: WriteDicom) -> None:
    path = write_dicom(tmp_path / "1", Modality="CR", NumberOfFrames="1")
    assert read_dicom_film(path, source="pacs").film.modality == "X-ray"


@pytest.mark.parametrize(
    "elements",
    [
        b"\x08\x00\x60\x00SQ\x00\x00\xff\xff\xff\xff\x01",  # a sequence that does not end
        b"\x08\x00\x60\x00ZZ\x02\x00CR",  # no such type
        b"\x08\x00\x60\x00US\x03\x00abc",  # three bytes of two each
    ],
)
def test_a_damaged_file_is_named(tmp_path: Path, elements: bytes) -> None:
    meta = b"\x02\x00\x10\x00UI\x14\x001.2.840.10008.1.2.1\0"
    (tmp_path / "1").write_bytes(bytes(128) + b"DICM" + meta + elements)
    with pytest.raises(SkippedFileError, match="damaged DICOM"):
        read_dicom_film(tmp_path / "1", source="pacs")
