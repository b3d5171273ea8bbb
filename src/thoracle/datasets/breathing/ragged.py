"""Lists of different length, one of each window, in one array that is padded with NaN."""

import numpy as np

from thoracle.core.arrays import DoubleArray, IntArray


def padded(values: DoubleArray, rows: IntArray, count: int) -> DoubleArray:
    """Put values into a row each, in the order in which they come.

    Parameters
    ----------
    values : (values, ...) float64
        All rows' one after the other.
    rows : (values,) int64
        Which row each belongs to, never falling.
    count
        How many rows there are.

    Returns
    -------
    (count, longest, ...) float64
        NaN after a row's last value.
    """
    lengths = np.bincount(rows, minlength=count)
    made = np.full((count, int(lengths.max(initial=0)), *values.shape[1:]), np.nan)
    made[rows, within(lengths)] = values
    return made


def within(lengths: IntArray) -> IntArray:
    """Return 0, 1, 2 … anew for each of several lists, one list after the other.

    >>> within(np.array([2, 0, 3])).tolist()
    [0, 1, 0, 1, 2]
    """
    ends = np.cumsum(lengths)
    total = int(ends[-1]) if lengths.size else 0
    begins: IntArray = np.arange(total) - np.repeat(ends - lengths, lengths)
    return begins


def counts(values: DoubleArray) -> IntArray:
    """Return how many of each row's values are there, `values` being padded with NaN.

    Parameters
    ----------
    values : (windows, longest) float64
        As `padded` makes them; of pairs, give the first of each.

    Returns
    -------
    (windows,) int64
    """
    found: IntArray = np.count_nonzero(~np.isnan(values), axis=1).astype(np.int64)
    return found
