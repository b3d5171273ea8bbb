"""Baselines learn from summaries of other patients alone, and tell risks that make sense."""

from dataclasses import replace

import numpy as np
import pytest

from thoracle.datasets.prognosis.simulated import simulate
from thoracle.evaluation.roc import auroc
from thoracle.jobs.prognosis_baselines import (
    LEARNING_DAYS,
    Baseline,
    Rows,
    baselines,
    fitted_risks,
    last_sample_rows,
    learning_rows,
    out_of_fold_risks,
    rows_of,
)
from thoracle.jobs.prognosis_folds import NEVER_JUDGED, patient_folds
from thoracle.prognosis.landmarks import after_admission
from thoracle.prognosis.types import Chart

pytest.importorskip("sklearn")


@pytest.fixture(scope="module")
def learning() -> Rows:
    return learning_rows(_charts())


def _charts() -> tuple[Chart, ...]:
    return simulate(150, rng=np.random.default_rng(0)).cohort.charts


def _quick(baseline: Baseline) -> Baseline:
    return replace(baseline, tried=baseline.tried[:1])


@pytest.mark.parametrize("number", [0, 1])
def test_risks_of_patients_never_seen_rank_them_and_rise_with_the_horizon(
    number: int, learning: Rows
) -> None:
    charts = _charts()
    judged = rows_of(charts, after_admission(charts, days=1))
    folds = patient_folds(charts, folds=3, repeats=1, rng=np.random.default_rng(0))
    told = out_of_fold_risks(_quick(baselines()[number]), learning, judged, folds)
    assert told.shape == (1, len(judged.chart), 4)
    assert (np.diff(told, axis=2) >= 0).all()
    assert auroc(told[0, :, 3], judged.labels[:, 3] > 0) > 0.65


def test_who_is_judged_teaches_nothing(learning: Rows) -> None:
    charts = _charts()
    judged = rows_of(charts, after_admission(charts, days=1))
    folds = np.full((1, len(charts)), NEVER_JUDGED)
    folds[0, ::2] = 0
    logistic = _quick(baselines()[0])
    told = out_of_fold_risks(logistic, learning, judged, folds)
    odd = judged.chart % 2 == 1
    assert np.isnan(told[0, odd]).all()
    lies = replace(
        learning, labels=np.where((learning.chart % 2 == 0)[:, None], 1.0, learning.labels)
    )
    np.testing.assert_array_equal(told, out_of_fold_risks(logistic, lies, judged, folds))


def test_the_number_that_is_tried_is_chosen_by_patients_left_out(learning: Rows) -> None:
    useful = replace(baselines()[0], tried=(1e-9, 0.01))
    alone = replace(useful, tried=(0.01,))
    np.testing.assert_array_equal(
        fitted_risks(useful, learning, learning.features[:5]),
        fitted_risks(alone, learning, learning.features[:5]),
    )


def test_where_all_fared_alike_the_risk_is_that(learning: Rows) -> None:
    well = replace(learning, labels=np.zeros_like(learning.labels))
    np.testing.assert_array_equal(fitted_risks(baselines()[0], well, well.features[:3]), 0.0)


def test_last_samples_are_one_row_of_each_stay_and_learning_rows_are_of_several_days(
    learning: Rows,
) -> None:
    charts = _charts()
    last = last_sample_rows(charts)
    assert len(last.chart) == len(np.unique(last.chart))
    stays = np.bincount(learning.chart)
    assert stays.max() == len(LEARNING_DAYS)
