"""What a model sees of charts at their landmarks; of what came later it sees nothing."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

import numpy as np

from thoracle.core.arrays import BoolArray, DoubleArray, FloatArray, IntArray
from thoracle.prognosis.landmarks import DAY_H, is_known
from thoracle.prognosis.types import FEMALE, MALE, Chart, Landmark
from thoracle.prognosis.variables import VARIABLES

DAYS: Final = 14
"""How far back a network looks."""
STATICS: Final = ("age", "age_known", "sex", "sex_known")
AGE_MEAN_YEARS: Final = 60.0
AGE_SCALE_YEARS: Final = 20.0  # so that adult ages lie between -2 and 2
CLIP_SD: Final = 5.0  # a value further out says no more than that it is far out
SUMMARIES: Final = ("last", "lowest", "highest", "slope_per_day", "hours_since")
_SEX: Final = {FEMALE: -1.0, MALE: 1.0}


@dataclass(frozen=True, slots=True, kw_only=True)
class Scaling:
    """How values of variables become numbers around 0.

    Attributes
    ----------
    places : (inputs,) int64
        Of the network's variables in `VARIABLES`, in its order.
    is_log : (inputs,) bool
        Of these the logarithm is taken, of values no lower than `floor`.
    floor, mean, sd : (inputs,) float64
        Mean and standard deviation of what was trained on, after the logarithm.
    """

    places: IntArray
    is_log: BoolArray
    floor: DoubleArray
    mean: DoubleArray
    sd: DoubleArray

    def scale(self, values: DoubleArray, inputs: IntArray) -> DoubleArray:
        """Return standardized values, within `CLIP_SD`, of the named inputs."""
        shown = self._shown(values, inputs)
        return np.clip((shown - self.mean[inputs]) / self.sd[inputs], -CLIP_SD, CLIP_SD)

    def unscale(self, scaled: DoubleArray) -> DoubleArray:
        """Return values in their units from standardized ones, (…, inputs)."""
        shown = scaled * self.sd + self.mean
        return np.where(self.is_log, np.exp(np.where(self.is_log, shown, 0.0)), shown)

    def _shown(self, values: DoubleArray, inputs: IntArray) -> DoubleArray:
        logs = np.log(np.maximum(values, np.where(self.is_log, self.floor, 1.0)[inputs]))
        return np.where(self.is_log[inputs], logs, values)


@dataclass(frozen=True, slots=True, kw_only=True)
class Sequences:
    """What a network sees of landmarks: the days before each, the latest first.

    Day 0 is the 24 hours up to the index time; the last day also holds what was known before it.
    Days before the first measurement come last, and are empty, so that a network that reads on from
    the latest day meets them at the end.

    Attributes
    ----------
    values : (landmarks, days, inputs) float32
        The day's last value, standardized; where it has none, the last before it; 0 where there is
        none within the days shown.
    is_measured : (landmarks, days, inputs) float32
        1 where the value is the day's own.
    since_days : (landmarks, days, inputs) float32
        From the one before to this value, or to the end of a day without; `DAYS` where there is
        none before.
    statics : (landmarks, 4) float32
        `STATICS`: age as (years - 60) / 20, and sex, -1 female, 1 male, 0 where unknown, each with
        1 where it is known.
    """

    values: FloatArray = field(repr=False)
    is_measured: FloatArray = field(repr=False)
    since_days: FloatArray = field(repr=False)
    statics: FloatArray = field(repr=False)

    def __len__(self) -> int:
        return len(self.values)

    def packed(self) -> FloatArray:
        """Return them as one array, (landmarks, days, 3 × inputs + 4), statics on each day.

        In the place of days stands how fresh a value is, from 1 (the one before is of the same
        time) to 0 (there is none before), and below it where that one is older than `DAYS`, so that
        all of what is unknown is 0.
        """
        shape = (*self.values.shape[:2], len(STATICS))
        statics = np.broadcast_to(self.statics[:, None], shape)
        parts = (self.values, self.is_measured, 1.0 - self.since_days / DAYS, statics)
        return np.concatenate(parts, axis=2, dtype=np.float32)


def unpacked(packed: FloatArray) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Return values, whether they are the day's own, and how fresh they are.

    Parameters
    ----------
    packed : (landmarks, days, 3 × inputs + 4) float32
        From `Sequences.packed`.

    Returns
    -------
    three of (landmarks, days, inputs) float32
        Views.
    """
    values, is_measured, freshness = np.split(packed[..., : -len(STATICS)], 3, axis=-1)
    return values, is_measured, freshness


@dataclass(frozen=True, slots=True, kw_only=True)
class _Known:
    """Measurements that were known at landmarks, by landmark, then by time."""

    landmarks: IntArray
    hours_before: DoubleArray
    variables: IntArray
    values: DoubleArray


def sequences(
    charts: Sequence[Chart], landmarks: Sequence[Landmark], *, scaling: Scaling
) -> Sequences:
    """Return what a network sees of landmarks.

    Parameters
    ----------
    charts
        The stays.
    landmarks
        Index times in them.
    scaling
        Of the network: which variables, and how they are standardized.

    Returns
    -------
    Sequences
        One for each landmark.
    """
    known = _known(charts, landmarks)
    inputs = np.full(len(VARIABLES), -1, np.int64)
    inputs[scaling.places] = np.arange(len(scaling.places))
    wanted = inputs[known.variables] >= 0
    column = inputs[known.variables[wanted]]
    day = np.minimum(known.hours_before[wanted] // DAY_H, DAYS - 1).astype(np.int64)
    shape = (len(landmarks), DAYS, len(scaling.places))
    own = np.full(shape, np.nan)
    at_days = np.full(shape, np.nan)  # before the index time
    # Of places that repeat, the last assignment stays: the latest value of a day.
    where = (known.landmarks[wanted], day, column)
    own[where] = scaling.scale(known.values[wanted], column)
    at_days[where] = known.hours_before[wanted] / DAY_H
    return Sequences(**_carried(own, at_days), statics=_statics(charts, landmarks))


def summaries(charts: Sequence[Chart], landmarks: Sequence[Landmark]) -> DoubleArray:
    """Return what was known at landmarks as one row of numbers each.

    Parameters
    ----------
    charts
        The stays.
    landmarks
        Index times in them.

    Returns
    -------
    (landmarks, features) float64
        In the order of `summary_names`, in the variables' own units; NaN where nothing is known,
        and for the slope where there is no second time.
    """
    known = _known(charts, landmarks)
    shape = (len(landmarks), len(VARIABLES))
    where = (known.landmarks, known.variables)
    days = -known.hours_before / DAY_H
    table = np.full((*shape, len(SUMMARIES)), np.nan)
    table[..., 0][where] = known.values
    np.fmin.at(table[..., 1], where, known.values)
    np.fmax.at(table[..., 2], where, known.values)
    table[..., 3] = _slopes(shape, where, days, known.values)
    table[..., 4][where] = known.hours_before
    age = np.array([charts[one.chart].age_years for one in landmarks], np.float64)
    sex = [charts[one.chart].sex for one in landmarks]
    is_male = np.array([{FEMALE: 0.0, MALE: 1.0}.get(one, np.nan) for one in sex], np.float64)
    flat = table.reshape(len(landmarks), len(VARIABLES) * len(SUMMARIES))
    return np.column_stack([flat, age, is_male])


def summary_names() -> tuple[str, ...]:
    """Return what the columns of `summaries` are."""
    own = (f"{variable.name}.{what}" for variable in VARIABLES for what in SUMMARIES)
    return (*own, "age_years", "is_male")


def _known(charts: Sequence[Chart], landmarks: Sequence[Landmark]) -> _Known:
    """Return all measurements at or before the index time of each landmark."""
    used = sorted({one.chart for one in landmarks})
    place = {chart: number for number, chart in enumerate(used)}
    sizes = np.array([len(charts[one].times_h) for one in used], np.int64)
    starts = np.cumsum(sizes) - sizes
    times_h, variables, values = (
        np.concatenate([np.empty(0, kind), *(getattr(charts[one], name) for one in used)])
        for name, kind in (("times_h", np.float64), ("variables", np.int64), ("values", np.float64))
    )
    chart = np.array([place[one.chart] for one in landmarks], np.int64)
    index_h = np.array([one.index_h for one in landmarks], np.float64)
    counts = sizes[chart]
    owner = np.repeat(np.arange(len(landmarks)), counts)
    within = np.arange(len(owner)) - np.repeat(np.cumsum(counts) - counts, counts)
    rows = np.repeat(starts[chart], counts) + within
    known = is_known(times_h[rows], index_h[owner])
    rows, owner = rows[known], owner[known]
    return _Known(
        landmarks=owner,
        hours_before=index_h[owner] - times_h[rows],
        variables=variables[rows],
        values=values[rows],
    )


def _carried(own: DoubleArray, at_days: DoubleArray) -> dict[str, FloatArray]:
    """Carry each value forward to the days after it, and tell how long ago the one before was."""
    values, since = np.zeros(own.shape, np.float32), np.full(own.shape, DAYS, np.float32)
    is_measured = ~np.isnan(own)
    last, last_at = np.zeros(own[:, 0].shape), np.full(own[:, 0].shape, np.nan)
    for day in reversed(range(own.shape[1])):
        now = is_measured[:, day]
        at = np.where(now, at_days[:, day], day)
        since[:, day] = np.where(np.isnan(last_at), DAYS, last_at - at)
        last = np.where(now, own[:, day], last)
        last_at = np.where(now, at, last_at)
        values[:, day] = last
    return {
        "values": values,
        "is_measured": is_measured.astype(np.float32),
        "since_days": since,
    }


def _statics(charts: Sequence[Chart], landmarks: Sequence[Landmark]) -> FloatArray:
    rows = np.zeros((len(landmarks), len(STATICS)))
    age = np.array([charts[one.chart].age_years for one in landmarks], np.float64)
    rows[:, 1] = ~np.isnan(age)
    rows[:, 0] = np.nan_to_num((age - AGE_MEAN_YEARS) / AGE_SCALE_YEARS, nan=0.0)
    rows[:, 2] = [_SEX.get(charts[one.chart].sex, 0.0) for one in landmarks]
    rows[:, 3] = np.abs(rows[:, 2])
    return rows.astype(np.float32)


def _slopes(
    shape: tuple[int, int], where: tuple[IntArray, IntArray], days: DoubleArray, values: DoubleArray
) -> DoubleArray:
    """Return least-squares slopes per day; NaN where all values are of one time."""
    count, day_sum, value_sum, spread, product = (np.zeros(shape) for _ in range(5))
    for total, added in ((count, 1.0), (day_sum, days), (value_sum, values)):
        np.add.at(total, where, added)
    some = np.maximum(count, 1.0)
    off_day = days - (day_sum / some)[where]
    np.add.at(spread, where, off_day**2)
    np.add.at(product, where, off_day * (values - (value_sum / some)[where]))
    # Two minutes apart: below this, times differ by rounding alone.
    slopes = np.full(shape, np.nan)
    np.divide(product, spread, out=slopes, where=spread > 1e-6)
    return slopes
