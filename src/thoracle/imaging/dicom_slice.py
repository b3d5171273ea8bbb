"""One DICOM slice to modality values and the elements that place it; runs in a decoder's child."""

from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from pydicom.dataset import Dataset

from thoracle.core.arrays import BoolArray
from thoracle.core.errors import ImageError
from thoracle.imaging.ct_slice import SliceHeader, Values
from thoracle.imaging.dicom import find_padding, modality_values
from thoracle.imaging.dicom_header import (
    GREY_KINDS,
    check_header,
    line,
    numbers,
    patient_age_years,
    read_header,
)
from thoracle.imaging.dicom_pixels import read_stored
from thoracle.imaging.limits import DecodeLimits

AIR_HU: Final = -1024
_INT16: Final = np.iinfo(np.int16)
# Everything that is read of a slice; nothing is read inside sequences.
_KEYWORDS: Final = """
    SpecificCharacterSet SOPClassUID StudyDate Modality ImageType Manufacturer PatientID
    PatientBirthDate PatientAge PatientSex SliceThickness SpacingBetweenSlices GantryDetectorTilt
    ConvolutionKernel SeriesInstanceUID StudyInstanceUID FrameOfReferenceUID InstanceNumber
    AcquisitionNumber ImagePositionPatient ImageOrientationPatient PixelSpacing SamplesPerPixel
    PhotometricInterpretation PlanarConfiguration NumberOfFrames Rows Columns BitsAllocated
    BitsStored HighBit PixelRepresentation PixelPaddingValue PixelPaddingRangeLimit RescaleIntercept
    RescaleSlope RescaleType ModalityLUTSequence LossyImageCompression FloatPixelData
    DoubleFloatPixelData PixelData ExtendedOffsetTable ExtendedOffsetTableLengths
"""


def read_slice(content: bytes, *, limits: DecodeLimits) -> tuple[SliceHeader, Values]:
    """Decode one slice.

    Parameters
    ----------
    content
        A DICOM Part 10 file.
    limits
        What the file may declare.

    Returns
    -------
    header, values : (rows, columns) int16 or float32
        Modality values. Padding is air (-1024) in a CT with a rescale, else the slice's lowest
        other value. A file that is no grey slice is an ImageError, or a fault of `DECODER_FAULTS`.

    Raises
    ------
    ImageError
        Several frames (scan-multi-frame), or color (scan-color).
    """
    limits.check_file_size(len(content))
    header = read_header(content, limits=limits, keywords=_KEYWORDS)
    frames = header.get("NumberOfFrames")
    if frames is not None and int(frames) > 1:
        raise ImageError(
            f"found a DICOM file with {int(frames)} frames – expected one slice a file. Convert "
            "the enhanced CT into single slices, as PACS and dcm4che's emf2sf do.",
            code="scan-multi-frame",
        )
    check_header(header, limits=limits)
    if header.PhotometricInterpretation not in GREY_KINDS:
        raise ImageError(
            f"found color ({header.PhotometricInterpretation!s:.20}) – expected grey. Take out "
            "pictures of reports and of 3-D views.",
            code="scan-color",
        )
    stored = read_stored(header)
    padding = find_padding(header, stored)
    return _header(header, padding), _filled(_values(header, stored), header, padding)


def _header(header: Dataset, padding: BoolArray | None) -> SliceHeader:
    sex = line(header, "PatientSex")
    return SliceHeader(
        rows=int(header.Rows),
        columns=int(header.Columns),
        sop_class=line(header, "SOPClassUID"),
        modality=line(header, "Modality"),
        image_type=_several(header, "ImageType"),
        series_uid=line(header, "SeriesInstanceUID"),
        study_uid=line(header, "StudyInstanceUID"),
        frame_uid=line(header, "FrameOfReferenceUID"),
        instance_number=_whole(header, "InstanceNumber"),
        acquisition_number=_whole(header, "AcquisitionNumber"),
        position_mm=_vector(header, "ImagePositionPatient", 3),  # type: ignore[arg-type]
        orientation=_vector(header, "ImageOrientationPatient", 6),
        pixel_spacing_mm=_vector(header, "PixelSpacing", 2),  # type: ignore[arg-type]
        has_rescale=_has_rescale(header),
        rescale_type=line(header, "RescaleType"),
        slice_thickness_mm=_number(header, "SliceThickness"),
        slice_spacing_mm=_number(header, "SpacingBetweenSlices"),
        tilt_degrees=_number(header, "GantryDetectorTilt"),
        kernel=", ".join(_several(header, "ConvolutionKernel"))[:64] or None,
        manufacturer=line(header, "Manufacturer"),
        is_lossy=line(header, "LossyImageCompression") == "01",
        padding_share=0.0 if padding is None else float(padding.mean()),
        age_years=patient_age_years(header),
        sex=sex if sex in {"M", "F", "O"} else None,
        patient_id=line(header, "PatientID"),
        study_date=line(header, "StudyDate"),
    )


def _values(header: Dataset, stored: NDArray[Any]) -> Values:
    """Apply the rescale, in whole numbers where it has them: float32 is for the rest."""
    slope, intercept = _rescale(header)
    if header.get("ModalityLUTSequence") or not (slope.is_integer() and intercept.is_integer()):
        return modality_values(header, stored)
    ends = [int(end) * int(slope) + int(intercept) for end in (stored.min(), stored.max())]
    if min(ends) < _INT16.min or max(ends) > _INT16.max:
        return modality_values(header, stored)
    values: NDArray[np.int16] = (stored.astype(np.int32) * int(slope) + int(intercept)).astype(
        np.int16
    )
    return values


def _filled(values: Values, header: Dataset, padding: BoolArray | None) -> Values:
    if padding is None:
        return values
    is_ct = _has_rescale(header) and line(header, "Modality") == "CT"
    rest = values[~padding]
    fill = AIR_HU if is_ct or rest.size == 0 else rest.min()
    filled: Values = np.where(padding, values.dtype.type(fill), values)
    return filled


def _rescale(header: Dataset) -> tuple[float, float]:
    slope, intercept = numbers(header, "RescaleSlope"), numbers(header, "RescaleIntercept")
    return (slope or (1.0,))[0], (intercept or (0.0,))[0]


def _has_rescale(header: Dataset) -> bool:
    return bool(numbers(header, "RescaleSlope") and numbers(header, "RescaleIntercept"))


def _number(header: Dataset, keyword: str) -> float | None:
    found = numbers(header, keyword)
    return found[0] if found else None


def _vector(header: Dataset, keyword: str, length: int) -> tuple[float, ...] | None:
    found = numbers(header, keyword)
    return found if len(found) == length else None


def _whole(header: Dataset, keyword: str) -> int | None:
    found = header.get(keyword)
    return int(found) if found is not None and str(found).strip() else None


def _several(header: Dataset, keyword: str) -> tuple[str, ...]:
    found: Any = header.get(keyword) or ()
    several = (found,) if isinstance(found, str) else tuple(found)
    words = ("".join(sign for sign in str(one) if sign.isprintable())[:32] for one in several[:12])
    return tuple(word for word in words if word)
