"""Pictures of a chart share their time; what lies far from it is in none of them."""

from datetime import UTC, datetime

from tests.unit.jobs.made_charts import made_chart, prognosis

from thoracle.core.languages import language
from thoracle.jobs.charts import tell_chart
from thoracle.reporting.chart_words import ChartWords
from thoracle.web.pages.chart_events import Event
from thoracle.web.pages.chart_pictures import courses, timeline

WORDS = ChartWords(language("pt"))
READING = tell_chart(made_chart(), prognosis(), sha256="a" * 64)


def _event(kind: str, hours: float | None) -> Event:
    at = datetime(2026, 3, 1, tzinfo=UTC)
    return Event(
        kind=kind, at=at, hours=hours, title=kind, address="/", time="", is_of_analysis=False
    )


def test_risks_and_results_share_the_axis_of_time() -> None:
    picture = timeline(READING, [_event("film", 26.0)], 3, WORDS)
    (event,) = picture["events"]
    assert event["x"] == picture["points"][1]["at"].x
    assert picture["points"][2]["said"] == "dia 2, 2 h: 51 % (46 % a 56 %)"
    assert [one["title"] for one in picture["lanes"]] == ["Radiografias", "TC", "Respiração"]
    assert [share for _, share in picture["shares"]] == ["0 %", "25 %", "50 %", "75 %", "100 %"]


def test_a_phone_has_the_whole_risk_in_its_width() -> None:
    picture = timeline(READING, [_event("film", 26.0)], 3, WORDS)
    narrow = picture["narrow"]
    assert narrow["frame"].right < 340 < picture["frame"].right
    assert narrow["events"][0]["x"] == narrow["points"][1]["at"].x
    assert narrow["points"][2]["said"] == picture["points"][2]["said"]
    assert len(narrow["lanes"]) == 3


def test_what_is_far_from_the_chart_or_has_no_place_is_left_out() -> None:
    events = [_event("ct", None), _event("film", 9_000.0), _event("breathing", -200.0)]
    picture = timeline(READING, events, 3, WORDS)
    assert picture["events"] == []
    assert picture["lanes"] == []


def test_courses_come_in_the_order_that_is_asked_for_and_hold_their_forecasts() -> None:
    first, second, *_ = drawn = courses(READING, ["temperature", "ldh"], WORDS)
    assert (first["name"], second["name"]) == ("temperature", "ldh")
    assert len(drawn) == 4
    assert second["is_outside"]
    assert [len(one["forecasts"]) for one in drawn] == [2, 2, 2, 2]
    places = {one["points"][-1]["at"].x for one in drawn if one["name"] != "temperature"}
    assert max(places) < min(one["forecasts"][0]["at"].x for one in drawn)
