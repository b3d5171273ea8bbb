"""Plot of a comparison as SVG text: each figure's difference with its interval."""

from collections.abc import Mapping
from typing import Any

from thoracle.evaluation.paired import PairedDifference, PairedFigures
from thoracle.reporting.svg import color_of, svg_of


def differences_svg(figures: PairedFigures, *, names: Mapping[str, str]) -> str:
    """Draw differences of shares, better to the right, with their intervals and the margin.

    Parameters
    ----------
    figures
        Losses, whose unit is another, are left to the table.
    names
        How each figure is called.

    Returns
    -------
    str
        SVG.
    """
    shown = [one for one in figures.differences if one.higher_is_better and _is_known(one)]

    def draw(axes: Any) -> None:
        for row, one in enumerate(reversed(shown)):
            low, high = one.difference.low, one.difference.high
            if low is not None and high is not None:
                axes.plot([100 * low, 100 * high], [row, row], color=color_of(0), linewidth=1.4)
            is_primary = (one.figure, one.finding) == (figures.primary, None)
            axes.plot(
                [100 * (one.difference.value or 0.0)],
                [row],
                marker="D" if is_primary else "o",
                markersize=6 if is_primary else 4,
                color=color_of(1 if is_primary else 0),
            )
        axes.axvline(0.0, color="#999999", linewidth=0.8)
        margin = next((one.margin for one in shown if one.margin is not None), None)
        if margin is not None:
            axes.axvline(-100 * margin.margin, color=color_of(1), linewidth=0.9, linestyle="--")
        axes.set_yticks(range(len(shown)), [_name(one, names) for one in reversed(shown)])
        axes.set_xlabel("Difference, points: first minus second; right of 0 the first is better")

    return svg_of(draw, width_in=7.0, height_in=0.9 + 0.24 * len(shown))


def _is_known(one: PairedDifference) -> bool:
    return one.difference.value is not None


def _name(one: PairedDifference, names: Mapping[str, str]) -> str:
    text = names[one.figure] if one.finding is None else f"{names[one.figure]}, {one.finding}"
    return text if one.against is None else f"{text} against {one.against}"
