"""From the probabilities of a case's regions to one of the case: four ways to pool them."""

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Final

import numpy as np
import scipy

from thoracle.core.arrays import DoubleArray

_NEAREST: Final = 1e-6  # to 0 and 1: a surer region would outweigh all others without end.


def noisy_or(probabilities: DoubleArray) -> float:
    """Return the probability that at least one region is of a kind, regions being independent.

    Parameters
    ----------
    probabilities : (regions,) float64
        That each is of the kind.

    Returns
    -------
    float
        1 − Π (1 − p); 0 without regions. It never falls when a region is added.

    References
    ----------
    Pearl 1988; as Xu et al. 2020 (Engineering 6:1122) join regions of a chest CT.
    """
    return float(1.0 - np.prod(1.0 - probabilities))


def maximum(probabilities: DoubleArray) -> float:
    """Return the largest of the (regions,) probabilities; NaN without regions."""
    return float(probabilities.max()) if probabilities.size else float("nan")


def mean(probabilities: DoubleArray) -> float:
    """Return the mean of the (regions,) probabilities; NaN without regions."""
    return float(probabilities.mean()) if probabilities.size else float("nan")


def logistic(probabilities: DoubleArray) -> float:
    """Return the probability whose log odds are the mean of the regions'.

    Parameters
    ----------
    probabilities : (regions,) float64
        Counted as at least 1e-6 away from 0 and 1.

    Returns
    -------
    float
        0 to 1; NaN without regions.
    """
    if not probabilities.size:
        return float("nan")
    odds = scipy.special.logit(np.clip(probabilities, _NEAREST, 1.0 - _NEAREST))
    return float(scipy.special.expit(odds.mean()))


POOLINGS: Final[Mapping[str, Callable[[DoubleArray], float]]] = MappingProxyType(
    {"noisy_or": noisy_or, "maximum": maximum, "mean": mean, "logistic": logistic}
)
