"""Deal patients into folds, so that nobody is on two sides."""

from collections.abc import Sequence

import numpy as np

from thoracle.core.arrays import BoolArray, IntArray
from thoracle.core.errors import ChartError
from thoracle.prognosis.types import Chart


def deal(has_event: BoolArray, folds: int, *, rng: np.random.Generator) -> IntArray:
    """Deal patients into folds that are alike in size and in how many have the event.

    Parameters
    ----------
    has_event : (patients,) bool
        Of each patient.
    folds
        How many.
    rng
        Source of randomness.

    Returns
    -------
    (patients,) int64
        The fold of each, from 0.

    Raises
    ------
    ChartError
        There are fewer patients with the event, or without it, than folds.
    """
    dealt = np.zeros(len(has_event), np.int64)
    for kind in (True, False):
        own = rng.permutation(np.flatnonzero(has_event == kind))
        if len(own) < folds:
            raise ChartError(
                f"found {len(own)} patients {'with' if kind else 'without'} the event – expected "
                f"{folds} or more, one in each fold. Add patients, or have fewer folds.",
                code="chart-too-few",
            )
        dealt[own] = np.arange(len(own)) % folds
    return dealt


def events_of(charts: Sequence[Chart], patients: Sequence[str], *, event: str) -> BoolArray:
    """Return which patients have the event in any of their stays.

    Parameters
    ----------
    charts
        The stays.
    patients
        Pseudonyms.
    event
        What is predicted.

    Returns
    -------
    (patients,) bool
        In the order of `patients`.
    """
    with_it = {
        one.patient for one in charts if one.outcome is not None and one.outcome.event == event
    }
    return np.array([one in with_it for one in patients], np.bool_)
