import math
from dataclasses import replace

import numpy as np
import pytest

from thoracle.prognosis.analyze import ChartReader
from thoracle.prognosis.cautions import refusal, warnings
from thoracle.prognosis.landmarks import known_at
from thoracle.prognosis.types import Chart
from thoracle.prognosis.variables import place_of


def _codes(chart: Chart, reader: ChartReader, index_h: float = 51.0) -> list[str]:
    codes = [one.code for one in warnings(known_at(chart, index_h), index_h, reader.learned)]
    return [one for one in codes if one != "chart-not-used"]  # the temperature, in every chart


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
    assert "Only 2 known variables" in found.text


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
    assert "Lactate dehydrogenase" in found[-1].text


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
