"""Simulated charts: the truth is a Markov chain's, and the values tell of it."""

import numpy as np
import pytest

from thoracle.datasets.prognosis.simulated import (
    LEVELS,
    STATES,
    Simulation,
    risk_of_states,
    simulate,
    simulate_cohort,
    transitions,
)
from thoracle.prognosis.types import DEATH, DISCHARGE
from thoracle.prognosis.variables import VARIABLES, place_of


@pytest.fixture(scope="module")
def made() -> Simulation:
    """Return a thousand patients."""
    return simulate(1000, rng=np.random.default_rng(5))


def test_chances_of_a_step_sum_to_one() -> None:
    np.testing.assert_allclose(transitions().sum(axis=1), 1.0)
    assert (transitions() >= 0).all()


def test_risks_never_fall_with_time_and_death_is_certain_once_it_came() -> None:
    risks = risk_of_states()
    assert (np.diff(risks, axis=1) >= -1e-12).all()
    assert risks[STATES].tolist() == [1, 1, 1, 1]
    assert risks[STATES + 1].tolist() == [0, 0, 0, 0]
    assert (risks[LEVELS:STATES, 3] > risks[:LEVELS, 3]).all()


def test_the_true_risk_is_what_came(made: Simulation) -> None:
    charts = made.cohort.charts
    there = [
        place
        for place, chart in enumerate(charts)
        if chart.outcome is not None and chart.outcome.time_h > 72
    ]
    told = np.array([made.true_risk(place, 72.0) for place in there])
    for horizon, days in enumerate((1, 3, 7)):
        came = [
            (end := charts[place].outcome) is not None
            and end.event == DEATH
            and end.time_h <= 72 + 24 * days
            for place in there
        ]
        spread = np.sqrt((told[:, horizon] * (1 - told[:, horizon])).sum())
        assert abs(sum(came) - told[:, horizon].sum()) < 4 * spread


def test_the_same_generator_gives_the_same_charts() -> None:
    one, two = (simulate_cohort(20, rng=np.random.default_rng(3)).charts for _ in range(2))
    for first, second in zip(one, two, strict=True):
        np.testing.assert_array_equal(first.values, second.values)
        np.testing.assert_array_equal(first.times_h, second.times_h)
        assert (first.patient, first.outcome) == (second.patient, second.outcome)


def test_nothing_is_measured_after_the_outcome_and_all_is_plausible(made: Simulation) -> None:
    for chart in made.cohort.charts:
        assert (np.diff(chart.times_h) >= 0).all()
        assert chart.outcome is None or (chart.times_h <= chart.outcome.time_h).all()
        low = np.array([VARIABLES[place].low for place in chart.variables])
        high = np.array([VARIABLES[place].high for place in chart.variables])
        assert ((chart.values >= low) & (chart.values <= high)).all()


def test_who_dies_has_more_ldh_at_the_end_and_is_measured_more_often(made: Simulation) -> None:
    last: dict[str, list[tuple[float, int]]] = {DEATH: [], DISCHARGE: []}
    for chart in made.cohort.charts:
        if chart.outcome is not None and chart.outcome.time_h > 96:
            is_late = chart.times_h >= chart.outcome.time_h - 48
            chosen = chart.values[is_late & (chart.variables == place_of("ldh"))]
            if chosen.size:
                last[chart.outcome.event].append((float(chosen.mean()), int(is_late.sum())))
    dead, alive = (np.mean(last[event], axis=0) for event in (DEATH, DISCHARGE))
    assert dead[0] > 1.5 * alive[0]
    assert dead[1] > 1.2 * alive[1]


def test_a_cohort_says_that_it_is_simulated(made: Simulation) -> None:
    (source,) = made.cohort.sources
    assert source.citation == "Simulated by Thoracle: no patient."
    assert made.cohort.problems == ()
