import math

import numpy as np
import pytest
from tests.unit.respiration.conftest import Breathe

from thoracle.respiration.breaths import find_breaths
from thoracle.respiration.measures import Told, find_apneas, measure
from thoracle.respiration.quality import Faults, Stretch, find_faults
from thoracle.respiration.types import SENSORS, Apnea, Breath

ALL = Told(timing=True, depth=True)
MINUTE = Stretch(start_s=0.0, length_s=60.0)


def _breaths(lengths_s: list[float], *, depths: list[float] | None = None) -> list[Breath]:
    onsets_s = np.concatenate([[0.0], np.cumsum(lengths_s)]).tolist()
    deep = [1.0] * len(lengths_s) if depths is None else depths
    return [
        Breath(onset_s=start, peak_s=start + (end - start) / 4, end_s=end, depth=depth)
        for start, end, depth in zip(onsets_s[:-1], onsets_s[1:], deep, strict=True)
    ]


def test_known_breaths_have_known_measures() -> None:
    breaths = _breaths([3.0, 5.0, 4.0, 4.0], depths=[1.0, 2.0, 3.0, 4.0])
    found = measure(breaths, (), MINUTE, told=ALL)
    assert found.breaths == 4
    assert found.rate_per_minute == pytest.approx(15)
    assert found.breathing_rate_per_minute == pytest.approx(15)
    assert found.length_mean_s == pytest.approx(4)
    assert found.length_sd_s == pytest.approx(math.sqrt(2 / 3))
    assert found.length_cv == pytest.approx(math.sqrt(2 / 3) / 4)
    assert found.breath_to_breath == pytest.approx(math.sqrt((4 + 1 + 0) / 3) / 4)
    assert found.depth_median == pytest.approx(2.5)
    assert found.depth_sd == pytest.approx(math.sqrt(5 / 3))
    assert found.depth_cv == pytest.approx(math.sqrt(5 / 3) / 2.5)
    assert found.inspiration_s == pytest.approx(1.0)
    assert found.expiration_s == pytest.approx(3.0)
    assert found.ie_ratio == pytest.approx(1 / 3)


def test_an_apnea_counts_as_time_in_which_nobody_breathed() -> None:
    breaths = _breaths([4.0] * 10)
    apnea = Apnea(start_s=40.0, length_s=20.0)
    found = measure(breaths, [apnea], MINUTE, told=ALL)
    assert found.rate_per_minute == pytest.approx(10)
    assert found.breathing_rate_per_minute == pytest.approx(15)
    assert found.apneas == 1
    assert found.apnea_s == pytest.approx(20)


def test_of_an_apnea_only_the_part_within_the_window_counts() -> None:
    window = Stretch(start_s=50.0, length_s=60.0)
    found = measure([], [Apnea(start_s=40.0, length_s=20.0)], window, told=ALL)
    assert found.apnea_s == pytest.approx(10)
    assert found.apneas == 0
    assert found.rate_per_minute == 0


def test_breaths_that_reach_beyond_the_window_are_left_out() -> None:
    window = Stretch(start_s=1.0, length_s=10.0)
    assert measure(_breaths([4.0] * 5), (), window, told=ALL).breaths == 1


def test_without_a_breath_nothing_is_known() -> None:
    found = measure([], [], MINUTE, told=ALL)
    assert found.rate_per_minute is None
    assert found.length_mean_s is None
    assert found.ie_ratio is None
    assert found.apnea_s == 0


def test_two_breaths_have_a_mean_and_no_spread() -> None:
    found = measure(_breaths([3.0, 5.0]), (), MINUTE, told=ALL)
    assert found.length_mean_s == pytest.approx(4)
    assert found.length_sd_s is None
    assert found.breath_to_breath is None


def test_breaths_on_both_sides_of_a_pause_are_no_neighbors() -> None:
    before = _breaths([4.0, 4.0, 4.0])
    after = [
        Breath(onset_s=one.onset_s + 30, peak_s=one.peak_s + 30, end_s=one.end_s + 30, depth=1.0)
        for one in _breaths([6.0, 6.0, 6.0])
    ]
    assert measure([*before, *after], (), MINUTE, told=ALL).breath_to_breath == 0


@pytest.mark.parametrize("sensor", SENSORS)
def test_timing_and_depth_are_told_where_the_sensor_shows_them(sensor: str) -> None:
    told = Told.of(sensor, is_clipped=False)
    assert told.timing == (sensor not in {"capnography", "unknown"})
    assert told.depth == (sensor != "capnography")
    assert Told.of(sensor, is_clipped=True) == Told(timing=False, depth=False)
    found = measure(_breaths([4.0] * 5), (), MINUTE, told=told)
    assert (found.ie_ratio is not None) == told.timing
    assert (found.depth_median is not None) == told.depth
    assert found.rate_per_minute == pytest.approx(15)


@pytest.mark.parametrize(("length_s", "expected"), [(8.0, 0), (14.0, 1), (30.0, 1)])
def test_a_pause_is_an_apnea_from_ten_seconds_on(
    breathe: Breathe, length_s: float, expected: int
) -> None:
    first, after = breathe([4.0] * 6, tail_s=0.0), breathe([4.0] * 6, lead_s=length_s)
    rng = np.random.default_rng(4)
    signal = np.concatenate([first.signal, after.signal])
    signal += rng.normal(0, 0.01, signal.size)
    apneas = find_apneas(find_breaths(signal, rate_hz=25), find_faults(signal, rate_hz=25))
    assert len(apneas) == expected
    for one in apneas:
        assert one.start_s == pytest.approx(26, abs=1.0)
        assert one.length_s == pytest.approx(length_s, abs=1.2)


def test_while_the_sensor_is_off_no_apnea_is_told(breathe: Breathe) -> None:
    first, after = breathe([4.0] * 6, tail_s=0.0), breathe([4.0] * 6, lead_s=20.0)
    signal = np.concatenate([first.signal, after.signal])
    signal[750:1050] = signal[750]
    breathing = find_breaths(signal, rate_hz=25)
    assert len(find_apneas(breathing, Faults(clipped=(), disconnected=(), gaps=()))) == 1
    assert find_apneas(breathing, find_faults(signal, rate_hz=25)) == ()
