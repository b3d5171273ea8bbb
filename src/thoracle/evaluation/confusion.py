"""Confusion matrix, and the rates that come from it."""

from dataclasses import dataclass

import numpy as np

from thoracle.core.arrays import BoolArray, DoubleArray, IntArray
from thoracle.core.errors import EvaluationError
from thoracle.core.results import Reason
from thoracle.evaluation.estimate import CONFIDENCE, Estimate, ratio, unknown
from thoracle.evaluation.intervals import wilson

UNKNOWN = -1  # The reference index of a film whose finding is not known.
RATES = ("sensitivity", "specificity", "ppv", "npv", "accuracy", "f1")


@dataclass(frozen=True, slots=True, kw_only=True)
class BinaryCounts:
    """Films counted by one finding's reference and prediction."""

    tp: int
    fp: int
    fn: int
    tn: int

    @property
    def support(self) -> int:
        """Films that have the finding in the reference."""
        return self.tp + self.fn

    @property
    def films(self) -> int:
        """All films counted."""
        return self.tp + self.fp + self.fn + self.tn

    def fraction(self, rate: str) -> tuple[int, int]:
        """Return numerator and denominator of a rate that is a proportion of films.

        Parameters
        ----------
        rate
            "sensitivity" or "recall", "specificity", "ppv" or "precision", "npv", "accuracy".

        Returns
        -------
        tuple of int
            Numerator and denominator; the latter is 0 where the rate is undefined.
        """
        return {
            "sensitivity": (self.tp, self.tp + self.fn),
            "recall": (self.tp, self.tp + self.fn),
            "specificity": (self.tn, self.tn + self.fp),
            "ppv": (self.tp, self.tp + self.fp),
            "precision": (self.tp, self.tp + self.fp),
            "npv": (self.tn, self.tn + self.fn),
            "accuracy": (self.tp + self.tn, self.films),
        }[rate]


def confusion_matrix(reference: IntArray, prediction: IntArray, *, classes: int) -> IntArray:
    """Count films by reference (rows) and prediction (columns).

    Parameters
    ----------
    reference : (films,) int64
        Index of the reference finding, -1 where unknown; unknown films are not counted.
    prediction : (films,) int64
        Index of the predicted finding, 0 to `classes` - 1.
    classes
        Number of findings.

    Returns
    -------
    (classes, classes) int64
        Row: reference. Column: prediction.

    Raises
    ------
    EvaluationError
        The arrays differ in length, or hold an index that no finding has.
    """
    if reference.shape != prediction.shape:
        raise EvaluationError(
            f"{reference.size} references and {prediction.size} predictions: "
            "expected one of each per film. Pass both in the same order.",
            code="evaluation-shape",
        )
    known = reference != UNKNOWN
    rows, columns = reference[known], prediction[known]
    both = np.concatenate([rows, columns])
    if both.size and (both.min() < 0 or both.max() >= classes):
        raise EvaluationError(
            f"A class index lies in {both.min()} to {both.max()}, expected 0 to {classes - 1} "
            "(-1 for an unknown reference). Map labels to the bundle's order.",
            code="evaluation-labels",
        )
    counts = np.bincount(rows * classes + columns, minlength=classes * classes)
    return counts.reshape(classes, classes).astype(np.int64)


def one_against_rest(matrix: IntArray, index: int) -> BinaryCounts:
    """Fold a confusion matrix into one finding against all others."""
    tp = int(matrix[index, index])
    fn = int(matrix[index].sum()) - tp
    fp = int(matrix[:, index].sum()) - tp
    return BinaryCounts(tp=tp, fp=fp, fn=fn, tn=int(matrix.sum()) - tp - fn - fp)


def binary_counts(has_finding: BoolArray, is_positive: BoolArray) -> BinaryCounts:
    """Count films by reference and decision of one finding, both (films,) bool."""
    return BinaryCounts(
        tp=int(np.sum(has_finding & is_positive)),
        fp=int(np.sum(~has_finding & is_positive)),
        fn=int(np.sum(has_finding & ~is_positive)),
        tn=int(np.sum(~has_finding & ~is_positive)),
    )


def rate_estimates(counts: BinaryCounts, *, confidence: float = CONFIDENCE) -> dict[str, Estimate]:
    """Return sensitivity, specificity, ppv, npv, precision, recall, accuracy (Wilson) and f1.

    F1 is not a proportion of films, so it has no interval here: the patient-clustered
    bootstrap gives one. It is unknown without a film that has the finding.
    """
    names = ("sensitivity", "specificity", "ppv", "npv", "precision", "recall", "accuracy")
    found = {name: wilson(*counts.fraction(name), confidence=confidence) for name in names}
    found["f1"] = _f1(counts)
    return found


def rate_arrays(counts: DoubleArray) -> dict[str, DoubleArray]:
    """Return the six rates of many two-by-two tables at once.

    Parameters
    ----------
    counts : (..., 4) float64
        tp, fp, fn, tn of each table; fractional counts are allowed.

    Returns
    -------
    dict of (...,) float64
        Keys as in `RATES`; NaN where the denominator is 0 (F1: where no film has the finding).
    """
    tp, fp, fn, tn = (counts[..., part] for part in range(4))
    f1 = ratio(2.0 * tp, 2.0 * tp + fp + fn)
    return {
        "sensitivity": ratio(tp, tp + fn),
        "specificity": ratio(tn, tn + fp),
        "ppv": ratio(tp, tp + fp),
        "npv": ratio(tn, tn + fn),
        "accuracy": ratio(tp + tn, tp + fp + fn + tn),
        "f1": np.where(tp + fn > 0, f1, np.nan),
    }


def tables_one_against_rest(matrices: DoubleArray) -> DoubleArray:
    """Fold confusion matrices (..., classes, classes) into tables (..., classes, 4)."""
    tp = np.diagonal(matrices, axis1=-2, axis2=-1)
    fn = matrices.sum(axis=-1) - tp
    fp = matrices.sum(axis=-2) - tp
    tn = matrices.sum(axis=(-2, -1))[..., None] - tp - fn - fp
    return np.stack([tp, fp, fn, tn], axis=-1).astype(np.float64)


def _f1(counts: BinaryCounts) -> Estimate:
    if counts.support == 0:
        reason = Reason(code="no-cases", text="No film has the finding in the reference.")
        return unknown(reason, n=counts.films, method="none")
    value = 2 * counts.tp / (2 * counts.tp + counts.fp + counts.fn)
    return Estimate(value=value, low=None, high=None, n=counts.films, method="none")
