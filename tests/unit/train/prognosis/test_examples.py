"""Index times all along a stay, before its end; values ahead; scales."""

import numpy as np
import pytest
from tests.unit.prognosis.test_features import chart

from thoracle.prognosis.features import DAYS, STATICS
from thoracle.prognosis.types import DEATH, DISCHARGE, Chart, Landmark, Outcome
from thoracle.prognosis.variables import place_of
from thoracle.train.prognosis.examples import (
    examples,
    fit_scaling,
    seen_of,
    training_landmarks,
    values_ahead,
)

LDH, CRP, PH = place_of("ldh"), place_of("hs_crp"), place_of("ph")


def test_index_times_are_each_day_with_news_and_each_day_until_the_outcome() -> None:
    one = chart((2.0, LDH, 1.0), (5.0, LDH, 2.0), (50.0, CRP, 3.0))
    ended = Outcome(event=DEATH, time_h=80.0)
    charts = [
        one,
        Chart(**{name: getattr(one, name) for name in one.__slots__} | {"outcome": ended}),
    ]
    found = training_landmarks(charts, event=DEATH)
    assert [one.chart for one in found] == [1] * len(found)
    assert [one.index_h for one in found] == [5.0, 29.0, 50.0, 53.0, 77.0]
    assert [one.labels[0] for one in found] == [0, 0, 0, 0, 1]


def test_skewed_variables_are_shown_by_their_logarithm_and_rare_ones_not_at_all() -> None:
    rng = np.random.default_rng(3)
    charts = [
        chart((0.0, LDH, float(np.exp(rng.normal(5, 1)))), (1.0, PH, float(rng.normal(7.4, 0.1))))
        for _ in range(200)
    ]
    charts[0] = chart((0.0, CRP, 4.0))
    scaling = fit_scaling(charts, patients_min=2)
    assert scaling.places.tolist() == sorted([LDH, PH])
    assert fit_scaling(charts, patients_min=2, left_out=["ph"]).places.tolist() == [LDH]
    at = scaling.places.tolist().index(LDH)
    assert scaling.is_log.tolist() == [place == LDH for place in scaling.places.tolist()]
    assert scaling.mean[at] == pytest.approx(5, abs=0.2)
    assert scaling.sd[at] == pytest.approx(1, abs=0.2)


def test_what_variables_were_like_is_told_by_their_ends_and_by_who_had_them() -> None:
    charts = [chart((0.0, LDH, float(value))) for value in range(1001)]
    charts += [chart((0.0, LDH, 500.0), (1.0, PH, 7.4))] * 999
    seen = seen_of(charts, fit_scaling(charts, patients_min=1))
    assert seen.low.tolist() == pytest.approx([7.4, 2.0], abs=0.1)
    assert seen.high.tolist() == pytest.approx([7.4, 998.0], abs=0.1)
    assert seen.patients_share.tolist() == pytest.approx([0.4995, 1.0])


def test_of_no_charts_nothing_is_shown() -> None:
    assert fit_scaling([], patients_min=1).places.size == 0


def test_what_is_ahead_is_the_nearest_value_around_one_and_three_days() -> None:
    one = chart(
        (0.0, LDH, 1.0), (11.0, LDH, 2.0), (22.0, LDH, 3.0), (30.0, LDH, 4.0), (105.0, LDH, 5.0)
    )
    scaling = fit_scaling([one, chart((0.0, LDH, 3.0))], patients_min=1)
    landmark = Landmark(chart=0, index_h=0.0, labels=np.full(4, np.nan))
    found = values_ahead([one], [landmark], scaling)[0, :, 0]
    np.testing.assert_allclose(
        found,
        scaling.scale(np.array([3.0, 5.0]), np.array([0, 0])),
        rtol=1e-5,
    )
    later = Landmark(chart=0, index_h=40.0, labels=np.full(4, np.nan))
    assert np.isnan(values_ahead([one], [later], scaling)[0, 0, 0])


def test_stays_of_one_patient_are_of_one_owner() -> None:
    rows = (0.0, LDH, 2.0), (30.0, LDH, 3.0)
    charts = [
        chart(*rows, patient=name, outcome=Outcome(event=DISCHARGE, time_h=40.0))
        for name in ("b", "a", "b")
    ]
    landmarks = training_landmarks(charts, event=DEATH)
    made = examples(charts, landmarks, fit_scaling(charts, patients_min=1))
    assert made.patients == ("a", "b")
    assert made.owners.tolist() == [0] * 3 + [1] * 6
    assert made.packed.shape == (9, DAYS, 3 + len(STATICS))
    assert made.labels.shape == (9, 4)
