"""Tables hold a row for each window and each breath; what is unknown is an empty cell."""

import csv
import io
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from tests.unit.web.pages.made_breathing import told_recording
from tests.unit.web.recordings import belt_csv

from thoracle.jobs.breathing_tables import (
    BREATH_COLUMNS,
    WINDOW_COLUMNS,
    breaths_csv,
    by_start,
    windows_csv,
)
from thoracle.respiration.patterns import PatternWindow
from thoracle.respiration.result import BreathingResult


@pytest.fixture(scope="module")
def result() -> BreathingResult:
    pattern = PatternWindow(
        start_s=60.0,
        pattern=None,
        likeliest="biot",
        probabilities=(0.1, 0.1, 0.1, 0.4, 0.1, 0.1, 0.1),
        reason="unsure",
        attention=np.zeros(1, np.float32),
    )
    return replace(told_recording(belt_csv(130)), patterns=(pattern,))


def _rows(table: str) -> list[dict[str, Any]]:
    return list(csv.DictReader(io.StringIO(table)))


def test_windows_have_their_numbers_and_patterns(result: BreathingResult) -> None:
    rows = _rows(windows_csv(result))
    assert tuple(rows[0]) == WINDOW_COLUMNS
    assert [one["start_s"] for one in rows] == ["0.0", "60.0", "120.0"]
    assert float(rows[0]["rate_per_minute"]) == pytest.approx(15, abs=0.2)
    assert (rows[0]["pattern"], rows[0]["likeliest"]) == ("", "")
    assert (rows[1]["likeliest"], rows[1]["probability"]) == ("biot", "0.4")
    assert (rows[1]["pattern"], rows[1]["untold"]) == ("", "unsure")
    assert rows[1]["apneas"] == "1"


def test_a_bad_window_has_no_numbers(result: BreathingResult) -> None:
    bad = replace(result.windows[0], measures=None)
    (row,) = _rows(windows_csv(replace(result, windows=(bad,))))
    assert row["rate_per_minute"] == ""
    assert row["quality"] != ""


def test_every_breath_has_a_row(result: BreathingResult) -> None:
    rows = _rows(breaths_csv(result))
    assert tuple(rows[0]) == BREATH_COLUMNS
    assert [float(one["onset_s"]) for one in rows] == [one.onset_s for one in result.breaths]
    assert by_start(result.patterns) == {60.0: result.patterns[0]}
