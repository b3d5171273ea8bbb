"""Synthetic films as PNG, DICOM and JSON, each saying what it is; always the same bytes."""

import hashlib
import json
from io import BytesIO

import numpy as np

from thoracle.core.arrays import BoolArray
from thoracle.core.version import version
from thoracle.datasets.film_render import SyntheticFilm
from thoracle.imaging.encode import png_bytes
from thoracle.imaging.synthetic import MARK, PNG_KEY, PNG_VALUE

STATEMENT = f"{MARK} film drawn from a statistical model by Thoracle. Not a patient."
"""PNG Description and DICOM Image Comments (0020,4000)."""
_CR_STORAGE = "1.2.840.10008.5.1.4.1.1.1"
_EXPLICIT_LITTLE_ENDIAN = "1.2.840.10008.1.2.1"
_BITS = 12  # what most detectors store


def film_png(film: SyntheticFilm) -> bytes:
    """Write a film as 8-bit grey PNG."""
    pixels = np.round(film.pixels * 255).astype(np.uint8)
    return png_bytes(pixels, text=_notes(film))


def mask_png(film: SyntheticFilm, mask: BoolArray) -> bytes:
    """Write a mask that belongs to a film as 1-bit PNG, white inside."""
    return png_bytes(mask, text=_notes(film))


def film_json(film: SyntheticFilm, *, name: str) -> bytes:
    """Write what a film was drawn from, and where its opacity lies, as JSON.

    Parameters
    ----------
    film
        Also says how large the opacity came out in pixels.
    name
        Of the film's files, without ending.
    """
    rows, columns = film.pixels.shape
    opacity = None
    if film.opacity is not None and film.opacity_mask is not None:
        height = int(np.count_nonzero(film.lungs.any(axis=1)))
        opacity = {
            "row": round(film.opacity.row * rows, 2),
            "column": round(film.opacity.column * columns, 2),
            "radius_px": round(film.opacity.radius * height, 2),
            "radius_mm": round(film.opacity.radius * height * film.pixel_spacing_mm, 1),
            "strength": round(film.opacity.strength, 3),
            "area_px": int(np.count_nonzero(film.opacity_mask)),
            "mask": f"{name}-opacity.png",
        }
    facts = {
        "synthetic": True,
        "statement": STATEMENT,
        "finding": film.request.finding,
        "seed": film.request.seed,
        "number": film.request.number,
        "rows": rows,
        "columns": columns,
        "pixel_spacing_mm": round(film.pixel_spacing_mm, 4),
        "opacity": opacity,
        "software": f"thoracle {version()}",
    }
    return (json.dumps(facts, indent=2) + "\n").encode()


def film_dicom(film: SyntheticFilm) -> bytes:
    """Write a film as a Computed Radiography image, 12 bits, MONOCHROME2, uncompressed.

    References
    ----------
    DICOM PS3.3 A.2 (CR Image IOD); PS3.5 B.2 (UIDs made from a UUID, under 2.25).
    """
    from pydicom.dataset import FileDataset, FileMetaDataset

    meta = FileMetaDataset()
    meta.MediaStorageSOPClassUID = _CR_STORAGE
    meta.MediaStorageSOPInstanceUID = _uid(film, "instance")
    meta.TransferSyntaxUID = _EXPLICIT_LITTLE_ENDIAN
    meta.ImplementationClassUID = _uid_of("thoracle")
    meta.ImplementationVersionName = "THORACLE"
    data = FileDataset("", {}, file_meta=meta, preamble=bytes(128))
    _describe(data, film)
    _add_pixels(data, film)
    stream = BytesIO()
    data.save_as(stream, enforce_file_format=True)
    return stream.getvalue()


def _notes(film: SyntheticFilm) -> dict[str, str]:
    return {PNG_KEY: PNG_VALUE, "Description": f"{STATEMENT} {_drawn_from(film)}"}


def _drawn_from(film: SyntheticFilm) -> str:
    request = film.request
    opacity = ", one opacity inserted" if film.opacity is not None else ""
    return f"Finding {request.finding}, seed {request.seed}, number {request.number}{opacity}."


def _describe(data: "FileDataset", film: SyntheticFilm) -> None:  # type: ignore[name-defined]  # noqa: F821
    """Add who, what and where; an element that nobody can know is left empty."""
    request = film.request
    values = {
        "SpecificCharacterSet": "ISO_IR 192",
        "ImageType": ["DERIVED", "PRIMARY"],
        "SOPClassUID": _CR_STORAGE,
        "SOPInstanceUID": _uid(film, "instance"),
        "StudyDate": "",
        "StudyTime": "",
        "AccessionNumber": "",
        "Modality": "CR",
        "Manufacturer": "Thoracle",
        "ReferringPhysicianName": "",
        "StudyDescription": f"{MARK} chest",
        "SeriesDescription": f"{MARK} {request.finding}",
        "PatientName": f"{MARK}^{request.seed}-{request.number}",
        "PatientID": f"{MARK}-{request.seed}-{request.number}",
        "PatientBirthDate": "",
        "PatientSex": "",
        "BodyPartExamined": "CHEST",
        "SoftwareVersions": f"thoracle {version()}",
        "ViewPosition": "PA",
        "StudyInstanceUID": _uid(film, "study"),
        "SeriesInstanceUID": _uid(film, "series"),
        "StudyID": "",
        "SeriesNumber": 1,
        "InstanceNumber": 1,
        "PatientOrientation": ["L", "F"],
        "Laterality": "",
        "ImageComments": STATEMENT,
        "DerivationDescription": _drawn_from(film),
        "BurnedInAnnotation": "YES",
    }
    for keyword, value in values.items():
        setattr(data, keyword, value)


def _add_pixels(data: "FileDataset", film: SyntheticFilm) -> None:  # type: ignore[name-defined]  # noqa: F821
    peak = 2**_BITS - 1
    stored = np.round(film.pixels * peak).astype("<u2")
    spacing = [f"{film.pixel_spacing_mm:.6f}"] * 2
    values = {
        "SamplesPerPixel": 1,
        "PhotometricInterpretation": "MONOCHROME2",
        "Rows": stored.shape[0],
        "Columns": stored.shape[1],
        "PixelSpacing": spacing,
        "BitsAllocated": 16,
        "BitsStored": _BITS,
        "HighBit": _BITS - 1,
        "PixelRepresentation": 0,
        "RescaleIntercept": "0",
        "RescaleSlope": "1",
        "RescaleType": "US",
        "WindowCenter": str((peak + 1) // 2),
        "WindowWidth": str(peak + 1),
        "PixelData": stored.tobytes(),
    }
    for keyword, value in values.items():
        setattr(data, keyword, value)


def _uid(film: SyntheticFilm, what: str) -> str:
    request = film.request
    named = f"{request.finding} {request.seed} {request.number} {request.size}"
    if what == "instance":
        named += f" {film.opacity} {hashlib.sha256(film.pixels.tobytes()).hexdigest()}"
    return _uid_of(f"thoracle synthetic {what} {named}")


def _uid_of(text: str) -> str:
    return f"2.25.{int.from_bytes(hashlib.sha256(text.encode()).digest()[:16], 'big')}"
