"""Late fusion: a clinical risk and an image finding, weighed together on the log-odds.

It is no joint model: each part is made on its own, and three small logistic regressions learn how
far to go by each, with both, or with one alone. What both know is counted once only as far as the
patients that it was fitted to show it.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
import scipy

from thoracle.core.arrays import BoolArray, DoubleArray
from thoracle.core.errors import ChartError

RIDGE: Final = 1.0
"""Penalty on the squared weights of standardized inputs: le Cessie and van Houwelingen 1992."""

_NEAREST: Final = 1e-6  # a probability nearer to 0 or 1 is taken for this one
_FEWEST: Final = 2  # of each outcome
_STEPS_MAX: Final = 100  # six or so are usual
_TOLERANCE: Final = 1e-10


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """A logistic regression: `intercept` + `weights` · inputs is the log-odds."""

    intercept: float
    weights: tuple[float, ...]

    def logit(self, inputs: DoubleArray) -> DoubleArray:
        """Return the log-odds, (patients,), of inputs, (patients, weights)."""
        return np.asarray(self.intercept + inputs @ np.array(self.weights), np.float64)


@dataclass(frozen=True, slots=True, kw_only=True)
class Fusion:
    """How clinical risks and image findings go together.

    Attributes
    ----------
    both
        With weights of the clinical log-odds and of the finding.
    clinical_only, image_only
        Where the other one is unknown.
    prevalence
        Share of patients with the event among those it was fitted to; told where neither is known.
    """

    both: Line
    clinical_only: Line
    image_only: Line
    prevalence: float

    def apply(self, clinical: DoubleArray, image: DoubleArray) -> DoubleArray:
        """Tell the fused risks.

        Parameters
        ----------
        clinical : (patients,) float64
            Probabilities by what is known of the patient; NaN where nothing is.
        image : (patients,) float64
            The finding, on the scale that it was fitted on: a score or a share; NaN without one.

        Returns
        -------
        (patients,) float64
            Probabilities.
        """
        logits = log_odds(clinical)
        inputs = np.stack([logits, image], axis=1)
        told = np.full(len(inputs), log_odds(np.array([self.prevalence]))[0])
        has_clinical, has_image = ~np.isnan(inputs).T
        only = has_clinical & ~has_image
        told[only] = self.clinical_only.logit(inputs[only][:, :1])
        only = has_image & ~has_clinical
        told[only] = self.image_only.logit(inputs[only][:, 1:])
        whole = has_clinical & has_image
        told[whole] = self.both.logit(inputs[whole])
        return np.asarray(scipy.special.expit(told), np.float64)


def fit_fusion(
    clinical: DoubleArray, image: DoubleArray, event: BoolArray, *, ridge: float = RIDGE
) -> Fusion:
    """Learn how far to go by each part.

    Parameters
    ----------
    clinical : (patients,) float64
        Probabilities of patients whom the clinical model did not learn from; NaN where unknown.
    image : (patients,) float64
        The finding; NaN without one.
    event : (patients,) bool
        Whether it came.
    ridge
        Penalty; 0 is none.

    Returns
    -------
    Fusion
        Each part is fitted to those patients who have what it needs.

    Raises
    ------
    ChartError
        Fewer than two patients with or without the event have both.
    """
    inputs = np.stack([log_odds(clinical), image], axis=1)
    has = ~np.isnan(inputs)
    whole = has.all(axis=1)
    count = int(min(event[whole].sum(), (~event[whole]).sum()))
    if count < _FEWEST:
        raise ChartError(
            f"found {count} patients of the rarer outcome with both a clinical risk and an image – "
            f"expected at least {_FEWEST}. Fuse them where more are known.",
            code="chart-fusion",
        )
    return Fusion(
        both=fit_line(inputs[whole], event[whole], ridge=ridge),
        clinical_only=fit_line(inputs[has[:, 0]][:, :1], event[has[:, 0]], ridge=ridge),
        image_only=fit_line(inputs[has[:, 1]][:, 1:], event[has[:, 1]], ridge=ridge),
        prevalence=float(event.mean()),
    )


def fit_line(inputs: DoubleArray, event: BoolArray, *, ridge: float) -> Line:
    """Fit a logistic regression whose weights are held back, but not its intercept.

    Parameters
    ----------
    inputs : (patients, weights) float64
        Finite. They are standardized for the fit, so that the penalty is fair.
    event : (patients,) bool
        Whether it came.
    ridge
        Penalty.

    Returns
    -------
    Line
        On the scale of the inputs.
    """
    center = inputs.mean(axis=0)
    scale = inputs.std(axis=0)
    scale[scale == 0] = 1.0
    design = np.column_stack([np.ones(len(inputs)), (inputs - center) / scale])
    penalty = ridge * np.array([0.0, *np.ones(inputs.shape[1])])

    beta = _newton(design, event.astype(np.float64), penalty)
    weights = beta[1:] / scale
    return Line(intercept=float(beta[0] - weights @ center), weights=tuple(weights.tolist()))


def log_odds(probabilities: DoubleArray) -> DoubleArray:
    """Return log-odds; probabilities of 0 and 1 count as one in a million away from them."""
    inside = np.clip(probabilities, _NEAREST, 1 - _NEAREST)
    return np.asarray(scipy.special.logit(inside), np.float64)


def _newton(design: DoubleArray, event: DoubleArray, penalty: DoubleArray) -> DoubleArray:
    """Return the coefficients of the largest penalized likelihood, by damped Newton steps."""

    def loss(beta: DoubleArray) -> float:
        logits = design @ beta
        return float(np.sum(np.logaddexp(0, logits) - event * logits) + penalty @ beta**2 / 2)

    beta = np.zeros(design.shape[1])
    for _ in range(_STEPS_MAX):
        chance = scipy.special.expit(design @ beta)
        slope = design.T @ (chance - event) + penalty * beta
        bend = (design * (chance * (1 - chance))[:, None]).T @ design + np.diag(penalty)
        step = np.linalg.lstsq(bend, slope, rcond=None)[0]
        while loss(beta - step) > loss(beta) + _TOLERANCE:
            step = step / 2
        beta = beta - step
        if float(np.abs(step).max()) < _TOLERANCE:
            break
    return np.asarray(beta, np.float64)
