"""The DICOM header: transfer syntax, declared size and frames, checked before any pixel."""

import math
import re
import zlib
from datetime import date
from io import BytesIO
from typing import Any

from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.filereader import read_dataset
from pydicom.tag import Tag
from pydicom.uid import UID

from thoracle.core.errors import ImageError
from thoracle.imaging.faults import (
    CorruptImageError,
    MultiFrameError,
    PixelTypeError,
    TooLargeImageError,
    TruncatedImageError,
)
from thoracle.imaging.limits import DecodeLimits
from thoracle.imaging.synthetic import DICOM_KEYWORDS, bears_mark
from thoracle.imaging.types import OLDEST_YEARS, FilmFacts

DEFLATED = "1.2.840.10008.1.2.1.99"
IMPLICIT_LITTLE_ENDIAN = "1.2.840.10008.1.2"
BIG_ENDIAN = "1.2.840.10008.1.2.2"
RLE = "1.2.840.10008.1.2.5"
NATIVE = (IMPLICIT_LITTLE_ENDIAN, "1.2.840.10008.1.2.1", DEFLATED, BIG_ENDIAN)
JPEG_BASELINE = "1.2.840.10008.1.2.4.50"
JPEG_EXTENDED = "1.2.840.10008.1.2.4.51"
JPEG_LOSSLESS = ("1.2.840.10008.1.2.4.57", "1.2.840.10008.1.2.4.70")
JPEG_LS = ("1.2.840.10008.1.2.4.80", "1.2.840.10008.1.2.4.81")
JPEG_2000 = ("1.2.840.10008.1.2.4.90", "1.2.840.10008.1.2.4.91")
READABLE = (*NATIVE, RLE, JPEG_BASELINE, JPEG_EXTENDED, *JPEG_LOSSLESS, *JPEG_LS, *JPEG_2000)

GREY_KINDS = ("MONOCHROME1", "MONOCHROME2")
_ONE_SAMPLE_KINDS = (*GREY_KINDS, "PALETTE COLOR")
_THREE_SAMPLE_KINDS = ("RGB", "YBR_FULL", "YBR_FULL_422", "YBR_RCT", "YBR_ICT")

# Everything that is read of a film; all other elements are skipped over.
FILM_KEYWORDS = """
    SpecificCharacterSet SOPClassUID StudyDate Modality ViewPosition ImageLaterality Laterality
    PatientName PatientID PatientBirthDate PatientAge PatientSex ImageComments PixelSpacing
    ImagerPixelSpacing SamplesPerPixel
    PhotometricInterpretation PlanarConfiguration NumberOfFrames Rows Columns BitsAllocated
    BitsStored HighBit PixelRepresentation PixelPaddingValue PixelPaddingRangeLimit WindowCenter
    WindowWidth VOILUTFunction RescaleIntercept RescaleSlope ModalityLUTSequence VOILUTSequence
    PresentationLUTShape RedPaletteColorLookupTableDescriptor
    GreenPaletteColorLookupTableDescriptor BluePaletteColorLookupTableDescriptor
    RedPaletteColorLookupTableData GreenPaletteColorLookupTableData
    BluePaletteColorLookupTableData FloatPixelData DoubleFloatPixelData PixelData
    ExtendedOffsetTable ExtendedOffsetTableLengths
"""

_PIXEL_DATA = 0x7FE00010

_YEARS_PER_UNIT = {"Y": 1.0, "M": 1.0 / 12.0, "W": 7.0 / 365.25, "D": 1.0 / 365.25}
_DAYS_PER_YEAR = 365.25


def read_header(content: bytes, *, limits: DecodeLimits, keywords: str = FILM_KEYWORDS) -> Dataset:
    """Read the elements that a picture needs, after checking the transfer syntax.

    Parameters
    ----------
    content
        A DICOM Part 10 file.
    limits
        How far a deflated data set may unpack.
    keywords
        The elements, at the top level, with spaces between.

    Returns
    -------
    pydicom.Dataset
        With `file_meta`, and with Pixel Data still encoded. A transfer syntax that is missing or
        not readable, and a deflated data set that unpacks to more than a film can need, are an
        ImageError.

    Raises
    ------
    TruncatedImageError
        Pixel Data begins but does not end.
    """
    stream = BytesIO(content)
    stream.seek(132)  # Preamble and prefix: DICOM PS3.10 7.1.
    meta = FileMetaDataset(
        read_dataset(
            stream,
            is_implicit_VR=False,
            is_little_endian=True,
            stop_when=lambda tag, _vr, _length: tag >> 16 != 2,
        )
    )
    syntax = _transfer_syntax(meta)
    if syntax == DEFLATED:
        stream = BytesIO(_inflate(content[stream.tell() :], limits=limits))
    begun: set[int] = set()
    header = read_dataset(
        stream,
        is_implicit_VR=syntax == IMPLICIT_LITTLE_ENDIAN,
        is_little_endian=syntax != BIG_ENDIAN,
        stop_when=lambda tag, _vr, _length: begun.add(int(tag)),  # Never stops: it listens.
        specific_tags=[Tag(keyword) for keyword in keywords.split()],
    )
    if _PIXEL_DATA in begun and "PixelData" not in header:
        # pydicom gives up everything that it has read when encoded pixels have no end.
        raise TruncatedImageError("DICOM", "its Pixel Data (7FE0,0010) has no end")
    header.file_meta = meta
    return header


def check_header(header: Dataset, *, limits: DecodeLimits) -> None:
    """Refuse what cannot be one film, before any memory is taken for its pixels.

    No pixels, too many pixels, samples that are not 1 to 16 bits, and an unknown Photometric
    Interpretation are an ImageError too.

    Parameters
    ----------
    header
        From `read_header`.
    limits
        How many pixels may be declared.

    Raises
    ------
    MultiFrameError
        There are several frames, or none.
    """
    _check_has_pixels(header)
    frames = header.get("NumberOfFrames")
    if frames is not None and int(frames) != 1:
        raise MultiFrameError("DICOM", count=int(frames), noun="frames (0028,0008)")
    rows, columns = _whole(header, "Rows"), _whole(header, "Columns")
    limits.check_pixels(rows=rows, columns=columns, format_name="DICOM")
    _check_samples(header)


def read_facts(header: Dataset) -> FilmFacts:
    """Return what the header says about the film and the patient, None where it does not.

    Parameters
    ----------
    header
        From `read_header`.

    Returns
    -------
    FilmFacts
        Pixel Spacing (0028,0030) goes before Imager Pixel Spacing (0018,1164), which holds at
        the detector and not in the patient.
    """
    sex = _text(header, "PatientSex")
    return FilmFacts(
        format="DICOM",
        bits=_whole(header, "BitsStored"),
        pixel_spacing_mm=_spacing(header, "PixelSpacing") or _spacing(header, "ImagerPixelSpacing"),
        modality=_text(header, "Modality"),
        view=_text(header, "ViewPosition"),
        laterality=_text(header, "ImageLaterality") or _text(header, "Laterality"),
        age_years=patient_age_years(header),
        sex=sex if sex in {"M", "F", "O"} else None,
        patient_id=line(header, "PatientID"),
        study_date=line(header, "StudyDate"),
        is_synthetic=is_marked(header),
    )


def is_marked(header: Dataset) -> bool:
    """Say whether a header bears the mark of a synthetic film."""
    return bears_mark({keyword: header.get(keyword, "") for keyword in DICOM_KEYWORDS})


def patient_age_years(header: Dataset) -> float | None:
    """Return the patient's age at the study, None where the header does not give it.

    Parameters
    ----------
    header
        Any data set with the elements that it has.

    Returns
    -------
    float or None
        Patient's Age (0010,1010) where it is clear; else the years that were complete on Study
        Date (0008,0020) since Birth Date (0010,0030), under two years with one decimal.
    """
    written = age_years(_ascii(header, "PatientAge"))
    if written is not None:
        return written
    born, studied = (dicom_date(_ascii(header, each)) for each in ("PatientBirthDate", "StudyDate"))
    if born is None or studied is None or born > studied:
        return None
    years = studied.year - born.year - ((studied.month, studied.day) < (born.month, born.day))
    if years > OLDEST_YEARS:
        return None
    return float(years) if years >= 2 else round((studied - born).days / _DAYS_PER_YEAR, 1)


def age_years(age: str) -> float | None:
    """Turn Patient's Age (0010,1010), such as 045Y or 006M, into years; None where it is unclear.

    Zeros may be missing in front, as in 45Y, though the standard asks for three digits. An age
    of more than 120 years is an error, hence unknown.

    References
    ----------
    DICOM PS3.5 6.2, value representation AS.
    """
    match = re.fullmatch(r"(\d{1,3})([DWMY])", age.strip().upper())
    if match is None:
        return None
    years = int(match[1]) * _YEARS_PER_UNIT[match[2]]
    return years if years <= OLDEST_YEARS else None


def dicom_date(text: str) -> date | None:
    """Read a date such as 20200131, or 2020.01.31 as before DICOM; None for anything else.

    References
    ----------
    DICOM PS3.5 6.2, value representation DA.
    """
    match = re.fullmatch(r"(\d{4})(\.?)(\d{2})\2(\d{2})", text.strip())
    try:
        return None if match is None else date(int(match[1]), int(match[3]), int(match[4]))
    except ValueError:
        return None


def numbers(header: Dataset, keyword: str) -> tuple[float, ...]:
    """Return the finite numbers of an element, () where it is absent or empty.

    Raises
    ------
    CorruptImageError
        One of the numbers is not finite.
    """
    found: Any = header.get(keyword)
    if found is None or found == "":
        return ()
    several = found if hasattr(found, "__iter__") and not isinstance(found, str) else (found,)
    values = tuple(float(each) for each in several)
    if not all(math.isfinite(value) for value in values):
        raise CorruptImageError("DICOM", f"{keyword} is not a finite number")
    return values


def _transfer_syntax(meta: FileMetaDataset) -> str:
    syntax = str(meta.get("TransferSyntaxUID") or "")
    if syntax in READABLE:
        return syntax
    found = (
        f"the transfer syntax {UID(syntax).name[:80]}"
        if syntax
        else "no Transfer Syntax UID (0002,0010)"
    )
    raise ImageError(
        f"The DICOM file has {found} – expected uncompressed, deflated, RLE, JPEG (baseline, "
        "extended, lossless), JPEG-LS or JPEG 2000. Export it uncompressed.",
        code="image-transfer-syntax",
    )


def _inflate(deflated: bytes, *, limits: DecodeLimits) -> bytes:
    # PS3.5 A.5. Unpacking stops where no film can need more.
    machine = zlib.decompressobj(wbits=-zlib.MAX_WBITS)
    allowed = limits.inflated_bytes_max(len(deflated))
    inflated = machine.decompress(deflated, allowed)
    if machine.unconsumed_tail:
        raise TooLargeImageError(
            f"The deflated DICOM file unpacks to more than {allowed} bytes – "
            "expected one film. Export it uncompressed."
        )
    if not machine.eof:
        raise TruncatedImageError(
            "DICOM", f"its deflated data set stops after {len(deflated)} bytes"
        )
    return inflated


def _check_has_pixels(header: Dataset) -> None:
    if "PixelData" in header:
        return
    if "FloatPixelData" in header or "DoubleFloatPixelData" in header:
        raise PixelTypeError(
            "DICOM",
            found="floating-point pixels",
            expected="whole numbers",
            advice="Export it as CR or DX.",
        )
    kind = UID(str(header.get("SOPClassUID") or "an unknown object")).name[:80]
    if "Rows" in header or kind.endswith("Image Storage"):
        raise TruncatedImageError("DICOM", "there is no Pixel Data (7FE0,0010) after its header")
    raise ImageError(
        f"The DICOM file holds no picture ({kind}) – expected Pixel Data (7FE0,0010). "
        "Export the image, not its report or directory.",
        code="image-dicom-no-pixels",
    )


def _check_samples(header: Dataset) -> None:
    samples, allocated = _whole(header, "SamplesPerPixel"), _whole(header, "BitsAllocated")
    stored, high = _whole(header, "BitsStored"), header.get("HighBit")
    if allocated not in (8, 16) or not 1 <= stored <= allocated:
        raise PixelTypeError(
            "DICOM",
            found=f"{stored} of {allocated} bits (0028,0101), (0028,0100)",
            expected="1 to 16 bits stored in 8 or 16",
            advice="Export it as CR, DX or secondary capture.",
        )
    if high not in (None, stored - 1) or header.get("PixelRepresentation", 0) not in (0, 1):
        raise CorruptImageError(
            "DICOM", f"High Bit (0028,0102) is {high} with {stored} bits stored"
        )
    kind = header.get("PhotometricInterpretation")
    expected = {1: _ONE_SAMPLE_KINDS, 3: _THREE_SAMPLE_KINDS}.get(samples, ())
    if kind not in expected:
        raise PixelTypeError(
            "DICOM",
            found=f"{samples} samples a pixel, Photometric Interpretation (0028,0004) {kind!s:.20}",
            expected="grey, palette, RGB or YBR",
            advice="Export it as grey.",
        )


def _whole(header: Dataset, keyword: str) -> int:
    found = header.get(keyword)
    if not isinstance(found, int):
        raise CorruptImageError("DICOM", f"it does not say its {keyword}")
    return int(found)


def _text(header: Dataset, keyword: str) -> str | None:
    found = header.get(keyword)
    return (str(found).strip().upper()[:64] or None) if found is not None else None


def line(header: Dataset, keyword: str) -> str | None:
    """Return an element as one printable line, None where nothing of it can be printed."""
    found = str(header.get(keyword) or "")
    return "".join(sign for sign in found if sign.isprintable()).strip()[:64] or None


def _ascii(header: Dataset, keyword: str) -> str:
    """Return an element as it stands in the file, "" where it is absent.

    pydicom warns of values that are not quite what the standard asks for; here they are read
    with care, so that nobody need be warned.
    """
    if keyword not in header:
        return ""
    value: Any = header.get_item(Tag(keyword)).value
    return value.decode("ascii", "replace") if isinstance(value, bytes) else str(value or "")


def _spacing(header: Dataset, keyword: str) -> tuple[float, float] | None:
    spacing = numbers(header, keyword)
    if len(spacing) != 2 or min(spacing) <= 0:
        return None
    return spacing[0], spacing[1]
