from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from thoracle.prognosis.analyze import (
    ChartReader,
    _can_be_measured,
    analyze,
    index_times,
    likely_values,
)
from thoracle.prognosis.explain import RiskSource
from thoracle.prognosis.reading import ChartReading, reading_json
from thoracle.prognosis.types import Chart, Landmark, Risks
from thoracle.prognosis.variables import VARIABLES, place_of

NOW_H = 51.0


def _read(chart: Chart, reader: ChartReader, index_h: float = NOW_H) -> ChartReading:
    return analyze(chart, index_h=index_h, reader=reader, rng=np.random.default_rng(0))


def _said(chart: Chart, reader: ChartReader) -> dict[str, Any]:
    return reading_json(_read(chart, reader))


def _without(chart: Chart, *names: str) -> Chart:
    keep = ~np.isin(chart.variables, [place_of(name) for name in names])
    return replace(
        chart,
        times_h=chart.times_h[keep],
        variables=chart.variables[keep],
        values=chart.values[keep],
    )


def test_the_risk_is_told_after_the_news_of_each_day_and_at_the_index_time(
    sick_chart: Chart, chart_reader: ChartReader
) -> None:
    reading = _read(sick_chart, chart_reader, 60.0)
    assert [one.index_h for one in reading.risks] == [2.0, 30.0, 51.0, 60.0]


def test_what_the_model_does_not_know_is_no_news(
    sick_chart: Chart, chart_reader: ChartReader
) -> None:
    lone = replace(
        sick_chart,
        times_h=np.array([5.0, 30.0]),
        variables=np.array([place_of("temperature"), place_of("ldh")]),
        values=np.array([38.0, 300.0]),
    )
    assert index_times(lone, 30.0, chart_reader.learned) == (30.0,)


def test_each_risk_is_what_the_model_tells_of_what_was_known_then(
    sick_chart: Chart, chart_reader: ChartReader
) -> None:
    reading = _read(sick_chart, chart_reader)
    for one in reading.risks:
        landmark = Landmark(chart=0, index_h=one.index_h, labels=np.full(4, np.nan))
        told = chart_reader.model.predict([sick_chart], [landmark])
        assert one.risk == tuple(told.risks[0].tolist())
        assert (one.low, one.high) == (tuple(told.low[0]), tuple(told.high[0]))


class _Strict:
    """Asks that a model is never even shown what came after a landmark."""

    def __init__(self, model: RiskSource) -> None:
        self._model = model

    def predict(self, charts: Sequence[Chart], landmarks: Sequence[Landmark]) -> Risks:
        for one in landmarks:
            assert charts[one.chart].times_h.max(initial=one.index_h) <= one.index_h
            assert charts[one.chart].outcome is None
            assert np.isnan(one.labels).all()
        return self._model.predict(charts, landmarks)


def test_a_model_is_never_shown_what_came_later(
    sick_chart: Chart, chart_reader: ChartReader
) -> None:
    strict = replace(chart_reader, model=_Strict(chart_reader.model))
    assert len(_read(sick_chart, strict).risks) == 3


@pytest.mark.parametrize(
    ("name", "can"),
    [
        ("ldh", True),
        ("temperature", True),
        ("supplemental_oxygen", False),
        ("consciousness", False),
        ("sars_cov_2_rna", False),
        ("brixia_score", False),
    ],
)
def test_only_quantities_are_suggested(name: str, can: bool) -> None:
    assert _can_be_measured(VARIABLES[place_of(name)]) is can


def test_nothing_that_comes_later_changes_a_reading(
    sick_chart: Chart, chart_reader: ChartReader
) -> None:
    early = sick_chart.times_h <= NOW_H
    cut = replace(
        sick_chart,
        times_h=sick_chart.times_h[early],
        variables=sick_chart.variables[early],
        values=sick_chart.values[early],
        outcome=None,
    )
    assert _said(sick_chart, chart_reader) == _said(cut, chart_reader)


def test_what_is_added_leads_from_the_base_to_the_risk(
    sick_chart: Chart, chart_reader: ChartReader
) -> None:
    reading = _read(sick_chart, chart_reader)
    assert reading.added is not None
    assert reading.risk is not None
    total = np.sum([one.added for one in reading.added.parts], axis=0)
    np.testing.assert_allclose(reading.added.base + total, reading.added.risk)
    assert reading.added.risk == pytest.approx(reading.risk.risk)
    by_name = {one.name: one for one in reading.added.parts}
    assert by_name["ldh"].value == 620.0
    assert by_name["ldh"].measured_h == 51.0
    assert by_name["age"].value == 71.0
    assert (by_name["sex"].value, by_name["sex"].added) == (None, (0.0,) * 4)
    assert "temperature" not in by_name
    sizes = [abs(one.added[3]) for one in reading.added.parts]
    assert sizes == sorted(sizes, reverse=True)


def test_attention_is_told_by_variable_the_largest_first(
    sick_chart: Chart, chart_reader: ChartReader
) -> None:
    reading = _read(sick_chart, chart_reader)
    assert reading.attention is not None
    logits = {one.name: one.logit for one in reading.attention.parts}
    assert logits["ldh"] == pytest.approx(0.9 * np.log(620 / 300) / 0.5)
    assert "temperature" not in logits
    assert reading.attention.parts[0].name == "ldh"
    assert sum(reading.attention.days) == pytest.approx(1)


def test_rule_score_and_courses_are_those_of_what_was_known(
    sick_chart: Chart, chart_reader: ChartReader
) -> None:
    reading = _read(sick_chart, chart_reader)
    assert reading.rule.is_death is True
    assert reading.news2.points == 3 + 1
    assert "heart_rate" in reading.news2.missing
    courses = {one.name: one for one in reading.courses}
    assert courses["ldh"].values == (280.0, 410.0, 620.0)
    assert courses["ldh"].times_h == (2.0, 30.0, 51.0)
    assert courses["ldh"].is_high
    assert not courses["ldh"].is_low
    assert courses["lymphocyte_percent"].is_low


def test_next_values_are_told_of_what_was_measured(
    sick_chart: Chart, chart_reader: ChartReader
) -> None:
    reading = _read(sick_chart, chart_reader)
    ldh = [one for one in reading.forecasts if one.name == "ldh"]
    assert [one.in_days for one in ldh] == [1, 3]
    assert (ldh[0].low, ldh[0].median, ldh[0].high) == pytest.approx((558, 620, 682))
    assert (ldh[1].low, ldh[1].median, ldh[1].high) == pytest.approx((496, 620, 744))
    assert {one.name for one in reading.forecasts} == {one.name for one in reading.courses}


def test_what_few_patients_had_or_hardly_moves_the_risk_is_not_suggested(
    sick_chart: Chart, chart_reader: ChartReader, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert _read(sick_chart, chart_reader).next_tests == ()
    monkeypatch.setattr("thoracle.prognosis.analyze.TELLING_CHANGE", 0.0)
    learned = chart_reader.learned
    share = np.where(learned.places == place_of("glucose"), 0.69, 0.71)
    rare = replace(chart_reader, learned=replace(learned, patients_share=share))
    assert [one.name for one in _read(sick_chart, rare).next_tests] == ["hs_crp"]


def test_what_is_old_or_unknown_is_suggested_with_where_its_likely_value_is_from(
    sick_chart: Chart, chart_reader: ChartReader, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("thoracle.prognosis.analyze.TELLING_CHANGE", 0.0)
    reading = _read(sick_chart, chart_reader)
    found = {one.name: one for one in reading.next_tests}
    assert set(found) == {"hs_crp", "glucose"}
    assert found["hs_crp"].age_h == 25.0
    assert found["hs_crp"].is_forecast
    likely = (found["hs_crp"].low, found["hs_crp"].median, found["hs_crp"].high)
    assert likely == pytest.approx((54.0, 60.0, 66.0))
    assert found["glucose"].age_h is None
    assert not found["glucose"].is_forecast
    assert found["glucose"].median == pytest.approx(7.0)
    assert found["glucose"].high == pytest.approx(7 * np.exp(1.96 * 0.4), rel=1e-3)


def test_likely_values_are_of_all_that_the_model_knows_and_nothing_later(
    sick_chart: Chart, chart_reader: ChartReader
) -> None:
    found = {
        VARIABLES[one.variable].name: one for one in likely_values(sick_chart, 51.0, chart_reader)
    }
    assert set(found) == {"ldh", "hs_crp", "lymphocyte_percent", "spo2", "glucose"}
    assert found["ldh"].median == pytest.approx(620.0)
    assert not found["glucose"].is_forecast


def test_without_a_forecaster_likely_values_are_those_of_the_patients_learned_from(
    sick_chart: Chart, chart_reader: ChartReader
) -> None:
    reading = _read(sick_chart, replace(chart_reader, forecaster=None))
    assert reading.forecasts == ()
    assert not any(one.is_forecast for one in reading.next_tests)


def test_where_nothing_can_be_told_the_reason_is(
    sick_chart: Chart, chart_reader: ChartReader
) -> None:
    reading = _read(sick_chart, chart_reader, 1.0)
    assert reading.refusal is not None
    assert reading.refusal.code == "chart-nothing-known"
    assert (reading.risks, reading.risk, reading.added) == ((), None, None)
    assert reading.next_tests == ()
    assert reading.rule.is_death is None


def test_courses_are_shown_although_no_risk_is_told(
    sick_chart: Chart, chart_reader: ChartReader
) -> None:
    foreign = _without(sick_chart, "ldh", "hs_crp", "lymphocyte_percent", "spo2")
    reading = _read(foreign, chart_reader)
    assert reading.refusal is not None
    assert reading.refusal.code == "chart-nothing-usable"
    assert [one.name for one in reading.courses] == ["temperature"]
    assert reading.forecasts == ()


def test_the_same_seed_gives_the_same_reading(sick_chart: Chart, chart_reader: ChartReader) -> None:
    assert _said(sick_chart, chart_reader) == _said(sick_chart, chart_reader)
