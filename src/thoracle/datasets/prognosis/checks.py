"""From values as they stand in a file to charts: what cannot be true is kept out and told."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Final

import numpy as np

from thoracle.core.arrays import BoolArray, DoubleArray, IntArray
from thoracle.datasets.prognosis.problems import Kind, Problems
from thoracle.prognosis.types import Chart, Outcome
from thoracle.prognosis.variables import VARIABLES, Variable

_FEW: Final = 10
"""Values of a file, below which nothing is told of all of them."""
_FAR, _NEAR = 5.0, 2.0
"""Times the reference range: where the median lies, and where another unit would put it."""
_LONG_H: Final = 14 * 24.0  # a day and month that were swapped move by four weeks or more


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
    units
        Place of the unit in which a value was declared among those of its variable; 0 is its own.
    values : float64
        In that unit.
    """

    rows: IntArray = field(repr=False)
    stays: IntArray = field(repr=False)
    times_h: DoubleArray = field(repr=False)
    variables: IntArray = field(repr=False)
    units: IntArray = field(repr=False)
    values: DoubleArray = field(repr=False)

    def at(self, chosen: BoolArray | IntArray) -> "Readings":
        """Return some of them, by a mask or by places."""
        return Readings(
            rows=self.rows[chosen],
            stays=self.stays[chosen],
            times_h=self.times_h[chosen],
            variables=self.variables[chosen],
            units=self.units[chosen],
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
        Told what was kept though it is from long before admission, and what is kept out: no time,
        after the outcome, outside the plausible range, in what seems another unit, repeated, or
        contradictory.

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
    _note_rows(Kind.NO_TIME, readings.at(is_untimed), problems)
    timed = readings.at(~is_untimed)
    _note_rows(Kind.LONG_BEFORE, timed.at(timed.times_h < -_LONG_H), problems)
    is_late = timed.times_h > ends_h[timed.stays]
    _note_rows(Kind.AFTER_OUTCOME, timed.at(is_late), problems)
    return _unique(_plausible(timed.at(~is_late), problems), problems)


def _note_rows(kind: Kind, readings: Readings, problems: Problems) -> None:
    if readings.rows.size:
        problems.add(kind, readings.rows)


def _plausible(readings: Readings, problems: Problems) -> Readings:
    """Return what is plausible, in the units of the variables."""
    values = np.full(readings.values.size, np.nan)
    for place, unit in {*zip(readings.variables.tolist(), readings.units.tolist(), strict=True)}:
        is_one = (readings.variables == place) & (readings.units == unit)
        values[is_one] = VARIABLES[place].units[unit].converted(readings.values[is_one])
        is_bad = is_one & ~_is_plausible(VARIABLES[place], values)
        if is_bad.any():
            _note_impossible(VARIABLES[place], unit, readings.at(is_bad), problems)
            values[is_bad] = np.nan
        is_good = is_one & ~is_bad
        _note_doubtful(VARIABLES[place], readings.at(is_good), values[is_good], problems)
    return replace(readings, values=values, units=np.zeros_like(readings.units)).at(
        np.isfinite(values)
    )


def _is_plausible(measured: Variable, values: DoubleArray) -> BoolArray:
    is_plausible: BoolArray = (values >= measured.low) & (values <= measured.high)
    return is_plausible


def _note_impossible(measured: Variable, declared: int, bad: Readings, problems: Problems) -> None:
    """Tell values that another unit would explain from those that nothing does."""
    left = bad
    for unit in (one for place, one in enumerate(measured.units) if place != declared):
        is_explained = _is_plausible(measured, unit.converted(left.values))
        _note(Kind.OTHER_UNIT, measured.name, left.at(is_explained), problems, detail=unit.name)
        left = left.at(~is_explained)
    _note(Kind.IMPOSSIBLE, measured.name, left, problems)


def _note_doubtful(
    measured: Variable, declared: Readings, values: DoubleArray, problems: Problems
) -> None:
    """Tell a column that is plausible but far off, where another unit would make it usual.

    A percentage written as a share is a plausible percentage; a whole column of them is not.
    """
    if values.size < _FEW:
        return
    low, high = np.nan_to_num(measured.reference_low), measured.reference_high
    middle = np.median(values)
    if low / _FAR <= middle and not middle > high * _FAR:
        return
    for unit in measured.units:
        others = unit.converted(declared.values)
        middle = np.median(others)
        is_usual = low / _NEAR <= middle and not middle > high * _NEAR
        if is_usual and _is_plausible(measured, others).all():
            _note(Kind.DOUBTFUL_UNIT, measured.name, declared, problems, detail=unit.name)
            return


def _note(
    kind: Kind, variable: str, readings: Readings, problems: Problems, *, detail: str = ""
) -> None:
    count = readings.rows.size
    if count:
        problems.add(kind, readings.rows, variable=variable, detail=detail, values=count)


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
        _note(kind, VARIABLES[place].name, readings.at(readings.variables == place), problems)


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """One value of a file; see `Readings`."""

    row: int
    stay: int
    time_h: float
    variable: int
    value: float
    unit: int = 0


def together(readings: Sequence[Reading]) -> Readings:
    """Return readings as arrays."""
    return Readings(
        rows=np.array([one.row for one in readings], dtype=np.int64),
        stays=np.array([one.stay for one in readings], dtype=np.int64),
        times_h=np.array([one.time_h for one in readings], dtype=np.float64),
        variables=np.array([one.variable for one in readings], dtype=np.int64),
        units=np.array([one.unit for one in readings], dtype=np.int64),
        values=np.array([one.value for one in readings], dtype=np.float64),
    )
