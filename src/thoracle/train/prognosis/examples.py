"""What networks learn from: index times all along each stay, what was known, what came."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

import numpy as np

from thoracle.core.arrays import BoolArray, DoubleArray, FloatArray, IntArray
from thoracle.prognosis.features import Scaling, sequences
from thoracle.prognosis.forecast import AHEAD_DAYS
from thoracle.prognosis.landmarks import DAY_H, landmark_at
from thoracle.prognosis.learned import Seen
from thoracle.prognosis.types import Chart, Landmark
from thoracle.prognosis.variables import VARIABLES, place_of

SKEW_MAX: Final = 1.0  # above it a variable's logarithm is taken
FLOOR_SHARE: Final = 0.02  # logarithms are taken of no less than this quantile of what is above 0
SD_MIN: Final = 1e-3
SEEN_ENDS: Final = (0.001, 0.999)
NEAR_SHARE: Final = 0.5
"""What is measured between half and one and a half times the days ahead is what is forecast."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Examples:
    """Index times of many patients, the first axis of all arrays but `patients`.

    Attributes
    ----------
    packed : (examples, days, 3 × inputs + 4) float32
        What was known.
    labels : (examples, 4) float32
        NaN where nobody knows.
    ahead : (examples, 2, inputs) float32
        Standardized values in one and three days; NaN where none was measured.
    owners : (examples,) int64
        Place of the patient in `patients`; ascending.
    patients
        Pseudonyms.
    """

    packed: FloatArray = field(repr=False)
    labels: FloatArray = field(repr=False)
    ahead: FloatArray = field(repr=False)
    owners: IntArray = field(repr=False)
    patients: tuple[str, ...] = field(repr=False)


def fit_scaling(
    charts: Sequence[Chart], *, patients_min: int, left_out: Sequence[str] = ()
) -> Scaling:
    """Return which variables are shown and how, by the charts that are trained on.

    Parameters
    ----------
    charts
        Of patients that are trained on.
    patients_min
        Fewer patients than that do not make an input.
    left_out
        Names of variables that are none either.

    Returns
    -------
    Scaling
        Skewed variables by their logarithm.
    """
    variables = np.concatenate([np.empty(0, np.int64), *(one.variables for one in charts)])
    values = np.concatenate([np.empty(0), *(one.values for one in charts)])
    holders = np.zeros(len(VARIABLES), np.int64)
    for chart in charts:
        holders[np.unique(chart.variables)] += 1
    holders[[place_of(name) for name in left_out]] = 0
    places = np.flatnonzero(holders >= patients_min)
    rows = [_scale_of(values[variables == place]) for place in places]
    table = np.array(rows, np.float64).reshape(-1, 4)
    return Scaling(
        places=places,
        is_log=table[:, 0] > 0,
        floor=table[:, 1],
        mean=table[:, 2],
        sd=table[:, 3],
    )


def seen_of(charts: Sequence[Chart], scaling: Scaling) -> Seen:
    """Return what a network's variables were like in the patients that it learns from.

    Parameters
    ----------
    charts
        Of these patients.
    scaling
        From `fit_scaling`.

    Returns
    -------
    Seen
        Of each of its variables.
    """
    variables = np.concatenate([one.variables for one in charts])
    values = np.concatenate([one.values for one in charts])
    ends = [np.quantile(values[variables == place], SEEN_ENDS) for place in scaling.places]
    had = [np.isin(scaling.places, one.variables) for one in charts]
    low, high = np.array(ends, np.float64).reshape(-1, 2).T
    return Seen(low=low, high=high, patients_share=np.mean(had, axis=0))


def training_landmarks(charts: Sequence[Chart], *, event: str) -> tuple[Landmark, ...]:
    """Return index times of each stay: each day with something new, and each day after the first.

    Parameters
    ----------
    charts
        The stays; those without an outcome teach nothing.
    event
        What is predicted.

    Returns
    -------
    tuple of Landmark
        By stay, then by time; all lie before the outcome.
    """
    found = []
    for place, chart in enumerate(charts):
        if chart.outcome is None or not len(chart.times_h):
            continue
        news_h = _last_of_days(chart.times_h)
        daily_h = np.arange(news_h[0], chart.outcome.time_h, DAY_H)
        times_h = np.unique(np.concatenate([news_h, daily_h]))
        before_h = times_h[times_h < chart.outcome.time_h]
        found += [landmark_at(charts, place, time_h, event=event) for time_h in before_h.tolist()]
    return tuple(found)


def examples(charts: Sequence[Chart], landmarks: Sequence[Landmark], scaling: Scaling) -> Examples:
    """Return what networks learn from at landmarks.

    Parameters
    ----------
    charts
        The stays.
    landmarks
        By stay.
    scaling
        From `fit_scaling`.

    Returns
    -------
    thoracle.train.prognosis.examples.Examples
        Stays of one patient are told to be of one.
    """
    patients = tuple(sorted({charts[one.chart].patient for one in landmarks}))
    place = {name: number for number, name in enumerate(patients)}
    owners = np.array([place[charts[one.chart].patient] for one in landmarks], np.int64)
    order = np.argsort(owners, kind="stable")
    ordered = [landmarks[number] for number in order.tolist()]
    labels = np.array([one.labels for one in ordered], np.float64).reshape(-1, 4)
    return Examples(
        packed=sequences(charts, ordered, scaling=scaling).packed(),
        labels=labels.astype(np.float32),
        ahead=values_ahead(charts, ordered, scaling),
        owners=owners[order],
        patients=patients,
    )


def values_ahead(
    charts: Sequence[Chart], landmarks: Sequence[Landmark], scaling: Scaling
) -> FloatArray:
    """Return the standardized values in one and three days.

    Parameters
    ----------
    charts
        The stays.
    landmarks
        Index times in them.
    scaling
        From `fit_scaling`.

    Returns
    -------
    (landmarks, 2, inputs) float32
        Of what was measured from half to one and a half times the days ahead the nearest to them;
        NaN where there is none.
    """
    inputs = np.full(len(VARIABLES), -1, np.int64)
    inputs[scaling.places] = np.arange(len(scaling.places))
    found = np.full((len(landmarks), len(AHEAD_DAYS), len(scaling.places)), np.nan, np.float32)
    for row, one in enumerate(landmarks):
        chart = charts[one.chart]
        column = inputs[chart.variables]
        for number, days in enumerate(AHEAD_DAYS):
            off_h = np.abs(chart.times_h - one.index_h - DAY_H * days)
            near = np.flatnonzero((column >= 0) & (off_h < NEAR_SHARE * DAY_H * days))
            # Of places that repeat the last assignment stays: the nearest.
            near = near[np.argsort(-off_h[near], kind="stable")]
            scaled = scaling.scale(chart.values[near], column[near])
            found[row, number, column[near]] = scaled
    return found


def _last_of_days(times_h: DoubleArray) -> DoubleArray:
    day = np.floor(times_h / DAY_H)
    is_last: BoolArray = np.append(day[1:] != day[:-1], True)
    return times_h[is_last]


def _scale_of(values: DoubleArray) -> tuple[float, float, float, float]:
    """Return whether logarithms are taken, of no less than what, their mean and deviation."""
    above = values[values > 0]
    is_skewed = len(above) > 0 and values.min() >= 0 and _skew(values) > SKEW_MAX
    floor = float(np.quantile(above, FLOOR_SHARE)) if is_skewed else 1.0
    shown = np.log(np.maximum(values, floor)) if is_skewed else values
    return float(is_skewed), floor, float(shown.mean()), max(float(shown.std()), SD_MIN)


def _skew(values: DoubleArray) -> float:
    spread = float(values.std())
    return float(((values - values.mean()) ** 3).mean()) / spread**3 if spread > 0 else 0.0
