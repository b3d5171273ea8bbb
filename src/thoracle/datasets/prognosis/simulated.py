"""Simulated charts whose true risk is known: for tests, documents and training runs.

A patient is in one of several states of severity, improving or worsening; every six hours the
state may change, and death and discharge are reached from the severest and the mildest. As that is
a Markov chain, the risk of death within any time is a power of its matrix: no better prediction
exists than that by somebody who sees the state. Values follow the severity with a patient's own
level and noise, and are measured the more often, the more ill somebody is.
"""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Final

import numpy as np

from thoracle.core.arrays import BoolArray, DoubleArray, IntArray
from thoracle.datasets.prognosis.cohort import Cohort, Source
from thoracle.prognosis.types import (
    DEATH,
    DISCHARGE,
    FEMALE,
    HORIZONS_DAYS,
    MALE,
    Chart,
    Outcome,
)
from thoracle.prognosis.variables import VARIABLES, place_of

STEP_H: Final = 6.0
LEVELS: Final = 6
STATES: Final = 2 * LEVELS
"""Improving at each level, then worsening at each; death and discharge follow."""
_DEAD, _HOME = STATES, STATES + 1
_STEPS: Final = 240  # 60 days; who is still there then has no outcome
_TURNS: Final = (0.006, 0.015)  # a step: from improving to worsening, and back
_MOVE: Final = 0.09  # a level's change a step, in the direction of the state
_FIRST_DAY: Final = datetime(2020, 1, 10)  # noqa: DTZ001  (a hospital's own clock)
_DAYS_OF_ADMISSION: Final = 90


@dataclass(frozen=True, slots=True)
class _Marker:
    """How a variable follows severity: `base` + `slope` × level, on a log scale or not."""

    name: str
    panel: str
    base: float
    slope: float
    own: float
    noise: float
    is_log: bool = False


# Invented, near what is published of the Wuhan set; only the simulator's truth counts in tests.
_MARKERS: Final = (
    _Marker("ldh", "biochemistry", 5.3, 0.22, 0.15, 0.12, is_log=True),
    _Marker("hs_crp", "biochemistry", 1.6, 0.65, 0.5, 0.4, is_log=True),
    _Marker("albumin", "biochemistry", 40, -2.2, 2.0, 1.5),
    _Marker("urea", "biochemistry", 1.4, 0.22, 0.25, 0.15, is_log=True),
    _Marker("creatinine", "biochemistry", 4.2, 0.08, 0.25, 0.1, is_log=True),
    _Marker("potassium", "biochemistry", 4.2, 0.03, 0.3, 0.3),
    _Marker("lymphocyte_percent", "count", 3.3, -0.42, 0.25, 0.25, is_log=True),
    _Marker("neutrophil_percent", "count", 60, 5.5, 4.0, 3.0),
    _Marker("platelet_count", "count", 5.4, -0.12, 0.25, 0.12, is_log=True),
    _Marker("hemoglobin", "count", 132, -2.0, 12, 4),
    _Marker("d_dimer", "coagulation", -0.7, 0.5, 0.5, 0.4, is_log=True),
    _Marker("prothrombin_time", "coagulation", 2.6, 0.05, 0.05, 0.05, is_log=True),
    _Marker("temperature", "vitals", 36.7, 0.15, 0.2, 0.4),
    _Marker("heart_rate", "vitals", 76, 6, 8, 6),
    _Marker("respiratory_rate", "vitals", 16, 2.4, 1.5, 2),
    _Marker("systolic_pressure", "vitals", 128, -2, 12, 9),
    _Marker("spo2", "vitals", 97.5, -1.6, 0.8, 1.2),
)  # fmt: skip
_PANELS: Final = ("biochemistry", "count", "coagulation", "vitals")
_RATES: Final = {"biochemistry": 0.07, "count": 0.08, "coagulation": 0.04, "vitals": 0.6}
_MORE_BY_LEVEL: Final = 0.35  # of the rate: the more ill, the more is measured
_MISSED: Final = 0.08  # of the values of a panel
_OXYGEN_LEVEL: Final = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Simulation:
    """A cohort and what is true of it.

    Attributes
    ----------
    cohort
        What a reader would give.
    states : (patients, steps) int64
        Each six hours; `STATES` is death, one more discharge.
    """

    cohort: Cohort
    states: IntArray = field(repr=False)

    def true_risk(self, chart: int, index_h: float) -> DoubleArray:
        """Return the risk of death of a patient whose state is known.

        Parameters
        ----------
        chart
            Place of the stay.
        index_h
            Hours since admission, before the outcome.

        Returns
        -------
        (4,) float64
            Within 1, 3 and 7 days, and until discharge.
        """
        step = min(int(index_h // STEP_H), self.states.shape[1] - 1)
        risk: DoubleArray = risk_of_states()[self.states[chart, step]]
        return risk


def simulate_cohort(patients: int, *, rng: np.random.Generator) -> Cohort:
    """Simulate charts; `simulate` gives what is true of them as well.

    Parameters
    ----------
    patients
        How many, one stay each.
    rng
        The same generator gives the same charts.
    """
    return simulate(patients, rng=rng).cohort


def simulate(patients: int, *, rng: np.random.Generator) -> Simulation:
    """Simulate charts with their truth.

    Parameters
    ----------
    patients
        How many, one stay each.
    rng
        The same generator gives the same charts.
    """
    ages = np.clip(rng.normal(59, 16, patients), 18, 95).round()
    is_male = rng.random(patients) < 0.58
    states = _walk(ages, rng)
    ends_h = _ends_h(states, rng)
    stays, times_h, variables, values = _measured(states, ends_h, rng)
    bounds = np.searchsorted(stays, np.arange(patients + 1))
    days = rng.uniform(0, _DAYS_OF_ADMISSION, patients)
    charts = tuple(
        Chart(
            patient=f"simulated-{one + 1:06d}",
            age_years=float(ages[one]),
            sex=MALE if is_male[one] else FEMALE,
            admitted_at=(_FIRST_DAY + timedelta(days=float(days[one]))).isoformat("T", "seconds"),
            times_h=times_h[bounds[one] : bounds[one + 1]],
            variables=variables[bounds[one] : bounds[one + 1]],
            values=values[bounds[one] : bounds[one + 1]],
            outcome=_outcome(int(states[one, -1]), float(ends_h[one])),
        )
        for one in range(patients)
    )
    source = Source(
        name="simulated",
        file="",
        sha256="",
        license="",
        citation="Simulated by Thoracle: no patient.",
    )
    cohort = Cohort(name="simulated", charts=charts, problems=(), sources=(source,))
    return Simulation(cohort=cohort, states=states)


@lru_cache(maxsize=1)
def risk_of_states() -> DoubleArray:
    """Return the risk of death from each state.

    Returns
    -------
    (14, 4) float64
        Within 1, 3 and 7 days, and until discharge; 1 for death itself, 0 for discharge.
    """
    step = transitions()
    powers = [round(days * 24 / STEP_H) for days in HORIZONS_DAYS] + [10**5]
    return np.stack([np.linalg.matrix_power(step, power)[:, _DEAD] for power in powers], axis=1)


@lru_cache(maxsize=1)
def transitions() -> DoubleArray:
    """Return the chance of each state six hours later.

    Returns
    -------
    (14, 14) float64
        From a row's state to a column's; rows sum to 1.
    """
    matrix = np.zeros((STATES + 2, STATES + 2))
    matrix[_DEAD, _DEAD] = matrix[_HOME, _HOME] = 1.0
    for state in range(STATES):
        level, is_worse = state % LEVELS, state >= LEVELS
        death = (0.0, 0.0, 0.0, 0.002, 0.01, 0.06)[level] * (1.5 if is_worse else 0.5)
        home = 0.0 if is_worse else (0.06, 0.02, 0.003, 0.0, 0.0, 0.0)[level]
        matrix[state, _DEAD], matrix[state, _HOME] = death, home
        left, turn = 1.0 - death - home, _TURNS[int(is_worse)]
        for turned, chance in ((False, 1 - turn), (True, turn)):
            worsens = is_worse != turned
            towards = min(level + 1, LEVELS - 1) if worsens else max(level - 1, 0)
            first = LEVELS if worsens else 0
            matrix[state, first + towards] += left * chance * _MOVE
            matrix[state, first + level] += left * chance * (1 - _MOVE)
    return matrix


def _walk(ages: DoubleArray, rng: np.random.Generator) -> IntArray:
    """Draw a state for each patient and step; the older begin more ill."""
    patients = ages.size
    chance = 1.0 / (1.0 + np.exp(-(ages - 62) / 12))
    level = rng.binomial(LEVELS - 2, 0.15 + 0.45 * chance)
    states = np.empty((patients, _STEPS), dtype=np.int64)
    states[:, 0] = level + LEVELS * (rng.random(patients) < 0.25 + 0.5 * chance)
    upto = np.cumsum(transitions(), axis=1)
    for step in range(1, _STEPS):
        drawn = rng.random((patients, 1))
        states[:, step] = np.minimum(np.sum(drawn >= upto[states[:, step - 1]], axis=1), STATES + 1)
    return states


def _ends_h(states: IntArray, rng: np.random.Generator) -> DoubleArray:
    """Return when each stay ended, within the step in which it did; infinite where it did not."""
    is_over = states >= STATES
    last = np.where(is_over.any(axis=1), is_over.argmax(axis=1), np.inf)
    return (last - rng.random(last.size)) * STEP_H


def _outcome(state: int, time_h: float) -> Outcome | None:
    if state < STATES:
        return None
    return Outcome(event=DEATH if state == _DEAD else DISCHARGE, time_h=time_h)


_Part = tuple[IntArray, DoubleArray, IntArray, DoubleArray]


def _measured(states: IntArray, ends_h: DoubleArray, rng: np.random.Generator) -> _Part:
    """Draw when each panel is measured, and what; by stay, time and variable."""
    own = {one.name: rng.normal(0, one.own, (states.shape[0],)) for one in _MARKERS}
    parts: list[_Part] = []
    for panel in _PANELS:
        stays, steps = np.nonzero(_is_measured(states, panel, rng))
        times_h = ((steps + rng.random(steps.size)) * STEP_H).round(3)
        is_before = times_h < ends_h[stays]
        stays, steps, times_h = stays[is_before], steps[is_before], times_h[is_before]
        levels = states[stays, steps] % LEVELS
        parts += [
            _of_marker(marker, (stays, times_h, levels), own[marker.name], rng)
            for marker in _MARKERS
            if marker.panel == panel
        ]
        if panel == "vitals":
            place = np.full(stays.size, place_of("supplemental_oxygen"), dtype=np.int64)
            parts.append((stays, times_h, place, (levels >= _OXYGEN_LEVEL).astype(np.float64)))
    stays, times_h, variables, values = map(np.concatenate, zip(*parts, strict=True))
    order = np.lexsort((variables, times_h, stays))
    return stays[order], times_h[order], variables[order], values[order]


def _of_marker(
    marker: _Marker,
    measured: tuple[IntArray, DoubleArray, IntArray],
    own: DoubleArray,
    rng: np.random.Generator,
) -> _Part:
    """Draw one variable of a panel, at (stays, times, levels)."""
    is_there = rng.random(measured[0].size) >= _MISSED
    stays, times_h, levels = measured
    stays = stays[is_there]
    place = np.full(stays.size, place_of(marker.name), dtype=np.int64)
    return stays, times_h[is_there], place, _values(marker, levels[is_there], own[stays], rng)


def _is_measured(states: IntArray, panel: str, rng: np.random.Generator) -> BoolArray:
    """Draw whether a panel is measured in each step; at admission it nearly always is."""
    levels = (states % LEVELS).astype(np.float64)
    rate: DoubleArray = _RATES[panel] * (1 + _MORE_BY_LEVEL * levels)
    rate[:, 0] = 0.9
    is_drawn: BoolArray = (rng.random(states.shape) < rate) & (states < STATES)
    return is_drawn


def _values(
    marker: _Marker, levels: IntArray, own: DoubleArray, rng: np.random.Generator
) -> DoubleArray:
    measured = VARIABLES[place_of(marker.name)]
    values = marker.base + marker.slope * levels + own + rng.normal(0, marker.noise, levels.size)
    if marker.is_log:
        values = np.exp(values)
    return np.clip(values, measured.low, measured.high).round(2)
