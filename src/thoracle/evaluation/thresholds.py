"""Thresholds chosen on calibration films for a sensitivity that each finding must reach."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from thoracle.core.arrays import BoolArray, DoubleArray, IntArray
from thoracle.core.errors import EvaluationError
from thoracle.core.results import Reason
from thoracle.evaluation.confusion import UNKNOWN, binary_counts
from thoracle.evaluation.estimate import CONFIDENCE, Estimate
from thoracle.evaluation.intervals import wilson

POSITIVES_ADVISED = 50  # At 90 % sensitivity, 45 of 50: Wilson's interval is 79 to 96 %.


@dataclass(frozen=True, slots=True, kw_only=True)
class ThresholdChoice:
    """A threshold for one finding, and how it does on the films it was chosen on.

    A film is positive when its probability is at least `threshold`. `threshold` is None
    where there are too few positives to choose one; `warning` says so, or advises caution.
    `sensitivity` and `specificity` are optimistic: the films chose the threshold.
    """

    label: str
    target_sensitivity: float
    threshold: float | None
    sensitivity: Estimate
    specificity: Estimate
    positives: int
    negatives: int
    warning: Reason | None = None


def is_positive(probabilities: DoubleArray, thresholds: Sequence[float]) -> BoolArray:
    """Compare probabilities (films, classes) with one threshold per class; equal is positive."""
    return np.asarray(probabilities >= np.asarray(thresholds, dtype=np.float64), dtype=np.bool_)


def choose_threshold(
    probability: DoubleArray,
    has_finding: BoolArray,
    *,
    label: str,
    target_sensitivity: float,
    confidence: float = CONFIDENCE,
) -> ThresholdChoice:
    """Find the threshold with the fewest false positives that reaches a sensitivity.

    That is the highest threshold that still finds enough positives. It is put half way
    to the next lower probability, so that rounding in another runtime changes no decision.

    Parameters
    ----------
    probability : (films,) float64
        Calibrated probability of the finding, on calibration films.
    has_finding : (films,) bool
        The reference.
    label
        The finding's name.
    target_sensitivity
        Above 0, at most 1.
    confidence
        Of the two Wilson intervals.

    Returns
    -------
    ThresholdChoice
        Without a threshold where the positives are fewer than 1 / (1 - target): then only the
        very lowest positive could decide. With a warning below 50 positives.

    Raises
    ------
    EvaluationError
        The target lies outside 0 to 1, or the arrays do not match.
    """
    if not 0.0 < target_sensitivity <= 1.0:
        raise EvaluationError(
            f"The target sensitivity is {target_sensitivity:g}, expected above 0 and at most 1. "
            "Use 0.9 for 90 %.",
            code="evaluation-values",
        )
    if probability.shape != has_finding.shape or probability.ndim != 1:
        raise EvaluationError(
            f"Probabilities have shape {probability.shape} and the reference "
            f"{has_finding.shape}: expected one of each per film. Pass one finding at a time.",
            code="evaluation-shape",
        )
    positives = int(has_finding.sum())
    needed = _positives_needed(target_sensitivity)
    threshold = None
    if positives >= needed:
        threshold = _highest_reaching(probability, has_finding, target_sensitivity)
    called = np.zeros(has_finding.shape, bool) if threshold is None else probability >= threshold
    counts = binary_counts(has_finding, called)
    known = threshold is not None
    return ThresholdChoice(
        label=label,
        target_sensitivity=target_sensitivity,
        threshold=threshold,
        sensitivity=wilson(counts.tp, positives if known else 0, confidence=confidence),
        specificity=wilson(
            counts.tn if known else 0,
            counts.tn + counts.fp if known else 0,
            confidence=confidence,
        ),
        positives=positives,
        negatives=int(has_finding.size - positives),
        warning=_few_positives(label, positives, needed),
    )


def choose_thresholds(
    probabilities: DoubleArray,
    reference: IntArray,
    *,
    labels: Sequence[str],
    target_sensitivity: float,
    confidence: float = CONFIDENCE,
) -> tuple[ThresholdChoice, ...]:
    """Choose one threshold per finding, each against all other findings.

    Parameters
    ----------
    probabilities : (films, classes) float64
        Calibrated probabilities of calibration films.
    reference : (films,) int64
        Index of the reference finding; films with -1 are left out.
    labels
        Names in the order of the classes.
    target_sensitivity, confidence
        As in `choose_threshold`.

    Returns
    -------
    tuple of ThresholdChoice
        In the order of the labels.
    """
    known = reference != UNKNOWN
    return tuple(
        choose_threshold(
            np.asarray(probabilities[known, index], dtype=np.float64),
            reference[known] == index,
            label=label,
            target_sensitivity=target_sensitivity,
            confidence=confidence,
        )
        for index, label in enumerate(labels)
    )


def _positives_needed(target: float) -> int:
    slack = 1e-9  # 1 / (1 - 0.9) is a hair above 10 in binary.
    return 1 if target >= 1.0 else math.ceil(1.0 / (1.0 - target) - slack)


def _highest_reaching(probability: DoubleArray, has_finding: BoolArray, target: float) -> float:
    found = np.sort(probability[has_finding])[::-1]
    slack = 1e-9  # 0.7 × 10 is a hair above 7 in binary.
    last = float(found[math.ceil(target * found.size - slack) - 1])
    lower = probability[probability < last]
    if lower.size == 0:
        return last
    middle = 0.5 * (last + float(lower.max()))
    return middle if float(lower.max()) < middle else last


def _few_positives(label: str, positives: int, needed: int) -> Reason | None:
    if positives < needed:
        return Reason(
            code="too-few-positives",
            text=f"{label}: {positives} positives, at least {needed} are needed to choose a "
            "threshold. Keep the bundle's.",
        )
    if positives < POSITIVES_ADVISED:
        return Reason(
            code="few-positives",
            text=f"{label}: the threshold rests on {positives} positives; {POSITIVES_ADVISED} or "
            "more are advised.",
        )
    return None
