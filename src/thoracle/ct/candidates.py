"""Places of a scan that are shown to a case classifier: small pictures, and how deep they lie."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from scipy import ndimage

from thoracle.core.arrays import BoolArray, ByteArray, FloatArray
from thoracle.ct.grey import lung_grey
from thoracle.ct.grid import Spacing
from thoracle.ct.lesions import Pieces, find_pieces
from thoracle.ct.types import BACKGROUND, GROUND_GLASS

PATCH_PX: Final = 48
"""Rows and columns of a patch: 72 mm at 1.5 mm, a third of a lung's height."""
CELL_MM: Final = 36.0  # half a patch: neighbors overlap, so that a border falls into the next one.
ALTERED_MIN_CM2: Final = 1.0  # a vessel's cross-section is smaller.
HEALTHY_SHARE_MIN: Final = 0.9  # of a cell: then the patch shows lung, not the wall.


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """One place that is shown.

    Attributes
    ----------
    place
        Slice, row and column of its middle, on the network's grid.
    region
        Number of the connected altered region it lies in; 0 where the lung looks healthy.
    area_cm2
        Altered area in its cell.
    edge_distance
        From the middle to the lung's edge in the slice, as a share of the diagonal of the rectangle
        around both lungs.
    """

    place: tuple[int, int, int]
    region: int
    area_cm2: float
    edge_distance: float

    @property
    def is_altered(self) -> bool:
        """Whether it lies in an altered region."""
        return self.region > 0


def find_candidates(label_map: ByteArray, *, spacing_mm: Spacing) -> tuple[Candidate, ...]:
    """Find the places to show: slice by slice, at most one for each cell of 36 mm.

    Parameters
    ----------
    label_map : (slices, rows, columns) uint8
        As in `Segmentation`, on the network's grid.
    spacing_mm
        Of that grid.

    Returns
    -------
    tuple of Candidate
        A cell with 1 cm² of ground glass and consolidation gives an altered one. A cell that is
        lung for nine tenths, with nothing altered in all of the patch, gives a healthy one.

    References
    ----------
    Relative distance from the edge: Xu et al. 2020 (Engineering 6:1122).
    """
    pieces = find_pieces(label_map)
    found: list[Candidate] = []
    for index in np.flatnonzero((label_map != BACKGROUND).any(axis=(1, 2))):
        found += _of_slice(int(index), label_map[index], pieces, spacing_mm)
    return tuple(found)


def cut_patches(hu: FloatArray, candidates: Sequence[Candidate]) -> FloatArray:
    """Cut the network's input.

    Parameters
    ----------
    hu : (slices, rows, columns) float32
        On the network's grid.
    candidates
        From `find_candidates` on the same grid.

    Returns
    -------
    (candidates, 2, 48, 48) float32
        Grey of the lung window, −1 to 1, air beyond the scan; and the distance from the edge, the
        same everywhere.
    """
    half = PATCH_PX // 2
    made = np.full((len(candidates), 2, PATCH_PX, PATCH_PX), -1.0, np.float32)
    for number, one in enumerate(candidates):
        index, row, column = one.place
        top, left = row - half, column - half
        rows = slice(max(0, top), max(0, top + PATCH_PX))
        columns = slice(max(0, left), max(0, left + PATCH_PX))
        seen = lung_grey(hu[index, rows, columns])
        at_row, at_column = rows.start - top, columns.start - left
        made[number, 0, at_row : at_row + len(seen), at_column : at_column + seen.shape[1]] = seen
        made[number, 1] = one.edge_distance
    return made


def edge_distances(is_lung: BoolArray, *, spacing_mm: tuple[float, float]) -> FloatArray:
    """Return how far each pixel of a slice lies from the lung's edge, relative to the lungs.

    Parameters
    ----------
    is_lung : (rows, columns) bool
        Of one slice; holes are filled, for a vessel is no edge.
    spacing_mm
        Of rows and columns.

    Returns
    -------
    (rows, columns) float32
        Millimeters over the diagonal of the rectangle around the lungs; 0 outside of them.
    """
    filled = ndimage.binary_fill_holes(is_lung)
    if not filled.any():
        return np.zeros(is_lung.shape, np.float32)
    rows, columns = np.flatnonzero(filled.any(axis=1)), np.flatnonzero(filled.any(axis=0))
    height = (rows[-1] - rows[0] + 1) * spacing_mm[0]
    width = (columns[-1] - columns[0] + 1) * spacing_mm[1]
    deep = ndimage.distance_transform_edt(np.pad(filled, 1), sampling=spacing_mm)[1:-1, 1:-1]
    return np.asarray(deep / np.hypot(height, width), np.float32)


def _of_slice(
    index: int, labels: ByteArray, pieces: Pieces, spacing_mm: Spacing
) -> Iterator[Candidate]:
    pixel_cm2 = spacing_mm[1] * spacing_mm[2] / 100.0
    is_lung, is_altered = labels != BACKGROUND, labels >= GROUND_GLASS
    deep = edge_distances(is_lung, spacing_mm=(spacing_mm[1], spacing_mm[2]))
    for cell in _cells(is_lung, spacing_mm):
        altered = int(is_altered[cell].sum())
        area_cm2 = altered * pixel_cm2
        if area_cm2 >= ALTERED_MIN_CM2:
            row, column = _middle(is_altered[cell], cell)
            region = int(pieces.numbers[index, row, column])
        elif is_lung[cell].mean() >= HEALTHY_SHARE_MIN:
            row, column = _middle(is_lung[cell], cell)
            region = 0
            if is_altered[_around(row, column)].any():
                continue
        else:
            continue
        yield Candidate(
            place=(index, row, column),
            region=region,
            area_cm2=area_cm2,
            edge_distance=float(deep[row, column]),
        )


def _cells(is_lung: BoolArray, spacing_mm: Spacing) -> Iterator[tuple[slice, slice]]:
    """Yield the cells that cover the lungs, laid from their first row and column."""
    high, wide = (max(1, round(CELL_MM / mm)) for mm in spacing_mm[1:])
    rows, columns = np.flatnonzero(is_lung.any(axis=1)), np.flatnonzero(is_lung.any(axis=0))
    for row in range(int(rows[0]), int(rows[-1]) + 1, high):
        for column in range(int(columns[0]), int(columns[-1]) + 1, wide):
            yield slice(row, row + high), slice(column, column + wide)


def _middle(mask: BoolArray, cell: tuple[slice, slice]) -> tuple[int, int]:
    """Return the pixel of a mask that is nearest to its center, in the slice."""
    at = np.argwhere(mask)
    nearest = at[((at - at.mean(axis=0)) ** 2).sum(axis=1).argmin()]
    return int(nearest[0]) + cell[0].start, int(nearest[1]) + cell[1].start


def _around(row: int, column: int) -> tuple[slice, slice]:
    half = PATCH_PX // 2
    return slice(max(0, row - half), row + half), slice(max(0, column - half), column + half)
