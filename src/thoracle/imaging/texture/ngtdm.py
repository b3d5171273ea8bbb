"""How a voxel's grey level differs from its neighborhood's: the tone difference matrix."""

import numpy as np

from thoracle.core.arrays import DoubleArray, IntArray
from thoracle.imaging.texture.aggregation import Aggregation
from thoracle.imaging.texture.glcm import divide, means_of
from thoracle.imaging.texture.lattice import Grouped, Lattice, lattices

NAMES = ("coarseness", "contrast", "busyness", "complexity", "strength")


def ngtdm(levels: IntArray, aggregation: Aggregation) -> dict[str, float]:
    """Return the IBSI's 5 features of the neighborhood grey tone difference matrix.

    Parameters
    ----------
    levels : (slices, rows, columns) int64
        From 1; 0 is outside of the region.
    aggregation
        Of slices.

    Returns
    -------
    dict
        By name, `ngt_coarseness` to `ngt_strength`; NaN where no voxel has a neighbor, or where
        all are alike and the feature is then undefined.

    References
    ----------
    IBSI, neighbourhood grey tone difference based features, IPET; Chebyshev distance 1.
    """
    return tone_features(list(lattices(levels, aggregation)))


def tone_features(grouped: list[Grouped]) -> dict[str, float]:
    """Return the features of regions that are laid out already."""
    top = max((int(one.lattice.levels.max()) for one in grouped), default=1)
    sums: dict[int, DoubleArray] = {}
    for one in grouped:
        found = tone_differences(one.lattice, levels=top)
        sums[one.group] = sums.get(one.group, np.zeros((2, top))) + found
    table = np.array([_features(*one) for one in sums.values()]).reshape(-1, len(NAMES))
    names = [f"ngt_{name}" for name in NAMES]
    return means_of(dict(zip(names, table.T, strict=True)))


def tone_differences(lattice: Lattice, *, levels: int) -> DoubleArray:
    """Count the voxels that have neighbors and sum what they differ from them, by level.

    Parameters
    ----------
    lattice
        Of a region.
    levels
        The highest level.

    Returns
    -------
    (2, levels) float64
        Counts, then sums.
    """
    inside = lattice.levels > 0
    is_slice = len({step[0] for step in lattice.steps}) == 1
    axes = (1, 2) if is_slice else (0, 1, 2)
    around = _window_sum(inside.astype(np.int32), axes) - 1
    total = _window_sum(lattice.levels.astype(np.int32), axes)
    wanted = inside & (around > 0)
    own = lattice.levels[wanted]
    differences = np.abs(own - (total[wanted] - own) / around[wanted])
    return np.stack(
        [
            np.bincount(own, minlength=levels + 1)[1:].astype(np.float64),
            np.bincount(own, differences, minlength=levels + 1)[1:],
        ]
    )


def _window_sum(values: IntArray, axes: tuple[int, ...]) -> IntArray:
    """Sum each voxel and its neighbors, 3 along each axis, nothing beyond the edge."""
    for axis in axes:
        summed = values.copy()
        one, other = [slice(None)] * 3, [slice(None)] * 3
        one[axis], other[axis] = slice(None, -1), slice(1, None)
        summed[tuple(one)] += values[tuple(other)]
        summed[tuple(other)] += values[tuple(one)]
        values = summed
    return values


def _features(counts: DoubleArray, differences: DoubleArray) -> tuple[float, ...]:
    present = np.flatnonzero(counts)
    grades, number = present + 1.0, counts.sum()
    if not present.size:
        return (float("nan"),) * len(NAMES)
    share, differ = counts[present] / number, differences[present]
    apart = np.abs(np.subtract.outer(grades, grades))
    both = np.add.outer(share, share)
    weighted = np.add.outer(share * differ, share * differ)
    spread = float(share @ differ)
    distinct = present.size * (present.size - 1.0)
    toned = np.abs(np.subtract.outer(grades * share, grades * share)).sum()
    quotients = divide(
        np.array(
            [
                1.0,
                float(share @ (apart**2) @ share) * differ.sum(),
                spread,
                float((apart * weighted / both).sum()),
                float((both * apart**2).sum()),
            ]
        ),
        np.array([spread, distinct * number, toned, number, differ.sum()]),
    )
    return tuple(float(one) for one in quotients)
