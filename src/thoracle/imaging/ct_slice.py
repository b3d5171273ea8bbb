"""What a file says of a CT scan before anything is believed: one slice, or one volume."""

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

Values = NDArray[np.int16] | NDArray[np.float32]
Vector = tuple[float, float, float]


@dataclass(frozen=True, slots=True, kw_only=True)
class SliceHeader:
    """The elements of one DICOM slice that place it and give its unit; None where absent.

    Attributes
    ----------
    rows, columns
        (0028,0010), (0028,0011).
    sop_class, modality, image_type
        SOP Class UID (0008,0016), Modality (0008,0060), Image Type (0008,0008).
    series_uid, study_uid, frame_uid
        (0020,000E), (0020,000D), Frame of Reference UID (0020,0052).
    instance_number, acquisition_number
        (0020,0013), (0020,0012).
    position_mm, orientation, pixel_spacing_mm
        Image Position (Patient) (0020,0032), Image Orientation (Patient) (0020,0037) and Pixel
        Spacing (0028,0030), as they stand at the top level: LPS, row spacing first.
    has_rescale, rescale_type
        Whether Rescale Slope (0028,1053) and Intercept (0028,1052) both stand there, and their
        type (0028,1054).
    slice_thickness_mm, slice_spacing_mm, tilt_degrees
        (0018,0050), Spacing Between Slices (0018,0088), Gantry/Detector Tilt (0018,1120).
    kernel, manufacturer
        Convolution Kernel (0018,1210), (0008,0070).
    is_lossy
        Whether Lossy Image Compression (0028,2110) says that it ever was.
    padding_share
        Share of pixels that Pixel Padding Value (0028,0120) marks as no part of the picture.
    age_years, sex, patient_id, study_date
        As for `thoracle.imaging.types.FilmFacts`.
    """

    rows: int
    columns: int
    sop_class: str | None = None
    modality: str | None = None
    image_type: tuple[str, ...] = ()
    series_uid: str | None = None
    study_uid: str | None = None
    frame_uid: str | None = None
    instance_number: int | None = None
    acquisition_number: int | None = None
    position_mm: Vector | None = None
    orientation: tuple[float, ...] | None = None
    pixel_spacing_mm: tuple[float, float] | None = None
    has_rescale: bool = False
    rescale_type: str | None = None
    slice_thickness_mm: float | None = None
    slice_spacing_mm: float | None = None
    tilt_degrees: float | None = None
    kernel: str | None = None
    manufacturer: str | None = None
    is_lossy: bool = False
    padding_share: float = 0.0
    age_years: float | None = None
    sex: str | None = None
    patient_id: str | None = field(default=None, repr=False)
    study_date: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class CtSlice:
    """One slice: what its file says, and its modality values.

    `values` is (rows, columns) int16, or float32 where int16 cannot hold them; `sha256` is that of
    the file's bytes, `name` what the file is called.
    """

    header: SliceHeader
    values: Values = field(repr=False)
    sha256: str
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class VolumeHeader:
    """What a NIfTI file says of its volume.

    Attributes
    ----------
    slices, rows, columns
        Third, second and first dimension of the file.
    spacing_mm
        pixdim 3, 2, 1: of slices, rows and columns, in `unit`.
    unit
        "mm", "meter", "micron" or "unknown".
    sform, qform
        Rows of the affines from (column, row, slice, 1) to place, RAS; None where the code is 0.
    sform_code, qform_code
        0 none, 1 scanner, 2 aligned, 3 Talairach, 4 MNI 152, 5 another template.

    References
    ----------
    NIfTI-1: nifti1.h of 2007, "METHOD 2" and "METHOD 3".
    """

    slices: int
    rows: int
    columns: int
    spacing_mm: Vector
    unit: str
    sform: tuple[tuple[float, ...], ...] | None = None
    qform: tuple[tuple[float, ...], ...] | None = None
    sform_code: int = 0
    qform_code: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class CtVolume:
    """A volume as its file holds it: (slices, rows, columns) int16 or float32."""

    header: VolumeHeader
    values: Values = field(repr=False)
    sha256: str
    name: str
