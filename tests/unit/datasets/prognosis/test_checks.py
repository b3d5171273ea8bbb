"""What cannot be true is kept out of charts, and told."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from thoracle.datasets.prognosis.checks import Reading, Stay, charts_of, together
from thoracle.datasets.prognosis.problems import Kind, Problem, Problems
from thoracle.prognosis.types import DEATH, Chart, Outcome
from thoracle.prognosis.variables import VARIABLES, place_of

Line = tuple[int, float, str, float]


def _stay(patient: str = "a", end_h: float | None = 48.0) -> Stay:
    outcome = None if end_h is None else Outcome(event=DEATH, time_h=end_h)
    return Stay(patient=patient, age_years=70.0, sex="F", admitted_at="", outcome=outcome)


def _checked(
    lines: list[Line], *stays: Stay, unit: int = 0
) -> tuple[tuple[Chart, ...], tuple[Problem, ...]]:
    problems = Problems("ward.csv")
    readings = together(
        [
            Reading(
                row=row,
                stay=line[0],
                time_h=line[1],
                variable=place_of(line[2]),
                value=line[3],
                unit=unit,
            )
            for row, line in enumerate(lines, start=2)
        ]
    )
    return charts_of(stays or (_stay(),), readings, problems), problems.all


def test_values_are_sorted_by_time_within_their_own_stay() -> None:
    lines = [(1, 5.0, "ldh", 300.0), (0, 9.0, "ldh", 250.0), (0, 1.0, "urea", 5.0)]
    charts, problems = _checked(lines, _stay("a"), _stay("b"), _stay("c"))
    assert [chart.times_h.tolist() for chart in charts] == [[1.0, 9.0], [5.0], []]
    assert charts[0].variables.tolist() == [place_of("urea"), place_of("ldh")]
    assert [chart.patient for chart in charts] == ["a", "b", "c"]
    assert problems == ()


def test_what_comes_after_the_outcome_is_kept_out_and_at_it_is_kept() -> None:
    (chart,), (problem,) = _checked([(0, 48.0, "ldh", 300.0), (0, 48.01, "ldh", 900.0)])
    assert chart.values.tolist() == [300.0]
    assert (problem.kind, problem.places) == (Kind.AFTER_OUTCOME, (3,))


def test_without_an_outcome_nothing_is_late() -> None:
    (chart,), problems = _checked([(0, 1e4, "ldh", 300.0)], _stay(end_h=None))
    assert chart.values.size == 1
    assert problems == ()


def test_what_is_from_long_before_admission_is_kept_and_told() -> None:
    lines = [(0, -646.0, "ldh", 300.0), (0, -336.0, "ldh", 310.0), (0, 1.0, "ldh", 320.0)]
    (chart,), (problem,) = _checked(lines)
    assert chart.values.tolist() == [300.0, 310.0, 320.0]
    assert (problem.kind, problem.places) == (Kind.LONG_BEFORE, (2,))
    assert "Look whether day and month were swapped." in problem.text


def test_what_has_no_time_is_kept_out() -> None:
    (chart,), (problem,) = _checked([(0, float("nan"), "ldh", 300.0)])
    assert chart.values.size == 0
    assert problem.kind is Kind.NO_TIME


@pytest.mark.parametrize(
    ("name", "value", "kind", "detail"),
    [
        ("hemoglobin", 13.5, Kind.OTHER_UNIT, "g/dL"),
        ("temperature", 98.6, Kind.OTHER_UNIT, "°F"),
        ("glucose", 110.0, Kind.OTHER_UNIT, "mg/dL"),
        ("creatinine", 1.1, Kind.OTHER_UNIT, "mg/dL"),
        ("total_bilirubin", 0.6, Kind.OTHER_UNIT, "mg/dL"),
        ("white_cell_count", 7500.0, Kind.OTHER_UNIT, "/µL"),
        ("platelet_count", -1.0, Kind.IMPOSSIBLE, ""),
        ("potassium", 12.8, Kind.IMPOSSIBLE, ""),
        ("ldh", float("nan"), Kind.IMPOSSIBLE, ""),
    ],
)
def test_another_unit_is_told_from_an_impossible_value_and_neither_is_mended(
    name: str, value: float, kind: Kind, detail: str
) -> None:
    (chart,), (problem,) = _checked([(0, 1.0, name, value)])
    assert chart.values.size == 0
    assert (problem.kind, problem.variable, problem.detail) == (kind, name, detail)


def test_a_declared_unit_is_converted() -> None:
    (chart,), problems = _checked([(0, 1.0, "hemoglobin", 13.5)], unit=1)
    assert chart.values.tolist() == [135.0]
    assert problems == ()


def test_a_declared_unit_that_is_not_the_one_of_the_values_is_told() -> None:
    (chart,), (problem,) = _checked([(0, 1.0, "hemoglobin", 135.0)], unit=1)
    assert chart.values.size == 0
    assert (problem.kind, problem.detail) == (Kind.OTHER_UNIT, "g/L")
    assert "plausible in g/L – expected the unit that was declared" in problem.text


def test_a_column_of_shares_that_are_plausible_percentages_is_told_and_kept() -> None:
    lines = [(0, float(hour), "lymphocyte_percent", 0.18) for hour in range(10)]
    (chart,), (problem,) = _checked(lines)
    assert chart.values.size == 10
    assert (problem.kind, problem.detail, problem.values) == (Kind.DOUBTFUL_UNIT, "1", 10)
    _, problems = _checked(lines[:9])
    assert problems == ()


@pytest.mark.parametrize(("name", "value"), [("hs_crp", 120.0), ("ldh", 1500.0), ("urea", 30.0)])
def test_a_column_of_the_very_ill_is_no_doubt(name: str, value: float) -> None:
    _, problems = _checked([(0, float(hour), name, value) for hour in range(12)])
    assert problems == ()


def test_of_the_same_value_at_the_same_time_one_is_kept() -> None:
    (chart,), (problem,) = _checked([(0, 1.0, "ldh", 300.0), (0, 1.0, "ldh", 300.0)])
    assert chart.values.tolist() == [300.0]
    assert (problem.kind, problem.places, problem.values) == (Kind.REPEATED, (3,), 1)


def test_of_different_values_at_the_same_time_none_is_kept() -> None:
    lines = [(0, 1.0, "ldh", 300.0), (0, 1.0, "ldh", 310.0), (0, 1.0, "urea", 5.0)]
    (chart,), (problem,) = _checked(lines)
    assert chart.variables.tolist() == [place_of("urea")]
    assert (problem.kind, problem.places, problem.values) == (Kind.CONTRADICTORY, (2, 3), 2)


def test_two_stays_do_not_contradict_each_other() -> None:
    lines = [(0, 1.0, "ldh", 300.0), (1, 1.0, "ldh", 310.0)]
    _, problems = _checked(lines, _stay("a"), _stay("b"))
    assert problems == ()


@given(
    st.lists(
        st.tuples(
            st.integers(0, 2),
            st.floats(-10, 100) | st.just(np.nan),
            st.sampled_from(["ldh", "hemoglobin", "temperature"]),
            st.floats(-1e3, 1e3) | st.just(np.nan),
        ),
        max_size=30,
    )
)
def test_whatever_comes_charts_hold_what_may_be_true_alone(lines: list[Line]) -> None:
    charts, _ = _checked(lines, _stay("a"), _stay("b", 10.0), _stay("c", None))
    for chart in charts:
        ends_h = np.inf if chart.outcome is None else chart.outcome.time_h
        assert np.isfinite(chart.times_h).all()
        assert (np.diff(chart.times_h) >= 0).all()
        assert (chart.times_h <= ends_h).all()
        for place, value in zip(chart.variables, chart.values, strict=True):
            assert VARIABLES[place].low <= value <= VARIABLES[place].high
        pairs = list(zip(chart.times_h, chart.variables, strict=True))
        assert len(set(pairs)) == len(pairs)
