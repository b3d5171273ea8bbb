"""Plots of an evaluation as SVG text: confusion, ROC, precision–recall, reliability, decisions."""

from collections.abc import Sequence
from typing import Any

from thoracle.evaluation.calibration import ReliabilityBin
from thoracle.evaluation.figures import EvaluationFigures
from thoracle.reporting.svg import color_of, svg_of

DASHES = ("-", "--", "-.", ":")  # tell apart in print


def confusion_svg(figures: EvaluationFigures) -> str:
    """Draw the confusion matrix of the highest probability, shaded by share of each reference."""
    return matrix_svg(figures.labels, figures.overall.confusion, width_in=4.2, height_in=3.8)


def matrix_svg(
    labels: Sequence[str], matrix: Sequence[Sequence[int]], *, width_in: float, height_in: float
) -> str:
    """Draw a confusion matrix of counts, shaded by share of each reference.

    Parameters
    ----------
    labels
        Names of the classes.
    matrix
        A row per reference, a column per prediction.
    width_in, height_in
        Size in inches.
    """

    def draw(axes: Any) -> None:
        shares = [[cell / max(1, sum(row)) for cell in row] for row in matrix]
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
        names = [label.replace(" ", "\n", 1) for label in labels]
        axes.set_xticks(range(len(names)), names)
        axes.set_yticks(range(len(names)), names)
        axes.set_xlabel("Predicted")
        axes.set_ylabel("Reference")

    return svg_of(draw, width_in=width_in, height_in=height_in)


def roc_svg(figures: EvaluationFigures) -> str:
    """Draw each finding's ROC curve against all other findings."""

    def draw(axes: Any) -> None:
        axes.plot([0, 1], [0, 1], color="#999999", linewidth=0.8)
        for index, one in enumerate(figures.curves.findings):
            if one.roc:
                _line(axes, one.roc, index, label=_named(one.label, figures, index, "auroc"))
        _unit_square(axes, x="1 − specificity", y="Sensitivity")
        axes.legend(loc="lower right", frameon=False, fontsize=8)

    return svg_of(draw, width_in=4.2, height_in=4.0)


def precision_recall_svg(figures: EvaluationFigures) -> str:
    """Draw each finding's precision–recall curve; dotted: the finding's share of the films."""

    def draw(axes: Any) -> None:
        for index, one in enumerate(figures.curves.findings):
            if one.precision_recall:
                text = _named(one.label, figures, index, "average_precision")
                _line(axes, one.precision_recall, index, label=text)
                axes.axhline(one.share, color=color_of(index), linewidth=0.7, linestyle=":")
        _unit_square(axes, x="Recall (sensitivity)", y="Precision (PPV)")
        axes.legend(loc="lower left", frameon=False, fontsize=8)

    return svg_of(draw, width_in=4.2, height_in=4.0)


def reliability_svg(figures: EvaluationFigures) -> str:
    """Draw what was observed against what was said, with Wilson bars, one panel per finding."""
    panels = [("Predicted finding", figures.curves.top_label)]
    panels.extend((one.label, one.reliability) for one in figures.curves.findings)

    def draw(axes: Any) -> None:
        row = axes.figure.subplots(1, len(panels), sharey=True, squeeze=False)[0]
        axes.remove()
        for index, (panel, (title, curve)) in enumerate(zip(row, panels, strict=True)):
            panel.plot([0, 1], [0, 1], color="#999999", linewidth=0.8)
            _reliability(panel, curve, color=color_of(index - 1) if index else "#000000")
            panel.set_title(title, fontsize=9)
            _unit_square(panel, x="Probability said", y="" if index else "Share observed")

    return svg_of(draw, width_in=2.3 * len(panels), height_in=2.7)


def decision_svg(figures: EvaluationFigures) -> str:
    """Draw each finding's net benefit with its band, and that of acting on all and on none.

    Expects at least one decision curve.
    """
    curves = figures.decision_curves

    def draw(axes: Any) -> None:
        row = axes.figure.subplots(1, len(curves), squeeze=False)[0]
        axes.remove()
        for index, (panel, curve) in enumerate(zip(row, curves, strict=True)):
            at = [point.threshold for point in curve.points]
            panel.axhline(0.0, color="#999999", linewidth=0.8, label="none")
            everybody = [point.treat_all for point in curve.points]
            panel.plot(at, everybody, color="#999999", linewidth=1.0, linestyle="--", label="all")
            low, high = [p.low for p in curve.points], [p.high for p in curve.points]
            panel.fill_between(at, low, high, color=color_of(index), alpha=0.2, linewidth=0)
            values = [point.net_benefit for point in curve.points]
            panel.plot(at, values, color=color_of(index), linewidth=1.6, label="by probability")
            top = max(curve.share, *values, 0.01)
            panel.set(xlim=(0.0, 1.0), ylim=(-0.15 * top, 1.08 * top), xlabel="Acting from")
            panel.set_title(curve.label, fontsize=9)
        row[0].set_ylabel("Net benefit, per film")
        row[0].legend(loc="upper right", frameon=False, fontsize=7)

    return svg_of(draw, width_in=2.9 * len(curves), height_in=2.7)


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
        color=color_of(index),
        linestyle=DASHES[index % len(DASHES)],
        linewidth=1.6,
        label=label,
    )


def _named(label: str, figures: EvaluationFigures, index: int, figure: str) -> str:
    value = getattr(figures.overall.ranking[index], figure).value
    return label if value is None else f"{label}: {value:.3f}"


def _unit_square(axes: Any, *, x: str, y: str) -> None:
    axes.set(xlim=(-0.02, 1.02), ylim=(-0.02, 1.02), xlabel=x, ylabel=y)
    axes.set_aspect("equal")
