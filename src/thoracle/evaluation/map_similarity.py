"""How alike two maps of one film are: rank correlation and structural similarity."""

import numpy as np
import scipy

from thoracle.core.arrays import DoubleArray, FloatArray
from thoracle.core.errors import EvaluationError

_SSIM_SIGMA = 1.5  # Gaussian window of the paper; cut off at 3.5 sigma, 11 pixels, as there.
_TRUNCATE = 3.5
_STABILIZERS = (0.01**2, 0.03**2)  # K1, K2 of the paper, for a range of 1.


def rank_correlation(first: FloatArray, second: FloatArray) -> float:
    """Return Spearman's correlation of two maps' values.

    Parameters
    ----------
    first, second : (rows, columns) float32
        On one grid.

    Returns
    -------
    float
        -1 to 1. 0 where one map is flat and the other is not: they order nothing alike; NaN where
        both are flat.

    Raises
    ------
    EvaluationError
        The maps are of different shapes.
    """
    if first.shape != second.shape:
        raise EvaluationError(
            f"found maps of {first.shape} and {second.shape} – expected one grid. Resize one.",
            code="evaluation-shape",
        )
    flat = [float(np.ptp(one)) == 0.0 for one in (first, second)]
    if any(flat):
        return np.nan if all(flat) else 0.0
    ranks = [scipy.stats.rankdata(one) for one in (first, second)]
    return float(np.atleast_2d(np.corrcoef(ranks))[0, 1])


def structural_similarity(first: FloatArray, second: FloatArray) -> float:
    """Return the mean SSIM of two maps, each first stretched to 0…1.

    Parameters
    ----------
    first, second : (rows, columns) float32
        On one grid of at least 11 a side.

    Returns
    -------
    float
        -1 to 1; 1 for maps that differ in scale and offset only.

    Raises
    ------
    EvaluationError
        The maps are of different shapes, or smaller than the window.

    References
    ----------
    Wang et al., Image quality assessment, IEEE Trans. Image Processing 2004.
    """
    radius = int(_TRUNCATE * _SSIM_SIGMA + 0.5)
    if first.shape != second.shape or min(first.shape) < 2 * radius + 1:
        raise EvaluationError(
            f"found maps of {first.shape} and {second.shape} – expected one grid of at least "
            f"{2 * radius + 1} a side. Resize them.",
            code="evaluation-shape",
        )
    x, y = _unit(first), _unit(second)
    mean_x, mean_y = _window(x), _window(y)
    spread_x, spread_y = _window(x * x) - mean_x**2, _window(y * y) - mean_y**2
    together = _window(x * y) - mean_x * mean_y
    low, high = _STABILIZERS
    local = ((2 * mean_x * mean_y + low) * (2 * together + high)) / (
        (mean_x**2 + mean_y**2 + low) * (spread_x + spread_y + high)
    )
    return float(local[radius:-radius, radius:-radius].mean())


def _window(values: DoubleArray) -> DoubleArray:
    return np.asarray(scipy.ndimage.gaussian_filter(values, _SSIM_SIGMA, truncate=_TRUNCATE))


def _unit(values: FloatArray) -> DoubleArray:
    shifted = values.astype(np.float64) - float(values.min())
    top = float(shifted.max())
    return shifted / top if top > 0.0 else shifted
