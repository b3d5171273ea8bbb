"""Which voxels are the right lung and which the left: labels do not say, so geometry does."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import product
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from thoracle.core.arrays import BoolArray, ByteArray, DoubleArray
from thoracle.ct.types import BACKGROUND

RIGHT: Final = 1
LEFT: Final = 2
GRID_MM: Final = 2.0  # fine enough for a junction, coarse enough for a second of work
STEP_MM: Final = 1.0  # between levels of depth at which lungs are looked for apart
SMALLER_SHARE: Final = (
    0.1  # of the larger core: a collapsed lung still has it, bowel and trachea rarely
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Sides:
    """The patient's right and left lung.

    Attributes
    ----------
    side_map : (slices, rows, columns) uint8
        `RIGHT`, `LEFT`, 0 outside of both.
    junction_mm
        Half the thickness of what joins them; 0 where they are apart.
    """

    side_map: ByteArray = field(repr=False)
    junction_mm: float


def find_sides(label_map: ByteArray, *, spacing_mm: tuple[float, float, float]) -> Sides | None:
    """Tell the right lung from the left, and part them where they touch.

    Parameters
    ----------
    label_map : (slices, rows, columns) uint8
        As in `Segmentation`: all but 0 is lung. Columns run from the patient's right to the left.
    spacing_mm
        Of slices, rows and columns.

    Returns
    -------
    Sides or None
        None where no two large parts lie side by side, so that nobody can say which is which.
    """
    box = _box_of(label_map != BACKGROUND)
    if box is None:
        return None
    inside = label_map[box] != BACKGROUND
    steps = [max(1, round(GRID_MM / step)) for step in spacing_mm]
    coarse_mm = np.array(spacing_mm) * steps
    # Only cells that are lung throughout: a membrane between the lungs thinner than a cell stays.
    depth = ndimage.distance_transform_edt(np.pad(_all_of(inside, steps), 1), coarse_mm)
    found = _cores(depth, coarse_mm)
    if found is None:
        return None
    cores, junction_mm = found
    parted = _flooded(cores, depth, junction_mm)
    nearest = ndimage.distance_transform_edt(
        parted == 0, coarse_mm, return_distances=False, return_indices=True
    )
    cells = parted[tuple(nearest)][1:-1, 1:-1, 1:-1]
    side_map = np.zeros(label_map.shape, np.uint8)
    part = side_map[box]
    rows, columns = (np.arange(inside.shape[axis]) // steps[axis] for axis in (1, 2))
    for index, one in enumerate(inside):
        part[index] = np.where(one, cells[index // steps[0]][rows[:, None], columns], 0)
    return Sides(side_map=side_map, junction_mm=junction_mm)


def _box_of(inside: BoolArray) -> tuple[slice, slice, slice] | None:
    sides = []
    for axis in range(3):
        hits = np.flatnonzero(inside.any(axis=tuple(one for one in range(3) if one != axis)))
        if not hits.size:
            return None
        sides.append(slice(int(hits[0]), int(hits[-1]) + 1))
    return sides[0], sides[1], sides[2]


def _all_of(inside: BoolArray, steps: list[int]) -> BoolArray:
    """Return which cells of `steps` voxels are inside throughout."""
    short = [-side % step for side, step in zip(inside.shape, steps, strict=True)]
    framed = np.pad(inside, [(0, one) for one in short], mode="edge")
    full = np.ones([side // step for side, step in zip(framed.shape, steps, strict=True)], bool)
    for at in product(*(range(step) for step in steps)):
        full &= framed[tuple(slice(one, None, step) for one, step in zip(at, steps, strict=True))]
    return full


def _cores(depth: DoubleArray, spacing_mm: DoubleArray) -> tuple[ByteArray, float] | None:
    """Return the cores of both lungs at the least depth at which they are apart."""
    for level in np.arange(0.0, depth.max(), STEP_MM):
        parts, count = ndimage.label(depth > level)
        if count < 2:
            continue
        sizes = np.bincount(parts.ravel())
        sizes[0] = 0
        second, first = np.argsort(sizes)[-2:]
        middles = ndimage.center_of_mass(parts > 0, parts, [first, second])
        away = (np.array(middles[1]) - np.array(middles[0])) * spacing_mm
        if sizes[second] >= SMALLER_SHARE * sizes[first] and np.argmax(np.abs(away)) == 2:
            right, left = (first, second) if away[2] > 0 else (second, first)
            cores = np.where(parts == right, RIGHT, np.where(parts == left, LEFT, 0))
            return cores.astype(np.uint8), float(level)
    return None


def _flooded(cores: ByteArray, depth: DoubleArray, junction_mm: float) -> ByteArray:
    """Let both cores grow into ever shallower places until they meet, or nothing is left."""
    sides = cores.copy()
    for level in np.arange(junction_mm - STEP_MM, -STEP_MM / 2.0, -STEP_MM):
        open_ = (depth > level) & (sides == 0)
        while open_.any():
            grown = np.zeros_like(sides)
            for side in _neighbors(sides):
                np.maximum(grown, side, out=grown)
            taken = open_ & (grown > 0)
            if not taken.any():
                break
            sides[taken] = grown[taken]
            open_ &= ~taken
    return sides


def _neighbors(sides: ByteArray) -> Iterator[NDArray[np.uint8]]:
    """Yield the array moved by one cell in each of six directions; its frame is empty."""
    for axis, step in product(range(3), (1, -1)):
        yield np.roll(sides, step, axis=axis)
