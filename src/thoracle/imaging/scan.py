"""A chest CT scan: HU on a grid in the patient, and what had to be taken on trust."""

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from thoracle.core.results import Reason


@dataclass(frozen=True, slots=True, kw_only=True)
class ScanFacts:
    """What the files say beside the voxels.

    Attributes
    ----------
    format
        "DICOM" or "NIfTI".
    files
        How many files the scan was put together from.
    series_uid
        Series Instance UID (0020,000E); None where there is none.
    manufacturer, kernel, slice_thickness_mm
        (0008,0070), Convolution Kernel (0018,1210), Slice Thickness (0018,0050); None where the
        files do not say.
    age_years, sex
        As for `thoracle.imaging.types.FilmFacts`.
    patient_id, study_date
        Patient ID (0010,0020) and Study Date (0008,0020), as they stand. They name the patient:
        nothing keeps them unless it is told to.
    """

    format: str
    files: int
    series_uid: str | None = None
    manufacturer: str | None = None
    kernel: str | None = None
    slice_thickness_mm: float | None = None
    age_years: float | None = None
    sex: str | None = None
    patient_id: str | None = field(default=None, repr=False)
    study_date: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class CtScan:
    """One series, its slices from the feet to the head, seen as radiologists do.

    Attributes
    ----------
    hu : (slices, rows, columns) int16
        Rows from the front to the back, columns from the patient's right to the left (LPS).
    spacing_mm
        Of slices, rows and columns.
    affine : (4, 4) float64
        From (column, row, slice, 1) to place in mm, DICOM's patient coordinates (LPS).
    sha256
        Digest over the files' digests in the order of the slices, 64 hex digits; of a single file,
        that file's own.
    facts
        What the files say.
    window_hu
        The window, from black to white, that grey was taken to be of; None where the files
        give HU themselves. Outside the window HU are not known.
    assumptions
        What a user took responsibility for, a code and a sentence each.
    warnings
        What a reader should know of the series.
    """

    hu: NDArray[np.int16] = field(repr=False)
    spacing_mm: tuple[float, float, float]
    affine: NDArray[np.float64] = field(repr=False)
    sha256: str
    facts: ScanFacts
    window_hu: tuple[float, float] | None = None
    assumptions: tuple[Reason, ...] = ()
    warnings: tuple[Reason, ...] = ()

    @property
    def has_hu(self) -> bool:
        """Whether HU are the files' own, and not read back from a window's grey."""
        return self.window_hu is None

    @property
    def voxel_ml(self) -> float:
        """Volume of one voxel."""
        slice_mm, row_mm, column_mm = self.spacing_mm
        return slice_mm * row_mm * column_mm / 1000.0
