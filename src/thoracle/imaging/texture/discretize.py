"""From grey values to grey levels: a fixed number of bins, or bins of a fixed size."""

import numpy as np

from thoracle.core.arrays import DoubleArray, IntArray

_NO_RANGE = 1e-300  # bins divided by less is infinite


def fixed_bin_number(
    values: DoubleArray, *, bins: int, lowest: float | None = None, highest: float | None = None
) -> IntArray:
    """Sort values into as many bins of equal width as asked for.

    Parameters
    ----------
    values : (...,) float
        Any range.
    bins
        At least 1.
    lowest, highest
        Ends of the first and the last bin, which also take what lies beyond; None means the
        smallest and the largest value.

    Returns
    -------
    (...,) int64
        1 to `bins`; all 1 where there is no range that a float can be divided by.

    References
    ----------
    IBSI, fixed bin number, K15C.
    """
    if not values.size:
        return np.zeros(values.shape, np.int64)
    low = float(values.min()) if lowest is None else lowest
    high = float(values.max()) if highest is None else highest
    if not high - low > _NO_RANGE:
        return np.ones(values.shape, np.int64)
    levels = np.floor((values - low) * (bins / (high - low)))
    return np.clip(levels, 0, bins - 1).astype(np.int64) + 1


def fixed_bin_size(values: DoubleArray, *, size: float, lowest: float) -> IntArray:
    """Sort values into bins of a width, counted from a value.

    Parameters
    ----------
    values : (...,) float
        In the unit of `size`.
    size
        Width of a bin, above 0.
    lowest
        Where the first bin begins; it also takes what lies below.

    Returns
    -------
    (...,) int64
        From 1.

    References
    ----------
    IBSI, fixed bin size, Q3RU.
    """
    levels = np.floor((values - lowest) / size)
    return np.maximum(levels, 0).astype(np.int64) + 1
