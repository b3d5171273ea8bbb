"""Lines become streams; what changes is told, and a line that is none is named."""

import math
from dataclasses import replace

import numpy as np
import pytest

from thoracle.core.errors import SignalError
from thoracle.jobs.watch_breathing import ONE, is_news, status_line, status_to_json, watch
from thoracle.respiration.alarms import Alarm
from thoracle.respiration.monitor import Monitor, Status

HZ = 5
STATUS = Status(
    patient="bed 1",
    time_s=61.0,
    pattern="eupnea",
    pattern_since_s=60.0,
    probabilities={"eupnea": 0.9},
    rate_per_minute=15.4,
    since_breath_s=1.0,
    quality=0.9,
    alarms=(),
)


def _lines(seconds: int, *, names: tuple[str, ...] = ("",)) -> list[str]:
    times_s = np.arange(seconds * HZ) / HZ
    values = -np.cos(2 * np.pi * 0.25 * times_s)
    return [f"{name},{value}\n" if name else f"{value}\n" for value in values for name in names]


def _monitor() -> Monitor:
    return Monitor(None, rate_hz=HZ, sensor="belt")


def test_one_stream_is_told_of_each_second() -> None:
    told = list(watch(_lines(40), _monitor()))
    assert [one.time_s for one in told] == list(range(1, 41))
    assert {one.patient for one in told} == {ONE}
    assert told[-1].rate_per_minute == pytest.approx(15, abs=1)


def test_many_streams_are_told_of_together() -> None:
    told = list(watch(_lines(5, names=("a", "b", "c")), _monitor()))
    assert [one.patient for one in told[-3:]] == ["a", "b", "c"]
    assert {name: sum(one.patient == name for one in told) for name in "abc"} == {
        "a": 5, "b": 5, "c": 5,
    }  # fmt: skip


def test_missing_values_keep_the_time_going() -> None:
    monitor = _monitor()
    told = list(watch(["1\n", "nan\n", "\n", "a,\n", "NA\n", "2.5\n", "3\n"], monitor))
    assert [one.time_s for one in told] == [1.0]
    window = monitor.window(ONE)
    assert window[-5] == 1
    assert math.isnan(window[-4])
    assert list(window[-2:]) == [2.5, 3]
    assert math.isnan(monitor.window("a")[-1])


@pytest.mark.parametrize("line", ["a,b", "1,2,3", ",4", "inf", "bed;5"])
def test_a_line_that_is_no_sample_is_named(line: str) -> None:
    with pytest.raises(SignalError, match="in line 3 – expected a value") as caught:
        list(watch(["1\n", "\n", f"{line}\n"], _monitor()))
    assert caught.value.code == "breathing-line"


def test_a_status_is_a_line_and_json() -> None:
    assert status_line(STATUS) == "bed 1  61 s  15/min  eupnea"
    unknown = replace(STATUS, rate_per_minute=None, pattern=None)
    alarmed = replace(unknown, alarms=(Alarm(code="apnea", since_s=50.0),))
    assert status_line(alarmed) == "bed 1  61 s  –  –  ALARM: apnea since 50 s"
    assert status_to_json(alarmed)["alarms"] == ({"code": "apnea", "since_s": 50.0},)


def test_only_another_pattern_or_alarm_is_news() -> None:
    later = replace(STATUS, time_s=62.0, rate_per_minute=16.0)
    assert is_news(STATUS, None)
    assert not is_news(later, STATUS)
    assert is_news(replace(later, pattern=None), STATUS)
    alarmed = replace(later, alarms=(Alarm(code="fast", since_s=61.0),))
    assert is_news(alarmed, STATUS)
    moved = replace(alarmed, alarms=(Alarm(code="fast", since_s=60.0),))
    assert not is_news(moved, alarmed)
