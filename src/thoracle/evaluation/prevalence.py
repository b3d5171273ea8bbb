"""Predictive values at a prevalence other than that of the test films."""

import math
from dataclasses import dataclass

from thoracle.core.errors import EvaluationError
from thoracle.evaluation.confusion import BinaryCounts
from thoracle.evaluation.estimate import CONFIDENCE, Estimate, unknown
from thoracle.evaluation.intervals import NO_CASES, normal_quantile

METHOD = "logit-mercaldo"


@dataclass(frozen=True, slots=True, kw_only=True)
class PredictiveValues:
    """PPV and NPV that the test's sensitivity and specificity give at one prevalence."""

    prevalence: float
    ppv: Estimate
    npv: Estimate


def predictive_values(
    counts: BinaryCounts, *, prevalence: float, confidence: float = CONFIDENCE
) -> PredictiveValues:
    """Carry sensitivity and specificity over to another prevalence by Bayes' rule.

    Parameters
    ----------
    counts
        The test's two-by-two table.
    prevalence
        Share of films with the finding where the model is to be used, between 0 and 1.
    confidence
        Two-sided coverage aimed at.

    Returns
    -------
    PredictiveValues
        Unknown without both kinds of film. `n` counts all films.

    Raises
    ------
    EvaluationError
        `prevalence` does not lie between 0 and 1.

    References
    ----------
    Mercaldo, Lau and Zhou 2007: logit intervals; z²/2 is added to each cell where one is 0.
    """
    if not 0.0 < prevalence < 1.0:
        raise EvaluationError(
            f"The prevalence is {prevalence:g}, expected above 0 and below 1. Use 0.05 for 5 %.",
            code="evaluation-values",
        )
    negatives = counts.tn + counts.fp
    if counts.support == 0 or negatives == 0:
        nothing = unknown(NO_CASES, n=counts.films, method=METHOD)
        return PredictiveValues(prevalence=prevalence, ppv=nothing, npv=nothing)
    z = normal_quantile(confidence)
    sensitivity = counts.tp / counts.support
    specificity = counts.tn / negatives
    hits, misses = sensitivity * prevalence, (1.0 - sensitivity) * prevalence
    alarms = (1.0 - specificity) * (1.0 - prevalence)
    clears = specificity * (1.0 - prevalence)
    limits = _limits(counts, prevalence=prevalence, z=z)
    return PredictiveValues(
        prevalence=prevalence,
        ppv=_estimate(hits, alarms, limits=limits[0], n=counts.films),
        npv=_estimate(clears, misses, limits=limits[1], n=counts.films),
    )


def _limits(
    counts: BinaryCounts, *, prevalence: float, z: float
) -> tuple[tuple[float, float], tuple[float, float]]:
    extra = z * z / 2.0 if 0 in {counts.tp, counts.fn, counts.tn, counts.fp} else 0.0
    positives = counts.support + 2.0 * extra
    negatives = counts.tn + counts.fp + 2.0 * extra
    sensitivity = (counts.tp + extra) / positives
    specificity = (counts.tn + extra) / negatives
    odds = math.log(prevalence / (1.0 - prevalence))
    ppv = math.log(sensitivity / (1.0 - specificity)) + odds
    npv = math.log(specificity / (1.0 - sensitivity)) - odds
    ppv_error = math.sqrt(
        (1.0 - sensitivity) / (sensitivity * positives)
        + specificity / ((1.0 - specificity) * negatives)
    )
    npv_error = math.sqrt(
        sensitivity / ((1.0 - sensitivity) * positives)
        + (1.0 - specificity) / (specificity * negatives)
    )
    return (
        (_logistic(ppv - z * ppv_error), _logistic(ppv + z * ppv_error)),
        (_logistic(npv - z * npv_error), _logistic(npv + z * npv_error)),
    )


def _estimate(right: float, wrong: float, *, limits: tuple[float, float], n: int) -> Estimate:
    if right + wrong == 0.0:
        return unknown(NO_CASES, n=n, method=METHOD)
    value = right / (right + wrong)
    return Estimate(
        value=value, low=min(limits[0], value), high=max(limits[1], value), n=n, method=METHOD
    )


def _logistic(value: float) -> float:
    return 1.0 / (1.0 + math.exp(-value))
