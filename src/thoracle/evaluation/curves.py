"""Points of the ROC, precision–recall and reliability curves, few enough to store and draw."""

from dataclasses import dataclass

import numpy as np

from thoracle.core.arrays import DoubleArray
from thoracle.evaluation.average_precision import precision_recall_curve
from thoracle.evaluation.calibration import ReliabilityBin, reliability_curve
from thoracle.evaluation.inputs import EvaluationInput
from thoracle.evaluation.options import EvaluationOptions
from thoracle.evaluation.roc import roc_curve

POINTS_MAX = 200  # A curve on a page is about 400 pixels wide.

Points = tuple[tuple[float, float], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class FindingCurves:
    """Curves of one finding against all others.

    `roc` holds (false-positive rate, sensitivity), `precision_recall` (recall, precision);
    both are empty where one kind of film is missing. `share` is the finding's share.
    """

    label: str
    share: float
    roc: Points
    precision_recall: Points
    reliability: tuple[ReliabilityBin, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Curves:
    """Curves of each finding, and the reliability of the predicted finding."""

    findings: tuple[FindingCurves, ...]
    top_label: tuple[ReliabilityBin, ...]


def curves(inputs: EvaluationInput, *, options: EvaluationOptions) -> Curves:
    """Compute the curves of the films whose reference is known."""
    known = inputs.with_known_reference()
    probabilities = np.asarray(known.probabilities, dtype=np.float64)
    prediction = np.argmax(probabilities, axis=1)
    return Curves(
        findings=tuple(
            _finding(known, probabilities[:, index], index, options=options)
            for index in range(len(known.labels))
        ),
        top_label=reliability_curve(
            probabilities.max(axis=1),
            prediction == known.reference,
            bins=options.bins,
            scheme=options.bin_scheme,
            confidence=options.confidence,
        ),
    )


def thin(first: DoubleArray, second: DoubleArray, *, points: int = POINTS_MAX) -> Points:
    """Pair two coordinates and keep at most `points` of them, evenly spaced, both ends kept."""
    kept = np.arange(first.size)
    if first.size > points:
        kept = np.unique(np.linspace(0, first.size - 1, points).round().astype(np.int64))
    return tuple((float(first[index]), float(second[index])) for index in kept)


def _finding(
    inputs: EvaluationInput, scores: DoubleArray, index: int, *, options: EvaluationOptions
) -> FindingCurves:
    has_finding = inputs.reference == index
    roc: Points = ()
    precision_recall: Points = ()
    if has_finding.any() and not has_finding.all():
        found = roc_curve(scores, has_finding)
        roc = thin(found.false_positive_rate, found.true_positive_rate)
        both = precision_recall_curve(scores, has_finding)
        precision_recall = thin(both.recall, both.precision)
    return FindingCurves(
        label=inputs.labels[index],
        share=float(has_finding.mean()),
        roc=roc,
        precision_recall=precision_recall,
        reliability=reliability_curve(
            scores,
            has_finding,
            bins=options.bins,
            scheme=options.bin_scheme,
            confidence=options.confidence,
        ),
    )
