"""What became of each place: new, gone, still there, or of another kind, voxel by voxel."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from thoracle.core.arrays import BoolArray, ByteArray, DoubleArray
from thoracle.ct.overlap import resampled, to_indices
from thoracle.ct.types import CONSOLIDATION, GROUND_GLASS, LABELS
from thoracle.imaging.scan import CtScan

COMPARED_MM: Final = 1.5  # the finest grid that voxels are compared on; bounds memory
MARGIN_MM: Final = 12.0  # around the lungs, so that pictures show ribs
OUTSIDE: Final = 255
"""Where the later scan does not reach, in a label map brought over."""
PADDING_HU: Final = -1024


@dataclass(frozen=True, slots=True, kw_only=True)
class Common:
    """Both scans on one grid, that of the earlier scan around its lungs.

    Attributes
    ----------
    earlier, later : (slices, rows, columns) uint8
        Labels; `OUTSIDE` where the later scan does not reach.
    earlier_hu, later_hu : (slices, rows, columns) int16
        The same of their HU.
    slices
        The number of the earlier scan's slice that each slice is nearest to, from 1 at the feet.
    spacing_mm
        Of slices, rows and columns.
    tolerance_mm
        Along each axis, how far a border may be off: by laying scans over each other, and by half
        a voxel of each scan.
    """

    earlier: ByteArray = field(repr=False)
    later: ByteArray = field(repr=False)
    earlier_hu: NDArray[np.int16] = field(repr=False)
    later_hu: NDArray[np.int16] = field(repr=False)
    slices: tuple[int, ...]
    spacing_mm: tuple[float, float, float]
    tolerance_mm: tuple[float, float, float]

    @property
    def voxel_ml(self) -> float:
        """Volume of one voxel."""
        slice_mm, row_mm, column_mm = self.spacing_mm
        return slice_mm * row_mm * column_mm / 1000.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Extent:
    """A volume and its ends, if every border were off by the tolerance, one way or the other."""

    ml: float
    low_ml: float
    high_ml: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Transitions:
    """What became of the lungs between two scans, in ml at the earlier scan's depth of breath.

    Attributes
    ----------
    new, resolved, persistent
        Ground glass or consolidation in the later scan only, in the earlier only, in both.
    thickened, thinned
        Ground glass that became consolidation, and the other way round.
    table
        ml by label of the earlier scan (rows) and of the later (columns), in the order of
        `thoracle.ct.types.LABELS`, where either shows lung.
    unseen_ml
        Earlier lung that the later scan does not reach.
    """

    new: Extent
    resolved: Extent
    persistent: Extent
    thickened: Extent
    thinned: Extent
    table: tuple[tuple[float, ...], ...]
    unseen_ml: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Labeled:
    """A scan and its labels, on one grid: `label_map` is (slices, rows, columns) uint8."""

    scan: CtScan
    label_map: ByteArray = field(repr=False)


def on_common_grid(
    earlier: Labeled, later: Labeled, matrix: DoubleArray, *, error_mm: float
) -> Common:
    """Bring both scans onto one grid.

    Parameters
    ----------
    earlier, later
        The grid is the earlier scan's, no finer than `COMPARED_MM`, cut to its lungs.
    matrix : (4, 4) float64
        From a place of the earlier scan to the same place of the later one, in mm.
    error_mm
        How far a place may be off after that.

    Returns
    -------
    Common
        Labels by the nearest voxel, HU interpolated.
    """
    affine, shape, spacing = _grid(earlier)
    own = to_indices(affine, np.eye(4), earlier.scan.affine)
    over = to_indices(affine, matrix, later.scan.affine)
    return Common(
        earlier=resampled(earlier.label_map, own, shape, order=0),
        later=resampled(later.label_map, over, shape, order=0, outside=OUTSIDE),
        earlier_hu=resampled(earlier.scan.hu, own, shape, order=1, outside=PADDING_HU),
        later_hu=resampled(later.scan.hu, over, shape, order=1, outside=PADDING_HU),
        slices=tuple(round(own[0, 0] * at + own[0, 3]) + 1 for at in range(shape[0])),
        spacing_mm=spacing,
        tolerance_mm=_tolerance(earlier.scan.spacing_mm, later.scan.spacing_mm, error_mm),
    )


def transitions(common: Common) -> Transitions:
    """Count what became of each place.

    Parameters
    ----------
    common
        From `on_common_grid`.

    Returns
    -------
    Transitions
        Places that the later scan does not reach count nowhere but in `unseen_ml`.
    """
    seen = common.later != OUTSIDE
    ill_before = (common.earlier >= GROUND_GLASS) & seen
    ill_after = (common.later >= GROUND_GLASS) & seen
    reach = _Reach(common)
    stays = reach.extent(ill_before, ill_after)
    return Transitions(
        new=reach.extent(ill_after, seen & ~ill_before),
        resolved=reach.extent(ill_before, seen & ~ill_after),
        persistent=stays,
        thickened=reach.extent(*_pair(common, seen, GROUND_GLASS, CONSOLIDATION)),
        thinned=reach.extent(*_pair(common, seen, CONSOLIDATION, GROUND_GLASS)),
        table=_table(common, seen),
        unseen_ml=float(np.count_nonzero((common.earlier > 0) & ~seen) * common.voxel_ml),
    )


class _Reach:
    """Counts where two masks meet, and where they would if the second's border were off."""

    def __init__(self, common: Common) -> None:
        self._ml = common.voxel_ml
        # From the middle of one voxel to the border is half a voxel; the next middle is another.
        pairs = zip(common.spacing_mm, common.tolerance_mm, strict=True)
        self._steps = tuple(side / (tolerance + side / 2) for side, tolerance in pairs)

    def extent(self, first: BoolArray, second: BoolArray) -> Extent:
        """Return the volume that is in both, and its ends."""
        counts = [
            np.count_nonzero(first & one)
            for one in (second, self._shrunk(second), ~self._shrunk(~second))
        ]
        ml, low, high = (float(one * self._ml) for one in counts)
        return Extent(ml=ml, low_ml=low, high_ml=high)

    def _shrunk(self, mask: BoolArray) -> BoolArray:
        """Return what of a mask is farther from its border than the tolerance."""
        if mask.all() or not mask.any():
            return mask
        box = tuple(slice(max(0, int(at.min()) - 1), int(at.max()) + 2) for at in np.nonzero(mask))
        deep = np.zeros_like(mask)
        far = ndimage.distance_transform_edt(mask[box], sampling=self._steps)
        deep[box] = far > 1.0
        return deep


def _pair(common: Common, seen: BoolArray, before: int, after: int) -> tuple[BoolArray, BoolArray]:
    return (common.earlier == before) & seen, (common.later == after) & seen


def _table(common: Common, seen: BoolArray) -> tuple[tuple[float, ...], ...]:
    count = len(LABELS)
    both = common.earlier[seen].astype(np.int64) * count + common.later[seen]
    ml = np.bincount(both, minlength=count * count).reshape(count, count) * common.voxel_ml
    ml[0, 0] = 0.0  # what is no lung in either scan is nobody's
    return tuple(tuple(float(one) for one in row) for row in ml)


def _grid(earlier: Labeled) -> tuple[DoubleArray, tuple[int, ...], tuple[float, float, float]]:
    """Return affine, shape and spacing of a grid around the earlier scan's lungs."""
    scan = earlier.scan
    sides = list(zip(_bounds(earlier.label_map > 0), scan.hu.shape, scan.spacing_mm, strict=True))
    steps = [max(COMPARED_MM, own) / own for *_, own in sides]
    starts, shape = [], []
    for ((first, last), count, own), step in zip(sides, steps, strict=True):
        margin = int(MARGIN_MM / own)
        begin, end = max(0, first - margin), min(count, last + 1 + margin)
        starts.append(begin + (step - 1.0) / 2.0)
        shape.append(max(1, int((end - begin) / step + 1e-6)))
    affine = scan.affine.copy()
    affine[:3, 3] += affine[:3, :3] @ starts[::-1]
    affine[:3, :3] *= steps[::-1]
    slice_mm, row_mm, column_mm = (step * own for step, (*_, own) in zip(steps, sides, strict=True))
    return affine, tuple(shape), (slice_mm, row_mm, column_mm)


def _bounds(mask: BoolArray) -> Iterator[tuple[int, int]]:
    """Yield, for each axis, the first and last index that hold something."""
    for axis in range(mask.ndim):
        others = tuple(one for one in range(mask.ndim) if one != axis)
        used = np.flatnonzero(mask.any(axis=others))
        yield int(used[0]), int(used[-1])


def _tolerance(
    earlier_mm: tuple[float, ...], later_mm: tuple[float, ...], error_mm: float
) -> tuple[float, float, float]:
    slice_mm, row_mm, column_mm = (
        float(np.sqrt(error_mm**2 + (one / 2) ** 2 + (other / 2) ** 2))
        for one, other in zip(earlier_mm, later_mm, strict=True)
    )
    return slice_mm, row_mm, column_mm
