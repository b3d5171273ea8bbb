"""Models are asked at landmarks of all kinds, shown no label, and matched to what others told."""

from dataclasses import replace

import numpy as np
import pytest

from thoracle.core.errors import ChartError
from thoracle.datasets.prognosis.out_of_fold import OutOfFold
from thoracle.datasets.prognosis.simulated import simulate_cohort
from thoracle.jobs.prognosis_asked import (
    STAY,
    Asked,
    asked_of,
    folds_of,
    news2_parts,
    only_markers,
    told_by_network,
    told_by_news2,
    told_by_rule,
    told_out_of_fold,
    told_risks,
)
from thoracle.jobs.prognosis_folds import NEVER_JUDGED
from thoracle.prognosis.rule import MARKERS
from thoracle.prognosis.types import Chart, Landmark, Risks
from thoracle.prognosis.variables import VARIABLES


@pytest.fixture(scope="module")
def charts() -> tuple[Chart, ...]:
    return simulate_cohort(80, rng=np.random.default_rng(0)).charts


@pytest.fixture(scope="module")
def asked(charts: tuple[Chart, ...]) -> Asked:
    return asked_of(charts, admission_days=(1, 3), outcome_days=(0, 3))


def _told(asked: Asked, kept: slice = slice(None)) -> OutOfFold:
    landmarks = asked.landmarks[kept]
    rows = len(landmarks)
    return OutOfFold(
        model="network",
        patient=tuple(asked.charts[one.chart].patient for one in landmarks),
        index_h=np.array([one.index_h + 1e-9 for one in landmarks]),
        repeat=np.zeros(rows, np.int64),
        fold=np.array([one.chart % 3 for one in landmarks]),
        is_only_three=np.zeros(rows, np.bool_),
        risks=np.linspace(0, 1, rows)[:, None].repeat(4, axis=1),
    )


def test_kinds_hold_their_landmarks_and_say_what_they_are(asked: Asked) -> None:
    assert [one.name for one in asked.kinds] == [
        "admission + 1 days",
        "admission + 3 days",
        "outcome − 0 days",
        "outcome − 3 days",
    ]
    for one, kind in zip(asked.landmarks, asked.kind.tolist(), strict=True):
        outcome = asked.charts[one.chart].outcome
        assert outcome is not None
        days = asked.kinds[kind].days
        expected = outcome.time_h - 24 * days if asked.kinds[kind].is_anchored else 24 * days
        assert one.index_h == pytest.approx(expected)


def test_a_network_is_shown_no_label(asked: Asked) -> None:
    class Peeking:
        def predict(self, _charts: object, landmarks: tuple[Landmark, ...]) -> Risks:
            assert np.isnan([one.labels for one in landmarks]).all()
            half = np.full((len(landmarks), 4), 0.5)
            empty = np.empty((len(landmarks), 0))
            return Risks(risks=half, low=half, high=half, day_attention=empty, contributions=empty)

    told = told_by_network("network", Peeking(), asked)  # type: ignore[arg-type]
    assert told.risks.shape == (1, len(asked.landmarks), 4)


def test_the_rule_answers_most_and_is_no_probability(asked: Asked) -> None:
    told = told_by_rule(asked)
    answered = told.risks[~np.isnan(told.risks)]
    assert set(np.unique(answered)) == {0.0, 1.0}
    assert not told.is_probability


def test_news2_is_a_share_of_its_highest_sum_and_says_how_much_is_known(asked: Asked) -> None:
    told = told_by_news2(asked).risks[0, :, STAY]
    known = told[~np.isnan(told)]
    assert (known >= 0).all()
    assert (known <= 1).all()
    assert 0 < news2_parts(asked) <= 6  # the simulator knows nothing of consciousness


def test_what_was_told_out_of_fold_is_found_by_patient_and_time(asked: Asked) -> None:
    told = _told(asked, slice(0, 50))
    found = told_out_of_fold(told, asked, is_only_three=False)
    first = found.risks[0, :50, 0]
    np.testing.assert_allclose(first, told.risks[:, 0])
    assert np.isnan(found.risks[0, 50:]).any()
    assert np.isnan(told_out_of_fold(told, asked, is_only_three=True).risks).all()


def test_folds_are_those_that_networks_were_trained_in(asked: Asked) -> None:
    told = _told(asked)
    (folds,) = folds_of(told, asked.charts)
    for place in {one.chart for one in asked.landmarks}:
        assert folds[place] == place % 3
    (few,) = folds_of(_told(asked, slice(0, 1)), asked.charts)
    assert (few == NEVER_JUDGED).sum() == len(asked.charts) - 1


def test_only_the_three_markers_are_left_and_neither_age_nor_sex(
    charts: tuple[Chart, ...],
) -> None:
    for bare in only_markers(charts):
        assert {VARIABLES[one].name for one in bare.variables.tolist()} <= set(MARKERS)
        assert np.isnan(bare.age_years)
        assert bare.sex == ""


def test_only_landmarks_whose_label_is_known_are_judged(asked: Asked) -> None:
    landmark = replace(asked.landmarks[0], labels=np.array([0.0, np.nan, np.nan, np.nan]))
    unsure = replace(asked, landmarks=(landmark, *asked.landmarks[1:]))
    rows = np.arange(5)
    assert len(told_risks(told_by_rule(unsure), unsure, rows=rows, horizon=0).patient) == 5
    assert len(told_risks(told_by_rule(unsure), unsure, rows=rows, horizon=1).patient) == 4


def test_charts_without_outcomes_are_refused(charts: tuple[Chart, ...]) -> None:
    with pytest.raises(ChartError, match="no stay with an outcome"):
        asked_of([replace(one, outcome=None) for one in charts])
