"""Grey levels laid out in one row of memory, so that a step in any direction is one offset."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from itertools import product
from typing import Any

import numpy as np
from numpy.typing import NDArray

from thoracle.core.arrays import BoolArray, IntArray
from thoracle.imaging.texture.aggregation import Aggregation

Step = tuple[int, int, int]
"""From a voxel to a neighbor: (slices, rows, columns)."""

_AROUND = (-1, 0, 1)
STEPS_3D: tuple[Step, ...] = tuple(
    step for step in product(_AROUND, _AROUND, _AROUND) if step > (0, 0, 0)
)
"""The 13 directions of a volume; the other 13 are these backwards."""
STEPS_2D: tuple[Step, ...] = tuple(step for step in STEPS_3D if step[0] == 0)
"""The 4 directions of a slice."""


@dataclass(frozen=True, kw_only=True)
class Lattice:
    """A region's grey levels, (slices, rows, columns) int64, 0 outside of it, in one row.

    Attributes
    ----------
    levels
        From 1; 0 is outside. Cut to the region's box.
    steps
        The directions in which neighbors are looked for.
    """

    levels: IntArray = field(repr=False)
    steps: tuple[Step, ...]

    @cached_property
    def flat(self) -> NDArray[np.int32]:
        """The levels with a frame of zeros behind each row and each slice, in one row.

        A step over any edge ends in the frame: nothing that follows needs to know of edges.
        """
        slices, rows, columns = self.levels.shape
        framed = np.zeros((slices, rows + 1, columns + 1), np.int32)
        framed[:, :-1, :-1] = self.levels
        return framed.ravel()

    @cached_property
    def narrow(self) -> NDArray[Any]:
        """The row in as few bytes as its levels need, for what only compares."""
        top = int(self.levels.max(initial=0))
        kind = np.uint8 if top < 2**8 else np.uint16 if top < 2**16 else np.int32
        return self.flat.astype(kind)

    @cached_property
    def offsets(self) -> tuple[int, ...]:
        """How far each step leads in the row."""
        _, rows, columns = self.levels.shape
        return tuple(
            (slices * (rows + 1) + down) * (columns + 1) + across
            for slices, down, across in self.steps
        )

    @cached_property
    def voxels(self) -> int:
        """How many voxels the region has."""
        return int(np.count_nonzero(self.levels))

    @cached_property
    def equal(self) -> tuple[BoolArray, ...]:
        """For each step, where a voxel's neighbor has its own level, counted in the row."""
        narrow = self.narrow
        inside = narrow > 0
        return tuple(
            (narrow[:-offset] == narrow[offset:]) & inside[offset:] for offset in self.offsets
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Grouped:
    """A lattice and the slice that it is; 0 where slices are merged or taken together."""

    lattice: Lattice
    group: int


def lattices(levels: IntArray, aggregation: Aggregation) -> Iterator[Grouped]:
    """Lay out a region as an aggregation asks for it: slice by slice, or as a volume.

    Parameters
    ----------
    levels : (slices, rows, columns) int64
        From 1; 0 is outside.
    aggregation
        Of matrices.

    Yields
    ------
    Grouped
        Slices without the region are left out.
    """
    cut = cut_to_box(levels)
    if not cut.any():
        return
    if not aggregation.is_by_slice:
        yield Grouped(lattice=Lattice(levels=cut, steps=STEPS_3D), group=0)
        return
    slices = [one for one in cut if one.any()]
    for number, one in enumerate(slices):
        group = 0 if aggregation.merges_slices else number
        yield Grouped(lattice=Lattice(levels=cut_to_box(one[None]), steps=STEPS_2D), group=group)


def box_of(mask: BoolArray) -> tuple[slice, slice, slice]:
    """Return the smallest box around the True voxels of a mask that has some."""
    found = []
    for axis in range(3):
        others = tuple(other for other in range(3) if other != axis)
        hits = np.flatnonzero(mask.any(axis=others))
        found.append(slice(int(hits[0]), int(hits[-1]) + 1))
    return found[0], found[1], found[2]


def cut_to_box(levels: IntArray) -> IntArray:
    """Cut levels to the box of what is not 0; without any, nothing is left."""
    inside = levels > 0
    return levels[box_of(inside)] if inside.any() else levels[:0, :0, :0]
