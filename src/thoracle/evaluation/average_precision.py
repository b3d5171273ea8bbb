"""Average precision and the precision–recall curve."""

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from thoracle.core.arrays import BoolArray, DoubleArray
from thoracle.core.errors import EvaluationError
from thoracle.evaluation.estimate import ratio


@dataclass(frozen=True, slots=True, kw_only=True)
class PrecisionRecallCurve:
    """Points of the empirical curve, from the highest score down; arrays (points,) float64."""

    recall: DoubleArray
    precision: DoubleArray
    threshold: DoubleArray


def average_precision(scores: DoubleArray, has_finding: BoolArray) -> float:
    """Return the mean precision over recall steps, without interpolation.

    Parameters
    ----------
    scores : (films,) float64
        Any number that rises with suspicion; tied films enter together.
    has_finding : (films,) bool
        The reference.

    Returns
    -------
    float
        0 to 1; a score without information gives the finding's share. NaN without a positive.
    """
    if not has_finding.any():
        return math.nan
    statistic = average_precision_statistic(scores, has_finding)
    return float(statistic(np.ones((1, scores.size)))[0])


def average_precision_statistic(
    scores: DoubleArray, has_finding: BoolArray
) -> Callable[[DoubleArray], DoubleArray]:
    """Return a function from film weights (resamples, films) to average precisions (resamples,)."""
    order = np.argsort(-scores, kind="stable")
    starts = np.flatnonzero(np.append(True, np.diff(scores[order]) != 0))
    hit = has_finding[order].astype(np.float64)
    tied = starts.size < order.size

    def statistic(weights: DoubleArray) -> DoubleArray:
        ordered = weights[:, order]
        step = ordered * hit
        if tied:
            step = np.add.reduceat(step, starts, axis=1)
            ordered = np.add.reduceat(ordered, starts, axis=1)
        called = np.cumsum(ordered, axis=1)
        precision = np.divide(
            np.cumsum(step, axis=1), called, out=np.zeros_like(called), where=called > 0
        )
        positives = step.sum(axis=1)
        area = np.einsum("ij,ij->i", step, precision)
        return ratio(area, positives)

    return statistic


def precision_recall_curve(scores: DoubleArray, has_finding: BoolArray) -> PrecisionRecallCurve:
    """Return precision and recall at each distinct score.

    Raises
    ------
    EvaluationError
        No film has the finding.
    """
    if not has_finding.any():
        raise EvaluationError(
            f"0 positives of {has_finding.size} films: a precision–recall curve needs some. "
            "Leave this finding's curve out.",
            code="evaluation-empty",
        )
    order = np.argsort(-scores, kind="stable")
    last_of_tie = np.append(np.diff(scores[order]) != 0, True)
    hits = np.cumsum(has_finding[order])[last_of_tie]
    called = np.arange(1, scores.size + 1)[last_of_tie]
    return PrecisionRecallCurve(
        recall=hits / hits[-1],
        precision=hits / called,
        threshold=scores[order][last_of_tie],
    )
