"""Figures as text and as small Markdown tables, for model cards."""

from collections.abc import Iterator, Sequence

from thoracle.core.results import DISCLAIMER
from thoracle.evaluation.estimate import Estimate
from thoracle.evaluation.figures import EvaluationFigures
from thoracle.evaluation.film_set import FindingRates, SetFigures
from thoracle.reporting.card_texts import FIGURE_TEXTS
from thoracle.reporting.evaluation_judging import judging_tables

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
        Films, ranking, both decision rules, pairs, calibration, sources, cautions, and what
        `judging_tables` has; ends with a newline. Text from the data is escaped.
    """
    data = figures.data
    about = FIGURE_TEXTS["about"].format(
        films=data.films,
        patients=data.patients,
        level=f"{100.0 * figures.options.confidence:g} %",
    )
    parts = [
        f"{about} {DISCLAIMER}",
        _ranking_table(figures.overall),
        _rates_table("rule_argmax", figures.overall.argmax),
    ]
    if figures.overall.threshold is not None:
        parts.append(_rates_table("rule_threshold", figures.overall.threshold))
    parts.extend((_pairs_table(figures), _calibration_text(figures.overall)))
    parts.append("\n".join(f"- {_cell(one.text)}" for one in figures.cautions))
    parts.extend(_judging_parts(figures))
    return "\n\n".join(parts) + "\n"


def _judging_parts(figures: EvaluationFigures) -> Iterator[str]:
    """Yield the tables beyond rates, each below its caption, and the notes on the regression."""
    judging = judging_tables(figures)
    for table in judging.all:
        lines = (table.head, ("---",) * len(table.head), *table.rows)
        rows = "\n".join("| " + " | ".join(_cell(cell) for cell in line) + " |" for line in lines)
        yield f"{_cell(table.caption)}\n\n{rows}"
    if judging.notes:
        yield "\n".join(f"- {_cell(note)}" for note in judging.notes)


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
        "against_all",
        "with",
        "without",
        "auroc",
        "auroc_by_patient",
        "average_precision",
        "brier",
        "ece",
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
    head = (rule, "threshold", "support", "sensitivity", "specificity", "ppv", "npv", "f1")
    return _table(head, rows)


def _pairs_table(figures: EvaluationFigures) -> str:
    sets = [(FIGURE_TEXTS["all_sources"], figures.overall)]
    sets.extend(
        (FIGURE_TEXTS["inside"].format(source=one.value), one.figures)
        for one in figures.subgroups
        if one.attribute == "source" and one.figures is not None
    )
    rows = [
        (
            FIGURE_TEXTS["pair_of"].format(positive=pair.positive, negative=pair.negative),
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
    head = ("pair", "films", "with", "without", "auroc", "auroc_by_patient", "ece")
    return _table(head, rows)


def _calibration_text(overall: SetFigures) -> str:
    figures = overall.calibration
    return FIGURE_TEXTS["calibration"].format(
        films=figures.ece.n,
        ece=number_text(figures.ece),
        before=f"{figures.ece_uncalibrated:.3f}",
        chance=number_text(figures.ece_if_calibrated),
        brier=number_text(figures.brier),
        accuracy=percent_text(overall.accuracy),
    )


def _table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    lines = [[FIGURE_TEXTS[key] for key in head], ["---"] * len(head), *rows]
    return "\n".join("| " + " | ".join(_cell(cell) for cell in line) + " |" for line in lines)


def _cell(text: str) -> str:
    for sign in ("\\", "|", "<", "*", "_", "`"):
        text = text.replace(sign, f"\\{sign}")
    return " ".join(text.split())
