"""Pieces of ground glass and consolidation: how many, how large, of what form, and where."""

from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage
from scipy.spatial import ConvexHull, distance

from thoracle.core.arrays import ByteArray, DoubleArray
from thoracle.ct.measures import Lesion
from thoracle.ct.regions import Tally, part_bounds
from thoracle.ct.sides import LEFT, RIGHT, Sides
from thoracle.ct.types import CONSOLIDATION, GROUND_GLASS
from thoracle.imaging.scan import CtScan
from thoracle.imaging.texture.surface import surface_of

SMALLEST_ML: Final = 0.1  # a ball of 5.8 mm; 9 voxels of 1.37 × 1.37 × 6 mm
CONNECTED: Final = np.ones((3, 3, 3), bool)  # faces, edges and corners: 26 neighbors
_SIDE_NAMES: Final = {RIGHT: "right", LEFT: "left"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Pieces:
    """All connected pieces of a label map.

    Attributes
    ----------
    numbers : (slices, rows, columns) int32
        From 1; 0 is outside.
    voxels : (pieces + 1,) int64
        Of each number; that of 0 is 0.
    """

    numbers: NDArray[np.int32] = field(repr=False)
    voxels: NDArray[np.int64] = field(repr=False)

    def counted(self, voxel_ml: float) -> NDArray[np.int64]:
        """Return the numbers of those that count, the largest first."""
        order = np.argsort(-self.voxels, kind="stable")
        return order[self.voxels[order] * voxel_ml >= SMALLEST_ML]


def find_pieces(label_map: ByteArray) -> Pieces:
    """Find the pieces of ground glass and consolidation together.

    Parameters
    ----------
    label_map : (slices, rows, columns) uint8
        As in `Segmentation`.

    Returns
    -------
    Pieces
        Of any size.
    """
    numbers, count = ndimage.label(label_map >= GROUND_GLASS, CONNECTED)
    voxels = np.zeros(count + 1, np.int64)
    for one in numbers:  # slice by slice, for counting takes eight bytes a voxel
        voxels += np.bincount(one.ravel(), minlength=count + 1)
    voxels[0] = 0
    return Pieces(numbers=numbers.astype(np.int32, copy=False), voxels=voxels)


def describe(
    pieces: Pieces, scan: CtScan, label_map: ByteArray, *, sides: Sides | None, counted: Tally
) -> tuple[Lesion, ...]:
    """Measure the pieces that count.

    Parameters
    ----------
    pieces
        From `find_pieces` of the label map.
    scan
        Says where voxels lie.
    label_map : (slices, rows, columns) uint8
        As in `Segmentation`.
    sides
        From `find_sides`; None leaves the region unknown.
    counted
        From `tally`, for the thirds.

    Returns
    -------
    tuple of Lesion
        The largest first.
    """
    boxes = ndimage.find_objects(pieces.numbers)
    bounds = {one: part_bounds(counted, one) for one in ("right", "left") if sides is not None}
    found = []
    for place, number in enumerate(pieces.counted(scan.voxel_ml).tolist(), start=1):
        box = boxes[number - 1]
        mask = pieces.numbers[box] == number
        labels = np.bincount(label_map[box][mask], minlength=4) * scan.voxel_ml
        at = np.argwhere(mask) + [side.start for side in box]
        region = None
        if sides is not None:
            region = _region(at, sides.side_map[box][mask], bounds)
        found.append(
            Lesion(
                number=place,
                region=region,
                volume_ml=float(labels.sum()),
                ground_glass_ml=float(labels[GROUND_GLASS]),
                consolidation_ml=float(labels[CONSOLIDATION]),
                center_mm=_place(at.mean(axis=0), scan),
                slices=(box[0].start, box[0].stop - 1),
                touches_edge=_touches(box, label_map.shape),
                **_shape(mask, scan.spacing_mm),
            )
        )
    return tuple(found)


def _region(
    at: NDArray[np.int64], sides: ByteArray, bounds: dict[str, dict[str, tuple[float, float]]]
) -> str:
    """Return the side and the third that hold most of a piece."""
    side = RIGHT if np.count_nonzero(sides == RIGHT) * 2 >= sides.size else LEFT
    name = _SIDE_NAMES[side]
    thirds = {part: bounds[name][part] for part in ("lower", "middle") if part in bounds[name]}
    height = float(np.median(at[sides == side][:, 0])) + 0.5
    part = next((part for part, (_, end) in thirds.items() if height < end), "upper")
    return f"{name}_{part}" if thirds else name


def _place(at: DoubleArray, scan: CtScan) -> tuple[float, float, float]:
    left, back, up = (scan.affine @ [*at[::-1], 1.0])[:3]
    return float(left), float(back), float(up)


def _touches(box: tuple[slice, ...], shape: tuple[int, ...]) -> bool:
    return any(
        side.start == 0 or side.stop == length for side, length in zip(box, shape, strict=True)
    )


def _shape(mask: NDArray[np.bool_], spacing_mm: tuple[float, float, float]) -> dict[str, Any]:
    mesh = surface_of(mask, spacing_mm)
    corners = mesh.points[ConvexHull(mesh.points).vertices]
    return {
        "mesh_ml": mesh.volume / 1000.0,
        "surface_cm2": mesh.area / 100.0,
        "sphericity": float((36.0 * np.pi * mesh.volume**2) ** (1 / 3) / mesh.area),
        "diameter_mm": float(distance.pdist(corners).max()),
    }
