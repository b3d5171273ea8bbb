"""The report on one patient's course as one self-contained page: no script, no network."""

from importlib import resources
from itertools import groupby
from typing import Final

from markupsafe import Markup

from thoracle.core.languages import Language
from thoracle.prognosis.reading import ChartReading, Course, Forecast
from thoracle.prognosis.types import HORIZONS
from thoracle.reporting.analysis_html import analysis_css
from thoracle.reporting.chart_plot import (
    DAY_H,
    CoursePlot,
    Frame,
    Hours,
    bar,
    course_plot,
    hours_of,
    risk_plot,
)
from thoracle.reporting.chart_view import chart_view
from thoracle.reporting.chart_words import ChartWords
from thoracle.reporting.pages import report_environment

RISK_FRAME: Final = Frame(left=48, top=10, width=648, height=170)
COURSE_FRAME: Final = Frame(left=44, top=8, width=280, height=92)
BAR_WIDTH: Final = 120.0


def chart_html(reading: ChartReading, language: Language) -> str:
    """Write the report as a page.

    Parameters
    ----------
    reading
        What is told.
    language
        Of all texts and numbers.

    Returns
    -------
    str
        An HTML document that asks for nothing from outside itself.
    """
    view = chart_view(reading, language)
    words = ChartWords(language)
    risk_hours = hours_of((one.index_h for one in reading.risks), RISK_FRAME)
    course_hours = hours_of(_times_h(reading), COURSE_FRAME)
    most = max((abs(one.points) for one in view.drove), default=0.0)
    plots = _course_plots(reading, course_hours)
    return (
        report_environment()
        .get_template("chart_report.html.j2")
        .render(
            view=view,
            t=words.t,
            words=words,
            language=language.code,
            css=Markup(analysis_css() + _own_css()),  # noqa: S704  (our own files)
            risk=risk_plot(reading.risks, len(HORIZONS) - 1, risk_hours, RISK_FRAME),
            risk_frame=RISK_FRAME,
            risk_hours=risk_hours,
            courses=list(zip(view.courses, plots, strict=True)),
            course_frame=COURSE_FRAME,
            course_hours=course_hours,
            now_x=course_hours.x(reading.index_h),
            bars=[bar(one.points, most, BAR_WIDTH) for one in view.drove],
            bar_width=BAR_WIDTH,
        )
    )


def _times_h(reading: ChartReading) -> list[float]:
    """Return the ends of what courses must have room for, forecasts among them."""
    ahead_h = [reading.index_h + one.in_days * DAY_H for one in reading.forecasts]
    firsts = [one.times_h[0] for one in reading.courses]
    return [*firsts, reading.index_h, *ahead_h]


def _course_plots(reading: ChartReading, hours: Hours) -> list[CoursePlot]:
    ahead: dict[str, list[Forecast]] = {
        name: list(some) for name, some in groupby(reading.forecasts, key=lambda one: one.name)
    }

    def plot(one: Course) -> CoursePlot:
        return course_plot(one, ahead.get(one.name, []), hours, index_h=reading.index_h)

    return [plot(one) for one in reading.courses]


def _own_css() -> str:
    folder = resources.files("thoracle.reporting") / "templates"
    return (folder / "chart_report.css").read_text("utf-8")
