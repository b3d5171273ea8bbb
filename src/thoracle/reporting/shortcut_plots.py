"""Curves of an audit as SVG text."""

from typing import Any

from thoracle.reporting.evaluation_plots import DASHES
from thoracle.reporting.shortcut_report import AuditChart, AuditCurve
from thoracle.reporting.svg import color_of, svg_of

_WIDTH_IN, _HEIGHT_IN = 5.0, 3.7  # the names stand above: bands fill the axes


def chart_svg(chart: AuditChart) -> str:
    """Draw each curve with its 95 % interval as a band; the judged place is a dashed line."""

    def draw(axes: Any) -> None:
        places = chart.curves[0].places if chart.curves else ()
        if places and places[0] > places[-1]:
            axes.invert_xaxis()
        for index, one in enumerate(chart.curves):
            _curve(axes, one, index)
        if chart.level is not None:
            axes.axvline(chart.level, color="#999999", linewidth=0.9, linestyle="--")
        axes.set(ylim=(-0.02, 1.02), xlabel=chart.x, ylabel=chart.y)
        if chart.curves:
            axes.legend(
                loc="lower center", bbox_to_anchor=(0.5, 1.0), ncols=2, frameon=False, fontsize=7
            )

    return svg_of(draw, width_in=_WIDTH_IN, height_in=_HEIGHT_IN)


def _curve(axes: Any, one: AuditCurve, index: int) -> None:
    known = [
        (place, figure)
        for place, figure in zip(one.places, one.figures, strict=True)
        if figure.value is not None
    ]
    places = [place for place, _ in known]
    axes.plot(
        places,
        [figure.value for _, figure in known],
        color=color_of(index),
        linestyle=DASHES[index % len(DASHES)],
        marker="o",
        markersize=3,
        linewidth=1.4,
        label=one.name,
    )
    banded = [(place, figure) for place, figure in known if figure.low is not None]
    axes.fill_between(
        [place for place, _ in banded],
        [figure.low for _, figure in banded],
        [figure.high for _, figure in banded],
        color=color_of(index),
        alpha=0.12,
        linewidth=0,
    )
