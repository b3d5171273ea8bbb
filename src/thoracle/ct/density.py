"""HU of the lung and of what is ill in it: mean, spread and histogram by voxels."""

from collections.abc import Iterator
from typing import Final

import numpy as np
from numpy.typing import NDArray

from thoracle.core.arrays import ByteArray, IntArray
from thoracle.ct.measures import COMPARTMENTS, HISTOGRAM_HU, SIDES
from thoracle.ct.sides import LEFT, RIGHT, Sides
from thoracle.ct.types import BACKGROUND, LABELS

_VALUES: Final = 2**16  # of int16
_LOWEST: Final = -(2**15)
_SIDES: Final = {"right": RIGHT, "left": LEFT}

Counts = IntArray
"""(3 sides, 4 labels, 65536) int64: how many voxels have each HU, from −32768."""


def count_hu(hu: NDArray[np.int16], label_map: ByteArray, sides: Sides | None) -> Counts:
    """Count voxels by side, label and HU, slice by slice.

    Parameters
    ----------
    hu : (slices, rows, columns) int16
        The scan's own HU.
    label_map : (slices, rows, columns) uint8
        As in `Segmentation`.
    sides
        From `find_sides`; None counts all lung as of side 0.

    Returns
    -------
    (3, 4, 65536) int64
        Exact: nothing is binned yet.
    """
    counts = np.zeros(3 * len(LABELS) * _VALUES, np.int64)
    for index, labels in enumerate(label_map):
        inside = labels != BACKGROUND
        if inside.any():
            kind = labels[inside].astype(np.int64)
            if sides is not None:
                kind += sides.side_map[index][inside].astype(np.int64) * len(LABELS)
            places = kind * _VALUES + hu[index][inside] - _LOWEST
            counts += np.bincount(places, minlength=counts.size)
    return counts.reshape(3, len(LABELS), _VALUES)


def by_compartment(counts: Counts, *, knows_sides: bool) -> Iterator[tuple[str, str, IntArray]]:
    """Yield each side and compartment with its voxels by HU, (65536,).

    Parameters
    ----------
    counts
        From `count_hu`.
    knows_sides
        Whether sides were told apart; else only "both" is yielded.
    """
    for side in SIDES if knows_sides else SIDES[:1]:
        labels = counts.sum(axis=0) if side == "both" else counts[_SIDES[side]]
        for number, compartment in enumerate(COMPARTMENTS):
            yield side, compartment, labels.sum(axis=0) if number == 0 else labels[number]


def mean_hu(voxels: IntArray) -> float | None:
    """Return the mean HU of voxels counted by HU; None of none."""
    total = int(voxels.sum())
    return float(voxels @ _hu() / total) if total else None


def spread_hu(voxels: IntArray) -> float | None:
    """Return the standard deviation over voxels; None of none."""
    mean = mean_hu(voxels)
    if mean is None:
        return None
    return float(np.sqrt(voxels @ (_hu() - mean) ** 2 / voxels.sum()))


def percentile_hu(voxels: IntArray, percent: float) -> float | None:
    """Return the HU below or at which a share of the voxels lies; None of none."""
    total = int(voxels.sum())
    if not total:
        return None
    return float(np.searchsorted(np.cumsum(voxels), percent / 100.0 * total) + _LOWEST)


def histogram_ml(voxels: IntArray, *, voxel_ml: float) -> tuple[float, ...]:
    """Return the volume below `HISTOGRAM_HU`, in each of its bins, and above."""
    start, end, width = HISTOGRAM_HU
    edges = [0, *(np.arange(start, end + 1, width) - _LOWEST)]
    return tuple((np.add.reduceat(voxels, edges) * voxel_ml).tolist())


def _hu() -> NDArray[np.float64]:
    return np.arange(_VALUES, dtype=np.float64) + _LOWEST
