"""Plots of an evaluation as SVG text: confusion, ROC, precision–recall, reliability.

matplotlib belongs to the extra "research" and is imported when a plot is drawn.
"""

import io
from collections.abc import Callable
from typing import Any

from thoracle.core.errors import MissingExtraError
from thoracle.evaluation.calibration import ReliabilityBin
from thoracle.evaluation.figures import EvaluationFigures

# Okabe and Ito's palette, told apart with any color vision; dashes tell apart in print.
COLORS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#000000")
DASHES = ("-", "--", "-.", ":")
_STYLE = {
    "svg.fonttype": "none",  # letters stay letters: small, searchable, read aloud
    "svg.hashsalt": "thoracle",  # the same figures give the same bytes
    "font.family": "sans-serif",
    "font.size": 9.0,
    "axes.spines.top": False,
    "axes.spines.right": False,
}


def confusion_svg(figures: EvaluationFigures) -> str:
    """Draw the confusion matrix of the highest probability, shaded by share of each reference."""

    def draw(axes: Any) -> None:
        matrix = figures.overall.confusion
        totals = [max(1, sum(row)) for row in matrix]
        shares = [[cell / total for cell in row] for row, total in zip(matrix, totals, strict=True)]
        axes.imshow(shares, cmap="Blues", vmin=0.0, vmax=1.0)
        for row, cells in enumerate(matrix):
            for column, cell in enumerate(cells):
                share = shares[row][column]
                axes.text(
                    column,
                    row,
                    f"{cell}\n{100.0 * share:.0f} %",
                    ha="center",
                    va="center",
                    color="white" if share > 0.5 else "black",
                )
        names = [label.replace(" ", "\n", 1) for label in figures.labels]
        axes.set_xticks(range(len(names)), names)
        axes.set_yticks(range(len(names)), names)
        axes.set_xlabel("Predicted")
        axes.set_ylabel("Reference")

    return _svg(draw, width_in=4.2, height_in=3.8)


def roc_svg(figures: EvaluationFigures) -> str:
    """Draw each finding's ROC curve against all other findings."""

    def draw(axes: Any) -> None:
        axes.plot([0, 1], [0, 1], color="#999999", linewidth=0.8)
        for index, one in enumerate(figures.curves.findings):
            if one.roc:
                _line(axes, one.roc, index, label=_named(one.label, figures, index, "auroc"))
        _unit_square(axes, x="1 − specificity", y="Sensitivity")
        axes.legend(loc="lower right", frameon=False, fontsize=8)

    return _svg(draw, width_in=4.2, height_in=4.0)


def precision_recall_svg(figures: EvaluationFigures) -> str:
    """Draw each finding's precision–recall curve; dotted: the finding's share of the films."""

    def draw(axes: Any) -> None:
        for index, one in enumerate(figures.curves.findings):
            if one.precision_recall:
                text = _named(one.label, figures, index, "average_precision")
                _line(axes, one.precision_recall, index, label=text)
                axes.axhline(one.share, color=_color(index), linewidth=0.7, linestyle=":")
        _unit_square(axes, x="Recall (sensitivity)", y="Precision (PPV)")
        axes.legend(loc="lower left", frameon=False, fontsize=8)

    return _svg(draw, width_in=4.2, height_in=4.0)


def reliability_svg(figures: EvaluationFigures) -> str:
    """Draw what was observed against what was said, with Wilson bars, one panel per finding."""
    panels = [("Predicted finding", figures.curves.top_label)]
    panels.extend((one.label, one.reliability) for one in figures.curves.findings)

    def draw(axes: Any) -> None:
        row = axes.figure.subplots(1, len(panels), sharey=True, squeeze=False)[0]
        axes.remove()
        for index, (panel, (title, curve)) in enumerate(zip(row, panels, strict=True)):
            panel.plot([0, 1], [0, 1], color="#999999", linewidth=0.8)
            _reliability(panel, curve, color=_color(index - 1) if index else "#000000")
            panel.set_title(title, fontsize=9)
            _unit_square(panel, x="Probability said", y="" if index else "Share observed")

    return _svg(draw, width_in=2.3 * len(panels), height_in=2.7)


def _reliability(axes: Any, curve: tuple[ReliabilityBin, ...], *, color: str) -> None:
    said = [one.mean_probability for one in curve]
    seen = [one.observed.value or 0.0 for one in curve]
    below = [value - (one.observed.low or 0.0) for value, one in zip(seen, curve, strict=True)]
    above = [(one.observed.high or 0.0) - value for value, one in zip(seen, curve, strict=True)]
    axes.errorbar(
        said, seen, yerr=[below, above], color=color, marker="o", markersize=3, linewidth=1.0
    )


def _line(axes: Any, points: tuple[tuple[float, float], ...], index: int, *, label: str) -> None:
    axes.plot(
        [first for first, _ in points],
        [second for _, second in points],
        color=_color(index),
        linestyle=DASHES[index % len(DASHES)],
        linewidth=1.6,
        label=label,
    )


def _named(label: str, figures: EvaluationFigures, index: int, figure: str) -> str:
    value = getattr(figures.overall.ranking[index], figure).value
    return label if value is None else f"{label}: {value:.3f}"


def _color(index: int) -> str:
    return COLORS[index % len(COLORS)]


def _unit_square(axes: Any, *, x: str, y: str) -> None:
    axes.set(xlim=(-0.02, 1.02), ylim=(-0.02, 1.02), xlabel=x, ylabel=y)
    axes.set_aspect("equal")


def _svg(draw: Callable[[Any], None], *, width_in: float, height_in: float) -> str:
    """Draw on a fresh figure without touching matplotlib's global state.

    Raises
    ------
    MissingExtraError
        matplotlib is not installed.
    """
    try:
        import matplotlib as mpl
        from matplotlib.figure import Figure
    except ImportError as error:
        raise MissingExtraError(
            "matplotlib is not installed, but plots need it (extra 'research'). "
            "Run: pip install 'thoracle[research]'"
        ) from error
    with mpl.rc_context(_STYLE):
        figure = Figure(figsize=(width_in, height_in), layout="constrained")
        draw(figure.add_subplot())
        content = io.StringIO()
        figure.savefig(content, format="svg", metadata={"Date": None, "Creator": None})
    return content.getvalue()
