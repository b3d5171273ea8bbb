"""How long grey levels run on in a straight line: the run length matrix and its features."""

from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from thoracle.core.arrays import IntArray
from thoracle.imaging.texture.aggregation import Aggregation
from thoracle.imaging.texture.lattice import lattices
from thoracle.imaging.texture.tally import MEASURES, Tally, measure_tallies, tally

NAMES = (
    "sre", "lre", "lgre", "hgre", "srlge", "srhge", "lrlge", "lrhge", "glnu", "glnu_norm",
    "rlnu", "rlnu_norm", "r_perc", "gl_var", "rl_var", "rl_entr",
)  # fmt: skip


def runs(flat: NDArray[Any], offset: int) -> tuple[NDArray[Any], IntArray]:
    """Return level and length of every run in one direction.

    Parameters
    ----------
    flat : (places,) integer
        A lattice's row, zeros between lines.
    offset
        The direction's step in the row.

    Returns
    -------
    (runs,) of its type, (runs,) int64
        Levels from 1, lengths from 1, in no order that means something.
    """
    lines = -(-flat.size // offset) + 1  # one row of zeros more keeps the lines apart
    padded = np.zeros(lines * offset + 1, flat.dtype)
    padded[1 : flat.size + 1] = flat
    along = padded
    if offset > 1:
        along[1:] = padded[1:].reshape(lines, offset).T.ravel()
    starts = np.flatnonzero(along[1:] != along[:-1])
    levels = along[1:][starts]
    lengths = np.empty_like(starts)
    np.subtract(starts[1:], starts[:-1], out=lengths[:-1])
    lengths[-1:] = 1  # the last is of zeros
    inside = levels > 0
    return levels[inside], lengths[inside]


def glrlm(levels: IntArray, aggregation: Aggregation) -> dict[str, float]:
    """Return the IBSI's 16 features of the grey level run length matrix.

    Parameters
    ----------
    levels : (slices, rows, columns) int64
        From 1; 0 is outside of the region.
    aggregation
        Of directions and slices.

    Returns
    -------
    dict
        By name, `rlm_sre` to `rlm_rl_entr`; NaN for an empty region.

    References
    ----------
    IBSI, grey level run length based features, TP0I.
    """
    measured = measure_tallies(_tallies(levels, aggregation))
    return {f"rlm_{name}": measured[each] for name, each in zip(NAMES, MEASURES, strict=False)}


def _tallies(levels: IntArray, aggregation: Aggregation) -> Iterator[Tally]:
    for one in lattices(levels, aggregation):
        directions = len(one.lattice.steps)
        for place, offset in enumerate(one.lattice.offsets):
            of_levels, lengths = runs(one.lattice.narrow, offset)
            direction = 0 if aggregation.merges_directions else place
            yield tally(
                of_levels,
                lengths,
                group=one.group * directions + direction,
                voxels=one.lattice.voxels,
            )
