"""Area under the ROC curve with DeLong's variance, the paired test, and the curve itself."""

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import scipy

from thoracle.core.arrays import BoolArray, DoubleArray, IntArray
from thoracle.core.errors import EvaluationError
from thoracle.core.results import Reason
from thoracle.evaluation.estimate import (
    CONFIDENCE,
    MINIMUM_CASES,
    Estimate,
    ratio,
    too_few_cases,
    unknown,
)
from thoracle.evaluation.intervals import normal_quantile, wilson


@dataclass(frozen=True, slots=True, kw_only=True)
class RocCurve:
    """Corners of the empirical ROC curve, from (0, 0) to (1, 1).

    The arrays are (points,) float64; a film is positive when its score is at least
    `threshold`, which is +infinity at the first point.
    """

    false_positive_rate: DoubleArray
    true_positive_rate: DoubleArray
    threshold: DoubleArray


@dataclass(frozen=True, slots=True, kw_only=True)
class PairedComparison:
    """Two scores of the same films compared by DeLong's test.

    `difference` is first minus second; `z` and `p_value` (two-sided) are None where the
    two scores order every pair alike, so that the difference has no variance.
    """

    auroc_first: float
    auroc_second: float
    difference: float
    standard_error: float
    low: float
    high: float
    z: float | None
    p_value: float | None
    n: int


def auroc(scores: DoubleArray, has_finding: BoolArray) -> float:
    """Return the probability that a film with the finding scores above one without.

    Parameters
    ----------
    scores : (films,) float64
        Any number that rises with suspicion; ties count one half.
    has_finding : (films,) bool
        The reference.

    Returns
    -------
    float
        0 to 1; NaN without both kinds of film.
    """
    _check_scores(scores, has_finding)
    if not has_finding.any() or has_finding.all():
        return math.nan
    return float(_components(scores, has_finding)[0].mean())


def delong_auroc(
    scores: DoubleArray,
    has_finding: BoolArray,
    *,
    confidence: float = CONFIDENCE,
    scale: str = "logit",
    minimum_cases: int = MINIMUM_CASES,
) -> Estimate:
    """Return the AUROC with DeLong's interval, films taken as independent.

    Parameters
    ----------
    scores : (films,) float64
        Any number that rises with suspicion; ties count one half.
    has_finding : (films,) bool
        The reference.
    confidence
        Two-sided coverage aimed at.
    scale
        "logit" (default: the interval stays inside 0 to 1 and covers better near 1) or
        "linear" (as the paper has it, cut at 0 and 1).
    minimum_cases
        With fewer positives or negatives the figure is unknown; at least 2.

    Returns
    -------
    Estimate
        `n` counts films. Where all pairs are in order, DeLong's variance is 0, which is not
        certainty: the outer limit is then Wilson's for as many cases as the rarer kind has.

    Raises
    ------
    EvaluationError
        `scale` is neither "logit" nor "linear", or the arrays do not match.

    References
    ----------
    DeLong, DeLong and Clarke-Pearson 1988; midranks after Sun and Xu 2014; the logit scale
    after Pepe 2003; the limit at 1 after Obuchowski and Lieber 2002, with Wilson's interval.
    """
    if scale not in {"logit", "linear"}:
        raise EvaluationError(
            f"The interval's scale is {scale!r}, expected 'logit' or 'linear'. Pass one of them.",
            code="evaluation-values",
        )
    _check_scores(scores, has_finding)
    positives = int(has_finding.sum())
    negatives = has_finding.size - positives
    method = f"delong-{scale}"
    lack = too_few_cases(positives=positives, negatives=negatives, minimum=max(2, minimum_cases))
    if lack is not None:
        return unknown(lack, n=scores.size, method=method)
    by_positive, by_negative = _components(scores, has_finding)
    value = float(by_positive.mean())
    error = math.sqrt(by_positive.var(ddof=1) / positives + by_negative.var(ddof=1) / negatives)
    if error == 0.0:
        rarer = min(positives, negatives)
        return _without_variance(value, n=scores.size, cases=rarer, confidence=confidence)
    reach = normal_quantile(confidence) * error
    if scale == "linear":
        low, high = max(0.0, value - reach), min(1.0, value + reach)
    else:
        middle = math.log(value / (1.0 - value))
        stretch = reach / (value * (1.0 - value))
        low, high = _logistic(middle - stretch), _logistic(middle + stretch)
    return Estimate(value=value, low=low, high=high, n=scores.size, method=method)


def delong_standard_error(scores: DoubleArray, has_finding: BoolArray) -> float:
    """Return DeLong's standard error of the AUROC; NaN with fewer than 2 of either kind."""
    _check_scores(scores, has_finding)
    positives = int(has_finding.sum())
    negatives = has_finding.size - positives
    if min(positives, negatives) < 2:
        return math.nan
    by_positive, by_negative = _components(scores, has_finding)
    return math.sqrt(by_positive.var(ddof=1) / positives + by_negative.var(ddof=1) / negatives)


def compare_auroc(
    first: DoubleArray,
    second: DoubleArray,
    has_finding: BoolArray,
    *,
    confidence: float = CONFIDENCE,
) -> PairedComparison:
    """Compare two scores of the same films with DeLong's paired test.

    Parameters
    ----------
    first, second : (films,) float64
        Two scores of each film, in the same order.
    has_finding : (films,) bool
        The reference.
    confidence
        Two-sided coverage of the interval of the difference.

    Returns
    -------
    PairedComparison
        First minus second, with a linear-scale interval and a two-sided p value.

    Raises
    ------
    EvaluationError
        The arrays do not match, or there are fewer than 2 films of either kind.
    """
    _check_scores(first, has_finding)
    _check_scores(second, has_finding)
    positives = int(has_finding.sum())
    negatives = has_finding.size - positives
    if min(positives, negatives) < 2:
        raise EvaluationError(
            f"{positives} positives and {negatives} negatives: a comparison needs at least 2 of "
            "each. Add films.",
            code="evaluation-empty",
        )
    first_parts = _components(first, has_finding)
    second_parts = _components(second, has_finding)
    spread = [one - two for one, two in zip(first_parts, second_parts, strict=True)]
    error = math.sqrt(spread[0].var(ddof=1) / positives + spread[1].var(ddof=1) / negatives)
    areas = float(first_parts[0].mean()), float(second_parts[0].mean())
    difference = areas[0] - areas[1]
    z = None if error == 0.0 else difference / error
    reach = normal_quantile(confidence) * error
    return PairedComparison(
        auroc_first=areas[0],
        auroc_second=areas[1],
        difference=difference,
        standard_error=error,
        low=difference - reach,
        high=difference + reach,
        z=z,
        p_value=None if z is None else float(2.0 * scipy.stats.norm.sf(abs(z))),
        n=first.size,
    )


def hanley_mcneil_standard_error(area: float, *, positives: int, negatives: int) -> float:
    """Return Hanley and McNeil's (1982) standard error, which needs no films: for planning."""
    if min(positives, negatives) < 1 or not 0.0 <= area <= 1.0:
        return math.nan
    two_positives = area / (2.0 - area)
    two_negatives = 2.0 * area**2 / (1.0 + area)
    variance = (
        area * (1.0 - area)
        + (positives - 1) * (two_positives - area**2)
        + (negatives - 1) * (two_negatives - area**2)
    ) / (positives * negatives)
    return math.sqrt(max(0.0, variance))


def pairwise_auroc(
    probabilities: DoubleArray,
    reference: IntArray,
    positive: int,
    negative: int,
    *,
    confidence: float = CONFIDENCE,
    minimum_cases: int = MINIMUM_CASES,
) -> Estimate:
    """Return the AUROC of one finding against one other, all further films left out.

    Parameters
    ----------
    probabilities : (films, classes) float64
        Calibrated probabilities.
    reference : (films,) int64
        Index of the reference finding; films of other findings and -1 are left out.
    positive, negative
        Indices of the two findings.
    confidence, minimum_cases
        As in `delong_auroc`.

    Returns
    -------
    Estimate
        Of the score p_positive / (p_positive + p_negative).
    """
    members = (reference == positive) | (reference == negative)
    scores = pairwise_score(probabilities[members], positive, negative)
    return delong_auroc(
        scores,
        reference[members] == positive,
        confidence=confidence,
        minimum_cases=minimum_cases,
    )


def pairwise_score(probabilities: DoubleArray, positive: int, negative: int) -> DoubleArray:
    """Return p_positive / (p_positive + p_negative), (films,) float64 in 0 to 1.

    Raises
    ------
    EvaluationError
        A film has probability 0 for both findings, so that their ratio is unknown.
    """
    first = np.asarray(probabilities[:, positive], dtype=np.float64)
    total = first + probabilities[:, negative]
    if np.any(total <= 0.0):
        raise EvaluationError(
            f"{int(np.sum(total <= 0.0))} films have probability 0 for both findings of a pair. "
            "Compute the softmax in double precision.",
            code="evaluation-values",
        )
    return first / total


def roc_curve(scores: DoubleArray, has_finding: BoolArray) -> RocCurve:
    """Return the empirical ROC curve, points on straight lines dropped.

    Raises
    ------
    EvaluationError
        The arrays do not match, or one kind of film is missing.
    """
    _check_scores(scores, has_finding)
    positives = int(has_finding.sum())
    if positives in {0, has_finding.size}:
        raise EvaluationError(
            f"{positives} positives of {has_finding.size} films: a curve needs both kinds. "
            "Leave this finding's curve out.",
            code="evaluation-empty",
        )
    order = np.argsort(-scores, kind="stable")
    last_of_tie = np.append(np.diff(scores[order]) != 0, True)
    hits = np.cumsum(has_finding[order])[last_of_tie]
    alarms = np.cumsum(~has_finding[order])[last_of_tie]
    hits, alarms = np.append(0, hits), np.append(0, alarms)
    thresholds = np.append(np.inf, scores[order][last_of_tie])
    corner = np.ones(hits.size, dtype=bool)
    turns = np.diff(hits)[:-1] * np.diff(alarms)[1:] - np.diff(hits)[1:] * np.diff(alarms)[:-1]
    corner[1:-1] = turns != 0
    return RocCurve(
        false_positive_rate=alarms[corner] / (has_finding.size - positives),
        true_positive_rate=hits[corner] / positives,
        threshold=thresholds[corner].astype(np.float64),
    )


def auroc_statistic(
    scores: DoubleArray, has_finding: BoolArray
) -> Callable[[DoubleArray], DoubleArray]:
    """Return a function from film weights (resamples, films) to AUROCs (resamples,)."""
    order = np.argsort(scores, kind="stable")
    starts = np.flatnonzero(np.append(True, np.diff(scores[order]) != 0))
    hit = has_finding[order].astype(np.float64)
    tied = starts.size < order.size

    def statistic(weights: DoubleArray) -> DoubleArray:
        ordered = weights[:, order]
        positive = ordered * hit
        negative = ordered - positive
        if tied:
            positive = np.add.reduceat(positive, starts, axis=1)
            negative = np.add.reduceat(negative, starts, axis=1)
        below = np.cumsum(negative, axis=1) - 0.5 * negative
        pairs = positive.sum(axis=1) * negative.sum(axis=1)
        ordered_pairs = np.einsum("ij,ij->i", positive, below)
        return ratio(ordered_pairs, pairs)

    return statistic


def _components(scores: DoubleArray, has_finding: BoolArray) -> tuple[DoubleArray, DoubleArray]:
    """Return each film's share of films of the other kind that it is in order with."""
    high, low = scores[has_finding], scores[~has_finding]
    together = scipy.stats.rankdata(np.concatenate([high, low]))
    by_positive = (together[: high.size] - scipy.stats.rankdata(high)) / low.size
    by_negative = 1.0 - (together[high.size :] - scipy.stats.rankdata(low)) / high.size
    return by_positive, by_negative


def _without_variance(value: float, *, n: int, cases: int, confidence: float) -> Estimate:
    if 0.0 < value < 1.0:
        reason = Reason(code="no-variance", text="The scores tie alike in both kinds of film.")
        return Estimate(value=value, low=None, high=None, n=n, method="none", reason=reason)
    bound = wilson(round(value) * cases, cases, confidence=confidence)
    return Estimate(value=value, low=bound.low, high=bound.high, n=n, method="wilson-rarer-kind")


def _logistic(value: float) -> float:
    return 1.0 / (1.0 + math.exp(-value))


def _check_scores(scores: DoubleArray, has_finding: BoolArray) -> None:
    if scores.ndim != 1 or scores.shape != has_finding.shape:
        raise EvaluationError(
            f"Scores have shape {scores.shape} and the reference {has_finding.shape}: expected "
            "one number and one truth value per film. Pass one finding at a time.",
            code="evaluation-shape",
        )
    if not np.all(np.isfinite(scores)):
        raise EvaluationError(
            f"{int(np.sum(~np.isfinite(scores)))} scores are not finite, expected numbers. "
            "Leave out films that have no score.",
            code="evaluation-values",
        )
