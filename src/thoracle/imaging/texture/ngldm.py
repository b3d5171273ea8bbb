"""How many neighbors share a voxel's grey level: the dependence matrix and its features."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from thoracle.core.arrays import IntArray
from thoracle.imaging.texture.aggregation import Aggregation
from thoracle.imaging.texture.lattice import Grouped, Lattice, lattices
from thoracle.imaging.texture.tally import MEASURES, measure_tallies, tally

NAMES = (
    "lde", "hde", "lgce", "hgce", "ldlge", "ldhge", "hdlge", "hdhge", "glnu", "glnu_norm",
    "dcnu", "dcnu_norm", "dc_perc", "gl_var", "dc_var", "dc_entr", "dc_energy",
)  # fmt: skip


def ngldm(levels: IntArray, aggregation: Aggregation) -> dict[str, float]:
    """Return the IBSI's 17 features of the neighboring grey level dependence matrix.

    PyRadiomics calls it GLDM.

    Parameters
    ----------
    levels : (slices, rows, columns) int64
        From 1; 0 is outside of the region.
    aggregation
        Of slices.

    Returns
    -------
    dict
        By name, `ngl_lde` to `ngl_dc_energy`; NaN for an empty region.

    References
    ----------
    IBSI, neighbouring grey level dependence based features, REK0; Chebyshev distance 1,
    coarseness 0.
    """
    return dependence_features(list(lattices(levels, aggregation)))


def dependence_features(grouped: list[Grouped]) -> dict[str, float]:
    """Return the features of regions that are laid out already."""
    measured = measure_tallies(
        tally(*dependences(one.lattice), group=one.group, voxels=one.lattice.voxels)
        for one in grouped
    )
    return {f"ngl_{name}": measured[each] for name, each in zip(NAMES, MEASURES, strict=True)}


def dependences(lattice: Lattice) -> tuple[NDArray[Any], NDArray[np.int8]]:
    """Return each voxel's level, and how many neighbors have it, itself counted too."""
    flat = lattice.narrow
    counts = np.ones(flat.size, np.int8)
    for offset, is_equal in zip(lattice.offsets, lattice.equal, strict=True):
        counts[:-offset] += is_equal
        counts[offset:] += is_equal
    inside = flat > 0
    return flat[inside], counts[inside]
