"""Live streams: told of each second, silent ones alarm, lost ones wait, ended ones are gone."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest

from thoracle.core.arrays import DoubleArray
from thoracle.core.errors import BundleError, SignalError
from thoracle.inference.bundle import open_bundle
from thoracle.jobs import breathing_live
from thoracle.jobs.breathing_live import (
    LOST_KEPT_S,
    SIMULATED_MAX,
    Connection,
    LiveBreathing,
    pattern_classifier,
)
from thoracle.jobs.breathing_live_types import StreamRequest, Told
from thoracle.respiration.alarms import APNEA, SIGNAL

HZ = 10


@dataclass
class Clock:
    now_s: float = 1000.0

    def __call__(self) -> float:
        return self.now_s


def breathing(seconds: float, *, per_minute: float = 15.0) -> DoubleArray:
    times_s = np.arange(round(seconds * HZ)) / HZ
    return np.asarray(-np.cos(2 * np.pi * per_minute / 60 * times_s), np.float64)


def pause(seconds: float) -> DoubleArray:
    noise = np.random.default_rng(0).normal(size=round(seconds * HZ))
    return np.asarray(-1.0 + 1e-3 * noise, np.float64)


def asked(name: str = "bed 1", *, sender: str = "ana", sensor: str = "belt") -> StreamRequest:
    return StreamRequest(name=name, rate_hz=HZ, sensor=sensor, sender=sender)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def live(clock: Clock) -> LiveBreathing:
    return LiveBreathing(streams_max=3, classifier=lambda: None, clock=clock)


def _send(live: LiveBreathing, clock: Clock, to: Connection, signal: DoubleArray) -> list[Told]:
    told = []
    for samples in np.split(signal, signal.size // HZ):
        clock.now_s += 1
        live.take(to, samples)
        told.append(live.tick())
    return told


def _wait(live: LiveBreathing, clock: Clock, seconds: int) -> list[Told]:
    told = []
    for _ in range(seconds):
        clock.now_s += 1
        told.append(live.tick())
    return told


def _alarms(told: Told) -> list[str]:
    return [alarm.code for one in told.views if one.status for alarm in one.status.alarms]


def test_an_apnea_raises_its_alarm_after_twenty_seconds(live: LiveBreathing, clock: Clock) -> None:
    told = _send(live, clock, live.open(asked()), np.concatenate([breathing(40), pause(26)]))
    first = next(place for place, one in enumerate(told, start=1) if APNEA in _alarms(one))
    assert 60 <= first <= 64
    (status,) = told[-1].statuses.values()
    assert status.patient == "bed 1"
    assert status.time_s == 66


def test_a_silent_sender_becomes_a_signal_alarm_and_no_apnea(
    live: LiveBreathing, clock: Clock
) -> None:
    to = live.open(asked())
    _send(live, clock, to, breathing(30))
    told = _wait(live, clock, 40)
    seen = [code for one in told for code in _alarms(one)]
    assert SIGNAL in seen
    assert APNEA not in seen
    assert told[-1].views[0].silent_s == 40
    assert told[-1].views[0].trace[-1] is None
    _send(live, clock, to, breathing(40))
    assert _alarms(live.tick()) == []


def test_a_flood_a_wild_value_and_an_unknown_sensor_are_refused(live: LiveBreathing) -> None:
    to = live.open(asked())
    with pytest.raises(SignalError, match="found more samples than 10 Hz make") as refused:
        live.take(to, np.zeros(51))
    assert refused.value.code == "stream-fast"
    with pytest.raises(SignalError, match=r"found a sample beyond 1e\+09"):
        live.take(to, np.array([np.nan, -2e9]))
    with pytest.raises(SignalError, match="sensor 'ear'"):
        live.open(asked("bed 2", sensor="ear"))


def test_no_more_streams_than_the_setting_are_on(live: LiveBreathing) -> None:
    opened = [live.open(asked(f"bed {number}")) for number in range(3)]
    with pytest.raises(SignalError, match="setting breathing_streams_max, 3") as refused:
        live.open(asked("bed 4"))
    assert refused.value.code == "streams-full"
    live.leave(opened[0], is_lost=False)
    live.open(asked("bed 4"))
    assert len(live) == 3


def test_an_ended_stream_is_gone_and_one_of_its_name_begins_anew(
    live: LiveBreathing, clock: Clock
) -> None:
    to = live.open(asked())
    _send(live, clock, to, breathing(20))
    live.leave(to, is_lost=False)
    assert live.tick().views == ()
    again = live.open(asked(sender="ben"))
    (told,) = _send(live, clock, again, breathing(1))
    (status,) = told.statuses.values()
    assert status.time_s == 1


def test_a_lost_stream_stays_with_its_alarm_and_its_sender_goes_on_with_it(
    live: LiveBreathing, clock: Clock
) -> None:
    to = live.open(asked())
    _send(live, clock, to, breathing(30))
    live.leave(to, is_lost=True)
    told = _wait(live, clock, 30)[-1]
    assert told.views[0].is_lost
    assert _alarms(told) == [SIGNAL]
    for other in (asked(sender="ben"), asked(sensor="flow")):
        with pytest.raises(SignalError, match="that is on already"):
            live.open(other)
    again = live.open(asked())
    told = _send(live, clock, again, breathing(1))[-1]
    assert not told.views[0].is_lost
    assert told.statuses[again.stream.key].time_s > 55
    live.leave(to, is_lost=False)  # the first connection has nothing to end any more
    assert len(live) == 1
    with pytest.raises(SignalError, match="second connection"):
        live.take(to, breathing(1))


def test_a_lost_stream_is_dropped_after_a_while(live: LiveBreathing, clock: Clock) -> None:
    live.leave(live.open(asked()), is_lost=True)
    clock.now_s += LOST_KEPT_S - 1
    assert len(live.tick().views) == 1
    clock.now_s += 1
    assert live.tick().views == ()


def test_a_name_that_is_heard_of_is_taken_also_for_its_own_sender(
    live: LiveBreathing, clock: Clock
) -> None:
    to = live.open(asked())
    _send(live, clock, to, breathing(2))
    with pytest.raises(SignalError, match="that is on already"):
        live.open(asked())
    _wait(live, clock, 4)
    assert live.open(asked()).is_current
    assert not to.is_current


def test_who_comes_later_sees_the_last_minute(live: LiveBreathing, clock: Clock) -> None:
    told = _send(live, clock, live.open(asked()), breathing(70))
    assert len(told[-1].views[0].trace) == HZ
    (whole,) = live.whole()
    assert len(whole.trace) == 60 * HZ
    assert whole.status == told[-1].views[0].status


def test_streams_of_different_rates_are_watched_together(live: LiveBreathing, clock: Clock) -> None:
    slow = live.open(asked("a"))
    fast = live.open(StreamRequest(name="b", rate_hz=50, sensor="flow", sender="ana"))
    for _ in range(20):
        clock.now_s += 1
        live.take(slow, np.zeros(10))
        live.take(fast, np.zeros(50))
        told = live.tick()
    assert [one.name for one in told.views] == ["a", "b"]
    assert {one.time_s for one in told.statuses.values()} == {20.0}


def test_patterns_are_told_by_a_network_that_is_opened_once(
    clock: Clock, pattern_bundle: Callable[..., Path]
) -> None:
    from thoracle.respiration.model import PatternClassifier

    made = []

    def make() -> PatternClassifier:
        made.append(PatternClassifier(open_bundle(str(pattern_bundle("biot")))))
        return made[-1]

    live = LiveBreathing(streams_max=3, classifier=make, clock=clock)
    live.tick()
    assert made == []
    told = _send(live, clock, live.open(asked()), breathing(66))
    live.open(asked("bed 2", sensor="flow"))
    live.tick()
    assert len(made) == 1
    status = told[-1].views[0].status
    assert status is not None
    assert status.pattern == "biot"


def test_simulated_patients_breathe_by_themselves_and_end(
    live: LiveBreathing, clock: Clock
) -> None:
    name = live.simulate("eupnea", seed=1)
    told = _wait(live, clock, 40)[-1]
    (view,) = told.views
    assert view.is_simulated
    assert view.name == name
    assert view.status is not None
    assert view.status.rate_per_minute is not None
    assert 11 < view.status.rate_per_minute < 21
    live.end_simulated()
    assert live.tick().views == ()
    live.simulate("eupnea", seed=2)
    clock.now_s += 601
    live.tick()
    assert live.tick().views == ()


def test_there_are_only_a_few_simulated_patients(clock: Clock) -> None:
    live = LiveBreathing(streams_max=99, classifier=lambda: None, clock=clock)
    for seed in range(SIMULATED_MAX):
        live.simulate("eupnea", seed=seed)
    with pytest.raises(SignalError, match="simulated patients"):
        live.simulate("eupnea", seed=99)


def test_without_a_bundle_only_rates_are_watched(monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(_: str) -> None:
        raise BundleError("none", code="bundle-missing")

    def altered(_: str) -> None:
        raise BundleError("altered", code="bundle-altered")

    monkeypatch.setattr(breathing_live, "open_bundle", missing)
    assert pattern_classifier() is None
    monkeypatch.setattr(breathing_live, "open_bundle", altered)
    with pytest.raises(BundleError, match="altered"):
        pattern_classifier()
