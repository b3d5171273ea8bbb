import math
from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np
import pytest
import scipy
from hypothesis import given
from hypothesis import strategies as st

from thoracle.prognosis.next_test import Likely, next_tests
from thoracle.prognosis.types import Chart, Landmark, Outcome, Risks

A, B, C = 3, 5, 9


class Toy:
    """Tells any function of the last values that are known, the same for each horizon."""

    def __init__(self, risk: Callable[[dict[int, float]], float]) -> None:
        self._risk = risk

    def predict(self, charts: Sequence[Chart], landmarks: Sequence[Landmark]) -> Risks:
        told = np.array([self._of(charts[one.chart]) for one in landmarks])
        risks = np.repeat(told[:, None], 4, axis=1)
        nothing = np.zeros((len(landmarks), 1))
        return Risks(
            risks=risks, low=risks, high=risks, day_attention=nothing, contributions=nothing[None]
        )

    def _of(self, chart: Chart) -> float:
        assert chart.outcome is None
        assert (np.diff(chart.times_h) >= 0).all()
        return self._risk(dict(zip(chart.variables.tolist(), chart.values.tolist(), strict=True)))


def chart_of(*rows: tuple[float, int, float]) -> Chart:
    times_h, variables, values = zip(*rows, strict=True)
    return Chart(
        patient="a",
        age_years=math.nan,
        sex="",
        admitted_at="",
        times_h=np.array(times_h, np.float64),
        variables=np.array(variables, np.int64),
        values=np.array(values, np.float64),
        outcome=Outcome(event="death", time_h=90.0),
    )


def likely(variable: int, low: float = -1.96, high: float = 1.96, median: float = 0.0) -> Likely:
    return Likely(variable=variable, low=low, median=median, high=high, is_forecast=True)


def _risk(known: dict[int, float]) -> float:
    return 0.5 + 0.1 * known.get(A, 0) + 0.02 * known.get(B, 0)


def test_likely_values_lie_at_the_quantiles_that_they_stand_for() -> None:
    values = likely(A, low=8.0, median=10.0, high=16.0).values
    shares = (np.arange(9) + 0.5) / 9
    below = scipy.stats.norm(10, 2 / scipy.stats.norm.ppf(0.975))
    above = scipy.stats.norm(10, 6 / scipy.stats.norm.ppf(0.975))
    expected = np.where(shares < 0.5, below.ppf(shares), above.ppf(shares))
    np.testing.assert_allclose(values, expected, rtol=1e-6)


def test_what_moves_the_risk_furthest_comes_first() -> None:
    found = next_tests(
        chart_of((0, C, 1.0)), [likely(B), likely(A)], index_h=30, model=Toy(_risk), horizon=3
    )
    assert [one.likely.variable for one in found] == [A, B]
    expected = 0.1 * np.abs(likely(A).values).mean()
    np.testing.assert_allclose(found[0].expected_change, expected)
    np.testing.assert_allclose(found[1].expected_change, expected / 5)
    assert found[0].age_h is None


def test_information_is_that_between_the_value_and_the_event() -> None:
    (found,) = next_tests(
        chart_of((0, C, 1.0)), [likely(A)], index_h=0, model=Toy(_risk), horizon=3
    )
    risks = 0.5 + 0.1 * likely(A).values
    joint = np.stack([risks, 1 - risks]) / risks.size
    independent = joint.sum(axis=1, keepdims=True) @ joint.sum(axis=0, keepdims=True)
    expected = scipy.special.rel_entr(joint, independent).sum() / math.log(2)
    np.testing.assert_allclose(found.information_bits, expected)


def test_a_test_that_says_all_gives_one_bit() -> None:
    model = Toy(lambda known: 0.5 if A not in known else float(known[A] > 0))
    even = Likely(variable=A, low=-2, median=1e-9, high=2, is_forecast=False)
    (found,) = next_tests(chart_of((0, C, 1.0)), [even], index_h=0, model=model, horizon=0)
    # Of nine equally likely values, five say yes.
    assert found.information_bits[0] == pytest.approx(scipy.stats.entropy([5, 4], base=2))
    np.testing.assert_allclose(found.expected_change, 0.5)


def test_what_was_measured_within_a_day_is_passed_over() -> None:
    chart = chart_of((0.0, B, 0.0), (6.0, A, 0.0))
    tests = next_tests(chart, [likely(A), likely(B)], index_h=24, model=Toy(_risk), horizon=3)
    assert [(one.likely.variable, one.age_h) for one in tests] == [(B, 24.0)]


def test_what_comes_later_changes_nothing() -> None:
    early = chart_of((0, C, 1.0))
    late = chart_of((0, C, 1.0), (40.0, A, 99.0))
    first, second = (
        next_tests(one, [likely(A)], index_h=30, model=Toy(_risk), horizon=3)
        for one in (early, late)
    )
    assert first[0].likely == second[0].likely
    np.testing.assert_array_equal(first[0].expected_change, second[0].expected_change)


def test_with_nothing_to_measure_nothing_is_told() -> None:
    chart = replace(chart_of((0, C, 1.0)), age_years=50.0)
    assert next_tests(chart, [], index_h=0, model=Toy(_risk), horizon=3) == ()


@given(slope=st.floats(-0.2, 0.2), low=st.floats(-3, 0), high=st.floats(0, 3))
def test_information_is_never_below_nothing_nor_above_a_bit(
    slope: float, low: float, high: float
) -> None:
    model = Toy(lambda known: 0.5 + slope * float(np.tanh(known.get(A, 0))))
    one = likely(A, low=low, high=high)
    (found,) = next_tests(chart_of((0, C, 1.0)), [one], index_h=0, model=model, horizon=2)
    assert (found.information_bits >= -1e-12).all()
    assert (found.information_bits <= 1).all()
