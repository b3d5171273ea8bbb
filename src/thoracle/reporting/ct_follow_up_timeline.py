"""The course of a patient's scans as one drawing, for page and PDF alike."""

from collections.abc import Iterator, Sequence
from typing import Any, Final, Literal

import numpy as np
from reportlab.graphics import renderSVG
from reportlab.graphics.shapes import Circle, Drawing, Group, Line, PolyLine, Rect, String
from reportlab.lib.colors import HexColor

from thoracle.core.languages import Language
from thoracle.ct.course import Course
from thoracle.ct.follow_up import ALL, LUNG, POI, Step, Visit
from thoracle.reporting.ct_follow_up_texts import FOLLOW_UP, KINDS

WIDTH: Final = 520
PANEL: Final = 132
_LEFT, _RIGHT, _TOP, _BOTTOM = 52, 14, 24, 20
_INK, _SOFT, _BAND = HexColor("#1a1f26"), HexColor("#5a6570"), HexColor("#d5dbe1")
_PARTS: Final = (0.0, 0.5, 1.0)  # of an axis
_FONT: Final = "Helvetica"
PANELS: Final = ((POI,), ("ground_glass", "consolidation"), (LUNG,))
_BANDS: Final = (20.0, 11.0)  # points wide: the second panel's bands lie over each other
# Okabe and Ito's; a second line of a panel is dashed and has hollow marks as well.
_STYLES: Final = ((HexColor("#0072B2"), None), (HexColor("#D55E00"), (5, 3)))


def timeline(course: Course, language: Language) -> Drawing:
    """Draw percentage of infection, volumes of lesions and of the lungs over the days.

    Parameters
    ----------
    course
        Two scans or more.
    language
        Of its words.

    Returns
    -------
    reportlab.graphics.shapes.Drawing
        Grey bands show where a value would lie had nothing changed since the scan before.
    """
    visits = [one.visit for one in course.scans]
    steps = [one.step for one in course.steps]
    drawing = Drawing(WIDTH, PANEL * len(PANELS) + 16)
    for index, kinds in enumerate(PANELS):
        bottom = 16 + PANEL * (len(PANELS) - 1 - index)
        drawing.add(_panel(kinds, visits, steps, bottom=bottom, language=language))
    drawing.add(_text(WIDTH / 2, 4, language(FOLLOW_UP["days_axis"]), anchor="middle"))
    return drawing


def timeline_svg(course: Course, language: Language) -> str:
    """Return the drawing as SVG text."""
    said: str = renderSVG.drawToString(timeline(course, language))
    return said


class _Scale:
    """From days and values to places on the drawing."""

    def __init__(self, days: Sequence[int], values: Sequence[float], bottom: float) -> None:
        self._last = max(1, days[-1])
        self.top = _round_top(max([*values, 1e-9]))
        self._bottom = bottom + _BOTTOM
        self._height = PANEL - _TOP - _BOTTOM

    def x(self, day: float) -> float:
        """Return the place of a day."""
        return _LEFT + 18 + (WIDTH - _LEFT - _RIGHT - 36) * day / self._last

    def y(self, value: float) -> float:
        """Return the place of a value; the axis begins at 0."""
        return self._bottom + self._height * min(max(value, 0.0), self.top) / self.top


def _panel(
    kinds: Sequence[str],
    visits: Sequence[Visit],
    steps: Sequence[Step],
    *,
    bottom: float,
    language: Language,
) -> Group:
    days = [(one.day - visits[0].day).days for one in visits]
    scale = _Scale(days, list(_values(kinds, visits, steps)), bottom)
    marks = [language.number(f"{scale.top * one:g}") for one in _PARTS]
    group = Group()
    _axes(group, scale, days, marks, unit="%" if POI in kinds else "ml")
    for width, kind, style in zip(_BANDS, kinds, _STYLES, strict=False):
        for one, day in zip(steps, days[1:], strict=True):
            _draw_band(group, scale.x(day), _heights(scale, _band(one, kind)), width, style[0])
        values = [one.value(kind) for one in visits]
        _course(group, scale, list(zip(days, values, strict=True)), style)
    _legend(group, bottom + PANEL - 13, [language(KINDS[kind]) for kind in kinds])
    return group


def _values(
    kinds: Sequence[str], visits: Sequence[Visit], steps: Sequence[Step]
) -> Iterator[float]:
    """Yield all that a panel must have room for."""
    for kind in kinds:
        yield from (one.value(kind) or 0.0 for one in visits)
        yield from (end for one in steps for end in _band(one, kind) or ())


def _band(step: Step, kind: str) -> tuple[float, float] | None:
    """Return where the later value would lie had nothing changed."""
    change = step.change(kind, ALL)
    if change.before.value is None or change.noise is None:
        return None
    return change.before.value - change.noise, change.before.value + change.noise


def _round_top(largest: float) -> float:
    """Return the next 1, 2, 4, 5, 6, 8 or 10 times a power of ten, for an axis with two parts."""
    power = 10.0 ** np.floor(np.log10(largest))
    return float(next(one * power for one in (1, 2, 4, 5, 6, 8, 10) if one * power >= largest))


def _axes(
    group: Group, scale: _Scale, days: Sequence[int], marks: Sequence[str], *, unit: str
) -> None:
    for share, mark in zip(_PARTS, marks, strict=True):
        height = scale.y(scale.top * share)
        group.add(Line(_LEFT, height, WIDTH - _RIGHT, height, strokeColor=_BAND, strokeWidth=0.5))
        group.add(_text(_LEFT - 5, height - 3, f"{mark} {unit}", anchor="end"))
    for day in sorted(set(days)):
        group.add(_text(scale.x(day), scale.y(0.0) - 12, str(day), anchor="middle"))


def _heights(scale: _Scale, ends: tuple[float, float] | None) -> tuple[float, float] | None:
    return None if ends is None else (scale.y(ends[0]), scale.y(ends[1]))


def _draw_band(
    group: Group, x: float, ends: tuple[float, float] | None, width: float, color: Any
) -> None:
    if ends is not None:
        style: Any = {"fillColor": _BAND, "strokeColor": color, "strokeWidth": 0.5}
        style["fillOpacity"] = 0.5
        group.add(Rect(x - width / 2, ends[0], width, max(1.0, ends[1] - ends[0]), **style))


def _course(
    group: Group, scale: _Scale, shown: Sequence[tuple[int, float | None]], style: tuple[Any, Any]
) -> None:
    color, dashes = style
    places = [(scale.x(day), scale.y(value)) for day, value in shown if value is not None]
    if len(places) > 1:
        flat = [one for place in places for one in place]
        group.add(PolyLine(flat, **_line(color, dashes)))
    for x, y in places:
        fill = HexColor("#ffffff") if dashes else color
        group.add(Circle(x, y, 3.2, fillColor=fill, strokeColor=color, strokeWidth=1.4))


def _legend(group: Group, height: float, names: Sequence[str]) -> None:
    left = float(_LEFT)
    for name, (color, dashes) in zip(names, _STYLES, strict=False):
        mark = [left, height + 3, left + 20, height + 3]
        group.add(PolyLine(mark, **_line(color, dashes)))
        group.add(_text(left + 25, height, name, color=_INK))
        left += 45 + 5.2 * len(name)


def _line(color: Any, dashes: Any) -> dict[str, Any]:
    return {"strokeColor": color, "strokeWidth": 1.4, "strokeDashArray": dashes}


def _text(
    x: float,
    y: float,
    said: str,
    *,
    anchor: Literal["start", "middle", "end"] = "start",
    color: Any = _SOFT,
) -> String:
    return String(x, y, said, fontName=_FONT, fontSize=8.5, fillColor=color, textAnchor=anchor)
