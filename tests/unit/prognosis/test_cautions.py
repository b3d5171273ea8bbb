import math
from dataclasses import replace

import numpy as np
import pytest

from thoracle.core.results import Reason
from thoracle.prognosis.analyze import ChartReader
from thoracle.prognosis.cautions import contradictions, refusal, warnings
from thoracle.prognosis.landmarks import known_at
from thoracle.prognosis.news2 import Score, news2
from thoracle.prognosis.reading import RiskPoint
from thoracle.prognosis.rule import RuleAnswer
from thoracle.prognosis.types import Chart
from thoracle.prognosis.variables import place_of

EMPTY = Chart(
    patient="",
    age_years=math.nan,
    sex="",
    admitted_at="",
    times_h=np.zeros(0),
    variables=np.zeros(0, np.int64),
    values=np.zeros(0),
    outcome=None,
)


def _codes(chart: Chart, reader: ChartReader, index_h: float = 51.0) -> list[str]:
    codes = [one.code for one in warnings(known_at(chart, index_h), index_h, reader.learned)]
    return [one for one in codes if one != "chart-not-used"]  # the temperature, in every chart


def _point(risk: float, low: float, high: float) -> RiskPoint:
    return RiskPoint(
        index_h=0.0, risk=(0.0,) * 3 + (risk,), low=(0.0,) * 3 + (low,), high=(0.0,) * 3 + (high,)
    )


def _rule(*, is_death: bool | None) -> RuleAnswer:
    return RuleAnswer(is_death=is_death, reason=Reason(code="r", text="r"), markers=())


def _score(points: int | None) -> Score:
    return replace(news2(EMPTY, 0.0), points=points)


def _only(chart: Chart, name: str, value: float) -> Chart:
    return replace(
        chart,
        times_h=np.array([2.0]),
        variables=np.array([place_of(name)], np.int64),
        values=np.array([value]),
    )


def test_of_a_usual_chart_there_is_nothing_to_warn_of(
    sick_chart: Chart, chart_reader: ChartReader
) -> None:
    assert refusal(known_at(sick_chart, 51.0), 51.0, chart_reader.learned) is None
    assert _codes(sick_chart, chart_reader) == []


@pytest.mark.parametrize(
    ("age_years", "codes"),
    [(17.9, ["chart-child"]), (18.0, []), (math.nan, ["chart-no-age"])],
)
def test_children_and_unknown_ages_are_told(
    sick_chart: Chart, chart_reader: ChartReader, age_years: float, codes: list[str]
) -> None:
    assert _codes(replace(sick_chart, age_years=age_years), chart_reader) == codes


def test_two_variables_are_few(sick_chart: Chart, chart_reader: ChartReader) -> None:
    (found,) = warnings(known_at(sick_chart, 4.0), 4.0, chart_reader.learned)
    assert found.code == "chart-few-variables"
    assert "up to then: 2. With so few" in found.text


def test_what_the_model_does_not_know_is_named(
    sick_chart: Chart, chart_reader: ChartReader
) -> None:
    found = warnings(known_at(sick_chart, 51.0), 51.0, chart_reader.learned)
    assert [one.code for one in found] == ["chart-not-used"]
    assert found[0].text.endswith(": Body temperature.")


def test_three_variables_are_not(sick_chart: Chart, chart_reader: ChartReader) -> None:
    assert _codes(sick_chart, chart_reader, 26.0) == []


def test_values_of_the_day_before_are_old(sick_chart: Chart, chart_reader: ChartReader) -> None:
    assert _codes(sick_chart, chart_reader, 74.9) == []
    assert _codes(sick_chart, chart_reader, 75.0) == ["chart-old-values"]


@pytest.mark.parametrize("value", [299 * math.exp(2.5), 301 * math.exp(-2.5)])
def test_what_the_network_can_tell_is_not_beyond_it(
    sick_chart: Chart, chart_reader: ChartReader, value: float
) -> None:
    assert _codes(_only(sick_chart, "ldh", value), chart_reader, 2.0) == ["chart-few-variables"]


@pytest.mark.parametrize("value", [301 * math.exp(2.5), 299 * math.exp(-2.5)])
def test_values_further_out_than_the_network_can_tell_are_named(
    sick_chart: Chart, chart_reader: ChartReader, value: float
) -> None:
    known = _only(sick_chart, "ldh", value)
    found = warnings(known, 2.0, chart_reader.learned)
    assert [one.code for one in found] == ["chart-few-variables", "chart-beyond-learned"]
    assert f"Lactate dehydrogenase {value:.4g} U/L (24.63–3655)" in found[-1].text


@pytest.mark.parametrize(
    ("name", "index_h", "code"),
    [
        ("ldh", 1.0, "chart-nothing-known"),
        ("temperature", 2.0, "chart-nothing-usable"),
        ("ldh", 2.0 + 14 * 24, "chart-too-old"),
    ],
)
def test_a_refusal_says_why(
    sick_chart: Chart, chart_reader: ChartReader, name: str, index_h: float, code: str
) -> None:
    chart = known_at(_only(sick_chart, name, 37.0), index_h)
    found = refusal(chart, index_h, chart_reader.learned)
    assert found is not None
    assert found.code == code


def test_just_within_fourteen_days_is_not_too_old(
    sick_chart: Chart, chart_reader: ChartReader
) -> None:
    index_h = 1.9 + 14 * 24
    assert refusal(_only(sick_chart, "ldh", 300.0), index_h, chart_reader.learned) is None


def test_a_value_further_out_that_was_followed_by_a_usual_one_is_not_named(
    sick_chart: Chart, chart_reader: ChartReader
) -> None:
    known = replace(
        _only(sick_chart, "ldh", 9999.0),
        times_h=np.array([2.0, 3.0]),
        variables=np.array([place_of("ldh")] * 2),
        values=np.array([9999.0, 300.0]),
    )
    assert _codes(known, chart_reader, 3.0) == ["chart-few-variables"]


def test_risks_that_rest_on_old_values_say_so(sick_chart: Chart, chart_reader: ChartReader) -> None:
    known = replace(
        sick_chart,
        times_h=np.array([0.0, 0.0, 72.0]),
        variables=np.array([place_of(one) for one in ("ldh", "hs_crp", "spo2")]),
        values=np.array([300.0, 40.0, 94.0]),
    )
    (found,) = warnings(known, 72.0, chart_reader.learned)
    assert found.code == "chart-mostly-old"
    assert found.text.startswith("Of 3 known variables that the model uses, 2 were")
    assert _codes(replace(known, times_h=np.array([0.0, 0.1, 72.0])), chart_reader, 72.0) == []


@pytest.mark.parametrize(
    ("point", "is_death", "points", "codes"),
    [
        (_point(0.3, 0.2, 0.4), True, 9, []),
        (_point(0.09, 0.05, 0.2), None, None, []),
        (_point(0.09, 0.05, 0.2), False, 6, []),
        (_point(0.09, 0.05, 0.2), True, 7, ["chart-rule-contradicts", "chart-news2-contradicts"]),
        (_point(0.51, 0.4, 0.6), False, 0, ["chart-rule-contradicts"]),
        (_point(0.3, 0.09, 0.51), None, None, ["chart-networks-differ"]),
        (_point(0.3, 0.1, 0.51), None, None, []),
    ],
)
def test_contradictions_are_told(
    point: RiskPoint, is_death: bool | None, points: int | None, codes: list[str]
) -> None:
    found = contradictions(point, _rule(is_death=is_death), _score(points))
    assert [one.code for one in found] == codes
