"""Which grey levels lie side by side: the co-occurrence matrix and its features."""

from collections.abc import Mapping
from copy import copy
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from thoracle.core.arrays import DoubleArray, IntArray
from thoracle.imaging.texture.aggregation import Aggregation
from thoracle.imaging.texture.lattice import Lattice, lattices

NAMES = (
    "joint_max", "joint_avg", "joint_var", "joint_entr", "diff_avg", "diff_var", "diff_entr",
    "sum_avg", "sum_var", "sum_entr", "energy", "contrast", "dissimilarity", "inv_diff",
    "inv_diff_norm", "inv_diff_mom", "inv_diff_mom_norm", "inv_var", "corr", "auto_corr",
    "clust_tend", "clust_shade", "clust_prom", "info_corr1", "info_corr2",
)  # fmt: skip

_ONES = 2**17  # as many pairs as a region of 360 pixels a side has


def cooccurrence(lattice: Lattice, *, levels: int) -> NDArray[np.int32]:
    """Count the pairs of levels of neighbors in each direction, both ways.

    Parameters
    ----------
    lattice
        Of a region.
    levels
        The highest level.

    Returns
    -------
    (directions, levels, levels) int32
        Symmetric.
    """
    side = levels + 1  # level 0, outside, is counted and thrown away: cheaper than to look
    flat = lattice.flat
    counts = np.empty((len(lattice.steps), side, side), np.int32)
    counter = copy(_counter(side))
    ones = _ones() if flat.size <= _ONES else np.ones(flat.size, np.int32)
    for count, offset in zip(counts, lattice.offsets, strict=True):
        counter.data = ones[: flat.size - offset]
        counter.coords = (flat[:-offset], flat[offset:])  # a dense sum of these is a count of pairs
        counter.toarray(out=count)
    return (counts + counts.transpose(0, 2, 1))[:, 1:, 1:]


@lru_cache(maxsize=1)
def _ones() -> NDArray[np.int32]:
    """Return ones that are made once; nobody writes to them."""
    return np.ones(_ONES, np.int32)


@lru_cache(maxsize=64)
def _counter(side: int) -> Any:
    """Return an empty table of pairs; it is copied, since making one takes as long as counting."""
    from scipy.sparse import coo_array

    return coo_array((side, side), dtype=np.int32)


def glcm(levels: IntArray, aggregation: Aggregation) -> dict[str, float]:
    """Return the IBSI's 25 features of the grey level co-occurrence matrix.

    Parameters
    ----------
    levels : (slices, rows, columns) int64
        From 1; 0 is outside of the region.
    aggregation
        Of directions and slices.

    Returns
    -------
    dict
        By name, `cm_joint_max` to `cm_info_corr2`; NaN where no voxel has a neighbor, or all have
        one level and the feature is then undefined.

    References
    ----------
    IBSI, grey level co-occurrence based features, LFYI; neighbors at Chebyshev distance 1.
    """
    top = int(levels.max(initial=1))
    merged: dict[int, NDArray[np.int32]] = {}
    for one in lattices(levels, aggregation):
        counts = cooccurrence(one.lattice, levels=top)
        merged[one.group] = merged[one.group] + counts if one.group in merged else counts
    if not merged:
        return {f"cm_{name}": float("nan") for name in NAMES}
    stack = np.stack(list(merged.values())).astype(np.float64)
    if aggregation.merges_directions:
        stack = stack.sum(axis=1, keepdims=True)
    features = means_of(_features(stack.reshape(-1, top, top)))
    return {f"cm_{name}": features[name] for name in NAMES}


def means_of(features: Mapping[str, DoubleArray]) -> dict[str, float]:
    """Return the mean of each feature over its matrices, those without it left out."""
    table = np.stack(list(features.values()))
    known = ~np.isnan(table)
    sums = np.where(known, table, 0.0).sum(axis=1)
    means = divide(sums, known.sum(axis=1).astype(np.float64))
    return dict(zip(features, means.tolist(), strict=True))


def entropy(shares: DoubleArray) -> DoubleArray:
    """Return the entropy of shares along the last axis, in bits."""
    logs = np.log2(shares, out=np.zeros_like(shares), where=shares > 0)
    return np.asarray(-(shares * logs).sum(axis=-1))


def _features(counts: DoubleArray) -> dict[str, DoubleArray]:
    """Return each feature of each matrix; an empty matrix has none."""
    counts = counts[counts.any(axis=(1, 2))]
    if not counts.size:
        return dict.fromkeys(NAMES, np.empty(0))
    shares = counts / counts.sum(axis=(1, 2), keepdims=True)
    levels = shares.shape[1]
    grades = np.arange(1.0, levels + 1)
    marginal = shares.sum(axis=2)
    mean = marginal @ grades
    products = np.einsum("mij,i,j->m", shares, grades, grades)
    variance = marginal @ (grades * grades) - mean * mean
    whole, part = entropy(shares.reshape(len(shares), -1)), entropy(marginal)
    return {
        "joint_max": shares.max(axis=(1, 2)),
        "joint_avg": mean,
        "joint_var": variance,
        "joint_entr": whole,
        "energy": (shares * shares).sum(axis=(1, 2)),
        "corr": divide(products - mean * mean, variance),
        "auto_corr": products,
        "info_corr1": divide(whole - 2.0 * part, part),
        "info_corr2": np.sqrt(np.maximum(0.0, 1.0 - np.exp(-2.0 * (2.0 * part - whole)))),
        **_of_differences(shares),
        **_of_sums(shares, mean),
    }


def _of_differences(shares: DoubleArray) -> dict[str, DoubleArray]:
    levels = shares.shape[1]
    steps = np.arange(float(levels))
    apart = _spread(shares, np.abs(np.subtract.outer(np.arange(levels), np.arange(levels))), levels)
    mean = apart @ steps
    squares = steps * steps
    return {
        "diff_avg": mean,
        "diff_var": apart @ squares - mean * mean,
        "diff_entr": entropy(apart),
        "contrast": apart @ squares,
        "dissimilarity": mean,
        "inv_diff": apart @ (1.0 / (1.0 + steps)),
        "inv_diff_norm": apart @ (1.0 / (1.0 + steps / levels)),
        "inv_diff_mom": apart @ (1.0 / (1.0 + squares)),
        "inv_diff_mom_norm": apart @ (1.0 / (1.0 + squares / levels**2)),
        "inv_var": apart[:, 1:] @ (1.0 / squares[1:]),
    }


def _of_sums(shares: DoubleArray, mean: DoubleArray) -> dict[str, DoubleArray]:
    levels = shares.shape[1]
    sums = np.arange(2.0, 2 * levels + 1)
    places = np.add.outer(np.arange(levels), np.arange(levels))
    spread = _spread(shares, places, 2 * levels - 1)
    off = sums - 2.0 * mean[:, None]
    squares = off * off
    return {
        "sum_avg": spread @ sums,
        "sum_var": (spread * squares).sum(axis=1),
        "sum_entr": entropy(spread),
        "clust_tend": (spread * squares).sum(axis=1),
        "clust_shade": (spread * squares * off).sum(axis=1),
        "clust_prom": (spread * squares * squares).sum(axis=1),
    }


def _spread(shares: DoubleArray, places: IntArray, length: int) -> DoubleArray:
    """Sum the shares of each matrix that have one place."""
    flat = places.ravel()
    return np.stack([np.bincount(flat, one.ravel(), minlength=length) for one in shares])


def divide(one: DoubleArray, other: DoubleArray) -> DoubleArray:
    """Return quotients, NaN where there is none."""
    return np.asarray(np.divide(one, other, out=np.full(one.shape, np.nan), where=other > 0))
