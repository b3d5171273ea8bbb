"""A sliding window over a volume: overlapping tiles, joined with Gaussian weights."""

from collections.abc import Callable
from dataclasses import dataclass
from itertools import product
from typing import Final

import numpy as np

from thoracle.core.arrays import FloatArray

SIGMA_SHARE: Final = 0.125
"""Of a tile's side: the Gaussian's standard deviation, as in nnU-Net (Isensee et al. 2021)."""
WEIGHT_MIN: Final = 1e-3  # of the largest weight, so that a corner seen once still counts.

Shape = tuple[int, int, int]
Predict = Callable[[FloatArray], FloatArray]


@dataclass(frozen=True, slots=True, kw_only=True)
class Tiling:
    """How a volume is cut.

    Attributes
    ----------
    tile
        Slices, rows and columns of the largest tile, multiples of `step`; a smaller volume is one
        tile, filled up.
    step
        The network's input must be multiples of these.
    overlap
        Share of a tile that the next one sees again, 0 or more and below 1.
    """

    tile: Shape
    step: Shape
    overlap: float


def slide(volume: FloatArray, predict: Predict, tiling: Tiling, *, labels: int) -> FloatArray:
    """Predict a volume tile by tile and join the answers.

    Parameters
    ----------
    volume : (slices, rows, columns) float32
        The network's input; where a tile is larger, the volume's edge is repeated.
    predict
        From a tile (slices, rows, columns) to logits (labels, slices, rows, columns).
    tiling
        How to cut.
    labels
        How many labels there are.

    Returns
    -------
    (labels, slices, rows, columns) float32
        The mean of the tiles' logits, weighted by a Gaussian around each tile's middle.
    """
    size = tuple(_side(*one) for one in zip(volume.shape, tiling.tile, tiling.step, strict=True))
    more = [max(0, side - have) for side, have in zip(size, volume.shape, strict=True)]
    filled = np.pad(volume, [(0, one) for one in more], mode="edge") if any(more) else volume
    total = np.zeros((labels, *filled.shape), np.float32)
    weight_sum = np.zeros(filled.shape, np.float32)
    weights = gaussian_weights((size[0], size[1], size[2]))
    starts = (
        tile_starts(have, side, overlap=tiling.overlap)
        for have, side in zip(filled.shape, size, strict=True)
    )
    for corner in product(*starts):
        place = tuple(slice(at, at + side) for at, side in zip(corner, size, strict=True))
        logits = predict(np.ascontiguousarray(filled[place]))
        total[(slice(None), *place)] += logits * weights
        weight_sum[place] += weights
    total /= weight_sum
    return total[:, : volume.shape[0], : volume.shape[1], : volume.shape[2]]


def tile_starts(length: int, side: int, *, overlap: float) -> tuple[int, ...]:
    """Return where tiles begin on an axis: evenly, from one end to the other.

    Parameters
    ----------
    length, side
        Of the axis, and of a tile, which is no longer.
    overlap
        Share of a tile that the next one sees again at least.

    Returns
    -------
    tuple of int
        The first is 0, the last ends at `length`.
    """
    if length <= side:
        return (0,)
    stride = max(1, int(side * (1.0 - overlap)))
    count = 1 + -(-(length - side) // stride)
    return tuple(round(one * (length - side) / (count - 1)) for one in range(count))


def gaussian_weights(tile: Shape) -> FloatArray:
    """Return a tile's weights: 1 in the middle, a thousandth at least.

    Parameters
    ----------
    tile
        Slices, rows and columns.

    Returns
    -------
    (slices, rows, columns) float32
        A Gaussian whose standard deviation is an eighth of each side.

    References
    ----------
    Isensee et al., nnU-Net, Nature Methods 2021.
    """
    sides = []
    for side in tile:
        apart = (np.arange(side) - (side - 1) / 2) / (SIGMA_SHARE * side)
        sides.append(np.exp(-0.5 * apart**2))
    whole = np.einsum("i,j,k->ijk", *sides)
    return np.asarray(np.maximum(whole / whole.max(), WEIGHT_MIN), np.float32)


def _side(have: int, tile: int, step: int) -> int:
    return min(tile, -(-have // step) * step)
