import numpy as np
import pytest

from thoracle.prognosis.landmarks import (
    after_admission,
    before_outcome,
    known_at,
    labels_at,
    narrowed,
    unlabeled,
)
from thoracle.prognosis.types import DEATH, DISCHARGE, ICU, Chart, Outcome


def chart(*times_h: float, outcome: Outcome | None = None) -> Chart:
    """Return a chart of one variable, whose values are its times."""
    return Chart(
        patient="p",
        age_years=50.0,
        sex="F",
        admitted_at="",
        times_h=np.array(times_h),
        variables=np.zeros(len(times_h), np.int64),
        values=np.array(times_h),
        outcome=outcome,
    )


def died(time_h: float) -> Outcome:
    return Outcome(event=DEATH, time_h=time_h)


def test_what_was_measured_at_the_index_time_is_known_and_what_came_later_is_not() -> None:
    known = known_at(chart(-3.0, 0.0, 24.0, 24.1, outcome=died(99.0)), 24.0)
    assert known.values.tolist() == [-3.0, 0.0, 24.0]
    assert known.outcome is None


@pytest.mark.parametrize(
    ("time_h", "labels"),
    [
        (24.0, [1, 1, 1, 1]),
        (24.1, [0, 1, 1, 1]),
        (72.1, [0, 0, 1, 1]),
        (168.0, [0, 0, 1, 1]),
        (169.0, [0, 0, 0, 1]),
    ],
)
def test_a_death_counts_in_each_horizon_that_reaches_it(time_h: float, labels: list[int]) -> None:
    assert labels_at(died(time_h), 0.0).tolist() == labels
    assert labels_at(died(time_h + 48), 48.0).tolist() == labels


def test_who_goes_home_has_no_event_in_any_horizon() -> None:
    assert labels_at(Outcome(event=DISCHARGE, time_h=30.0), 0.0).tolist() == [0, 0, 0, 0]


def test_after_intensive_care_nobody_knows_of_death() -> None:
    labels = labels_at(Outcome(event=ICU, time_h=50.0), 0.0)
    np.testing.assert_array_equal(labels, [0, np.nan, np.nan, np.nan])
    assert labels_at(Outcome(event=ICU, time_h=50.0), 0.0, event=ICU).tolist() == [0, 1, 1, 1]


def test_who_dies_did_not_come_to_intensive_care() -> None:
    assert labels_at(died(30.0), 0.0, event=ICU).tolist() == [0, 0, 0, 0]


def test_nothing_is_told_of_a_stay_without_outcome_or_after_its_end() -> None:
    assert np.isnan(labels_at(None, 0.0)).all()
    assert np.isnan(labels_at(died(10.0), 10.5)).all()


def test_after_admission_are_patients_who_are_still_there_and_known() -> None:
    charts = [
        chart(1.0, outcome=died(20.0)),
        chart(1.0, outcome=died(24.0)),
        chart(1.0, 30.0, outcome=died(50.0)),
        chart(30.0, outcome=died(50.0)),
        chart(1.0),
    ]
    found = after_admission(charts, days=1)
    assert [(one.chart, one.index_h) for one in found] == [(2, 24.0), (4, 24.0)]
    assert found[0].labels.tolist() == [0, 1, 1, 1]


def test_before_outcome_counts_back_from_the_end_where_something_was_known() -> None:
    charts = [
        chart(1.0, outcome=died(100.0)),
        chart(40.0, outcome=died(100.0)),
        chart(1.0),
        chart(-30.0, outcome=died(47.0)),
    ]
    found = before_outcome(charts, days=3)
    assert [(one.chart, one.index_h) for one in found] == [(0, 28.0), (3, -25.0)]
    assert found[0].labels.tolist() == [0, 1, 1, 1]


def test_what_is_left_out_of_a_chart_was_never_measured_and_all_else_stays() -> None:
    whole = chart(0.0, 24.0, 48.0, outcome=died(99.0))
    some = narrowed(whole, np.array([True, False, True]))
    assert (some.times_h.tolist(), some.values.tolist()) == ([0.0, 48.0], [0.0, 48.0])
    assert some.variables.size == 2
    assert (some.age_years, some.outcome) == (50.0, died(99.0))
    assert whole.values.size == 3


def test_a_landmark_to_be_told_of_has_its_chart_and_time_and_no_label() -> None:
    made = unlabeled([5.0, 7.0])
    assert [(one.chart, one.index_h) for one in made] == [(0, 5.0), (1, 7.0)]
    assert all(np.isnan(one.labels).all() and one.labels.size == 4 for one in made)
