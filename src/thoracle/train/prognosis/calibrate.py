"""Calibrate risks and forecast intervals on patients that networks never saw."""

from typing import Final, NamedTuple

import numpy as np
import scipy

from thoracle.core.arrays import DoubleArray, FloatArray
from thoracle.prognosis.forecast import AHEAD_DAYS
from thoracle.prognosis.model import never_falling
from thoracle.prognosis.types import HORIZONS

WIDTH: Final = 0.95
SLOPES: Final = (0.1, 10.0)  # beyond these risks are all one, or 0 and 1: too few patients
PRIOR_SD: Final = 3.0  # of intercepts, weak: where nobody or everybody died, one stays finite


class Calibration(NamedTuple):
    """Mean logits are divided by `temperature`; then `intercepts`, (4,) float64, are added."""

    temperature: float
    intercepts: DoubleArray


def fit_calibration(logits: DoubleArray, labels: DoubleArray, weights: DoubleArray) -> Calibration:
    """Fit one slope, and an intercept for each horizon, by weighted maximum likelihood.

    Parameters
    ----------
    logits : (examples, 4) float64
        Of patients that the networks never saw.
    labels : (examples, 4) float64
        NaN where nobody knows.
    weights : (examples,) float64
        How much each counts.

    Returns
    -------
    Calibration
        Of nothing at all, one that changes nothing.

    References
    ----------
    Platt 1999, Probabilistic outputs for support vector machines; the slope is shared so that the
    order of horizons is kept nearly everywhere.
    """
    is_known = ~np.isnan(labels)
    wanted = np.where(is_known, labels, 0.0)
    share = is_known * weights[:, None]
    if not share.sum():
        return Calibration(1.0, np.zeros(len(HORIZONS)))

    def loss(parameters: DoubleArray) -> tuple[float, DoubleArray]:
        slope, intercepts = np.exp(parameters[0]), parameters[1:]
        shown = slope * logits + intercepts
        own = share * (np.logaddexp(0.0, shown) - wanted * shown)
        off = share * (scipy.special.expit(shown) - wanted)
        steep = np.concatenate([[slope * (off * logits).sum()], off.sum(axis=0)])
        kept = np.concatenate([[0.0], intercepts / PRIOR_SD**2])
        return float(own.sum() + 0.5 * (intercepts**2).sum() / PRIOR_SD**2), steep + kept

    bounds = [tuple(np.log(SLOPES)), *[(None, None)] * len(HORIZONS)]
    start = np.zeros(1 + len(HORIZONS))
    found = scipy.optimize.minimize(loss, start, jac=True, method="L-BFGS-B", bounds=bounds).x
    return Calibration(float(np.exp(-found[0])), np.asarray(found[1:], np.float64))


def calibrated(logits: DoubleArray, calibration: Calibration) -> DoubleArray:
    """Return risks, (examples, 4), that never fall, as a bundle tells them."""
    shown = logits / calibration.temperature + calibration.intercepts
    return never_falling(shown)


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
