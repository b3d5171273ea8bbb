"""From a scan's grid to the network's, slice by slice, and back."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from thoracle.core.arrays import BoolArray, ByteArray, FloatArray, IntArray

Shape = tuple[int, int, int]
Spacing = tuple[float, float, float]


@dataclass(frozen=True, slots=True, kw_only=True)
class Grid:
    """Where the network's voxels lie in a scan: both grids have one center and the same axes.

    Attributes
    ----------
    scan_shape, scan_mm
        Slices, rows and columns of the scan, and the distances between them.
    shape, spacing_mm
        Those of the network's grid, which covers the scan.
    """

    scan_shape: Shape
    scan_mm: Spacing
    shape: Shape
    spacing_mm: Spacing

    @property
    def voxel_ml(self) -> float:
        """Volume of one voxel of the network's grid."""
        slice_mm, row_mm, column_mm = self.spacing_mm
        return slice_mm * row_mm * column_mm / 1000.0

    def places(self, axis: int) -> NDArray[np.float64]:
        """Return where the network's centers lie on an axis of the scan, in its voxels."""
        step = self.spacing_mm[axis] / self.scan_mm[axis]
        centers = np.arange(self.shape[axis]) - (self.shape[axis] - 1) / 2
        return np.asarray(centers * step + (self.scan_shape[axis] - 1) / 2, np.float64)

    def places_back(self, axis: int) -> NDArray[np.float64]:
        """Return where the scan's centers lie on an axis of the network's grid, in its voxels."""
        step = self.scan_mm[axis] / self.spacing_mm[axis]
        centers = np.arange(self.scan_shape[axis]) - (self.scan_shape[axis] - 1) / 2
        return np.clip(centers * step + (self.shape[axis] - 1) / 2, 0, self.shape[axis] - 1)


def grid_of(scan_shape: Shape, scan_mm: Spacing, *, spacing_mm: Spacing) -> Grid:
    """Lay the network's grid over a scan.

    Parameters
    ----------
    scan_shape, scan_mm
        Slices, rows and columns of the scan, and the distances between them.
    spacing_mm
        Distances on the network's grid.

    Returns
    -------
    Grid
        As many voxels as cover the scan, at least one along each axis.
    """
    sides = zip(scan_shape, scan_mm, spacing_mm, strict=True)
    slices, rows, columns = (
        max(1, int(np.ceil(count * mm / wanted - 1e-6))) for count, mm, wanted in sides
    )
    return Grid(
        scan_shape=scan_shape,
        scan_mm=scan_mm,
        shape=(slices, rows, columns),
        spacing_mm=spacing_mm,
    )


def to_grid(values: NDArray[np.int16] | ByteArray | FloatArray, grid: Grid) -> FloatArray:
    """Resample a scan: a finer scan is averaged, so that thin slices become thick ones.

    Parameters
    ----------
    values : (slices, rows, columns)
        On the scan's grid.
    grid
        From `grid_of`.

    Returns
    -------
    (slices, rows, columns) float32
        On the network's grid. The triangle filter is as wide as the coarser of both spacings.
        Beside the result no more than a few slices are held.
    """
    rows, columns = filter_weights(grid, 1), filter_weights(grid, 2)
    made = np.empty(grid.shape, np.float32)
    weights = filter_weights(grid, 0)
    for index, row in enumerate(weights):
        used = np.flatnonzero(row)
        picture = np.zeros(grid.scan_shape[1:], np.float32)
        for source in used:
            picture += row[source] * values[source]
        made[index] = rows @ picture @ columns.T
    return made


def filter_weights(grid: Grid, axis: int) -> FloatArray:
    """Return the triangle filter of an axis, (network's, scan's) float32; each row sums to 1."""
    places = np.clip(grid.places(axis), 0, grid.scan_shape[axis] - 1)
    width = max(1.0, grid.spacing_mm[axis] / grid.scan_mm[axis])
    apart = np.abs(places[:, None] - np.arange(grid.scan_shape[axis]))
    weights = np.clip(1.0 - apart / width, 0.0, None)
    return np.asarray(weights / weights.sum(axis=1, keepdims=True), np.float32)


def labels_to_grid(label_map: ByteArray, grid: Grid, *, labels: int) -> ByteArray:
    """Resample labels: each network voxel gets the label with the largest share of it.

    Parameters
    ----------
    label_map : (slices, rows, columns) uint8
        On the scan's grid, 0 to `labels` - 1.
    grid
        From `grid_of`.
    labels
        How many labels there are.

    Returns
    -------
    (slices, rows, columns) uint8
        On the network's grid.
    """
    best = np.zeros(grid.shape, np.uint8)
    largest = np.full(grid.shape, -1.0, np.float32)
    for label in range(labels):
        share = to_grid((label_map == label).astype(np.uint8), grid)
        best[share > largest] = label
        np.maximum(largest, share, out=largest)
    return best


def shares_to_scan(shares: ByteArray, grid: Grid) -> ByteArray:
    """Bring labels back to the scan: shares are interpolated, and the largest wins.

    Parameters
    ----------
    shares : (labels - 1, slices, rows, columns) uint8
        Probabilities of all labels but background, 255 for 1, on the network's grid; background
        has the rest.
    grid
        From `grid_of`.

    Returns
    -------
    (slices, rows, columns) uint8
        Labels on the scan's grid; of equal shares the smaller label wins. Beside the result no
        more than a slice's shares are held.
    """
    made = np.zeros(grid.scan_shape, np.uint8)
    used = shares.max(axis=0) > 0
    for index, (below, above, share) in enumerate(_slices_back(grid)):
        present = used[below] | used[above]
        if not present.any():
            continue
        rows, columns = _taps(grid, 1, present.any(axis=1)), _taps(grid, 2, present.any(axis=0))
        pair = (np.asarray(shares[:, one], np.float32) for one in (below, above))
        mixed = _between(next(pair), next(pair), share)
        wide = _between(mixed[:, rows.below], mixed[:, rows.above], rows.share[:, None])
        whole = _between(wide[..., columns.below], wide[..., columns.above], columns.share)
        background = np.float32(255.0) - whole.sum(axis=0)
        best = whole.argmax(axis=0).astype(np.uint8)
        is_inside = whole.max(axis=0) > background
        made[index, rows.place, columns.place] = np.where(is_inside, best + 1, 0)
    return made


@dataclass(frozen=True, slots=True, kw_only=True)
class _Taps:
    """A stretch of the scan's axis, and between which network voxels its centers lie."""

    place: slice
    below: IntArray
    above: IntArray
    share: FloatArray


def _slices_back(grid: Grid) -> Iterator[tuple[int, int, float]]:
    for place in grid.places_back(0):
        below = int(place)
        yield below, min(below + 1, grid.shape[0] - 1), float(place - below)


def _taps(grid: Grid, axis: int, used: BoolArray) -> _Taps:
    """Return the taps of all of the scan's centers that have a used voxel beside them."""
    places = grid.places_back(axis)
    below = places.astype(np.int64)
    above = np.minimum(below + 1, grid.shape[axis] - 1)
    found = np.flatnonzero(used[below] | used[above])
    place = slice(int(found[0]), int(found[-1]) + 1)
    share = np.asarray(places - below, np.float32)
    return _Taps(place=place, below=below[place], above=above[place], share=share[place])


def _between(low: FloatArray, high: FloatArray, share: FloatArray | float) -> FloatArray:
    return np.asarray(low + np.float32(1.0) * share * (high - low), np.float32)
