"""The pictures of a chart's page: risk over time under other results, and each course."""

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any, Final

from thoracle.prognosis.reading import ChartReading, Course, RiskPoint
from thoracle.reporting.chart_plot import (
    DAY_H,
    Frame,
    Hours,
    course_plot,
    hours_of,
    risk_plot,
)
from thoracle.reporting.chart_words import ChartWords
from thoracle.web.pages.chart_events import Event
from thoracle.web.pages.kept import FILM, RECORDING, SCAN
from thoracle.web.texts import WEB

LANES: Final[Mapping[str, float]] = MappingProxyType({FILM: 14.0, SCAN: 36.0, RECORDING: 58.0})
"""Where the results of each kind stand above the risk."""
LANE_TITLES: Final[Mapping[str, str]] = MappingProxyType(
    {FILM: WEB["ch_lane_film"], SCAN: WEB["ch_lane_ct"], RECORDING: WEB["ch_lane_breathing"]}
)
SHOWN_FIRST: Final = 9
"""Courses that are shown at once; the others open."""

_RISK: Final = Frame(left=84.0, top=78.0, width=616.0, height=170.0)
_NARROW: Final = Frame(left=76.0, top=78.0, width=252.0, height=170.0)
_COURSE: Final = Frame(left=48.0, top=10.0, width=262.0, height=84.0)
_FAR_H: Final = 3 * DAY_H  # a result so long before admission or after the chart still belongs


def timeline(
    reading: ChartReading, events: Sequence[Event], horizon: int, words: ChartWords
) -> dict[str, Any]:
    """Return the picture of the risk over time, with other results of the patient above it.

    Parameters
    ----------
    reading
        What is told.
    events
        Other results.
    horizon
        Place in `HORIZONS`.
    words
        Of the page's language.

    Returns
    -------
    dict
        Results far from the chart are in no lane; without any result there are no lanes. `narrow`
        is the same for a phone.
    """
    wide, narrow = (_picture(reading, events, horizon, words, frame) for frame in (_RISK, _NARROW))
    return {**wide, "narrow": narrow}


def _picture(
    reading: ChartReading,
    events: Sequence[Event],
    horizon: int,
    words: ChartWords,
    frame: Frame,
) -> dict[str, Any]:
    measured = [time_h for course in reading.courses for time_h in course.times_h]
    near = _near(events, measured)
    hours = hours_of([*measured, *(time_h for _, time_h in near)], frame)
    plot = risk_plot(reading.risks, horizon, hours, frame)
    return {
        "frame": frame,
        "plot": plot,
        "shares": [(one.at, words.number(f"{100 * one.value:g} %")) for one in plot.ticks],
        "days": _days(hours, words),
        "points": [
            {"at": one, "said": _point_said(one.point, horizon, words)} for one in plot.points
        ],
        "lanes": _lanes(words) if near else [],
        "events": [
            {"x": hours.x(time_h), "y": LANES[one.kind], "event": one} for one, time_h in near
        ],
    }


def _near(events: Sequence[Event], measured: Sequence[float]) -> list[tuple[Event, float]]:
    """Return the results that belong to the chart's time, each with its hours."""
    first, last = min([0.0, *measured]) - _FAR_H, max([0.0, *measured]) + _FAR_H
    placed = [(one, one.hours) for one in events if one.hours is not None]
    return [(one, time_h) for one, time_h in placed if first <= time_h <= last]


def _lanes(words: ChartWords) -> list[dict[str, Any]]:
    return [{"y": y, "title": words.language(LANE_TITLES[kind])} for kind, y in LANES.items()]


def _point_said(point: RiskPoint, horizon: int, words: ChartWords) -> str:
    return words.language(
        WEB["ch_point_said"],
        time=words.time(point.index_h),
        risk=words.percent(point.risk[horizon]),
        low=words.percent(point.low[horizon]),
        high=words.percent(point.high[horizon]),
    )


def courses(reading: ChartReading, first: Sequence[str], words: ChartWords) -> list[dict[str, Any]]:
    """Return the picture of each variable's course, all over the same time.

    Parameters
    ----------
    reading
        What is told.
    first
        Names of variables that come first, in this order.
    words
        Of the page's language.

    Returns
    -------
    list of dict
        The others follow in the order of the table of variables.
    """
    ahead = max((one.in_days for one in reading.forecasts), default=0)
    times_h = [time_h for course in reading.courses for time_h in course.times_h]
    hours = hours_of([*times_h, reading.index_h + ahead * DAY_H], _COURSE)
    order = {name: place for place, name in enumerate(first)}
    ordered = sorted(reading.courses, key=lambda one: order.get(one.name, len(order)))
    return [_course(one, reading, hours, words) for one in ordered]


def _course(
    course: Course, reading: ChartReading, hours: Hours, words: ChartWords
) -> dict[str, Any]:
    forecasts = [one for one in reading.forecasts if one.name == course.name]
    plot = course_plot(course, forecasts, hours, index_h=reading.index_h)
    return {
        "name": course.name,
        "title": words.title(course.name),
        "last": words.last(course),
        "usual": words.usual(course),
        "is_outside": course.is_low or course.is_high,
        "plot": plot,
        "frame": _COURSE,
        "days": _days(hours, words),
        "edges": (words.axis(plot.high), words.axis(plot.low)),
        "limits": [(one.at, words.value(one.value)) for one in plot.limits],
        "points": [
            {"at": one, "said": f"{words.said(course.name, one.value)} · {words.time(one.time_h)}"}
            for one in plot.points
        ],
        "forecasts": [
            {
                "at": one,
                "said": words.between(
                    one.forecast.low, one.forecast.median, one.forecast.high, unit=course.unit
                ),
            }
            for one in plot.forecasts
        ],
    }


def _days(hours: Hours, words: ChartWords) -> list[tuple[float, str]]:
    return [(one.at, words.number(f"{one.value:.0f}")) for one in hours.ticks()]
