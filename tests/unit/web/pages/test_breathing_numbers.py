"""Numbers are printed in the page's language, and ranges lead to one another."""

from dataclasses import replace

import numpy as np
import pytest
from tests.unit.web.pages.made_breathing import told_recording
from tests.unit.web.recordings import belt_csv

from thoracle.core.languages import language
from thoracle.respiration.patterns import PatternWindow
from thoracle.respiration.result import BreathingResult
from thoracle.respiration.types import CLASSES
from thoracle.web.pages.breathing_numbers import (
    LETTERS,
    legend,
    overview,
    pauses,
    view,
    window_rows,
)

EN, PT = language("en"), language("pt")
COLORS = tuple(f"#{place}{place}{place}{place}{place}{place}" for place in range(7))


def _window(start_s: float, pattern: str | None) -> PatternWindow:
    return PatternWindow(
        start_s=start_s,
        pattern=pattern,
        likeliest=pattern or "noise",
        probabilities=(0.0125,) * 6 + (0.925,),
        reason="" if pattern else "noise",
        attention=np.array([0.5, 0.5], np.float32),
    )


@pytest.fixture(scope="module")
def result() -> BreathingResult:
    told = told_recording(belt_csv(150))
    return replace(told, patterns=(_window(0, "biot"), _window(60, None)), colors=COLORS)


def test_every_class_has_a_letter_of_its_own() -> None:
    assert set(LETTERS) == set(CLASSES)
    assert len(set(LETTERS.values())) == len(CLASSES)


def test_a_pattern_has_letter_color_and_sentence(result: BreathingResult) -> None:
    told, untold = overview(result, "/a", EN)["patterns"]
    assert (told["letter"], told["color"]) == ("Bi", COLORS[CLASSES.index("biot")])
    assert told["title"] == "0:00 to 1:00: Biot’s breathing (92.5 %)"
    assert told["address"] == "/a?start_s=0.00&length_s=60.00#view"
    assert (untold["letter"], untold["color"]) == ("?", None)
    assert "noise or movement" in untold["title"]
    assert "92,5 %" in overview(result, "/a", PT)["patterns"][0]["title"]
    assert [one["letter"] for one in legend(result, EN)] == ["E", "B", "T", "Bi", "CS", "CA"]
    assert legend(replace(result, patterns=()), EN) == []


def test_ranges_lead_to_their_neighbors(result: BreathingResult) -> None:
    first = view(result, 0.0, 60.0, EN)["moves"]
    assert first["earlier"] is None
    assert first["later"] == "start_s=60.00&length_s=60.00"
    assert first["closer"] == "start_s=15.00&length_s=30.00"
    assert first["wider"] == "start_s=0.00&length_s=120.00"
    last = view(result, 90.0, 60.0, EN)["moves"]
    assert (last["earlier"], last["later"]) == ("start_s=30.00&length_s=60.00", None)
    assert view(result, 0.0, 150.0, EN)["moves"]["wider"] is None
    assert view(result, 0.0, 5.0, EN)["moves"]["closer"] is None


def test_attention_is_drawn_near_alone(
    result: BreathingResult, monkeypatch: pytest.MonkeyPatch
) -> None:
    near = view(result, 0.0, 60.0, EN)
    assert len(near["attention"]) == 2
    assert near["said"] == ["0:00 to 1:00: Biot’s breathing (92.5 %)"]
    monkeypatch.setattr("thoracle.web.pages.breathing_numbers.ATTENTION_MAX_S", 30.0)
    far = view(result, 0.0, 60.0, EN)
    assert (far["attention"], far["is_far"]) == ((), True)


def test_rows_are_printed_in_the_language(result: BreathingResult) -> None:
    row = window_rows(result, PT)[0]
    assert row["numbers"][1] == "15,0"
    assert row["pattern"] == "respiração de Biot"
    assert window_rows(result, EN)[1]["pattern"] == "?"
    assert window_rows(result, EN)[2]["pattern"] == "–"
    bad = replace(result.windows[0], measures=None)
    assert window_rows(replace(result, windows=(bad,)), EN)[0]["is_bad"]


def test_a_pause_leads_to_the_signal_around_it(result: BreathingResult) -> None:
    (pause,) = pauses(result, EN)
    assert pause["start"] == "1:12"
    assert float(pause["length"]) == pytest.approx(20, abs=1.5)
    start = float(pause["query"].split("&")[0].removeprefix("start_s="))
    assert start == pytest.approx(62, abs=1)
