"""Runs, zones and dependences counted by level and size, and the features of such a count."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from thoracle.core.arrays import DoubleArray, IntArray
from thoracle.imaging.texture.glcm import divide, entropy, means_of

MEASURES = (
    "low", "high", "low_grey", "high_grey", "low_low", "low_high", "high_low", "high_high",
    "grey_nu", "grey_nu_norm", "size_nu", "size_nu_norm", "share", "grey_var", "size_var",
    "size_entr", "size_energy",
)  # fmt: skip
"""What is measured of each such matrix: sizes low and high, greys low and high, and so on."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Tally:
    """Runs, zones or dependences of one matrix, counted, before matrices are merged.

    Attributes
    ----------
    group
        Which matrix they belong to after merging.
    counts : (levels, sizes) int64
        From level 1.
    sizes : (sizes,) int64
        Those that occur, ascending.
    voxels
        How many voxels the region has.
    """

    group: int
    counts: IntArray = field(repr=False)
    sizes: IntArray = field(repr=False)
    voxels: int


def tally(levels: NDArray[Any], sizes: NDArray[Any], *, group: int, voxels: int) -> Tally:
    """Count things by level and size.

    Parameters
    ----------
    levels, sizes : (things,) integer
        Of each, from 1.
    group
        Which matrix they belong to after merging.
    voxels
        How many voxels the region has.

    Returns
    -------
    Tally
        With a column for each size that occurs.
    """
    top = int(levels.max(initial=0))
    present = np.flatnonzero(np.bincount(sizes))
    column = np.zeros(int(sizes.max(initial=0)) + 1, np.int64)
    column[present] = np.arange(present.size)
    places = column[sizes]
    places += (levels - np.uint8(1)).astype(np.int64) * present.size
    counts = np.bincount(places, minlength=top * present.size)
    return Tally(
        group=group, counts=counts.reshape(top, present.size), sizes=present, voxels=voxels
    )


def measure_tallies(tallies: Iterable[Tally]) -> dict[str, float]:
    """Return what is measured of runs, zones or dependences, averaged over the matrices.

    Parameters
    ----------
    tallies
        Of all slices and directions.

    Returns
    -------
    dict
        By `MEASURES`; NaN where nothing was found.

    References
    ----------
    IBSI, grey level run length, size zone, distance zone and dependence matrices.
    """
    found = [one for one in tallies if one.sizes.size]
    if not found:
        return dict.fromkeys(MEASURES, float("nan"))
    counts, sizes, voxels = _merged(found)
    return means_of(_measures(counts, sizes, voxels))


def _merged(found: list[Tally]) -> tuple[DoubleArray, DoubleArray, DoubleArray]:
    """Return the counts, (matrices, levels, sizes), the sizes, and each matrix's voxels."""
    groups = sorted({one.group for one in found})
    sizes = np.unique(np.concatenate([one.sizes for one in found]))
    top = max(len(one.counts) for one in found)
    counts = np.zeros((len(groups), top, sizes.size))
    voxels = np.zeros(len(groups))
    for one in found:
        place = groups.index(one.group)
        counts[place, : len(one.counts), np.searchsorted(sizes, one.sizes)] += one.counts.T
        voxels[place] += one.voxels
    return counts, sizes.astype(np.float64), voxels


def _measures(
    counts: DoubleArray, sizes: DoubleArray, voxels: DoubleArray
) -> dict[str, DoubleArray]:
    number = counts.sum(axis=(1, 2))
    shares = counts / number[:, None, None]
    by_grey, by_size = shares.sum(axis=2), shares.sum(axis=1)
    grey_2 = np.arange(1.0, counts.shape[1] + 1) ** 2
    size_2 = sizes**2
    small, large = shares @ (1.0 / size_2), shares @ size_2  # (matrices, levels)
    grey_squares, size_squares = (by_grey**2).sum(axis=1), (by_size**2).sum(axis=1)
    return {
        "low": by_size @ (1.0 / size_2),
        "high": by_size @ size_2,
        "low_grey": by_grey @ (1.0 / grey_2),
        "high_grey": by_grey @ grey_2,
        "low_low": small @ (1.0 / grey_2),
        "low_high": small @ grey_2,
        "high_low": large @ (1.0 / grey_2),
        "high_high": large @ grey_2,
        "grey_nu": grey_squares * number,
        "grey_nu_norm": grey_squares,
        "size_nu": size_squares * number,
        "size_nu_norm": size_squares,
        "share": divide(number, voxels),
        "grey_var": by_grey @ grey_2 - (by_grey @ np.sqrt(grey_2)) ** 2,
        "size_var": by_size @ size_2 - (by_size @ sizes) ** 2,
        "size_entr": entropy(shares.reshape(len(shares), -1)),
        "size_energy": (shares**2).sum(axis=(1, 2)),
    }
