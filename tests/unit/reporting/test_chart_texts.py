import re

from thoracle.prognosis.types import EVENTS, HORIZONS
from thoracle.reporting.chart_texts import CHART_REPORT, HORIZON_TITLES


def test_each_horizon_and_event_has_its_words() -> None:
    assert len(HORIZON_TITLES) == len(HORIZONS)
    assert {*HORIZON_TITLES} <= {*CHART_REPORT}
    assert {f"headline_{event}" for event in EVENTS} <= {*CHART_REPORT}


def test_attention_is_never_shown_without_its_limits() -> None:
    assert re.search(r"where the network weighed, not why", CHART_REPORT["attention_note"])


def test_suggestions_say_that_cost_and_harm_are_unknown() -> None:
    assert "costs" in CHART_REPORT["next_note"]
    assert "harms" in CHART_REPORT["next_note"]
