"""One DICOM file's header as a film: patient, date, view, age and sex, but no label."""

from pathlib import Path
from typing import Any

from thoracle.datasets.film import Film, population_of
from thoracle.datasets.readers import source_files
from thoracle.datasets.readers.reading import DatedFilm, SkippedFileError
from thoracle.imaging.dicom_header import DEFLATED, dicom_date, patient_age_years
from thoracle.imaging.faults import DECODER_FAULTS

LONGEST_VALUE_BYTES = 4096  # header values used here are shorter; longer ones stay unread
_XRAY = frozenset({"CR", "DX", "DR", "RG", "XA", "PX"})
_ANY = frozenset({"OT", "SC", ""})
"""Modalities of secondary captures: what was captured may be a film."""
_SECONDARY_CAPTURE = "1.2.840.10008.5.1.4.1.1.7"
_TAGS = (
    "SOPClassUID",
    "Modality",
    "NumberOfFrames",
    "PatientID",
    "PatientAge",
    "PatientBirthDate",
    "PatientSex",
    "StudyDate",
    "ViewPosition",
    "InstitutionName",
)


def read_dicom_film(path: Path, *, source: str) -> DatedFilm:
    """Read a film's header, without its pixels.

    Parameters
    ----------
    path
        A DICOM Part 10 file.
    source
        Name of the collection, which stands before the patient's.

    Returns
    -------
    DatedFilm
        Without a label. Of a secondary capture, the note says that it may be any picture.

    Raises
    ------
    SkippedFileError
        It is no radiograph or CT slice of one frame, or cannot be read.
    """
    from pydicom.errors import BytesLengthException, InvalidDicomError

    # Elements are read when they are asked for, so that any of them can turn out to be damaged.
    try:
        return _dated_film(_header(path), path, source)
    except (InvalidDicomError, BytesLengthException, *DECODER_FAULTS) as fault:
        raise SkippedFileError("damaged DICOM") from fault


def _header(path: Path) -> Any:
    import pydicom

    meta = pydicom.filereader.read_file_meta_info(str(path))
    if str(meta.get("TransferSyntaxUID", "")) == DEFLATED:
        # It would inflate before any tag can be read: a bomb's way in.
        raise SkippedFileError("deflated DICOM")
    return pydicom.dcmread(
        path,
        stop_before_pixels=True,
        specific_tags=list(_TAGS),
        defer_size=LONGEST_VALUE_BYTES,
    )


def _dated_film(header: Any, path: Path, source: str) -> DatedFilm:
    modality = str(header.get("Modality") or "")
    is_captured = str(header.get("SOPClassUID") or "").startswith(_SECONDARY_CAPTURE)
    if not (modality in _XRAY or modality == "CT" or (is_captured and modality in _ANY)):
        raise SkippedFileError(f"DICOM of modality {modality}" if modality else "other DICOM")
    if str(header.get("NumberOfFrames") or 1) != "1":
        raise SkippedFileError("DICOM of several frames")
    years = patient_age_years(header)
    identifier = str(header.get("PatientID", "")).strip()
    film = Film(
        path=str(path),
        source=source,
        patient=f"{source}:{identifier}" if identifier else None,
        view=source_files.view(str(header.get("ViewPosition", ""))),
        modality="CT" if modality == "CT" else "X-ray",
        age_years=years,
        sex=source_files.sex(str(header.get("PatientSex", ""))),
        label_origin="DICOM headers hold no label",
        site=str(header.get("InstitutionName", "")).strip() or None,
        population=population_of(years),
        note="secondary capture: may be any picture" if modality in _ANY else None,
    )
    return DatedFilm(film=film, study_date=dicom_date(str(header.get("StudyDate", ""))))
