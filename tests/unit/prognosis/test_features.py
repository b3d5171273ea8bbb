from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from thoracle.core.arrays import DoubleArray
from thoracle.prognosis.features import (
    DAYS,
    STATICS,
    SUMMARIES,
    Scaling,
    sequences,
    summaries,
    summary_names,
    unpacked,
)
from thoracle.prognosis.landmarks import known_at
from thoracle.prognosis.types import DEATH, DISCHARGE, Chart, Landmark, Outcome
from thoracle.prognosis.variables import VARIABLES, place_of

LDH, CRP = place_of("ldh"), place_of("hs_crp")
SCALING = Scaling(
    places=np.array([CRP, LDH]),
    is_log=np.array([True, False]),
    floor=np.array([0.1, 0.0]),
    mean=np.array([0.0, 300.0]),
    sd=np.array([1.0, 100.0]),
)


def chart(*rows: tuple[float, int, float], **changes: Any) -> Chart:
    """Return a chart of (hours, variable, value)."""
    ordered = sorted(rows)
    whole: dict[str, Any] = {
        "patient": "p",
        "age_years": 80.0,
        "sex": "M",
        "admitted_at": "",
        "times_h": np.array([one[0] for one in ordered], np.float64),
        "variables": np.array([one[1] for one in ordered], np.int64),
        "values": np.array([one[2] for one in ordered], np.float64),
        "outcome": None,
    }
    return Chart(**{**whole, **changes})


def landmark(index_h: float, place: int = 0) -> Landmark:
    return Landmark(chart=place, index_h=index_h, labels=np.full(4, np.nan))


def test_a_day_shows_its_last_value_and_days_without_show_the_one_before() -> None:
    rows = [(0.0, LDH, 200.0), (30.0, LDH, 400.0), (47.0, LDH, 500.0)]
    seen = sequences([chart(*rows)], [landmark(72.0)], scaling=SCALING)
    assert seen.values[0, :4, 1].tolist() == [2.0, 2.0, -1.0, -1.0]
    assert seen.is_measured[0, :4, 1].tolist() == [0.0, 1.0, 0.0, 1.0]
    np.testing.assert_allclose(seen.since_days[0, :4, 1], [25 / 24, 47 / 24, 1.0, DAYS], rtol=1e-6)
    assert not seen.values[0, :, 0].any()
    assert (seen.since_days[0, :, 0] == DAYS).all()


def test_logarithms_are_taken_above_the_floor_and_given_back() -> None:
    seen = sequences([chart((1.0, CRP, 0.0), (30.0, CRP, np.e))], [landmark(40.0)], scaling=SCALING)
    np.testing.assert_allclose(seen.values[0, :2, 0], [1.0, np.log(0.1)], rtol=1e-6)
    np.testing.assert_allclose(SCALING.unscale(np.array([[1.0, 2.0]])), [[np.e, 500.0]])


def test_age_and_sex_are_shown_with_whether_they_are_known() -> None:
    row = (0.0, LDH, 200.0)
    charts = [chart(row), chart(row, age_years=np.nan, sex="")]
    seen = sequences(charts, [landmark(0.0), landmark(0.0, 1)], scaling=SCALING)
    assert seen.statics.tolist() == [[1.0, 1.0, 1.0, 1.0], [0.0, 0.0, 0.0, 0.0]]
    packed = seen.packed()
    assert packed.shape == (2, DAYS, 10)
    assert (packed[0, :, -4:] == 1.0).all()


def test_what_was_known_before_the_days_shown_stands_on_the_last_of_them() -> None:
    rows = [(0.0, LDH, 900.0), (24.0, LDH, 500.0), (24.0 * 9, CRP, np.e)]
    seen = sequences([chart(*rows)], [landmark(24.0 * 20)], scaling=SCALING)
    assert seen.is_measured[0, :, 1].tolist() == [0.0] * (DAYS - 1) + [1.0]
    assert seen.values[0, :, 1].tolist() == [2.0] * DAYS
    assert seen.since_days[0, 0, 1] == 19.0
    assert np.flatnonzero(seen.is_measured[0, :, 0]).tolist() == [11]


def test_nothing_at_all_is_no_error() -> None:
    assert len(sequences([], [], scaling=SCALING)) == 0
    assert summaries([], []).shape == (0, len(summary_names()))


def test_summaries_agree_with_numpy_on_each_chart() -> None:
    rng = np.random.default_rng(5)
    charts = [random_chart(rng) for _ in range(6)]
    landmarks = [landmark(float(rng.uniform(50, 400)), place) for place in (3, 0, 1, 1, 5)]
    table = summaries(charts, landmarks)
    names = summary_names()
    for row, one in zip(table, landmarks, strict=True):
        known = known_at(charts[one.chart], one.index_h)
        for place, variable in enumerate(VARIABLES):
            own = known.variables == place
            at = names.index(f"{variable.name}.last")
            expected = _summary(known.times_h[own], known.values[own], one.index_h)
            np.testing.assert_allclose(row[at : at + len(SUMMARIES)], expected, rtol=1e-6)
    assert table[:, names.index("age_years")].tolist() == [80.0] * 5
    assert table[:, names.index("is_male")].tolist() == [1.0] * 5


def _summary(times_h: DoubleArray, values: DoubleArray, index_h: float) -> list[float]:
    if not len(values):
        return [np.nan] * len(SUMMARIES)
    slope = np.polyfit(times_h / 24, values, 1)[0] if len(values) > 1 else np.nan
    return [values[-1], values.min(), values.max(), slope, index_h - times_h[-1]]


@pytest.mark.parametrize("seed", range(8))
def test_nothing_after_the_index_time_changes_what_a_model_sees(seed: int) -> None:
    rng = np.random.default_rng(seed)
    charts = [random_chart(rng) for _ in range(4)]
    landmarks = [landmark(float(rng.uniform(0, 450)), place) for place in (0, 1, 2, 3, 3)]
    latest_h = {one: max(m.index_h for m in landmarks if m.chart == one) for one in range(4)}
    other = [altered(one, latest_h[place], rng) for place, one in enumerate(charts)]
    before = sequences(charts, landmarks, scaling=SCALING).packed()
    after = sequences(other, landmarks, scaling=SCALING).packed()
    np.testing.assert_array_equal(before, after)
    np.testing.assert_array_equal(summaries(charts, landmarks), summaries(other, landmarks))
    cut = [known_at(charts[one.chart], one.index_h) for one in landmarks]
    moved = [replace(one, chart=place) for place, one in enumerate(landmarks)]
    np.testing.assert_array_equal(before, sequences(cut, moved, scaling=SCALING).packed())


def random_chart(rng: np.random.Generator) -> Chart:
    """Return a chart of some variables over twenty days, with an outcome."""
    count = int(rng.integers(5, 60))
    times = np.sort(rng.uniform(-5, 480, count))
    return chart(
        outcome=Outcome(event=DEATH, time_h=500.0),
        times_h=times,
        variables=rng.integers(0, len(VARIABLES), count),
        values=rng.uniform(0.1, 50, count),
    )


def altered(one: Chart, index_h: float, rng: np.random.Generator) -> Chart:
    """Return a chart with another end: other values after a time, more of them, other outcome."""
    known = known_at(one, index_h)
    later_h = np.sort(rng.uniform(index_h + 1e-6, index_h + 300, 20))
    return replace(
        known,
        times_h=np.concatenate([known.times_h, later_h]),
        variables=np.concatenate([known.variables, rng.integers(0, len(VARIABLES), 20)]),
        values=np.concatenate([known.values, rng.uniform(100, 900, 20)]),
        outcome=Outcome(event=DISCHARGE, time_h=float(later_h[-1])),
    )


def test_what_is_packed_comes_apart_again() -> None:
    parts = [np.full((2, 14, 3), number, np.float32) for number in (1, 2, 3)]
    statics = np.zeros((2, 14, len(STATICS)), np.float32)
    apart = unpacked(np.concatenate([*parts, statics], axis=2))
    assert [np.unique(one).tolist() for one in apart] == [[1], [2], [3]]
    assert {one.shape for one in apart} == {(2, 14, 3)}
