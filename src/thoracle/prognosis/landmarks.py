"""Index times: what was known then, and what came within each horizon."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Final

import numpy as np

from thoracle.core.arrays import BoolArray, DoubleArray
from thoracle.prognosis.types import (
    DEATH,
    DISCHARGE,
    HORIZONS,
    HORIZONS_DAYS,
    Chart,
    Landmark,
    Outcome,
)

DAY_H: Final = 24.0


def is_known(times_h: DoubleArray, index_h: DoubleArray | float) -> BoolArray:
    """Return which measurements were known at an index time: those at or before it.

    Parameters
    ----------
    times_h : (measurements,) float64
        Hours since admission.
    index_h : float or (measurements,) float64
        Hours since admission.

    Returns
    -------
    (measurements,) bool
        The one rule by which everything here looks at a chart.
    """
    return np.asarray(times_h <= index_h, np.bool_)


def known_at(chart: Chart, index_h: float) -> Chart:
    """Return a chart as it was at an index time: later measurements and the outcome are gone.

    Parameters
    ----------
    chart
        Of the whole stay.
    index_h
        Hours since admission.

    Returns
    -------
    Chart
        A new one; its outcome is None.
    """
    return replace(narrowed(chart, is_known(chart.times_h, index_h)), outcome=None)


def narrowed(chart: Chart, kept: BoolArray) -> Chart:
    """Return a chart with some of its measurements, as if the others had never been made.

    Parameters
    ----------
    chart
        Any.
    kept : (measurements,) bool
        Which stay.

    Returns
    -------
    Chart
        A new one; all else is as it was.
    """
    return replace(
        chart,
        times_h=chart.times_h[kept],
        variables=chart.variables[kept],
        values=chart.values[kept],
    )


def unlabeled(times_h: Iterable[float]) -> list[Landmark]:
    """Return a landmark for each of as many charts, to be told of: nobody knows what came.

    Parameters
    ----------
    times_h
        Index time of the first chart, of the second, and so on, in hours since admission.

    Returns
    -------
    list of Landmark
        In order.
    """
    nobody_knows = np.full(len(HORIZONS), np.nan)
    return [
        Landmark(chart=place, index_h=time_h, labels=nobody_knows)
        for place, time_h in enumerate(times_h)
    ]


def labels_at(outcome: Outcome | None, index_h: float, *, event: str = DEATH) -> DoubleArray:
    """Return what came within each horizon of an index time.

    Parameters
    ----------
    outcome
        Of the stay; None while it is unknown.
    index_h
        Hours since admission.
    event
        What is predicted, one of `types.EVENTS`.

    Returns
    -------
    (4,) float64
        For each of `HORIZONS`: 1 where the event came within it, the end included; 0 where it did
        not; NaN where nobody knows. Discharge alive is no event in any horizon. After another event
        that is no end of a stay, such as intensive care, nobody knows. All are NaN where the stay
        was over at the index time.
    """
    if outcome is None or outcome.time_h < index_h:
        return np.full(len(HORIZONS), np.nan)
    is_within = outcome.time_h <= index_h + DAY_H * np.array([*HORIZONS_DAYS, np.inf])
    if outcome.event == event:
        return is_within.astype(np.float64)
    if outcome.event in {DEATH, DISCHARGE}:
        return np.zeros(len(HORIZONS))
    return np.where(is_within, np.nan, 0.0)


def landmark_at(charts: Sequence[Chart], place: int, index_h: float, *, event: str) -> Landmark:
    """Return one landmark of one of several charts, with its labels.

    Parameters
    ----------
    charts
        The stays.
    place
        Of the stay among them.
    index_h
        Hours since admission.
    event
        What is predicted.

    Returns
    -------
    Landmark
        Labels are those of `labels_at`.
    """
    labels = labels_at(charts[place].outcome, index_h, event=event)
    return Landmark(chart=place, index_h=index_h, labels=labels)


def after_admission(
    charts: Sequence[Chart], *, days: float, event: str = DEATH
) -> tuple[Landmark, ...]:
    """Return the landmarks that a clinician has: so many days after admission.

    Parameters
    ----------
    charts
        The stays.
    days
        Since admission.
    event
        What is predicted.

    Returns
    -------
    tuple of Landmark
        In the order of the charts: patients who are still there, and of whom something is known.
    """
    index_h = DAY_H * days
    return tuple(
        landmark_at(charts, place, index_h, event=event)
        for place, chart in enumerate(charts)
        if _is_there(chart, index_h) and is_known(chart.times_h, index_h).any()
    )


def before_outcome(
    charts: Sequence[Chart], *, days: float, event: str = DEATH
) -> tuple[Landmark, ...]:
    """Return landmarks anchored on the end of the stay, as papers have them.

    Nobody knows the end in advance: such landmarks compare with published figures, and must be
    said to be so wherever they are shown.

    Parameters
    ----------
    charts
        The stays.
    days
        Before the outcome.
    event
        What is predicted.

    Returns
    -------
    tuple of Landmark
        In the order of the charts: stays with an outcome, of which something was known by then.
    """
    found = []
    for place, chart in enumerate(charts):
        if chart.outcome is None:
            continue
        index_h = chart.outcome.time_h - DAY_H * days
        if is_known(chart.times_h, index_h).any():
            found.append(landmark_at(charts, place, index_h, event=event))
    return tuple(found)


def _is_there(chart: Chart, index_h: float) -> bool:
    return chart.outcome is None or chart.outcome.time_h > index_h
