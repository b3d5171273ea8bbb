import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from thoracle.core.errors import EvaluationError
from thoracle.jobs.evaluate_breathing import (
    MONITOR,
    OURS,
    SECOND,
    JudgedBreathing,
    JudgedRecording,
    JudgedWindow,
)
from thoracle.jobs.evaluate_breathing_report import breathing_report, named_by_rate


def _window(number: int, *, error: float, quality: float = 0.9) -> JudgedWindow:
    reference = 10.0 + number
    rates = {
        OURS: reference + error,
        "peer": float("nan"),
        SECOND: reference + 0.5,
        MONITOR: reference - 2,
    }
    return JudgedWindow(
        recording=f"r{number:02d}",
        patient=f"p{number:02d}",
        is_tuning=number % 2 == 0,
        start_s=0.0,
        quality=quality,
        reasons=(),
        annotated=(reference, reference + 0.5),
        rates=rates,
    )


def _recording(number: int, *, apart_s: float = 0.1) -> JudgedRecording:
    marks_s = np.arange(2.0, 60.0, 4.0)
    return JudgedRecording(
        recording=f"r{number:02d}",
        patient=f"p{number:02d}",
        is_tuning=number % 2 == 0,
        marks_s=(marks_s, marks_s + apart_s),
        peaks_s={OURS: marks_s[1:] + 0.2, "peer": np.empty(0)},
    )


@pytest.fixture
def judged() -> JudgedBreathing:
    """Return ten windows: odd ones report, off by 1, and the last of them is bad and off by 9."""
    windows = [_window(number, error=1.0) for number in range(9)]
    windows.append(_window(9, error=9.0, quality=0.1))
    return JudgedBreathing(
        window_s=60.0,
        methods=(OURS, "peer"),
        windows=tuple(windows),
        recordings=tuple(_recording(number) for number in range(10)),
    )


def test_only_the_half_that_chose_nothing_is_reported(judged: JudgedBreathing) -> None:
    content = json.loads(breathing_report(judged, name="test").json)
    ours, peer, second, monitor = content["against_first"]
    assert [one["way"] for one in (ours, peer, second, monitor)] == [OURS, "peer", SECOND, MONITOR]
    assert ours["all_windows"]["windows"] == 5
    assert ours["all_windows"]["mean_absolute_error"]["value"] == pytest.approx((4 * 1 + 9) / 5)
    assert ours["good_windows"]["mean_absolute_error"]["value"] == pytest.approx(1)
    assert ours["good_windows"]["mean_absolute_error"]["n"] == 4
    assert peer["all_windows"]["mean_absolute_error"]["value"] is None
    assert monitor["all_windows"]["bias"]["value"] == pytest.approx(-2)
    assert len(content["windows"]) == 10


def test_the_second_annotator_is_not_held_against_himself(judged: JudgedBreathing) -> None:
    content = json.loads(breathing_report(judged, name="test").json)
    assert [one["way"] for one in content["against_second"]] == [OURS, "peer", MONITOR]


def test_breaths_are_counted_once_more_where_annotators_mean_the_same(
    judged: JudgedBreathing,
) -> None:
    recordings = (*judged.recordings[:9], _recording(9, apart_s=1.5))
    apart = replace(judged, recordings=recordings)
    ours = json.loads(breathing_report(apart, name="test").json)["breaths"][0]
    assert ours["figures"]["recall"]["n"] == 5 * 15
    assert ours["same_point"]["recall"]["n"] == 4 * 15
    assert ours["same_point"]["recall"]["value"] == pytest.approx(14 / 15)
    assert ours["same_point"]["precision"]["value"] == 1


def test_the_report_says_what_is_untested(judged: JudgedBreathing) -> None:
    report = breathing_report(judged, name="Breaths")
    sentence = "on real signals, finding them is untested"
    assert sentence in report.markdown
    assert report.html is not None
    assert sentence in report.html
    assert "patterns-untested" in report.json.decode()


def test_the_confusion_is_of_good_windows_by_the_clinical_limits(judged: JudgedBreathing) -> None:
    markdown = breathing_report(judged, name="Breaths").markdown
    table = markdown.split("Named by rate")[1].split("###")[0]
    # Rates of 11, 13, 15 and 17, found as 12, 14, 16 and 18: the first leaves bradypnea.
    assert "| bradypnea | 0 | 1 | 0 |" in table
    assert "| eupnea | 0 | 3 | 0 |" in table
    assert "75.0 % alike" in table


def test_the_limits_are_shown_on_the_tuning_half(judged: JudgedBreathing) -> None:
    markdown = breathing_report(judged, name="Breaths").markdown
    assert "| 0.40 (chosen) | 100.0 % | 1.00 | 1.00 | 1.00 |" in markdown


def test_a_limit_that_keeps_nothing_says_so(judged: JudgedBreathing) -> None:
    bad = replace(judged, windows=tuple(replace(one, quality=0.25) for one in judged.windows))
    assert "| 0.40 (chosen) | 0.0 % | – | – | – |" in breathing_report(bad, name="Breaths").markdown


def test_each_recording_has_a_line(judged: JudgedBreathing) -> None:
    markdown = breathing_report(judged, name="Breaths").markdown
    assert "| r09 | report | 0 of 1 | 9.00 | 0.50 | 0.966 |" in markdown


def test_without_neurokit_the_report_says_why(judged: JudgedBreathing) -> None:
    alone = replace(judged, methods=(OURS,))
    assert "NeuroKit2 is not installed" in breathing_report(alone, name="Breaths").markdown
    assert "not installed" not in breathing_report(judged, name="Breaths").markdown


def test_the_three_files_are_written(judged: JudgedBreathing, tmp_path: Path) -> None:
    breathing_report(judged, name="Breaths").write(tmp_path)
    assert sorted(one.name for one in tmp_path.iterdir()) == [
        "breathing.html", "breathing.json", "breathing.md",
    ]  # fmt: skip


def test_one_patient_alone_has_no_half_that_reports(judged: JudgedBreathing) -> None:
    tuning = replace(judged, windows=tuple(one for one in judged.windows if one.is_tuning))
    with pytest.raises(EvaluationError, match="outside of the tuning half"):
        breathing_report(tuning, name="Breaths")


def test_rates_without_a_number_have_no_name() -> None:
    assert named_by_rate(np.array([8.0, 16.0, 24.0, np.nan])).tolist() == [0, 1, 2, -1]
