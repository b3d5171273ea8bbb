"""Zones: neighboring voxels of one grey level, with their sizes and distances to the border."""

from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from thoracle.core.arrays import IntArray
from thoracle.imaging.texture.lattice import Lattice


@dataclass(frozen=True, slots=True, kw_only=True)
class Zones:
    """The zones of a region.

    Attributes
    ----------
    levels, sizes, distances : (zones,) integer
        Grey level, voxels, and steps over shared sides from the nearest voxel outside of the
        region, at least 1.
    """

    levels: NDArray[Any] = field(repr=False)
    sizes: IntArray = field(repr=False)
    distances: IntArray = field(repr=False)


def find_zones(lattice: Lattice, *, with_distances: bool = True) -> Zones:
    """Join neighbors of one level, also over corners, into zones.

    Parameters
    ----------
    lattice
        Of a region that is not empty.
    with_distances
        Whether distances are measured; else they are 0.

    Returns
    -------
    Zones
        In no order that means something.
    """
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    flat = lattice.narrow
    # Runs along columns are joined already; what is joined further are runs.
    starts = np.concatenate([[0], np.flatnonzero(flat[1:] != flat[:-1]) + 1])
    lengths = np.diff(starts, append=flat.size)
    run_of = np.repeat(np.arange(starts.size, dtype=np.int32), lengths)
    ones, others = [], []
    for offset, is_equal in zip(lattice.offsets, lattice.equal, strict=True):
        if offset > 1:
            places = np.flatnonzero(is_equal)
            ones.append(run_of[places])
            others.append(run_of[places + offset])
    one, other = np.concatenate(ones), np.concatenate(others)
    links = coo_array((np.ones(one.size, np.int8), (one, other)), shape=(starts.size,) * 2)
    count, zone_of_run = connected_components(links, directed=False)
    levels = np.zeros(count, flat.dtype)
    levels[zone_of_run] = flat[starts]
    sizes = np.bincount(zone_of_run, lengths, minlength=count).astype(np.int64)
    distances = np.zeros(count, np.int64)
    if with_distances:
        distances[:] = flat.size
        np.minimum.at(distances, zone_of_run, np.minimum.reduceat(_steps_out(lattice), starts))
    inside = levels > 0
    return Zones(levels=levels[inside], sizes=sizes[inside], distances=distances[inside])


def _steps_out(lattice: Lattice) -> IntArray:
    """Return how many steps over shared sides lead out of the region, laid out in the row."""
    from scipy.ndimage import distance_transform_cdt

    slices, rows, columns = lattice.levels.shape
    inside = np.pad(lattice.levels > 0, 1)
    if len({step[0] for step in lattice.steps}) == 1:  # a slice has nothing above and below
        inside = inside[1:-1]
        steps = distance_transform_cdt(inside[0], "taxicab")[None, 1:, 1:]
    else:
        steps = distance_transform_cdt(inside, "taxicab")[1:-1, 1:, 1:]
    return np.asarray(steps, np.int64).reshape(slices * (rows + 1) * (columns + 1))
