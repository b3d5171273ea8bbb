"""NEWS2 scores each observation by the chart of the Royal College of Physicians."""

from collections.abc import Mapping

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from thoracle.prognosis.news2 import PARTS, Score, news2
from thoracle.prognosis.types import Chart
from thoracle.prognosis.variables import place_of

NORMAL = {
    "respiratory_rate": 16.0,
    "spo2": 97.0,
    "supplemental_oxygen": 0.0,
    "systolic_pressure": 120.0,
    "heart_rate": 70.0,
    "consciousness": 0.0,
    "temperature": 37.0,
}


def _score(values: Mapping[str, float | None], *, is_scale_2: bool = False) -> Score:
    known = {name: value for name, value in {**NORMAL, **values}.items() if value is not None}
    chart = Chart(
        patient="p",
        age_years=np.nan,
        sex="",
        admitted_at="",
        times_h=np.zeros(len(known)),
        variables=np.array([place_of(name) for name in known], np.int64),
        values=np.array(list(known.values()), np.float64),
        outcome=None,
    )
    return news2(chart, 0.0, is_scale_2=is_scale_2)


def test_normal_observations_score_0_and_are_a_low_risk() -> None:
    found = _score({})
    assert (found.points, found.low, found.high) == (0, 0, 0)
    assert found.is_complete
    assert found.risk == "low"


@pytest.mark.parametrize(
    ("name", "points"),
    [
        ("respiratory_rate", {8: 3, 9: 1, 11: 1, 12: 0, 20: 0, 21: 2, 24: 2, 25: 3}),
        ("spo2", {91: 3, 92: 2, 93: 2, 94: 1, 95: 1, 96: 0, 100: 0}),
        ("supplemental_oxygen", {0: 0, 1: 2}),
        ("systolic_pressure", {90: 3, 91: 2, 100: 2, 101: 1, 110: 1, 111: 0, 219: 0, 220: 3}),
        ("heart_rate", {40: 3, 41: 1, 50: 1, 51: 0, 90: 0, 91: 1, 110: 1, 111: 2, 130: 2, 131: 3}),
        ("consciousness", {0: 0, 1: 3}),
        ("temperature", {35.0: 3, 35.1: 1, 36.0: 1, 36.1: 0, 38.0: 0, 38.1: 1, 39.0: 1, 39.1: 2}),
    ],
)
def test_each_observation_scores_as_chart_1_has_it(name: str, points: dict[float, int]) -> None:
    assert {value: _score({name: value}).points for value in points} == points


@pytest.mark.parametrize(
    ("oxygen", "points"),
    [
        (0.0, {83: 3, 84: 2, 85: 2, 86: 1, 87: 1, 88: 0, 92: 0, 93: 0, 99: 0}),
        (1.0, {83: 3, 84: 2, 85: 2, 86: 1, 87: 1, 88: 0, 92: 0, 93: 1, 94: 1, 95: 2, 96: 2, 97: 3}),
    ],
)
def test_scale_2_scores_a_saturation_above_target_on_oxygen_alone(
    oxygen: float, points: dict[float, int]
) -> None:
    found = {
        value: _score({"spo2": value, "supplemental_oxygen": oxygen}, is_scale_2=True)
        .parts[1]
        .points
        for value in points
    }
    assert found == points


def test_scale_2_cannot_score_a_high_saturation_where_oxygen_is_unknown() -> None:
    found = _score({"spo2": 96.0, "supplemental_oxygen": None}, is_scale_2=True)
    assert found.missing == ("spo2", "supplemental_oxygen")
    low = _score({"spo2": 85.0, "supplemental_oxygen": None}, is_scale_2=True)
    assert low.missing == ("supplemental_oxygen",)


def test_a_partial_score_says_what_is_missing_and_what_it_can_be() -> None:
    found = _score({"heart_rate": 120.0, "consciousness": None, "supplemental_oxygen": None})
    assert (found.points, found.low, found.high) == (2, 2, 7)
    assert found.missing == ("supplemental_oxygen", "consciousness")
    assert not found.is_complete


def test_nothing_known_has_no_score_and_no_risk() -> None:
    found = _score(dict.fromkeys(NORMAL))
    assert (found.points, found.low, found.high, found.risk) == (None, 0, 20, None)
    assert found.missing == PARTS


@pytest.mark.parametrize(
    ("values", "risk"),
    [
        ({"respiratory_rate": 8.0}, "low-medium"),
        ({"heart_rate": 120.0, "systolic_pressure": 95.0}, "low"),
        ({"heart_rate": 131.0, "systolic_pressure": 95.0}, "medium"),
        ({"heart_rate": 131.0, "systolic_pressure": 90.0, "spo2": 95.0}, "high"),
    ],
)
def test_the_risk_is_that_of_chart_2(values: dict[str, float], risk: str) -> None:
    assert _score(values).risk == risk


@given(st.sets(st.sampled_from(PARTS)), st.floats(80, 100), st.booleans())
def test_the_whole_score_lies_within_what_a_partial_one_can_be(
    hidden: set[str], spo2: float, is_scale_2: bool
) -> None:
    whole = _score({"spo2": spo2}, is_scale_2=is_scale_2)
    part = _score({"spo2": spo2} | dict.fromkeys(hidden), is_scale_2=is_scale_2)
    assert whole.points is not None
    assert part.low <= whole.points <= part.high
