"""From values as they stand in a file to charts: what cannot be true is kept out and told."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from thoracle.core.arrays import BoolArray, DoubleArray, IntArray
from thoracle.datasets.prognosis.problems import Kind, Problems
from thoracle.prognosis.types import Chart, Outcome
from thoracle.prognosis.variables import VARIABLES


@dataclass(frozen=True, slots=True, kw_only=True)
class Stay:
    """Who came, when, and how it ended, without any measurement."""

    patient: str
    age_years: float
    sex: str
    admitted_at: str
    outcome: Outcome | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Readings:
    """Values of many stays in the order of a file, each array (readings,).

    Attributes
    ----------
    rows
        Where each stands in the file.
    stays
        Place of its stay.
    times_h : float64
        Hours since admission; NaN where it is unknown.
    variables
        Places in `VARIABLES`.
    values : float64
        In the unit of the variable.
    """

    rows: IntArray = field(repr=False)
    stays: IntArray = field(repr=False)
    times_h: DoubleArray = field(repr=False)
    variables: IntArray = field(repr=False)
    values: DoubleArray = field(repr=False)

    def at(self, chosen: BoolArray | IntArray) -> "Readings":
        """Return some of them, by a mask or by places."""
        return Readings(
            rows=self.rows[chosen],
            stays=self.stays[chosen],
            times_h=self.times_h[chosen],
            variables=self.variables[chosen],
            values=self.values[chosen],
        )


def charts_of(stays: Sequence[Stay], readings: Readings, problems: Problems) -> tuple[Chart, ...]:
    """Check readings and put each stay's into a chart.

    Parameters
    ----------
    stays
        Every stay; one without a reading that is kept has an empty chart.
    readings
        In any order.
    problems
        Told what is kept out: no time, after the outcome, outside the plausible range, in what
        seems another unit, repeated, or contradictory.

    Returns
    -------
    tuple of Chart
        In the order of the stays.
    """
    kept = _kept(stays, readings, problems)
    bounds = np.searchsorted(kept.stays, np.arange(len(stays) + 1))
    return tuple(
        Chart(
            patient=stay.patient,
            age_years=stay.age_years,
            sex=stay.sex,
            admitted_at=stay.admitted_at,
            times_h=kept.times_h[first:last],
            variables=kept.variables[first:last],
            values=kept.values[first:last],
            outcome=stay.outcome,
        )
        for stay, first, last in zip(stays, bounds[:-1], bounds[1:], strict=True)
    )


def _kept(stays: Sequence[Stay], readings: Readings, problems: Problems) -> Readings:
    """Return what is plausible and unique, by stay, time and variable."""
    ends_h = np.array(
        [np.inf if stay.outcome is None else stay.outcome.time_h for stay in stays], dtype=float
    )
    is_untimed = ~np.isfinite(readings.times_h)
    problems_of_rows(Kind.NO_TIME, readings.at(is_untimed), problems)
    timed = readings.at(~is_untimed)
    is_late = timed.times_h > ends_h[timed.stays]
    problems_of_rows(Kind.AFTER_OUTCOME, timed.at(is_late), problems)
    return _unique(_plausible(timed.at(~is_late), problems), problems)


def problems_of_rows(kind: Kind, readings: Readings, problems: Problems) -> None:
    """Note the rows of readings, if there are any."""
    if readings.rows.size:
        problems.add(kind, readings.rows)


def _plausible(readings: Readings, problems: Problems) -> Readings:
    low = np.array([one.low for one in VARIABLES])[readings.variables]
    high = np.array([one.high for one in VARIABLES])[readings.variables]
    is_good = (readings.values >= low) & (readings.values <= high)
    bad = readings.at(~is_good)
    for place in np.unique(bad.variables).tolist():
        _note_impossible(place, bad.at(bad.variables == place), problems)
    return readings.at(is_good)


def _note_impossible(place: int, bad: Readings, problems: Problems) -> None:
    """Tell values that another unit would explain from those that nothing does."""
    measured = VARIABLES[place]
    left = bad
    for unit in measured.units[1:]:
        values = unit.converted(left.values)
        is_explained = (values >= measured.low) & (values <= measured.high)
        explained = left.at(is_explained)
        if explained.rows.size:
            problems.add(
                Kind.OTHER_UNIT,
                explained.rows,
                variable=measured.name,
                detail=unit.name,
                values=explained.rows.size,
            )
        left = left.at(~is_explained)
    if left.rows.size:
        problems.add(Kind.IMPOSSIBLE, left.rows, variable=measured.name, values=left.rows.size)


def _unique(readings: Readings, problems: Problems) -> Readings:
    """Keep one of the same values of one time, and none of different ones."""
    if not readings.rows.size:
        return readings
    order = np.lexsort((readings.rows, readings.variables, readings.times_h, readings.stays))
    found = readings.at(order)
    is_first = np.ones(order.size, dtype=bool)
    is_first[1:] = (
        (np.diff(found.stays) != 0)
        | (np.diff(found.times_h) != 0)
        | (np.diff(found.variables) != 0)
    )
    starts = np.flatnonzero(is_first)
    lowest = np.minimum.reduceat(found.values, starts)
    highest = np.maximum.reduceat(found.values, starts)
    is_contradictory = (lowest < highest)[np.cumsum(is_first) - 1]
    _note_values(Kind.REPEATED, found.at(~is_first & ~is_contradictory), problems)
    _note_values(Kind.CONTRADICTORY, found.at(is_contradictory), problems)
    return found.at(is_first & ~is_contradictory)


def _note_values(kind: Kind, readings: Readings, problems: Problems) -> None:
    for place in np.unique(readings.variables).tolist():
        rows = readings.rows[readings.variables == place]
        problems.add(kind, rows, variable=VARIABLES[place].name, values=rows.size)
