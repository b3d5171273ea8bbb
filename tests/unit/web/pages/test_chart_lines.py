"""A line of a chart says what is known of the newest version, and what is not."""

from dataclasses import replace
from datetime import UTC, datetime

from thoracle.core.languages import language
from thoracle.store.chart_types import ChartFacts, ChartLine
from thoracle.web.pages.chart_lines import chart_address, chart_line, file_title

NOW = datetime(2026, 3, 1, tzinfo=UTC)
FACTS = ChartFacts(file="a.csv", sha256="a" * 64, measurements=3, last_h=30.0, risk=0.034)
LINE = ChartLine(id="x", created_at=NOW, changed_at=NOW, versions=2, facts=FACTS)


def test_numbers_are_printed_in_the_language() -> None:
    line = chart_line(LINE, language("pt"))
    assert (line["risk"], line["measurements"], line["versions"]) == ("3,4 %", 3, 2)
    assert line["until"] == "dia 1, 6 h"
    assert chart_address("x") == "/charts/x"


def test_what_is_not_told_is_said_to_be() -> None:
    unknown = replace(LINE, facts=replace(FACTS, risk=None, last_h=None))
    line = chart_line(unknown, language("en"))
    assert (line["risk"], line["until"]) == ("not told", "–")


def test_what_was_typed_in_is_no_file() -> None:
    assert file_title("typed-in", language("pt")) == "digitado"
    assert file_title("a.csv", language("pt")) == "a.csv"
