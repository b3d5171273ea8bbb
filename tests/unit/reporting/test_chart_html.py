import re
from dataclasses import replace

import numpy as np
import pytest

from thoracle.core.languages import ENGLISH_TEXTS, language
from thoracle.prognosis.analyze import ChartReader, analyze
from thoracle.prognosis.reading import ChartReading
from thoracle.prognosis.types import Chart
from thoracle.reporting.chart_html import chart_html


@pytest.fixture
def reading(sick_chart: Chart, chart_reader: ChartReader) -> ChartReading:
    return analyze(sick_chart, index_h=51.0, reader=chart_reader, rng=np.random.default_rng(0))


def test_the_page_asks_for_nothing_from_outside(reading: ChartReading) -> None:
    page = chart_html(reading, ENGLISH_TEXTS)
    assert "<script" not in page
    assert not re.search(r'(src|href)="(?!data:)', page)
    assert "default-src 'none'" in page


def test_each_variable_has_its_course_and_each_index_time_its_risk(reading: ChartReading) -> None:
    page = chart_html(reading, ENGLISH_TEXTS)
    assert page.count('class="dot') == 7 + 1
    assert page.count('class="riskdot"') == 3
    assert page.count('class="usual"') == len(reading.courses)
    assert page.count('<circle class="ahead"') == 2 * len(reading.courses)


def test_a_single_index_time_has_its_interval_as_a_line(
    sick_chart: Chart, chart_reader: ChartReader
) -> None:
    early = analyze(sick_chart, index_h=2.0, reader=chart_reader, rng=np.random.default_rng(0))
    page = chart_html(early, ENGLISH_TEXTS)
    assert 'class="band"' not in page
    assert page.count('<line class="risk"') == 1


def test_a_refusal_shows_courses_but_neither_risk_nor_what_drove_it(
    sick_chart: Chart, chart_reader: ChartReader
) -> None:
    fever = replace(
        sick_chart,
        times_h=sick_chart.times_h[2:3],
        variables=sick_chart.variables[2:3],
        values=sick_chart.values[2:3],
    )
    refused = analyze(fever, index_h=6.0, reader=chart_reader, rng=np.random.default_rng(0))
    page = chart_html(refused, ENGLISH_TEXTS)
    assert "No risk is told" in page
    assert "Nothing that was measured is a variable that the model knows" in page
    assert 'class="riskdot"' not in page
    assert "What drove the risk" not in page
    assert "What would be measured next" not in page
    assert "Body temperature" in page


def test_of_nothing_at_all_there_is_still_a_page(
    sick_chart: Chart, chart_reader: ChartReader
) -> None:
    empty = analyze(sick_chart, index_h=-1.0, reader=chart_reader, rng=np.random.default_rng(0))
    assert "Nothing was measured up to then" in chart_html(empty, ENGLISH_TEXTS)


def test_names_are_text_and_never_markup(reading: ChartReading) -> None:
    page = chart_html(replace(reading, patient="<b>x</b>"), ENGLISH_TEXTS)
    assert "<b>x" not in page
    assert "&lt;b&gt;x" in page


def test_it_is_written_in_portuguese_too(reading: ChartReading) -> None:
    page = chart_html(reading, language("pt"))
    assert '<html lang="pt">' in page
    _, shown = page.split("</style>")
    assert "Somente para pesquisa" in shown
    for english in ("Risk", "What", " the ", "measured", "Lactate"):
        assert english not in shown
