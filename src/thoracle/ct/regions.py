"""Volumes of lungs and their parts: thirds by height, ventral and dorsal halves."""

import itertools
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

import numpy as np

from thoracle.core.arrays import ByteArray, DoubleArray, IntArray
from thoracle.ct.measures import PARTS, SIDES
from thoracle.ct.sides import LEFT, RIGHT, Sides
from thoracle.ct.types import BACKGROUND, CONSOLIDATION, GROUND_GLASS, LABELS

BEGINS_CM2: Final = 1.0  # of a lung's cut: less is a stray voxel, not where a lung begins
_SHARES: Final = {  # of a lung's height from its base, or of its depth from the front
    "lower": (0.0, 1 / 3),
    "middle": (1 / 3, 2 / 3),
    "upper": (2 / 3, 1.0),
    "ventral": (0.0, 0.5),
    "dorsal": (0.5, 1.0),
}
_SIDE_NUMBERS: Final = {"right": RIGHT, "left": LEFT}

Volumes = dict[tuple[str, str], dict[str, float | None]]
"""By side and part: volumes in ml, and the percentage."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Tally:
    """Voxels counted by slice, row, side (0 unknown, `RIGHT`, `LEFT`) and label.

    `counts` is (slices, rows, 3, 4) int64.
    """

    counts: IntArray = field(repr=False)
    spacing_mm: tuple[float, float, float]
    knows_sides: bool


def tally(
    label_map: ByteArray, sides: Sides | None, *, spacing_mm: tuple[float, float, float]
) -> Tally:
    """Count voxels once; every region is a weighted sum of these counts.

    Parameters
    ----------
    label_map : (slices, rows, columns) uint8
        As in `Segmentation`.
    sides
        From `find_sides` of the same map.
    spacing_mm
        Of slices, rows and columns.

    Returns
    -------
    Tally
        Background is not counted.
    """
    slices, rows, _ = label_map.shape
    kinds = 3 * len(LABELS)
    counts = np.zeros((slices, rows, 3, len(LABELS)), np.int64)
    first = np.arange(rows)[:, None] * kinds
    for index, labels in enumerate(label_map):
        if labels.any():
            kind = first + labels
            if sides is not None:
                kind += sides.side_map[index].astype(np.int64) * len(LABELS)
            found = np.bincount(kind.ravel(), minlength=rows * kinds)
            counts[index] = found.reshape(rows, 3, len(LABELS))
    counts[..., BACKGROUND] = 0
    return Tally(counts=counts, spacing_mm=spacing_mm, knows_sides=sides is not None)


def volumes(counted: Tally) -> Volumes:
    """Return the volumes of all sides and parts.

    Parameters
    ----------
    counted
        From `tally`.

    Returns
    -------
    dict
        Names of quantities as in `RegionMeasures`; None for parts of lungs that are not known.
    """
    nothing = dict.fromkeys(_named(np.zeros(len(LABELS)), counted))
    whole = {("both", "whole"): _named(counted.counts.sum(axis=(0, 1, 2)), counted)}
    found = (_of_parts(counted) if counted.knows_sides else {}) | whole
    return {key: found.get(key, nothing) for key in itertools.product(SIDES, PARTS)}


def _of_parts(counted: Tally) -> Volumes:
    """Return the volumes of each lung and of both, part by part."""
    found: Volumes = {}
    for part in PARTS:
        of = {side: _labels_in(counted, number, part) for side, number in _SIDE_NUMBERS.items()}
        found |= {(side, part): _named(one, counted) for side, one in of.items()}
        found["both", part] = _named(of["right"] + of["left"], counted)
    return found


def part_bounds(counted: Tally, side: str) -> dict[str, tuple[float, float]]:
    """Return where parts of one lung begin and end, counted in slices from 0 at the first's edge.

    Parameters
    ----------
    counted
        From `tally`, with known sides.
    side
        "right" or "left".

    Returns
    -------
    dict
        By part; "ventral" and "dorsal" are counted in rows. Empty where there is no such lung.
    """
    return dict(_bounds(counted, _SIDE_NUMBERS[side]))


def _named(labels: DoubleArray | IntArray, counted: Tally) -> dict[str, float | None]:
    """Give numbers of voxels by label as ml and percent."""
    voxel_ml = float(np.prod(counted.spacing_mm)) / 1000.0
    glass, solid = float(labels[GROUND_GLASS]), float(labels[CONSOLIDATION])
    lung = float(labels.sum())
    return {
        "lung_ml": lung * voxel_ml,
        "ground_glass_ml": glass * voxel_ml,
        "consolidation_ml": solid * voxel_ml,
        "infection_ml": (glass + solid) * voxel_ml,
        "percentage_of_infection": 100.0 * (glass + solid) / lung if lung > 0.0 else None,
    }


def _labels_in(counted: Tally, side: int, part: str) -> DoubleArray:
    """Return how many voxels of each label a part holds; a voxel may belong to it partly."""
    own = counted.counts[:, :, side]
    if part == "whole":
        whole: DoubleArray = own.sum(axis=(0, 1)).astype(np.float64)
        return whole
    bounds = dict(_bounds(counted, side)).get(part)
    if bounds is None:
        return np.zeros(len(LABELS))
    along = 0 if part in {"upper", "middle", "lower"} else 1
    places = np.arange(own.shape[along], dtype=np.float64)
    shares = np.clip(np.minimum(places + 1, bounds[1]) - np.maximum(places, bounds[0]), 0.0, 1.0)
    # The first and the last part also hold what lies beyond where the lung begins.
    start, end = _SHARES[part]
    shares[(places + 1 <= bounds[0]) & (start == 0.0)] = 1.0
    shares[(places >= bounds[1]) & (end == 1.0)] = 1.0
    found: DoubleArray = shares @ own.sum(axis=1 - along)
    return found


def _bounds(counted: Tally, side: int) -> Iterator[tuple[str, tuple[float, float]]]:
    slice_mm, row_mm, column_mm = counted.spacing_mm
    own = counted.counts[:, :, side].sum(axis=-1)
    for along, across_mm, parts in (
        (0, row_mm * column_mm, ("upper", "middle", "lower")),
        (1, slice_mm * column_mm, ("ventral", "dorsal")),
    ):
        area_cm2 = own.sum(axis=1 - along) * across_mm / 100.0
        hits = np.flatnonzero(area_cm2 >= BEGINS_CM2)
        if hits.size:
            begin, length = float(hits[0]), float(hits[-1] + 1 - hits[0])
            for part in parts:
                start, end = _SHARES[part]
                yield part, (begin + start * length, begin + end * length)
