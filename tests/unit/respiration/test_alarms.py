"""Alarms come after a state held, and go after it was gone, each with its own start."""

import pytest

from thoracle.respiration.alarms import (
    ADULTS,
    APNEA,
    FAST,
    PATTERN,
    SIGNAL,
    SLOW,
    AlarmPanel,
    Steady,
    Switch,
)


def test_a_switch_waits_both_ways_and_remembers_when_it_began() -> None:
    switch = Switch(raise_s=3, clear_s=2)
    states = [False, True, True, True, True, True, False, True, False, False, False]
    seen = []
    for now_s, holds in enumerate(states):
        switch.tell(holds, now_s=now_s)
        seen.append(switch.since_s)
    assert seen == [None, None, None, None, 1, 1, 1, 1, 1, 1, None]


def test_a_moment_of_something_else_begins_the_wait_anew() -> None:
    switch = Switch(raise_s=3, clear_s=0)
    for now_s, holds in enumerate([True, True, False, True, True, True]):
        switch.tell(holds, now_s=now_s)
    assert switch.since_s is None
    switch.tell(True, now_s=6)
    assert switch.since_s == 3
    switch.tell(False, now_s=7)
    assert switch.since_s is None


def test_a_name_changes_only_when_another_one_stays() -> None:
    steady = Steady(hold_s=2)
    names = ["a", "a", "a", "b", "a", "b", "b", "c", "b", "b", "b", None, None, None]
    seen = []
    for now_s, name in enumerate(names):
        steady.tell(name, now_s=now_s)
        seen.append(steady.name)
    assert seen == [None, None, "a", *["a"] * 7, "b", "b", "b", None]
    assert steady.since_s == 11


def test_alarms_are_told_by_urgency_and_unknown_states_change_nothing() -> None:
    panel = AlarmPanel(ADULTS)
    panel.tell({APNEA: False, SLOW: True, FAST: False, SIGNAL: False}, now_s=0)
    on = panel.tell({APNEA: True, SLOW: True}, now_s=ADULTS.raise_s)
    assert [(one.code, one.since_s) for one in on] == [(APNEA, 10), (SLOW, 0)]
    assert [one.code for one in panel.tell({}, now_s=11)] == [APNEA, SLOW]
    assert [one.code for one in panel.tell({APNEA: False}, now_s=12)] == [SLOW]
    assert panel.is_on(SLOW)
    assert not panel.is_on(PATTERN)


@pytest.mark.parametrize("code", [APNEA, PATTERN])
def test_what_was_waited_for_already_is_told_at_once(code: str) -> None:
    (alarm,) = AlarmPanel(ADULTS).tell({code: True}, now_s=5)
    assert (alarm.code, alarm.since_s) == (code, 5)
