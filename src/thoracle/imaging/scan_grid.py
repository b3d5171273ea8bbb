"""A stack of slices set straight: the tilt of a gantry undone, its axes turned to the patient's."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

import numpy as np
from numpy.typing import NDArray

from thoracle.core.arrays import DoubleArray
from thoracle.core.errors import ImageError
from thoracle.core.files import sha256_of
from thoracle.core.results import Reason
from thoracle.imaging.hounsfield import Hounsfield
from thoracle.imaging.scan import CtScan, ScanFacts

DRIFT_PX: Final = 0.5  # over the whole stack: less than half a pixel of shear is rounding
_SQUARE: Final = 0.01  # cosine between rows and columns: half a degree
_TILT_MAX_DEGREES: Final = 35.0  # gantries tilt by 30 at most
_OBLIQUE_SAID_DEGREES: Final = 5.0
_OBLIQUE_MAX_DEGREES: Final = 30.0  # beyond, front is no longer front


@dataclass(frozen=True, slots=True, kw_only=True)
class Grid:
    """HU on a grid: (slices, rows, columns), and where they lie.

    `affine` is (4, 4) float64 from (column, row, slice, 1) to place in mm, LPS.
    """

    hu: NDArray[np.int16] = field(repr=False)
    affine: DoubleArray = field(repr=False)

    @property
    def spacing_mm(self) -> tuple[float, float, float]:
        """Spacing of slices, rows and columns."""
        column, row, through = (float(each) for each in np.linalg.norm(self.affine[:3, :3], axis=0))
        return through, row, column


def build_scan(
    values: Hounsfield,
    affine: DoubleArray,
    *,
    facts: ScanFacts,
    digests: Sequence[str],
    told: tuple[tuple[Reason, ...], tuple[Reason, ...]],
) -> CtScan:
    """Set HU straight in the patient and tell all that was assumed and noticed.

    Parameters
    ----------
    values
        HU, in the order of `affine`.
    affine : (4, 4) float64
        From (column, row, slice, 1) to place in mm, LPS.
    facts
        What the files say.
    digests
        SHA-256 of the files in the order of the slices; a single file's is the scan's own.
    told
        Assumptions and warnings so far.
    """
    straight, tilted = straighten(Grid(hu=values.hu, affine=affine))
    grid, turns = turn(straight)
    assumptions, warnings = told
    return CtScan(
        hu=grid.hu,
        spacing_mm=grid.spacing_mm,
        affine=grid.affine,
        sha256=digests[0] if len(digests) == 1 else sha256_of("".join(digests).encode()),
        facts=facts,
        window_hu=values.window_hu,
        assumptions=(*assumptions, *values.assumptions),
        warnings=(*warnings, *((tilted,) if tilted else ()), *turns, *values.warnings),
    )


def straighten(grid: Grid) -> tuple[Grid, Reason | None]:
    """Undo the shear of a tilted gantry, whose slices do not lie straight behind each other.

    Each slice is moved along its rows' direction, with linear interpolation between two rows;
    nothing is interpolated across slices. Rows are added where the slices move out, filled with
    the lowest value.

    Parameters
    ----------
    grid
        Any grid.

    Returns
    -------
    Grid, Reason or None
        With slices along the normal of their plane; the warning where that changed anything.

    Raises
    ------
    ImageError
        scan-sheared: rows and columns are not perpendicular, or slices drift as no gantry tilts.
    """
    column, row, through = (grid.affine[:3, axis] for axis in range(3))
    column_mm, row_mm = np.linalg.norm(column), np.linalg.norm(row)
    normal = np.cross(column / column_mm, row / row_mm)
    along_columns, along_rows = float(through @ column / column_mm), float(through @ row / row_mm)
    straight_mm = float(through @ normal)
    steps = len(grid.hu) - 1
    tilt = math.degrees(math.atan2(abs(along_rows), abs(straight_mm)))
    is_skew = abs(column @ row) > _SQUARE * column_mm * row_mm
    is_odd = abs(along_columns) * steps > DRIFT_PX * column_mm or tilt > _TILT_MAX_DEGREES
    if is_skew or (is_odd and steps):
        raise ImageError(
            "found slices that do not lie straight behind each other – expected at most the tilt "
            "of a gantry. Reformat the series on the scanner's console or in the PACS.",
            code="scan-sheared",
        )
    if abs(along_rows) * steps <= DRIFT_PX * row_mm:
        return grid, None
    shift_px = along_rows / float(row_mm)
    moved, first_px = _shifted(grid.hu, shift_px)
    affine = grid.affine.copy()
    affine[:3, 2] = normal * straight_mm
    affine[:3, 3] += first_px * row
    text = (
        f"The gantry was tilted by {tilt:.1f}°: each slice was moved along its rows to undo it, "
        "with linear interpolation."
    )
    return Grid(hu=moved, affine=affine), Reason(code="scan-tilted", text=text)


def turn(grid: Grid) -> tuple[Grid, tuple[Reason, ...]]:
    """Turn a grid to the patient's axes: slices from the feet, rows from the front, columns right.

    Parameters
    ----------
    grid
        Straight.

    Returns
    -------
    Grid, tuple of Reason
        LPS to the nearest axis, values unchanged, in one piece of memory; warnings.

    Raises
    ------
    ImageError
        scan-oblique: it lies too far from any of the patient's axes.
    """
    from nibabel.orientations import apply_orientation, inv_ornt_aff, io_orientation

    found: NDArray[np.float64] = io_orientation(grid.affine)  # type: ignore[no-untyped-call]
    shape = grid.hu.shape[::-1]
    turned = apply_orientation(grid.hu.T, found).T  # type: ignore[no-untyped-call]
    affine = grid.affine @ inv_ornt_aff(found, shape)  # type: ignore[no-untyped-call]
    angle = oblique_degrees(affine)
    if angle > _OBLIQUE_MAX_DEGREES:
        raise ImageError(
            f"found slices {angle:.0f}° off the patient's axes – expected at most "
            f"{_OBLIQUE_MAX_DEGREES:g}°. Reformat the series to axial slices.",
            code="scan-oblique",
        )
    straight = Grid(hu=np.ascontiguousarray(turned), affine=affine)
    return straight, _turns(int(found[2, 0]), angle)


def oblique_degrees(affine: DoubleArray) -> float:
    """Return the largest angle between an axis of a turned grid and the patient's axis.

    Parameters
    ----------
    affine : (4, 4) float64
        LPS, its axes turned to the nearest of the patient's.
    """
    steps = affine[:3, :3]
    cosines = np.abs(np.diag(steps)) / np.linalg.norm(steps, axis=0)
    return float(np.degrees(np.arccos(np.clip(cosines, 0.0, 1.0)).max()))


def _turns(slice_axis: int, angle: float) -> tuple[Reason, ...]:
    reasons = []
    if slice_axis != 2:
        text = (
            "The slices were coronal; they were turned to axial ones without resampling."
            if slice_axis == 1
            else "The slices were sagittal; they were turned to axial ones without resampling."
        )
        reasons.append(Reason(code="scan-not-axial", text=text))
    if angle > _OBLIQUE_SAID_DEGREES:
        reasons.append(
            Reason(
                code="scan-slanted",
                text=f"The slices lie {angle:.0f}° off the patient's axes: up, front and side are "
                "those of the slices.",
            )
        )
    return tuple(reasons)


def _shifted(hu: NDArray[np.int16], shift_px: float) -> tuple[NDArray[np.int16], float]:
    """Move slice k by k × `shift_px` rows; return the new stack and where its first row lies."""
    slices, rows, columns = hu.shape
    offsets = np.arange(slices) * shift_px
    first = math.floor(min(0.0, float(offsets[-1])))
    added = math.ceil(abs(float(offsets[-1]))) + 1
    moved = np.full((slices, rows + added, columns), hu.min(), np.int16)
    for index, offset in enumerate(offsets - first):
        whole, part = int(offset), float(offset % 1.0)
        now = hu[index].astype(np.float32)
        between = (1.0 - part) * now[1:] + part * now[:-1]
        moved[index, whole] = hu[index, 0]
        moved[index, whole + 1 : whole + rows] = np.round(between)
        moved[index, whole + rows] = hu[index, -1] if part else moved[index, whole + rows]
    return moved, float(first)
