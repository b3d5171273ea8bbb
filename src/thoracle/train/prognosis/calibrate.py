"""Calibrate risks and forecast intervals on patients that networks never saw."""

from typing import Final

import numpy as np
import scipy

from thoracle.core.arrays import DoubleArray, FloatArray
from thoracle.prognosis.calibration import Calibration
from thoracle.prognosis.forecast import AHEAD_DAYS
from thoracle.prognosis.types import HORIZONS

WIDTH: Final = 0.95
SLOPES: Final = (0.1, 10.0)  # beyond these risks are all one, or 0 and 1: too few patients
PRIOR_SD: Final = 3.0  # of intercepts, weak: where nobody or everybody died, one stays finite
CHANGE_SD: Final = 1.0  # of what intercepts, and the slope's logarithm, change with what is known


def fit_calibration(
    logits: DoubleArray, labels: DoubleArray, weights: DoubleArray, *, known: DoubleArray
) -> Calibration:
    """Fit a slope, and an intercept of each horizon, by weighted maximum likelihood.

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
    covariate. The slope is shared, so that the order of horizons is kept nearly everywhere.
    """
    is_known = ~np.isnan(labels)
    wanted = np.where(is_known, labels, 0.0)
    share = is_known * weights[:, None]
    rows = np.stack([np.ones_like(known), known])
    sd = np.concatenate([[np.inf, CHANGE_SD], np.repeat([PRIOR_SD, CHANGE_SD], len(HORIZONS))])

    def loss(parameters: DoubleArray) -> tuple[float, DoubleArray]:
        slopes = np.exp(rows.T @ parameters[:2])[:, None]
        shown = slopes * logits + rows.T @ parameters[2:].reshape(2, -1)
        own = share * (np.logaddexp(0.0, shown) - wanted * shown)
        off = share * (scipy.special.expit(shown) - wanted)
        bent = rows @ (off * slopes * logits).sum(axis=1)
        steep = np.concatenate([bent, (rows @ off).ravel()]) + parameters / sd**2
        return float(own.sum() + 0.5 * ((parameters / sd) ** 2).sum()), steep

    bounds = [tuple(np.log(SLOPES)), *[(None, None)] * (len(sd) - 1)]
    found = scipy.optimize.minimize(
        loss, np.zeros_like(sd), jac=True, method="L-BFGS-B", bounds=bounds
    ).x
    ends = np.array([[1.0, 0.0], [1.0, 1.0]])
    return Calibration(slopes=np.exp(ends @ found[:2]), intercepts=ends @ found[2:].reshape(2, -1))


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
