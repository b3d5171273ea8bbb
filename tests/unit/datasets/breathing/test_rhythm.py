"""Breaths vary as asked for, remember the one before, and pause where the pattern does."""

import numpy as np
import pytest

from thoracle.datasets.breathing import physiology_ranges
from thoracle.datasets.breathing.physiology_ranges import HABITS, Body, Habit
from thoracle.datasets.breathing.rhythm import Rhythm, draw_rhythm

WINDOWS = 500
STILL = Body(sighs_per_hour=0.0)


def _drawn(habit: Habit, duration_s: float = 60.0, body: Body = STILL) -> Rhythm:
    return draw_rhythm(habit, WINDOWS, duration_s, body=body, rng=np.random.default_rng(0))


@pytest.mark.parametrize("name", HABITS)
@pytest.mark.parametrize("duration_s", [5.0, 60.0, 300.0])
def test_breaths_follow_one_another_and_cover_every_window(name: str, duration_s: float) -> None:
    made = _drawn(HABITS[name], duration_s)
    ends = made.start_s + made.length_s
    np.testing.assert_allclose(made.start_s[:, 1:], ends[:, :-1], atol=1e-9)
    assert (made.start_s[:, 0] <= 0.0).all()
    assert (ends[:, -1] >= duration_s).all()
    assert (made.inspired_s < made.length_s).all()


@pytest.mark.parametrize("name", ["eupnea", "bradypnea", "tachypnea"])
def test_the_mean_rate_of_a_window_is_that_of_the_pattern(name: str) -> None:
    habit, made = HABITS[name], _drawn(HABITS[name], 600.0)
    inside = (made.start_s >= 0.0) & (made.start_s < 600.0)
    rates = inside.sum(axis=1) / 10.0
    low, high = habit.rate_per_minute
    assert low - 0.3 <= rates.min() < low + 0.5
    assert high - 0.5 < rates.max() <= high + 0.3
    assert not made.is_pause.any()


def test_breaths_vary_and_remember_as_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(physiology_ranges, "RATE_VARIATION", (0.2, 0.2))
    monkeypatch.setattr(physiology_ranges, "MEMORY", (0.4, 0.4))
    habit = Habit(rate_per_minute=(15.0, 15.0), depth=(2.0, 2.0), depth_variation=(0.3, 0.3))
    made = _drawn(habit, 1200.0)
    depth, length = made.depth[:, :300], made.length_s[:, :300]
    assert depth.mean() == pytest.approx(2.0, rel=0.01)
    assert (depth.std(axis=1) / depth.mean(axis=1)).mean() == pytest.approx(0.3, rel=0.03)
    assert length.mean() == pytest.approx(4.0, rel=0.01)
    assert (length.std(axis=1) / length.mean(axis=1)).mean() == pytest.approx(0.2, rel=0.03)
    for values in (np.log(depth), np.log(length)):
        both = [np.corrcoef(one[:-1], one[1:])[0, 1] for one in values]
        assert np.mean(both) == pytest.approx(0.4, abs=0.03)


def test_inspiration_takes_its_share() -> None:
    made = _drawn(HABITS["eupnea"])
    share = made.inspired_s / made.length_s
    assert share.min() >= 0.2 - 1e-12
    assert share.max() <= 0.6 + 1e-12
    assert share.mean() == pytest.approx(0.40, abs=0.01)


def test_a_dozen_sighs_an_hour_at_least_twice_as_deep() -> None:
    habit = Habit(rate_per_minute=(15.0, 15.0), depth=(1.0, 1.0), depth_variation=(0.0, 0.0))
    made = _drawn(habit, 3600.0, Body())
    sighs = made.depth > 1.5
    assert sighs.sum(axis=1).mean() == pytest.approx(12.0, rel=0.05)
    assert made.depth[sighs].min() >= 2.0
    assert made.depth[sighs].max() <= 4.0


@pytest.mark.parametrize("name", ["biot", "cheyne_stokes", "central_apnea"])
def test_pauses_have_their_length_and_come_after_an_episode_of_breathing(name: str) -> None:
    habit, made = HABITS[name], _drawn(HABITS[name], 300.0)
    assert habit.apnea_s is not None
    assert habit.breathing_s is not None
    pauses = made.length_s[made.is_pause]
    assert habit.apnea_s[0] <= pauses.min()
    assert pauses.max() <= habit.apnea_s[1]
    assert (made.inspired_s[made.is_pause] == 0.0).all()
    spreads = []
    for window in range(50):
        where = np.flatnonzero(made.is_pause[window])
        ends = made.start_s[window, where[:-1]] + made.length_s[window, where[:-1]]
        breathing = made.start_s[window, where[1:]] - ends
        spreads.append(np.ptp(breathing))
        assert breathing.min() >= habit.breathing_s[0]
        assert breathing.max() <= habit.breathing_s[1] + made.length_s[window, where[1:] - 1].max()
    assert np.mean(spreads) > 6.0, "each episode has a length of its own"


def test_depth_waxes_and_wanes_in_cheyne_stokes_alone() -> None:
    for name, edge in (("cheyne_stokes", 0.26), ("biot", 1.0)):
        made = _drawn(HABITS[name], 300.0)
        last = np.roll(made.is_pause, -1, axis=1) & ~made.is_pause
        last[:, -1] = False
        shallow = made.depth[last].mean() / made.depth[~made.is_pause].mean()
        assert shallow == pytest.approx(edge, abs=0.05)


def test_the_level_stays_in_a_pause_and_never_swallows_a_breath() -> None:
    made = _drawn(HABITS["central_apnea"], 300.0)
    steps = np.diff(made.level, axis=1)
    assert (steps[made.is_pause[:, :-1]] == 0.0).all()
    assert (np.abs(steps) <= 0.4 * made.depth[:, :-1] + 1e-12).all()


def test_windows_begin_anywhere_in_a_cycle() -> None:
    made = _drawn(HABITS["central_apnea"])
    here = (made.start_s <= 0.0) & (made.start_s + made.length_s > 0.0)
    share = made.is_pause[here].mean()
    assert 0.3 < share < 0.7  # a pause is about as long as an episode of breathing
