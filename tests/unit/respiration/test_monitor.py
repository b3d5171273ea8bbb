"""Streams are told of each second: rates, apneas, patterns that stay, and lost signals."""

from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest

from thoracle.core.arrays import DoubleArray
from thoracle.core.errors import SignalError
from thoracle.inference.bundle import open_bundle
from thoracle.respiration.alarms import APNEA, FAST, PATTERN, SIGNAL, SLOW
from thoracle.respiration.model import PatternClassifier
from thoracle.respiration.monitor import FIRST_S, Monitor, Status

HZ = 10


def _breathing(seconds: float, *, per_minute: float, from_s: float = 0.0) -> DoubleArray:
    times_s = from_s + np.arange(round(seconds * HZ)) / HZ
    return np.asarray(-np.cos(2 * np.pi * per_minute / 60 * times_s), np.float64)


def _watched(monitor: Monitor, signal: DoubleArray, *, name: str = "bed 1") -> Iterator[Status]:
    for at in range(0, signal.size, HZ):
        monitor.push(name, signal[at : at + HZ])
        yield from monitor.step()


def _codes(status: Status) -> list[str]:
    return [one.code for one in status.alarms]


@pytest.fixture
def monitor() -> Monitor:
    """Rates and pauses alone, of a belt."""
    return Monitor(None, rate_hz=HZ, sensor="belt")


def test_a_steady_rate_is_told_after_the_first_breaths_and_raises_nothing(monitor: Monitor) -> None:
    seen = list(_watched(monitor, _breathing(70, per_minute=15)))
    assert len(seen) == 70
    assert all(one.quality is None for one in seen if one.time_s < FIRST_S)
    late = [one for one in seen if one.time_s > 30]
    assert all(one.rate_per_minute == pytest.approx(15, abs=0.7) for one in late)
    assert all(one.since_breath_s is not None and one.since_breath_s < 6 for one in late)
    assert not any(one.alarms for one in seen)
    assert seen[-1].pattern is None


@pytest.mark.parametrize(("per_minute", "code"), [(30, FAST), (6.5, SLOW)])
def test_a_rate_beyond_the_limits_raises_its_alarm_once_it_held(
    monitor: Monitor, per_minute: float, code: str
) -> None:
    seen = list(_watched(monitor, _breathing(60, per_minute=per_minute)))
    assert _codes(seen[-1]) == [code]
    first = next(one for one in seen if code in _codes(one))
    assert first.time_s >= FIRST_S + monitor.limits.raise_s


def test_an_apnea_is_told_when_it_has_lasted_long_enough_and_ends_with_the_next_breath(
    monitor: Monitor,
) -> None:
    before = _breathing(60, per_minute=15)
    pause = np.full(30 * HZ, before[-1]) + 1e-3 * np.random.default_rng(0).normal(size=300)
    after = _breathing(40, per_minute=15)
    seen = list(_watched(monitor, np.concatenate([before, pause, after])))
    during = [one for one in seen if APNEA in _codes(one)]
    assert 79 <= during[0].time_s <= 84
    assert during[-1].time_s <= 98
    assert _codes(seen[-1]) in ([], [SLOW])


@pytest.mark.parametrize("seconds", [1, 2])
def test_an_apnea_is_told_whatever_the_length_of_batches(monitor: Monitor, seconds: int) -> None:
    before = _breathing(60, per_minute=15)
    pause = np.full(30 * HZ, before[-1]) + 1e-3 * np.random.default_rng(0).normal(size=300)
    told = monitor.step()  # before the first batch
    for batch in np.split(np.concatenate([before, pause]), 90 // seconds):
        monitor.push("bed 1", batch)
        told = monitor.step()
        assert all(monitor.step() == () for _ in range(seconds - 1))  # seconds without a batch
    assert APNEA in _codes(told[-1])


def test_a_gap_in_an_apnea_does_not_end_its_alarm(monitor: Monitor) -> None:
    before = _breathing(60, per_minute=15)
    pause = np.full(40 * HZ, before[-1]) + 1e-3 * np.random.default_rng(0).normal(size=400)
    pause[30 * HZ : 33 * HZ] = np.nan
    seen = list(_watched(monitor, np.concatenate([before, pause])))
    assert all(APNEA in _codes(one) for one in seen if one.time_s > 85)


def test_a_sensor_that_falls_off_is_no_apnea(monitor: Monitor) -> None:
    lost = np.full(30 * HZ, np.nan)
    seen = list(_watched(monitor, np.concatenate([_breathing(60, per_minute=15), lost])))
    assert _codes(seen[-1]) == [SIGNAL]
    flat = Monitor(None, rate_hz=HZ, sensor="belt")
    still = np.zeros(30 * HZ)
    seen = list(_watched(flat, np.concatenate([_breathing(60, per_minute=15), still])))
    assert SIGNAL in _codes(seen[-1])
    assert APNEA not in _codes(seen[-1])


def test_a_pattern_is_believed_once_it_stayed_and_abnormal_ones_raise_an_alarm(
    pattern_bundle: Callable[..., Path],
) -> None:
    classifier = PatternClassifier(open_bundle(str(pattern_bundle("biot"))))
    monitor = Monitor(classifier, rate_hz=HZ, sensor="belt")
    seen = list(_watched(monitor, _breathing(70, per_minute=15)))
    assert all(not one.probabilities for one in seen if one.time_s < 60)
    assert seen[-1].probabilities["biot"] > 0.9
    first = next(one for one in seen if one.pattern)
    assert first.time_s == 60 + monitor.limits.pattern_s
    assert first.pattern_since_s == 60
    assert _codes(first) == [PATTERN]


def test_normal_patterns_raise_none(pattern_bundle: Callable[..., Path]) -> None:
    classifier = PatternClassifier(open_bundle(str(pattern_bundle("eupnea"))))
    monitor = Monitor(classifier, rate_hz=HZ, sensor="belt")
    last = list(_watched(monitor, _breathing(70, per_minute=15)))[-1]
    assert last.pattern == "eupnea"
    assert not last.alarms


def test_streams_do_not_mix_and_only_those_with_a_new_second_are_told_of(monitor: Monitor) -> None:
    for second in range(40):
        monitor.push("slow", _breathing(1, per_minute=12, from_s=second))
        monitor.push("fast", _breathing(1, per_minute=24, from_s=second))
        told = monitor.step()
    assert list(monitor.patients) == ["slow", "fast"]
    rates = {one.patient: one.rate_per_minute for one in told}
    assert rates["slow"] == pytest.approx(12, abs=1)
    assert rates["fast"] == pytest.approx(24, abs=1)
    monitor.push("slow", np.zeros(HZ - 1))
    monitor.push("slow", np.empty(0))
    assert monitor.step() == ()
    monitor.push("slow", np.zeros(1))
    assert [one.patient for one in monitor.step()] == ["slow"]
    monitor.drop("slow")
    monitor.drop("slow")
    assert list(monitor.patients) == ["fast"]


def test_a_push_longer_than_a_minute_keeps_its_end(monitor: Monitor) -> None:
    signal = np.arange(1500.0)
    monitor.push("bed", signal[:100])
    monitor.push("bed", signal[100:])
    np.testing.assert_array_equal(monitor.window("bed"), signal[-600:])
    assert monitor.step()[0].time_s == 150


def test_a_rate_or_a_sensor_that_cannot_be_watched_is_refused() -> None:
    with pytest.raises(SignalError, match="found a stream of 2 Hz"):
        Monitor(None, rate_hz=2, sensor="belt")
    with pytest.raises(SignalError, match="found the sensor 'nose'"):
        Monitor(None, rate_hz=HZ, sensor="nose")
