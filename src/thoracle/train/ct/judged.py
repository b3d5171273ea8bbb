"""Figures of held-out pictures, with intervals over patients or groups."""

from collections.abc import Sequence
from typing import Final

import numpy as np

from thoracle.core.arrays import BoolArray, DoubleArray, FloatArray, IntArray
from thoracle.evaluation.bootstrap import clustered_estimate, resample_patients, resampled
from thoracle.evaluation.estimate import Estimate
from thoracle.evaluation.roc import auroc, auroc_statistic

SEED: Final = 0  # of every bootstrap.
GREY_NUMBERS: Final = ("mean", "sd", "p5", "p25", "p50", "p75", "p95", "grain")
"""Grain is the mean difference of neighbors in a row: the scanner's noise and its kernel."""


def clustered_auroc(scores: DoubleArray, is_kind: BoolArray, groups: Sequence[str]) -> Estimate:
    """Return the AUROC with an interval over groups.

    Parameters
    ----------
    scores : (n,) float64
        Higher means likelier.
    is_kind : (n,) bool
        The reference.
    groups
        Patients, or what else must be drawn together.

    Returns
    -------
    Estimate
        From 2000 resamples of the groups.
    """
    resamples = resample_patients(list(groups), generator=np.random.default_rng(SEED))
    values = resampled(auroc_statistic(scores, is_kind), resamples)
    return clustered_estimate(
        auroc(scores, is_kind), values, n=len(scores), patients=resamples.patients
    )


def grey_numbers(pictures: FloatArray) -> FloatArray:
    """Describe pictures by their grey and its grain: nothing of form or place.

    Parameters
    ----------
    pictures : (n, rows, columns) float32
        Grey.

    Returns
    -------
    (n, 8) float32
        In the order of `GREY_NUMBERS`.
    """
    flat = pictures.reshape(len(pictures), -1)
    ends = np.percentile(flat, [5, 25, 50, 75, 95], axis=1).T
    grain = np.abs(np.diff(pictures, axis=2)).mean(axis=(1, 2))
    columns = [flat.mean(axis=1), flat.std(axis=1), ends, grain]
    return np.asarray(np.column_stack(columns), np.float32)


def trivial_scores(
    numbers: FloatArray, is_kind: BoolArray, learn: BoolArray, weights: DoubleArray | None = None
) -> DoubleArray:
    """Fit a logistic regression on some rows, and score the others.

    Parameters
    ----------
    numbers : (n, columns) float32
        What is known of each; scaled by the rows that are learned from.
    is_kind : (n,) bool
        The reference.
    learn : (n,) bool
        Rows to learn from; both kinds must be among them.
    weights : (n,) float64
        How much each row counts; None for all alike.

    Returns
    -------
    (rows not learned from,) float64
        Log odds.
    """
    from sklearn.linear_model import LogisticRegression

    center, spread = numbers[learn].mean(axis=0), numbers[learn].std(axis=0)
    scaled = (numbers - center) / np.where(spread > 0, spread, 1.0)
    own = None if weights is None else weights[learn] / weights[learn].mean()
    model = LogisticRegression(
        max_iter=1000, class_weight=None if weights is not None else "balanced"
    )
    model.fit(scaled[learn], is_kind[learn], sample_weight=own)
    return np.asarray(model.decision_function(scaled[~learn]), np.float64)


def folds_of(targets: IntArray, groups: Sequence[str], *, count: int) -> list[IntArray]:
    """Return the positions that each fold judges; groups stay together, kinds are even.

    Parameters
    ----------
    targets : (n,) int64
        Kinds.
    groups
        One name each.
    count
        Of folds.

    Returns
    -------
    list of (n of the fold,) int64
        Each position once.
    """
    from sklearn.model_selection import StratifiedGroupKFold

    split = StratifiedGroupKFold(n_splits=count, shuffle=True, random_state=SEED)
    empty = np.zeros(len(targets))
    return [np.asarray(judged) for _, judged in split.split(empty, targets, list(groups))]
