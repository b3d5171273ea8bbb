"""Calibrate risks and forecast intervals on patients that networks never saw."""

from typing import Final

import numpy as np
import scipy

from thoracle.core.arrays import DoubleArray, FloatArray
from thoracle.prognosis.calibration import Calibration
from thoracle.prognosis.forecast import AHEAD_DAYS
from thoracle.prognosis.types import HORIZONS

WIDTH: Final = 0.95
_SHAPE: Final = (2, len(HORIZONS))  # where nothing is known, and how much all changes it
SLOPES: Final = (0.1, 10.0)  # beyond these risks are all one, or 0 and 1: too few patients
PRIOR_SD: Final = 3.0  # of intercepts, weak: where nobody or everybody died, one stays finite
CHANGE_SD: Final = 1.0  # of what intercepts, and logarithms of slopes, change with what is known


def fit_calibration(
    logits: DoubleArray, labels: DoubleArray, weights: DoubleArray, *, known: DoubleArray
) -> Calibration:
    """Fit slopes and intercepts of each horizon by weighted maximum likelihood.

    Parameters
    ----------
    logits : (examples, 4) float64
        Of patients that the networks never saw.
    labels : (examples, 4) float64
        NaN where nobody knows.
    weights : (examples,) float64
        How much each counts.
    known : (examples,) float64
        Share of the variables that is known.

    Returns
    -------
    Calibration
        Of nothing at all, one that changes nothing.

    References
    ----------
    Platt 1999, Probabilistic outputs for support vector machines; here with what is known as a
    covariate.
    """
    is_known = ~np.isnan(labels)
    wanted = np.where(is_known, labels, 0.0)
    share = is_known * weights[:, None]
    rows = np.stack([np.ones_like(known), known])
    sd = np.array([[PRIOR_SD], [CHANGE_SD]])

    def loss(parameters: DoubleArray) -> tuple[float, DoubleArray]:
        logs, intercepts = parameters.reshape(2, *_SHAPE)
        slopes = np.exp(rows.T @ logs)
        shown = slopes * logits + rows.T @ intercepts
        own = share * (np.logaddexp(0.0, shown) - wanted * shown)
        off = share * (scipy.special.expit(shown) - wanted)
        kept = np.stack([logs * [[0.0], [1.0 / CHANGE_SD**2]], intercepts / sd**2])
        steep = np.stack([rows @ (off * slopes * logits), rows @ off]) + kept
        return float(own.sum() + 0.5 * (kept * parameters.reshape(kept.shape)).sum()), steep.ravel()

    ends = [tuple(np.log(SLOPES))] * len(HORIZONS)
    bounds = [*ends, *[(None, None)] * (3 * len(HORIZONS))]
    start = np.zeros(4 * len(HORIZONS))
    found = scipy.optimize.minimize(loss, start, jac=True, method="L-BFGS-B", bounds=bounds).x
    at_ends = np.array([[1.0, 0.0], [1.0, 1.0]]) @ found.reshape(2, *_SHAPE)
    return Calibration(slopes=np.exp(at_ends[0]), intercepts=at_ends[1])


def fit_widening(quantiles: DoubleArray, ahead: FloatArray) -> DoubleArray:
    """Return how many times as wide forecast intervals must be to hold 95 % of what came.

    Parameters
    ----------
    quantiles : (examples, 2, inputs, 3) float64
        Of patients that the networks never saw.
    ahead : (examples, 2, inputs) float32
        What was measured; NaN where nothing was.

    Returns
    -------
    (2,) float64
        In one and three days; 1 where nothing was measured.

    References
    ----------
    Romano et al. 2019, Conformalized quantile regression; here scaled, by one number for all
    variables.
    """
    widening = np.ones(len(AHEAD_DAYS))
    for number in range(len(AHEAD_DAYS)):
        found = ahead[:, number]
        low, middle, high = np.moveaxis(quantiles[:, number], -1, 0)
        reach = np.where(found > middle, high - middle, middle - low)
        share = np.abs(found - middle) / np.maximum(reach, 1e-6)
        known = share[~np.isnan(share)]
        if known.size:
            widening[number] = float(np.quantile(known, WIDTH))
    return widening
