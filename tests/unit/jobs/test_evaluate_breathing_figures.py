import numpy as np
import pytest

from thoracle.jobs.evaluate_breathing import (
    MONITOR,
    OURS,
    SECOND,
    JudgedBreathing,
    JudgedRecording,
    JudgedWindow,
)
from thoracle.jobs.evaluate_breathing_figures import APART_MAX_S, figures_of, halves

MARKS_S = np.arange(2.0, 60.0, 4.0)


def _judged(*, apart_s: float = 0.1) -> JudgedBreathing:
    """Return two recordings, the first of the tuning half; ours is off by 1 and 3 in the second."""
    windows = [
        JudgedWindow(
            recording=name,
            patient=name,
            is_tuning=name == "a",
            start_s=start_s,
            quality=quality,
            reasons=(),
            annotated=(15.0, 16.0),
            rates={OURS: 15.0 + error, SECOND: 16.0, MONITOR: 14.0},
        )
        for name in "ab"
        for start_s, quality, error in ((0.0, 0.9, 1.0), (60.0, 0.2, 3.0))
    ]
    recordings = [
        JudgedRecording(
            recording=name,
            patient=name,
            is_tuning=name == "a",
            marks_s=(MARKS_S, MARKS_S + apart_s),
            peaks_s={OURS: MARKS_S[1:] + 0.2},
        )
        for name in "ab"
    ]
    return JudgedBreathing(
        window_s=60.0, methods=(OURS,), windows=tuple(windows), recordings=tuple(recordings)
    )


def test_halves_share_nothing() -> None:
    tuning, report = halves(_judged())
    assert {one.recording for one in tuning.windows} == {"a"}
    assert {one.recording for one in report.windows} == {"b"}
    assert [one.recording for one in tuning.recordings] == ["a"]
    assert [one.recording for one in report.recordings] == ["b"]


def test_errors_are_told_of_all_windows_and_of_good_ones() -> None:
    figures = figures_of(halves(_judged())[1])
    ours, second, monitor = figures.against_first
    assert (ours.way, second.way, monitor.way) == (OURS, SECOND, MONITOR)
    assert ours.all_windows.mean_absolute_error.value == pytest.approx(2)
    assert ours.good_windows.mean_absolute_error.value == pytest.approx(1)
    assert monitor.all_windows.bias.value == pytest.approx(-1)
    assert [one.way for one in figures.against_second] == [OURS, MONITOR]
    assert figures.against_second[0].good_windows.mean_absolute_error.value == pytest.approx(0)


def test_breaths_are_held_against_the_first_annotator() -> None:
    ours, second = figures_of(halves(_judged())[1]).breaths
    assert ours.figures.precision.value == 1
    assert ours.figures.recall.value == pytest.approx(14 / 15)
    assert second.figures.f1.value == 1


def test_recordings_in_which_other_points_were_marked_are_told_apart() -> None:
    apart = _judged(apart_s=APART_MAX_S + 0.1)
    alike = _judged()
    mixed = JudgedBreathing(
        window_s=60.0,
        methods=(OURS,),
        windows=apart.windows,
        recordings=(apart.recordings[0], alike.recordings[1]),
    )
    ours = figures_of(mixed).breaths[0]
    assert ours.figures.recall.n == 30
    assert ours.same_point.recall.n == 15
    assert figures_of(apart).breaths[0].same_point.recall.n == 30
