"""Breath after breath of many people at once: when each begins, how long and how deep it is."""

import math
from dataclasses import dataclass, field
from typing import Final

import numpy as np

from thoracle.core.arrays import BoolArray, DoubleArray
from thoracle.datasets.breathing import physiology_ranges as ranges
from thoracle.datasets.breathing.physiology_ranges import Body, Habit, Range

_LEVEL_MEMORY: Final = 0.7  # of the end-expiratory level from breath to breath; chosen
_LEVEL_STEP: Final = 0.4  # in depths of the breath: it must still rise and fall
_SIGH_LASTS: Final = 1.3  # times as long as another breath; chosen
_HOUR_S: Final = 3600.0
_MARGIN: Final = 8  # breaths


@dataclass(frozen=True, slots=True, kw_only=True)
class Rhythm:
    """Breaths and pauses of windows, one after the other; they cover each window with a margin.

    Attributes
    ----------
    start_s : (windows, breaths) float64
        Of the window; the first lies before it or at its start.
    length_s, inspired_s, depth, level : (windows, breaths) float64
        How long it is, and its inspiration; by how much it rises; from where. A pause has neither
        inspiration nor depth.
    """

    start_s: DoubleArray = field(repr=False)
    length_s: DoubleArray = field(repr=False)
    inspired_s: DoubleArray = field(repr=False)
    depth: DoubleArray = field(repr=False)
    level: DoubleArray = field(repr=False)

    @property
    def is_pause(self) -> BoolArray:
        """Which of them are none."""
        pauses: BoolArray = self.depth == 0.0
        return pauses


def draw_rhythm(
    habit: Habit, windows: int, duration_s: float, *, body: Body, rng: np.random.Generator
) -> Rhythm:
    """Draw the breaths of many windows of one pattern.

    Parameters
    ----------
    habit
        Of the pattern.
    windows
        How many.
    duration_s
        Of each.
    body
        Gives the sighs.
    rng
        Source of all chance.

    Returns
    -------
    Rhythm
        A window begins anywhere in a cycle. Without pauses, its mean rate is the one drawn.
    """
    count = _enough(habit, duration_s)
    memory = _each(ranges.MEMORY, windows, rng)
    length_s = _lengths(habit, memory, count, duration_s, rng)
    depth = _each(habit.depth, windows, rng) * _varied(
        _each(habit.depth_variation, windows, rng), memory, count, rng
    )
    if habit.has_sighs:
        is_sigh = rng.random(depth.shape) < body.sighs_per_hour * length_s / _HOUR_S
        depth = np.where(is_sigh, depth * rng.uniform(*ranges.SIGH_DEPTH, depth.shape), depth)
        length_s = np.where(is_sigh, length_s * _SIGH_LASTS, length_s)
    lead_s = length_s[:, :1]
    if habit.breathing_s is not None and habit.apnea_s is not None:
        breathing_s, apnea_s = (
            rng.uniform(*each, (windows, _episodes(habit, duration_s)))
            for each in (habit.breathing_s, habit.apnea_s)
        )
        length_s, depth = _interrupt(habit, length_s, depth, breathing_s, apnea_s)
        lead_s = breathing_s[:, :1] + apnea_s[:, :1]
    ends = np.cumsum(length_s, axis=1)
    return Rhythm(
        start_s=ends - length_s - lead_s * rng.random((windows, 1)),
        length_s=length_s,
        inspired_s=np.where(depth > 0.0, length_s * _inspired(depth.shape, rng), 0.0),
        depth=depth,
        level=_levels(depth, rng),
    )


def _each(bounds: Range, windows: int, rng: np.random.Generator) -> DoubleArray:
    """Draw one number for each window, (windows, 1) float64."""
    drawn: DoubleArray = rng.uniform(*bounds, (windows, 1))
    return drawn


def _lead_max_s(habit: Habit) -> float:
    return sum(each[1] for each in (habit.breathing_s, habit.apnea_s) if each is not None)


def _enough(habit: Habit, duration_s: float) -> int:
    """Return how many breaths cover a window from the cycle's start, however quick they are."""
    quickest_s = 60.0 / habit.rate_per_minute[1]
    if habit.apnea_s is None:  # their mean is that of the window
        return math.ceil(duration_s / quickest_s) + _MARGIN
    quickest_s *= ranges.STEADY_TIMES[0]
    return math.ceil((duration_s + _lead_max_s(habit)) / quickest_s) + _MARGIN


def _episodes(habit: Habit, duration_s: float) -> int:
    shortest_s = sum(each[0] for each in (habit.breathing_s, habit.apnea_s) if each is not None)
    return math.ceil((duration_s + _lead_max_s(habit)) / shortest_s) + 1


def _lengths(
    habit: Habit, memory: DoubleArray, count: int, duration_s: float, rng: np.random.Generator
) -> DoubleArray:
    """Draw how long breaths are; without pauses those that fill a window have the drawn mean."""
    usual_s = 60.0 / _each(habit.rate_per_minute, len(memory), rng)
    varied = _varied(_each(ranges.RATE_VARIATION, len(memory), rng), memory, count, rng)
    varied = np.clip(varied, *ranges.STEADY_TIMES)
    if habit.apnea_s is None:
        counted = np.arange(count) < np.ceil(duration_s / usual_s)
        varied /= np.mean(varied, axis=1, keepdims=True, where=counted)
    return usual_s * varied


def _varied(
    variation: DoubleArray, memory: DoubleArray, count: int, rng: np.random.Generator
) -> DoubleArray:
    """Draw log-normal factors of mean 1 that remember the one before: AR(1) in the logarithm."""
    size = np.sqrt(np.log1p(variation**2))
    return np.exp(size * _remembering(memory, count, rng) - size**2 / 2.0)


def _remembering(memory: DoubleArray, count: int, rng: np.random.Generator) -> DoubleArray:
    """Draw standard normal numbers of which each is correlated with the one before."""
    drawn = rng.standard_normal((count, len(memory)))
    kept, fresh = memory[:, 0], np.sqrt(1.0 - memory[:, 0] ** 2)
    for number in range(1, count):
        drawn[number] = kept * drawn[number - 1] + fresh * drawn[number]
    return drawn.T


def _interrupt(
    habit: Habit,
    length_s: DoubleArray,
    depth: DoubleArray,
    breathing_s: DoubleArray,
    apnea_s: DoubleArray,
) -> tuple[DoubleArray, DoubleArray]:
    """Put a pause wherever an episode of breathing is over, and let episodes wax and wane."""
    windows, count = length_s.shape
    every = np.arange(windows)
    made_s, deep = np.empty((2, count, windows))
    passed_s, episode = np.zeros(windows), np.zeros(windows, np.int64)
    for number in range(count):
        whole_s = breathing_s[every, episode]
        is_over = passed_s >= whole_s
        made_s[number] = np.where(is_over, apnea_s[every, episode], length_s[:, number])
        middle = (passed_s + made_s[number] / 2.0) / whole_s
        wax = _waxing(middle) if habit.is_waxing else 1.0
        deep[number] = np.where(is_over, 0.0, depth[:, number] * wax)
        passed_s = np.where(is_over, 0.0, passed_s + made_s[number])
        episode = np.minimum(episode + is_over, breathing_s.shape[1] - 1)
    return made_s.T, deep.T


def _waxing(middle: DoubleArray) -> DoubleArray:
    """Return a breath's share of the deepest, by where in the episode it lies, 0 to 1."""
    arch = np.sin(np.pi * np.clip(middle, 0.0, 1.0))
    waxed: DoubleArray = ranges.WAX_FLOOR + (1.0 - ranges.WAX_FLOOR) * arch
    return waxed


def _inspired(shape: tuple[int, ...], rng: np.random.Generator) -> DoubleArray:
    """Draw the share of inspiration in each breath."""
    mean, variation = (
        _each(bounds, shape[0], rng)
        for bounds in (ranges.INSPIRED_SHARE, ranges.INSPIRED_VARIATION)
    )
    share = mean * (1.0 + variation * rng.standard_normal(shape))
    return np.clip(share, *ranges.INSPIRED_LIMITS)


def _levels(depth: DoubleArray, rng: np.random.Generator) -> DoubleArray:
    """Draw the level from which each breath rises; in a pause it stays."""
    windows, count = depth.shape
    size = _each(ranges.LEVEL_VARIATION, windows, rng)
    wanted = size * _remembering(np.full((windows, 1), _LEVEL_MEMORY), count, rng)
    most = _LEVEL_STEP * depth[:, :-1]
    steps = np.clip(np.diff(wanted, axis=1), -most, most)
    levels: DoubleArray = np.concatenate([np.zeros((windows, 1)), np.cumsum(steps, axis=1)], axis=1)
    return levels
