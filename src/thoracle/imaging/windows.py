"""Stored values to modality values to display grey, with the functions that DICOM defines."""

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

import numpy as np
from numpy.typing import NDArray

from thoracle.core.arrays import FloatArray
from thoracle.imaging.faults import WindowError

_BLOCK_ROWS = 256  # Bounds the memory of the table's integer indices.


class VoiFunction(StrEnum):
    """The values of VOI LUT Function (0028,1056)."""

    LINEAR = "LINEAR"
    LINEAR_EXACT = "LINEAR_EXACT"
    SIGMOID = "SIGMOID"


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """Window Center (0028,1050), Window Width (0028,1051) and their function."""

    center: float
    width: float
    function: VoiFunction = VoiFunction.LINEAR  # DICOM PS3.3 C.11.2.1.3: LINEAR where absent.


@dataclass(frozen=True, slots=True, kw_only=True)
class LookupTable:
    """LUT Descriptor (0028,3002) and LUT Data (0028,3006).

    `entries` is (count,) uint16; `first` is the input that maps to the first entry; `bits` is
    how many bits an entry has, 8 to 16.
    """

    entries: NDArray[np.uint16] = field(repr=False)
    first: int
    bits: int


def apply_rescale(stored: NDArray[Any], *, slope: float, intercept: float) -> FloatArray:
    """Turn stored values into modality values with Rescale Slope and Intercept.

    Parameters
    ----------
    stored : (..., rows, columns) integers
        Stored values.
    slope, intercept
        Rescale Slope (0028,1053) and Rescale Intercept (0028,1052).

    Returns
    -------
    (..., rows, columns) float32
        Modality values: HU for CT, the manufacturer's unit for radiographs.

    Raises
    ------
    WindowError
        The slope is 0, which would make every value the same.

    References
    ----------
    DICOM PS3.3 C.11.1.1.2.
    """
    if slope == 0:
        raise WindowError(
            "Rescale Slope (0028,1053) is 0 – expected any other number (DICOM PS3.3 C.11.1.1.2). "
            "Export the film again."
        )
    values = stored.astype(np.float32)
    values *= np.float32(slope)
    values += np.float32(intercept)
    return values


def apply_modality_lut(stored: NDArray[Any], *, table: LookupTable) -> FloatArray:
    """Turn stored values into modality values with the table of Modality LUT Sequence.

    Parameters
    ----------
    stored : (..., rows, columns) integers
        Stored values.
    table
        The first item of Modality LUT Sequence (0028,3000).

    Returns
    -------
    (..., rows, columns) float32
        The table's entries; inputs before or past the table take its first or last entry.

    References
    ----------
    DICOM PS3.3 C.11.1.1.1.
    """
    return _look_up(stored, table=table, scale=1.0)


def apply_voi_lut(values: NDArray[Any], *, table: LookupTable) -> FloatArray:
    """Map modality values onto display grey with the table of VOI LUT Sequence.

    Parameters
    ----------
    values : (..., rows, columns)
        Modality values.
    table
        The first item of VOI LUT Sequence (0028,3010).

    Returns
    -------
    (..., rows, columns) float32
        0 to 1: the entry over the largest number of `table.bits` bits.

    References
    ----------
    DICOM PS3.3 C.11.2.1.1.
    """
    return _look_up(values, table=table, scale=1.0 / (2**table.bits - 1))


def apply_linear_window(
    values: NDArray[Any], *, center: float, width: float, is_clipped: bool = True
) -> FloatArray:
    """Map modality values onto display grey, 0 to 1, with the DICOM LINEAR function.

    Parameters
    ----------
    values : (..., rows, columns)
        Modality values: HU for CT, the manufacturer's unit for radiographs.
    center, width
        Window Center (0028,1050) and Window Width (0028,1051), in the unit of `values`.
    is_clipped
        Whether what lies outside the window is made black or white. Otherwise it goes on below 0
        and above 1, for a reader who widens the window.

    Returns
    -------
    (..., rows, columns) float32
        0 at the lower end of the window, 1 at its upper end. The input is not modified.

    Raises
    ------
    WindowError
        `width` is smaller than 1, which LINEAR does not define.

    References
    ----------
    DICOM PS3.3 C.11.2.1.2.1. LINEAR_EXACT and SIGMOID are functions of their own.
    """
    if not width >= 1:
        raise WindowError(
            f"Window Width (0028,1051) is {width:g}, but LINEAR needs at least 1 "
            "(DICOM PS3.3 C.11.2.1.2.1). Use LINEAR_EXACT, or drop the window."
        )
    if width == 1:
        return np.asarray(values > center - 0.5, np.float32)
    return _ramp(values, middle=center - 0.5, width=width - 1, is_clipped=is_clipped)


def apply_linear_exact_window(
    values: NDArray[Any], *, center: float, width: float, is_clipped: bool = True
) -> FloatArray:
    """Map modality values onto display grey, 0 to 1, with the DICOM LINEAR_EXACT function.

    Parameters
    ----------
    values : (..., rows, columns)
        Modality values.
    center, width
        Window Center (0028,1050) and Window Width (0028,1051), in the unit of `values`.
    is_clipped
        As in `apply_linear_window`.

    Returns
    -------
    (..., rows, columns) float32
        0 at the lower end of the window, 1 at its upper end. The input is not modified. A width
        that is not above 0 is an ImageError.

    References
    ----------
    DICOM PS3.3 C.11.2.1.3.2.
    """
    _check_width(width, VoiFunction.LINEAR_EXACT)
    return _ramp(values, middle=center, width=width, is_clipped=is_clipped)


def apply_sigmoid_window(values: NDArray[Any], *, center: float, width: float) -> FloatArray:
    """Map modality values onto display grey, 0 to 1, with the DICOM SIGMOID function.

    Parameters
    ----------
    values : (..., rows, columns)
        Modality values.
    center, width
        Window Center (0028,1050) and Window Width (0028,1051), in the unit of `values`.

    Returns
    -------
    (..., rows, columns) float32
        Between 0 and 1, one half at the center. The input is not modified. A width that is not
        above 0 is an ImageError.

    References
    ----------
    DICOM PS3.3 C.11.2.1.3.1.
    """
    _check_width(width, VoiFunction.SIGMOID)
    curve = values.astype(np.float32)
    curve -= np.float32(center)
    curve *= np.float32(-4.0 / width)
    np.clip(curve, -80.0, 80.0, out=curve)  # exp(80) is still within float32.
    np.exp(curve, out=curve)
    curve += np.float32(1.0)
    return np.reciprocal(curve, out=curve)


def apply_window(values: NDArray[Any], *, window: Window, is_clipped: bool = True) -> FloatArray:
    """Map modality values onto display grey, 0 to 1, with the window's own function.

    Parameters
    ----------
    values : (..., rows, columns)
        Modality values.
    window
        Center, width and function.
    is_clipped
        As in `apply_linear_window`. A sigmoid has no ends, and never leaves 0 to 1.

    Returns
    -------
    (..., rows, columns) float32
        0 to 1 inside the window.
    """
    center, width = window.center, window.width
    if window.function is VoiFunction.SIGMOID:
        return apply_sigmoid_window(values, center=center, width=width)
    is_exact = window.function is VoiFunction.LINEAR_EXACT
    apply = apply_linear_exact_window if is_exact else apply_linear_window
    return apply(values, center=center, width=width, is_clipped=is_clipped)


def apply_range(values: NDArray[Any], *, low: float, high: float) -> FloatArray:
    """Map a range of modality values onto display grey, for films without a window.

    Parameters
    ----------
    values : (..., rows, columns)
        Modality values.
    low, high
        Values that become black and white, in the unit of `values`.

    Returns
    -------
    (..., rows, columns) float32
        0 to 1; all 0 where the range is empty, because a film of one grey shows nothing.
    """
    if not high > low:
        return np.zeros(values.shape, np.float32)
    return _ramp(values, middle=(low + high) / 2, width=high - low)


def invert(display: FloatArray) -> FloatArray:
    """Turn bone black into bone bright: MONOCHROME1, or Presentation LUT Shape INVERSE.

    Parameters
    ----------
    display : (..., rows, columns) float32
        Display grey, 0 to 1.

    Returns
    -------
    (..., rows, columns) float32
        1 minus the input.
    """
    return np.subtract(np.float32(1.0), display)


def _ramp(
    values: NDArray[Any], *, middle: float, width: float, is_clipped: bool = True
) -> FloatArray:
    """Map `middle` to one half and `middle` ± `width`/2 to 1 and 0."""
    ramp: FloatArray = values.astype(np.float32)
    ramp -= np.float32(middle)
    ramp /= np.float32(width)
    ramp += np.float32(0.5)
    return np.clip(ramp, 0.0, 1.0, out=ramp) if is_clipped else ramp


def _look_up(values: NDArray[Any], *, table: LookupTable, scale: float) -> FloatArray:
    shown = table.entries.astype(np.float32) * np.float32(scale)
    rows = values.reshape(-1, values.shape[-1])
    looked_up = np.empty(rows.shape, np.float32)
    for top in range(0, rows.shape[0], _BLOCK_ROWS):
        positions = np.rint(rows[top : top + _BLOCK_ROWS].astype(np.float64)) - table.first
        indices = np.clip(positions, 0, len(shown) - 1).astype(np.int64)
        looked_up[top : top + _BLOCK_ROWS] = shown[indices]
    return looked_up.reshape(values.shape)


def _check_width(width: float, function: VoiFunction) -> None:
    if not width > 0:
        raise WindowError(
            f"Window Width (0028,1051) is {width:g}, but {function} needs a width above 0 "
            "(DICOM PS3.3 C.11.2.1.3). Drop the window, or export the film again."
        )
