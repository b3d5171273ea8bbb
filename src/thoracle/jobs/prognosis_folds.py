"""Which patients are learned from and which are judged: folds by patient, and by admission."""

from collections.abc import Sequence
from typing import Final

import numpy as np

from thoracle.core.arrays import BoolArray, IntArray
from thoracle.core.errors import ChartError
from thoracle.prognosis.types import Chart

NEVER_JUDGED: Final = -1
FOLDS: Final = 5
REPEATS: Final = 5
EARLIER_SHARE: Final = 0.7  # of the patients, by admission, are learned from.


def patient_folds(
    charts: Sequence[Chart], *, folds: int = FOLDS, repeats: int = REPEATS, rng: np.random.Generator
) -> IntArray:
    """Deal patients into folds, each outcome evenly, anew for every repeat.

    Parameters
    ----------
    charts
        All stays; those of one patient go into one fold.
    folds
        How many.
    repeats
        How often patients are dealt.
    rng
        Source of the shuffling.

    Returns
    -------
    (repeats, charts) int64
        The fold in which a stay is judged: what is learned for it comes from all other folds.

    Raises
    ------
    ChartError
        There are fewer patients than folds.
    """
    patients, outcomes, place = _patients(charts)
    if len(patients) < folds:
        raise ChartError(
            f"found {len(patients)} patients – expected at least {folds}, one for each fold. Give "
            "a larger cohort.",
            code="chart-too-few-patients",
        )
    dealt = []
    for _ in range(repeats):
        shuffled = rng.permutation(len(patients))
        by_outcome = shuffled[np.argsort(outcomes[shuffled], kind="stable")]
        fold_of = np.empty(len(patients), np.int64)
        fold_of[by_outcome] = np.arange(len(patients)) % folds
        dealt.append(fold_of[place])
    return np.stack(dealt)


def temporal_fold(charts: Sequence[Chart], *, earlier_share: float = EARLIER_SHARE) -> IntArray:
    """Keep the patients who were admitted last to be judged, and learn from the earlier ones.

    Parameters
    ----------
    charts
        All stays, with dates of admission.
    earlier_share
        Of the patients, to learn from.

    Returns
    -------
    (1, charts) int64
        0 for the later patients, `NEVER_JUDGED` for the earlier. A patient's first stay decides.

    Raises
    ------
    ChartError
        A stay has no date of admission.
    """
    if any(not one.admitted_at for one in charts):
        missing = sum(not one.admitted_at for one in charts)
        raise ChartError(
            f"found {missing} of {len(charts)} stays without a date of admission – expected one "
            "of each, to judge later patients by earlier ones. Leave the temporal split out.",
            code="chart-no-admission",
        )
    first: dict[str, str] = {}
    for one in charts:
        first[one.patient] = min(one.admitted_at, first.get(one.patient, one.admitted_at))
    dates = sorted(first.values())
    cut = dates[min(len(dates) - 1, round(earlier_share * len(dates)))]
    is_later = [first[one.patient] >= cut for one in charts]
    return np.where(is_later, 0, NEVER_JUDGED).astype(np.int64)[None]


def learned_from(folds: IntArray, fold: int) -> BoolArray:
    """Return which stays are learned from where a fold is judged, (charts,) bool."""
    return np.asarray(folds != fold, np.bool_)


def _patients(charts: Sequence[Chart]) -> tuple[list[str], IntArray, IntArray]:
    """Return patients, a number for the outcome of each one's last stay, and each stay's place."""
    outcomes = {one.patient: "" if one.outcome is None else one.outcome.event for one in charts}
    patients = sorted(outcomes)
    place = {name: number for number, name in enumerate(patients)}
    kinds = sorted(set(outcomes.values()))
    return (
        patients,
        np.array([kinds.index(outcomes[name]) for name in patients], np.int64),
        np.array([place[one.patient] for one in charts], np.int64),
    )
