"""Where everything of a patient's chart stands in its pictures: days since admission, to scale.

Nothing is drawn here: a page's template turns paths and places into SVG.
"""

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final

from thoracle.prognosis.reading import Course, Forecast, RiskPoint
from thoracle.prognosis.variables import VARIABLES, place_of

DAY_H: Final = 24.0
_STEPS_DAYS: Final = (1, 2, 5, 10, 20, 50, 100, 200)
_TICKS_MAX: Final = 12
_MARGIN: Final = 0.08
_NO_TO_YES: Final = (0.0, 1.0)
_LINE: Final = 11.0  # a line of text
_EDGE_TEXT: Final = 4.0  # the number at an edge stands so far inside
_TOPS: Final = (0.1, 0.25, 0.5, 1.0)
_SHARES: Final = (0.0, 0.25, 0.5, 0.75, 1.0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Tick:
    """A place on an axis, and the number that stands there."""

    at: float
    value: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Frame:
    """The inner part of a picture, in its own units."""

    left: float
    top: float
    width: float
    height: float

    @property
    def right(self) -> float:
        """Where it ends at the right."""
        return self.left + self.width

    @property
    def bottom(self) -> float:
        """Where it ends below."""
        return self.top + self.height


@dataclass(frozen=True, slots=True, kw_only=True)
class Hours:
    """A range of hours since admission onto the width of a frame."""

    start_h: float
    end_h: float
    frame: Frame

    def x(self, time_h: float) -> float:
        """Return where a time stands."""
        share = (time_h - self.start_h) / (self.end_h - self.start_h)
        return round(self.frame.left + self.frame.width * share, 2)

    def holds(self, time_h: float) -> bool:
        """Say whether a time lies in the range."""
        return self.start_h <= time_h <= self.end_h

    def ticks(self) -> tuple[Tick, ...]:
        """Return whole days in the range, at most twelve, counted from admission."""
        days = (self.end_h - self.start_h) / DAY_H
        step = next((one for one in _STEPS_DAYS if days / one <= _TICKS_MAX), _STEPS_DAYS[-1] * 5)
        first, last = math.ceil(self.start_h / DAY_H / step), int(self.end_h / DAY_H // step)
        wholes = [place * step for place in range(first, last + 1)]
        return tuple(Tick(at=self.x(day * DAY_H), value=float(day)) for day in wholes)


@dataclass(frozen=True, slots=True, kw_only=True)
class Heights:
    """A range of values onto the height of a frame, the largest on top."""

    low: float
    high: float
    frame: Frame

    def y(self, value: float) -> float:
        """Return where a value stands; what lies outside stands at the edge."""
        share = (min(max(value, self.low), self.high) - self.low) / (self.high - self.low)
        return round(self.frame.top + self.frame.height * (1 - share), 2)


@dataclass(frozen=True, slots=True, kw_only=True)
class PlacedRisk:
    """One index time: its place, its interval, and what it says."""

    x: float
    y: float
    low_y: float
    high_y: float
    point: RiskPoint


@dataclass(frozen=True, slots=True, kw_only=True)
class RiskPlot:
    """The risk of one horizon at each index time.

    Attributes
    ----------
    path, band
        Of SVG: the line through the risks, and the area of their intervals; "" of a single one.
    ticks
        Shares, 0 to 1.
    """

    path: str = field(repr=False)
    band: str = field(repr=False)
    points: tuple[PlacedRisk, ...]
    ticks: tuple[Tick, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class PlacedValue:
    """One value: its place, and whether it lies outside the usual range."""

    x: float
    y: float
    time_h: float
    value: float
    is_outside: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class PlacedForecast:
    """What a value will probably be: median and 95 % interval."""

    x: float
    y: float
    low_y: float
    high_y: float
    forecast: Forecast


@dataclass(frozen=True, slots=True, kw_only=True)
class CoursePlot:
    """The course of one variable.

    Attributes
    ----------
    path
        Of SVG, through all values.
    usual_top, usual_height
        The usual range; None where there is none.
    low, high
        Values at the lower and the upper edge.
    limits
        Of the usual range, where their numbers have room between those of the edges.
    """

    path: str = field(repr=False)
    points: tuple[PlacedValue, ...]
    forecasts: tuple[PlacedForecast, ...]
    usual_top: float | None
    usual_height: float | None
    low: float
    high: float
    limits: tuple[Tick, ...]


def hours_of(times_h: Iterable[float], frame: Frame) -> Hours:
    """Return the range from admission, or before, to the last of some times, with some room.

    Parameters
    ----------
    times_h
        Hours since admission.
    frame
        Where they are drawn.

    Returns
    -------
    Hours
        At least one day.
    """
    known = [0.0, *times_h]
    start_h, end_h = min(known), max(*known, min(known) + DAY_H)
    room = 0.03 * (end_h - start_h)
    return Hours(start_h=start_h - room, end_h=end_h + room, frame=frame)


def risk_plot(points: Sequence[RiskPoint], horizon: int, hours: Hours, frame: Frame) -> RiskPlot:
    """Place the risks of one horizon.

    Parameters
    ----------
    points
        In order of time.
    horizon
        Place in `HORIZONS`.
    hours
        The axis of time.
    frame
        Where they are drawn.

    Returns
    -------
    RiskPlot
        The axis ends at 10, 25, 50 or 100 %, so that a small risk can still be seen to change.
    """
    most = max((one.high[horizon] for one in points), default=0.0)
    heights = Heights(low=0.0, high=next(top for top in _TOPS if most <= top), frame=frame)
    placed = tuple(
        PlacedRisk(
            x=hours.x(one.index_h),
            y=heights.y(one.risk[horizon]),
            low_y=heights.y(one.low[horizon]),
            high_y=heights.y(one.high[horizon]),
            point=one,
        )
        for one in points
    )
    is_line = len(placed) > 1
    edge = [(one.x, one.high_y) for one in placed] + [(one.x, one.low_y) for one in placed[::-1]]
    return RiskPlot(
        path=_line([(one.x, one.y) for one in placed]) if is_line else "",
        band=f"{_line(edge)}Z" if is_line else "",
        points=placed,
        ticks=tuple(
            Tick(at=heights.y(share * heights.high), value=share * heights.high)
            for share in _SHARES
        ),
    )


def course_plot(
    course: Course, forecasts: Sequence[Forecast], hours: Hours, *, index_h: float
) -> CoursePlot:
    """Place the values of one variable over its usual range.

    Parameters
    ----------
    course
        With at least one value.
    forecasts
        Of the same variable.
    hours
        The axis of time, with the frame.
    index_h
        Hours since admission from which forecasts are counted.

    Returns
    -------
    CoursePlot
        Its axis holds all values, forecasts and the limits of the usual range.
    """
    heights = _heights(course, forecasts, hours.frame)
    points = tuple(
        PlacedValue(
            x=hours.x(time_h),
            y=heights.y(value),
            time_h=time_h,
            value=value,
            is_outside=_is_outside(value, course),
        )
        for time_h, value in zip(course.times_h, course.values, strict=True)
    )
    top, height = _usual(course, heights)
    return CoursePlot(
        path=_line([(one.x, one.y) for one in points]) if len(points) > 1 else "",
        points=points,
        forecasts=tuple(_placed(one, index_h, hours, heights) for one in forecasts),
        usual_top=top,
        usual_height=height,
        low=heights.low,
        high=heights.high,
        limits=tuple(_limits(course, heights)),
    )


def bar(value: float, most: float, width: float) -> tuple[float, float]:
    """Return where a bar begins and how wide it is, on an axis with 0 in its middle.

    >>> bar(-0.5, 1.0, 200.0)
    (50.0, 50.0)
    """
    length = round(abs(value) / most * width / 2, 2) if most > 0 else 0.0
    return (width / 2 - length if value < 0 else width / 2), length


def _heights(course: Course, forecasts: Sequence[Forecast], frame: Frame) -> Heights:
    possible = VARIABLES[place_of(course.name)]
    ends = (possible.low, possible.high)
    low, high = _ends(course, forecasts, ends if ends == _NO_TO_YES else ())
    room = _MARGIN * (high - low) or _MARGIN * abs(high) or 1.0
    return Heights(
        low=max(low - room, min(low, possible.low)),
        high=min(high + room, max(high, possible.high)),
        frame=frame,
    )


def _ends(
    course: Course, forecasts: Sequence[Forecast], others: Sequence[float]
) -> tuple[float, float]:
    """Return the lowest and the highest of all that must be seen."""
    limits = (course.reference_low, course.reference_high)
    known = [*course.values, *others, *(one for one in limits if one is not None)]
    known += [edge for one in forecasts for edge in (one.low, one.high)]
    return min(known), max(known)


def _limits(course: Course, heights: Heights) -> Iterator[Tick]:
    """Yield the limits of the usual range, from the top, each a line of text from the others."""
    above, frame = heights.frame.top + _EDGE_TEXT, heights.frame
    for value in (course.reference_high, course.reference_low):
        if value is None:
            continue
        at = heights.y(value)
        if above + _LINE <= at <= frame.bottom - _LINE - _EDGE_TEXT:
            yield Tick(at=at, value=value)
            above = at


def _usual(course: Course, heights: Heights) -> tuple[float | None, float | None]:
    if course.reference_low is None and course.reference_high is None:
        return None, None
    top = heights.y(heights.high if course.reference_high is None else course.reference_high)
    bottom = heights.y(heights.low if course.reference_low is None else course.reference_low)
    return top, round(bottom - top, 2)


def _is_outside(value: float, course: Course) -> bool:
    is_low = course.reference_low is not None and value < course.reference_low
    return is_low or (course.reference_high is not None and value > course.reference_high)


def _placed(one: Forecast, index_h: float, hours: Hours, heights: Heights) -> PlacedForecast:
    return PlacedForecast(
        x=hours.x(index_h + one.in_days * DAY_H),
        y=heights.y(one.median),
        low_y=heights.y(one.low),
        high_y=heights.y(one.high),
        forecast=one,
    )


def _line(places: Sequence[tuple[float, float]]) -> str:
    return "".join(f"{'L' if place else 'M'}{x:g} {y:g}" for place, (x, y) in enumerate(places))
