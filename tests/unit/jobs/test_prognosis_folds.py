"""Patients are dealt into folds whole, outcomes evenly; later patients are judged by earlier."""

from dataclasses import replace

import numpy as np
import pytest

from thoracle.core.errors import ChartError
from thoracle.datasets.prognosis.simulated import simulate_cohort
from thoracle.jobs.prognosis_folds import (
    NEVER_JUDGED,
    learned_from,
    patient_folds,
    temporal_fold,
)
from thoracle.prognosis.types import DEATH, Chart


def _charts(patients: int = 60) -> list[Chart]:
    return list(simulate_cohort(patients, rng=np.random.default_rng(0)).charts)


def test_every_stay_is_judged_once_in_each_repeat_and_outcomes_are_dealt_evenly() -> None:
    charts = _charts()
    folds = patient_folds(charts, folds=5, repeats=3, rng=np.random.default_rng(1))
    is_death = np.array([one.outcome is not None and one.outcome.event == DEATH for one in charts])
    for row in folds:
        np.testing.assert_array_equal(np.bincount(row), np.full(5, 12))
        deaths = np.bincount(row[is_death], minlength=5)
        assert deaths.max() - deaths.min() <= 1
    assert (folds[0] != folds[1]).any()


def test_stays_of_one_patient_are_in_one_fold() -> None:
    charts = _charts()
    twice = [*charts, *(replace(one, admitted_at="2020-06-01T00:00:00") for one in charts[:20])]
    folds = patient_folds(twice, rng=np.random.default_rng(1))
    np.testing.assert_array_equal(folds[:, :20], folds[:, 60:])


def test_what_is_judged_is_not_learned_from() -> None:
    folds = np.array([0, 1, 2, NEVER_JUDGED])
    np.testing.assert_array_equal(learned_from(folds, 1), [True, False, True, True])


def test_fewer_patients_than_folds_are_refused() -> None:
    with pytest.raises(ChartError, match="found 3 patients – expected at least 5"):
        patient_folds(_charts()[:3], rng=np.random.default_rng(1))


def test_later_patients_are_judged_and_no_earlier_one_is() -> None:
    charts = _charts()
    (fold,) = temporal_fold(charts)
    dates = np.array([one.admitted_at for one in charts])
    assert max(dates[fold == NEVER_JUDGED]) < min(dates[fold == 0])
    assert (fold == 0).sum() == 18


def test_a_patient_who_comes_again_stays_on_the_side_of_the_first_stay() -> None:
    charts = _charts()
    first = int(np.argmin([one.admitted_at for one in charts]))
    again = [*charts, replace(charts[first], admitted_at="2021-01-01T00:00:00")]
    assert temporal_fold(again)[0, -1] == NEVER_JUDGED


def test_a_stay_without_a_date_leaves_no_temporal_split() -> None:
    charts = _charts()
    with pytest.raises(ChartError, match="1 of 60 stays without a date"):
        temporal_fold([*charts[:-1], replace(charts[-1], admitted_at="")])
