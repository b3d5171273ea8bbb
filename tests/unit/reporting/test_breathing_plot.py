"""Everything stands where its time is, whatever range is shown."""

import re
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.unit.web.pages.made_breathing import told_recording
from tests.unit.web.recordings import belt_csv

from thoracle.reporting.breathing_plot import (
    INNER,
    LEFT,
    TRACE_HEIGHT,
    TRACE_TOP,
    Scale,
    attention_bars,
    clock,
    rate_plot,
    time_ticks,
    trace_plot,
)
from thoracle.respiration.patterns import PatternWindow
from thoracle.respiration.result import BreathingResult

POINT = re.compile(r"[ML]([\d.]+) ([\d.]+)")


@pytest.fixture(scope="module")
def result() -> BreathingResult:
    return told_recording(belt_csv(150))


def test_a_time_stands_at_its_share_of_the_axis() -> None:
    scale = Scale(start_s=10.0, length_s=20.0)
    assert (scale.x(10.0), scale.x(20.0), scale.x(30.0)) == (LEFT, LEFT + INNER / 2, LEFT + INNER)
    inside = scale.span(0.0, 20.0)
    assert inside is not None
    assert (inside.x, inside.width, inside.middle) == (LEFT, INNER / 2, LEFT + INNER / 4)
    assert (inside.start_s, inside.end_s) == (0.0, 20.0)
    assert scale.span(30.0, 40.0) is None


@given(start=st.floats(0, 140), length=st.floats(5, 600))
def test_the_signal_stays_in_its_frame(
    result: BreathingResult, start: float, length: float
) -> None:
    plot = trace_plot(result, Scale(start_s=start, length_s=length))
    points = [(float(x), float(y)) for x, y in POINT.findall(plot.path)]
    assert points
    assert all(TRACE_TOP - 0.1 <= y <= TRACE_TOP + TRACE_HEIGHT + 0.1 for _, y in points)
    assert [x for x, _ in points] == sorted(x for x, _ in points)
    assert len(points) <= 2 * INNER + 4


def test_pauses_faults_and_onsets_are_those_of_the_range(result: BreathingResult) -> None:
    whole = trace_plot(result, Scale(start_s=0.0, length_s=150.0))
    (pause,) = whole.apneas
    assert pause.end_s - pause.start_s == pytest.approx(20, abs=1.5)
    assert len(whole.onsets) == len(result.breaths)
    before = trace_plot(result, Scale(start_s=0.0, length_s=60.0))
    assert before.apneas == ()
    assert before.low is not None
    assert before.high is not None
    assert before.low < -1 < 1 < before.high


def test_a_gap_breaks_the_line(result: BreathingResult) -> None:
    assert result.trace is not None
    signal = result.trace.signal.copy()
    signal[200:400] = np.nan
    broken = replace(result, trace=replace(result.trace, signal=signal))
    near = trace_plot(broken, Scale(start_s=0.0, length_s=30.0))
    assert near.path.count("M") == 2
    assert trace_plot(broken, Scale(start_s=0.0, length_s=150.0)).path.count("M") == 2
    lost = trace_plot(broken, Scale(start_s=12.0, length_s=5.0))
    assert (lost.path, lost.low, lost.high) == ("", None, None)
    assert trace_plot(replace(result, trace=None), Scale(start_s=0, length_s=9)).path == ""


def test_rates_lie_over_the_points_of_news2(result: BreathingResult) -> None:
    plot = rate_plot(result, Scale(start_s=0.0, length_s=150.0), top=100.0, height=50.0)
    assert [one.points for one in plot.zones] == [3, 1, 0, 2, 3]
    none = plot.zones[2]
    span, y = plot.lines[0]
    assert none.y < y < none.y + none.height  # 15 a minute
    assert (span.x, span.start_s) == (LEFT, 0.0)
    assert sum(one.height for one in plot.zones) == pytest.approx(50, abs=0.1)


def test_attention_is_a_share_of_the_windows_largest(result: BreathingResult) -> None:
    window = PatternWindow(
        start_s=60.0,
        pattern="biot",
        likeliest="biot",
        probabilities=(0, 0, 0, 1.0, 0, 0, 0),
        reason="",
        attention=np.array([0.1, 0.4, 0.3, 0.2], np.float32),
    )
    told = replace(result, patterns=(window,))
    bars = attention_bars(told, Scale(start_s=60.0, length_s=60.0), window_s=60.0)
    assert [weight for _, weight in bars] == pytest.approx([0.25, 1.0, 0.75, 0.5])
    assert [span.start_s for span, _ in bars] == [60.0, 75.0, 90.0, 105.0]
    assert attention_bars(told, Scale(start_s=0.0, length_s=60.0), window_s=60.0) == ()


@given(start=st.floats(0, 600_000), length=st.floats(5, 604_800))
def test_ticks_are_few_and_in_the_range(start: float, length: float) -> None:
    ticks = time_ticks(Scale(start_s=start, length_s=length))
    assert len(ticks) <= 10
    assert all(LEFT - 0.01 <= one.at <= LEFT + INNER + 0.01 for one in ticks)


def test_a_clock_has_hours_where_it_needs_them() -> None:
    assert [clock(one) for one in (0, 59.6, 3599, 36_061)] == ["0:00", "1:00", "59:59", "10:01:01"]
