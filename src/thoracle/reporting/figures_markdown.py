"""Figures as text and as small Markdown tables, for model cards."""

from collections.abc import Sequence

from thoracle.core.results import DISCLAIMER
from thoracle.evaluation.estimate import Estimate
from thoracle.evaluation.figures import EvaluationFigures
from thoracle.evaluation.film_set import FindingRates, SetFigures

UNKNOWN_TEXT = "–"


def percent_text(estimate: Estimate) -> str:
    """Write a share as "92.6 % (88.1–95.4)"; a dash where unknown."""
    if estimate.value is None:
        return UNKNOWN_TEXT
    value = f"{100.0 * estimate.value:.1f} %"
    if estimate.low is None or estimate.high is None:
        return value
    return f"{value} ({100.0 * estimate.low:.1f}–{100.0 * estimate.high:.1f})"


def number_text(estimate: Estimate) -> str:
    """Write a figure as "0.926 (0.881–0.954)"; a dash where unknown."""
    if estimate.value is None:
        return UNKNOWN_TEXT
    if estimate.low is None or estimate.high is None:
        return f"{estimate.value:.3f}"
    return f"{estimate.value:.3f} ({estimate.low:.3f}–{estimate.high:.3f})"


def markdown_table(figures: EvaluationFigures) -> str:
    """Write the main figures as Markdown tables, each value with its interval and n.

    Parameters
    ----------
    figures
        Of one evaluation; `figures_from_json` reads stored ones.

    Returns
    -------
    str
        Films, ranking, both decision rules, pairs, calibration, sources, and cautions; ends
        with a newline. Text from the data is escaped.
    """
    data = figures.data
    level = f"{100.0 * figures.options.confidence:g} %"
    parts = [
        f"{data.films} films of {data.patients} patients; {level} intervals. {DISCLAIMER}",
        _ranking_table(figures.overall),
        _rates_table("Highest probability", figures.overall.argmax),
    ]
    if figures.overall.threshold is not None:
        parts.append(_rates_table("Threshold", figures.overall.threshold))
    parts.extend((_pairs_table(figures), _calibration_text(figures.overall)))
    parts.append("\n".join(f"- {_cell(one.text)}" for one in figures.cautions))
    return "\n\n".join(parts) + "\n"


def _ranking_table(overall: SetFigures) -> str:
    rows = [
        (
            one.label,
            str(one.positives),
            str(one.negatives),
            number_text(one.auroc),
            number_text(one.auroc_clustered),
            number_text(one.average_precision),
            number_text(one.brier),
            number_text(one.ece),
        )
        for one in overall.ranking
    ]
    head = (
        "Finding against all others",
        "With",
        "Without",
        "AUROC (DeLong)",
        "AUROC (by patient)",
        "Average precision (by patient)",
        "Brier",
        "ECE",
    )
    return _table(head, rows)


def _rates_table(rule: str, rates: Sequence[FindingRates]) -> str:
    rows = [
        (
            one.label,
            "" if one.threshold is None else f"{one.threshold:.3f}",
            str(one.support),
            *(
                f"{percent_text(figure)}, n {figure.n}"
                for figure in (one.sensitivity, one.specificity, one.ppv, one.npv)
            ),
            number_text(one.f1),
        )
        for one in rates
    ]
    head = (
        f"Rule: {rule}",
        "Threshold",
        "Support",
        "Sensitivity (Wilson)",
        "Specificity (Wilson)",
        "PPV (Wilson)",
        "NPV (Wilson)",
        "F1 (by patient)",
    )
    return _table(head, rows)


def _pairs_table(figures: EvaluationFigures) -> str:
    sets = [("all sources", figures.overall)]
    sets.extend(
        (f"inside {one.value}", one.figures)
        for one in figures.subgroups
        if one.attribute == "source" and one.figures is not None
    )
    rows = [
        (
            f"{pair.positive} against {pair.negative}",
            place,
            str(pair.positives),
            str(pair.negatives),
            number_text(pair.auroc),
            number_text(pair.auroc_clustered),
            number_text(pair.ece),
        )
        for place, one in sets
        for pair in one.pairs
        if pair.positives and pair.negatives
    ]
    head = ("Pair", "Films", "With", "Without", "AUROC (DeLong)", "AUROC (by patient)", "ECE")
    return _table(head, rows)


def _calibration_text(overall: SetFigures) -> str:
    figures = overall.calibration
    return (
        f"Calibration of the predicted finding on {figures.ece.n} films: ECE "
        f"{number_text(figures.ece)}, before calibration {figures.ece_uncalibrated:.3f}, by chance "
        f"alone {number_text(figures.ece_if_calibrated)}; Brier (0 to 2) "
        f"{number_text(figures.brier)}. Accuracy {percent_text(overall.accuracy)}."
    )


def _table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join("| " + " | ".join(_cell(cell) for cell in line) + " |" for line in lines)


def _cell(text: str) -> str:
    for sign in ("\\", "|", "<", "*", "_", "`"):
        text = text.replace(sign, f"\\{sign}")
    return " ".join(text.split())
