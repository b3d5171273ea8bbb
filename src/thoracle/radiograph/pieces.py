"""Connected pieces of a mask, as SciPy counts them, without the time that SciPy takes to load."""

import numpy as np

from thoracle.core.arrays import BoolArray, IntArray


def label_pieces(mask: BoolArray) -> IntArray:
    """Count the pieces of a mask; pixels that share a side belong together.

    Parameters
    ----------
    mask : (rows, columns) bool
        Pieces True.

    Returns
    -------
    (rows, columns) int64
        0 outside; 1, 2, … in the order in which the pieces begin, row by row: what
        `scipy.ndimage.label` returns.
    """
    pieces = np.zeros(mask.shape, np.int64)
    if not mask.any():
        return pieces
    starts, ends = _runs(mask)
    width = mask.shape[1] + 1
    # A run touches those of the row above that begin before it ends and end after it begins.
    first = np.searchsorted(ends, starts - width, side="right")
    after = np.searchsorted(starts, ends - width, side="left")
    roots = _joined(first.tolist(), after.tolist())
    numbers = np.unique(roots, return_inverse=True)[1] + 1
    pieces[mask] = np.repeat(numbers, ends - starts)
    return pieces


def fill_holes(mask: BoolArray) -> BoolArray:
    """Fill what the mask encloses: background that no way over shared sides leads out of.

    Parameters
    ----------
    mask : (rows, columns) bool
        Pieces True.

    Returns
    -------
    (rows, columns) bool
        What `scipy.ndimage.binary_fill_holes` returns.
    """
    outside = label_pieces(np.pad(~mask, 1, constant_values=True)) == 1  # begins at the corner
    return np.asarray(~outside[1:-1, 1:-1], dtype=bool)


def _runs(mask: BoolArray) -> tuple[IntArray, IntArray]:
    """Return where each row's runs of True begin and end, counted through all rows."""
    rows, columns = mask.shape
    framed = np.zeros((rows, columns + 2), np.int8)
    framed[:, 1:-1] = mask
    steps = np.diff(framed, axis=1).ravel()  # (columns + 1) steps a row
    return np.flatnonzero(steps == 1), np.flatnonzero(steps == -1)


def _joined(first: list[int], after: list[int]) -> list[int]:
    """Return for each run the earliest run of its piece; run i touches first[i] to after[i]."""
    parents = list(range(len(first)))

    def root(run: int) -> int:
        while parents[run] != run:
            parents[run] = parents[parents[run]]
            run = parents[run]
        return run

    for run, (start, end) in enumerate(zip(first, after, strict=True)):
        for above in range(start, end):
            one, other = root(run), root(above)
            if one < other:
                parents[other] = one
            else:
                parents[one] = other
    return [root(run) for run in range(len(parents))]
