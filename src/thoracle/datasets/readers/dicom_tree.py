"""A folder of DICOM files: patient, date, view, age and sex from the headers, no label."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

from thoracle.core.errors import ManifestError
from thoracle.datasets.film import Film, population_of
from thoracle.datasets.readers import source_files
from thoracle.imaging.dicom_header import DEFLATED, age_years

PREAMBLE_BYTES = 128  # DICOM PS3.10 7.1: 128 bytes, then "DICM"
LONGEST_VALUE_BYTES = 4096  # header values used here are shorter; longer ones stay unread
_XRAY = frozenset({"CR", "DX", "DR", "RG", "XA", "PX"})


def read(folder: Path) -> tuple[Film, ...]:
    """Read every chest radiograph and CT slice of a DICOM tree; paths are absolute.

    Files are told by their content. Headers only are read. The study offset counts from
    the patient's first study in the tree. Deflated files and other modalities are left out.

    Raises
    ------
    ManifestError
        The folder holds no DICOM radiograph.
    """
    source = folder.resolve().name
    paths = [path for path in sorted(folder.rglob("*")) if path.is_file() and _is_dicom(path)]
    dated = [found for path in paths if (found := _film(path, source)) is not None]
    if not dated:
        raise ManifestError(
            f"{folder} holds no DICOM radiograph; expected files with modality CR, DX or CT. "
            "Check the path; images in other formats go through --folder or --table."
        )
    return tuple(_with_offsets(dated))


def _is_dicom(path: Path) -> bool:
    with path.open("rb") as stream:
        stream.seek(PREAMBLE_BYTES)
        return stream.read(4) == b"DICM"


def _film(path: Path, source: str) -> tuple[Film, date | None] | None:
    header = _header(path)
    if header is None:
        return None
    modality = str(header.get("Modality", ""))
    if modality not in _XRAY and modality != "CT":
        return None
    years = age_years(str(header.get("PatientAge", "")))
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
    )
    return film, _study_date(str(header.get("StudyDate", "")))


def _header(path: Path) -> Any:
    import pydicom
    from pydicom.errors import InvalidDicomError

    tags = (
        "Modality",
        "PatientID",
        "PatientAge",
        "PatientSex",
        "StudyDate",
        "ViewPosition",
        "InstitutionName",
    )
    try:
        meta = pydicom.filereader.read_file_meta_info(str(path))
        if str(meta.get("TransferSyntaxUID", "")) == DEFLATED:
            return None  # would inflate before any tag can be read: a bomb's way in
        return pydicom.dcmread(
            path,
            stop_before_pixels=True,
            specific_tags=list(tags),
            defer_size=LONGEST_VALUE_BYTES,
        )
    except (InvalidDicomError, ValueError, KeyError, EOFError, OSError):
        return None


def _study_date(text: str) -> date | None:
    try:
        return date(int(text[:4]), int(text[4:6]), int(text[6:8]))
    except ValueError:
        return None


def _with_offsets(dated: list[tuple[Film, date | None]]) -> Iterable[Film]:
    first: dict[str, date] = {}
    for film, day in dated:
        if film.patient is not None and day is not None:
            first[film.patient] = min(day, first.get(film.patient, day))
    for film, day in dated:
        start = first.get(film.patient or "")
        offset = float((day - start).days) if day and start else None
        yield replace(film, study_offset_days=offset)
