import math
from collections.abc import Callable, Sequence
from dataclasses import replace
from itertools import permutations as all_orders

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from thoracle.core.arrays import DoubleArray
from thoracle.core.errors import ChartError
from thoracle.prognosis.explain import AGE, SEX, attribute, parts_of, predict_each, with_parts
from thoracle.prognosis.types import Chart, Landmark, Outcome, Risks


class Toy:
    """Tells any function of what is known, {part: last value}, the same for each horizon."""

    def __init__(self, risk: Callable[[dict[int, float]], float]) -> None:
        self._risk, self.asked = risk, 0

    def predict(self, charts: Sequence[Chart], landmarks: Sequence[Landmark]) -> Risks:
        self.asked += len(landmarks)
        told = np.array([self._of(charts[one.chart], one.index_h) for one in landmarks])
        risks = told[:, None] * np.array([0.25, 0.5, 0.75, 1.0])
        nothing = np.zeros((len(landmarks), 1))
        return Risks(
            risks=risks, low=risks, high=risks, day_attention=nothing, contributions=nothing[None]
        )

    def _of(self, chart: Chart, index_h: float) -> float:
        assert (chart.times_h <= index_h).all()
        assert chart.outcome is None
        known = dict(zip(chart.variables.tolist(), chart.values.tolist(), strict=True))
        if not math.isnan(chart.age_years):
            known[AGE] = chart.age_years
        if chart.sex:
            known[SEX] = 1.0 if chart.sex == "M" else -1.0
        return self._risk(known)


def chart_of(
    values: dict[int, float], *, age_years: float = math.nan, sex: str = "", later: bool = True
) -> Chart:
    """Return a chart with one value of each variable, and one that comes after the index time."""
    places = [*values, 99] if later else [*values]
    return Chart(
        patient="a",
        age_years=age_years,
        sex=sex,
        admitted_at="",
        times_h=np.array([0.0] * len(values) + [50.0] * later),
        variables=np.array(places, np.int64),
        values=np.array([*values.values(), *[1e6] * later], np.float64),
        outcome=Outcome(event="death", time_h=60.0),
    )


def _logistic(known: dict[int, float]) -> float:
    total = sum(0.4 * (part % 3 - 1) * value for part, value in known.items())
    return 1 / (1 + math.exp(1 - total - 0.3 * known.get(0, 0) * known.get(1, 0)))


def _by_definition(values: dict[int, float]) -> DoubleArray:
    """Average over all orders, as Shapley has it."""
    added = dict.fromkeys(values, 0.0)
    orders = list(all_orders(values))
    for order in orders:
        known: dict[int, float] = {}
        for part in order:
            before = _logistic(known)
            known[part] = values[part]
            added[part] += (_logistic(known) - before) / len(orders)
    return np.array([added[part] for part in sorted(values)])


RNG = np.random.default_rng


def test_what_adds_up_is_told_as_it_is() -> None:
    def risk(known: dict[int, float]) -> float:
        return 0.1 + 0.2 * known.get(3, 0) + 0.05 * known.get(7, 0) + 0.01 * (SEX in known)

    chart = chart_of({7: 2.0, 3: 1.0}, sex="F")
    found = attribute(chart, index_h=24, model=Toy(risk), rng=RNG(0))
    assert found.parts == (3, 7, SEX)
    assert found.is_exact
    np.testing.assert_allclose(found.added[:, 3], [0.2, 0.1, 0.01])
    np.testing.assert_allclose(found.added[:, 0], [0.05, 0.025, 0.0025])
    np.testing.assert_allclose([found.base[3], found.risk[3]], [0.1, 0.41])


def test_what_only_two_tell_together_is_shared_by_both() -> None:
    chart = chart_of({1: 1.0, 2: 1.0, 3: 1.0})
    model = Toy(lambda known: 0.6 if {1, 2} <= set(known) else 0.0)
    found = attribute(chart, index_h=24, model=model, rng=RNG(0))
    np.testing.assert_allclose(found.added[:, 3], [0.3, 0.3, 0.0], atol=1e-12)


def test_few_parts_agree_with_shapleys_definition() -> None:
    values = {0: 1.0, 1: -2.0, 2: 0.5, 5: 1.5, 8: 0.3}
    found = attribute(chart_of(values), index_h=0, model=Toy(_logistic), rng=RNG(0))
    np.testing.assert_allclose(found.added[:, 3], _by_definition(values), atol=1e-12)


def test_drawn_orders_come_near_to_all_orders(monkeypatch: pytest.MonkeyPatch) -> None:
    values = {0: 1.0, 1: -2.0, 2: 0.5, 5: 1.5, 8: 0.3}
    monkeypatch.setattr("thoracle.prognosis.explain.EXACT_PARTS", 2)
    found = attribute(
        chart_of(values), index_h=0, model=Toy(_logistic), rng=RNG(1), permutations=400
    )
    assert not found.is_exact
    off = np.abs(found.added[:, 3] - _by_definition(values))
    assert (off <= 4 * found.errors[:, 3] + 1e-12).all()
    assert off.max() < 0.01


@given(seed=st.integers(0, 30))
def test_where_no_more_than_two_act_together_orders_taken_both_ways_are_exact(seed: int) -> None:
    def risk(known: dict[int, float]) -> float:
        own = sum(0.01 * part for part in known)
        return own + 0.1 * ({0, 5} <= set(known)) - 0.04 * ({2, 11} <= set(known))

    chart = chart_of(dict.fromkeys(range(12), 1.0))
    found = attribute(chart, index_h=24, model=Toy(risk), rng=RNG(seed), permutations=4)
    shared = {0: 0.05, 5: 0.05, 2: -0.02, 11: -0.02}
    expected = [0.01 * part + shared.get(part, 0.0) for part in range(12)]
    np.testing.assert_allclose(found.added[:, 3], expected, atol=1e-12)
    np.testing.assert_allclose(found.errors, 0, atol=1e-12)


@given(
    values=st.dictionaries(st.integers(0, 40), st.floats(-3, 3), max_size=14),
    age_years=st.sampled_from([math.nan, 70.0]),
    sex=st.sampled_from(["", "F"]),
    seed=st.integers(0, 5),
)
def test_what_is_added_sums_to_the_difference_from_nothing_known(
    values: dict[int, float], age_years: float, sex: str, seed: int
) -> None:
    def risk(known: dict[int, float]) -> float:
        return 1 / (1 + math.exp(2 - math.sin(sum(known.values())) - 0.1 * len(known)))

    chart = chart_of(values, age_years=age_years, sex=sex)
    found = attribute(chart, index_h=24, model=Toy(risk), rng=RNG(seed), permutations=4)
    np.testing.assert_allclose(found.added.sum(axis=0), found.risk - found.base, atol=1e-12)
    assert len(found.parts) == len(values) + (age_years > 0) + (sex != "")


def test_the_same_seed_gives_the_same_numbers_and_another_one_others() -> None:
    chart = chart_of({place: place / 5 - 1 for place in range(12)})

    def told(seed: int) -> DoubleArray:
        return attribute(chart, index_h=24, model=Toy(_logistic), rng=RNG(seed)).added

    np.testing.assert_array_equal(told(3), told(3))
    assert not np.array_equal(told(3), told(4))


def test_each_choice_is_asked_for_once() -> None:
    model = Toy(_logistic)
    attribute(chart_of(dict.fromkeys(range(8), 1.0)), index_h=24, model=model, rng=RNG(0))
    assert model.asked == 256


def test_of_a_chart_without_anything_nothing_is_told() -> None:
    found = attribute(chart_of({}), index_h=24, model=Toy(_logistic), rng=RNG(0))
    assert found.parts == ()
    assert found.added.shape == (0, 4)
    np.testing.assert_array_equal(found.risk, found.base)


@pytest.mark.parametrize("orders", [0, 2, 5])
def test_too_few_or_odd_orders_are_refused(orders: int) -> None:
    with pytest.raises(ChartError, match=f"found {orders} orders – expected an even"):
        attribute(chart_of({}), index_h=24, model=Toy(_logistic), rng=RNG(0), permutations=orders)


def test_hidden_parts_are_gone_with_all_their_values() -> None:
    chart = chart_of({3: 1.0, 4: 2.0}, age_years=60, sex="M", later=False)
    hidden = with_parts(chart, [4, SEX])
    assert hidden.variables.tolist() == [4]
    assert hidden.values.tolist() == [2.0]
    assert math.isnan(hidden.age_years)
    assert hidden.sex == "M"
    assert parts_of(hidden) == (4, SEX)
    assert parts_of(chart) == (3, 4, AGE, SEX)


def test_many_charts_are_told_of_in_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("thoracle.prognosis.explain._BATCH", 3)
    charts = [chart_of({0: place / 10}, later=False) for place in range(8)]
    cut = [replace(one, outcome=None) for one in charts]
    told = predict_each(cut, index_h=1, model=Toy(lambda known: known[0]))
    np.testing.assert_allclose(told[:, 3], np.arange(8) / 10)
    assert predict_each([], index_h=1, model=Toy(_logistic)).shape == (0, 4)
