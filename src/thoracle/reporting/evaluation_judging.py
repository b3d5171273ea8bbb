"""Tables of an evaluation beyond its rates: families, decisions, sample sizes, dependence."""

from dataclasses import dataclass

from thoracle.evaluation.decision_curves import DecisionCurve
from thoracle.evaluation.dependence import Dependence, Interaction, OddsRatio
from thoracle.evaluation.estimate import Estimate
from thoracle.evaluation.family import (
    ARGMAX_RULE,
    LIKELIER_RULE,
    THRESHOLD_RULE,
    Family,
    FamilyMember,
)
from thoracle.evaluation.figures import EvaluationFigures
from thoracle.evaluation.sample_size import Precision
from thoracle.reporting.card_texts import FIGURE_TEXTS
from thoracle.reporting.evaluation_texts import JUDGING_TEXTS
from thoracle.reporting.figure_table import FigureTable

UNKNOWN_TEXT = "–"
_RULES = {
    THRESHOLD_RULE: JUDGING_TEXTS["rule_threshold"],
    ARGMAX_RULE: JUDGING_TEXTS["rule_argmax"],
    LIKELIER_RULE: JUDGING_TEXTS["rule_likelier"],
}
_FIGURES = {"sensitivity": "sensitivity", "specificity": "specificity", "AUROC": "auroc"}


@dataclass(frozen=True, slots=True, kw_only=True)
class JudgingTables:
    """The tables, each None or empty where the figures have no such part, and their notes.

    `notes` are sentences on the regression: what is not in it and why, what is too small.
    """

    family: FigureTable | None
    decisions: FigureTable | None
    sizes: FigureTable | None
    regression: tuple[FigureTable, ...]
    notes: tuple[str, ...]

    @property
    def all(self) -> tuple[FigureTable, ...]:
        """Every table there is, in order."""
        some = (self.family, self.decisions, self.sizes)
        return (*(one for one in some if one is not None), *self.regression)


def judging_tables(figures: EvaluationFigures) -> JudgingTables:
    """Write families, decisions, sample sizes and dependence as tables of text.

    Parameters
    ----------
    figures
        Of one evaluation; stored ones may lack some parts.

    Returns
    -------
    JudgingTables
        For the page and for Markdown.
    """
    depends = figures.dependence
    return JudgingTables(
        family=None if figures.family is None else family_table(figures.family),
        decisions=_decisions(figures.decision_curves) if figures.decision_curves else None,
        sizes=_sizes(figures) if figures.precisions else None,
        regression=() if depends is None else _regression(depends),
        notes=() if depends is None else _notes(depends),
    )


def family_table(family: Family) -> FigureTable:
    """Return the predictive values that hold together, two rows for each comparison."""
    texts = JUDGING_TEXTS
    shares = [f"{100 * one.prevalence:g} %" for one in family.members[0].at]
    return FigureTable(
        caption=texts["family"].format(
            level=f"{100 * family.confidence:g} %",
            intervals=family.intervals,
            each=f"{100 * family.confidence_each:.2f} %",
        ),
        head=(
            texts["comparison"],
            texts["value"],
            texts["called"],
            texts["measured"],
            texts["by_patient"],
            *(texts["at_share"].format(share=share) for share in shares),
        ),
        rows=tuple(row for one in family.members for row in _member_rows(one)),
    )


def _member_rows(one: FamilyMember) -> list[tuple[str, ...]]:
    positive = " + ".join(one.positive)
    name = (
        FIGURE_TEXTS["pair_of"].format(positive=positive, negative=" + ".join(one.negative))
        if one.negative
        else JUDGING_TEXTS["the_rest"].format(positive=positive)
    )
    values = (("PPV", one.ppv, one.ppv_clustered), ("NPV", one.npv, one.npv_clustered))
    return [
        (
            name,
            value,
            _RULES[one.rule],
            f"{_percent(plain)}, n {plain.n}",
            _percent(clustered),
            *(_percent(at.ppv if value == "PPV" else at.npv) for at in one.at),
        )
        for value, plain, clustered in values
    ]


def _decisions(curves: tuple[DecisionCurve, ...]) -> FigureTable:
    rows = []
    for curve in curves:
        ranges = [
            f"{100 * low:.0f} %" if low == high else f"{100 * low:.0f}–{100 * high:.0f} %"
            for low, high in curve.useful
        ]
        told = ", ".join(ranges) or JUDGING_TEXTS["nowhere"]
        rows.append((curve.label, f"{100 * curve.share:.1f} %", told))
    return FigureTable(
        caption=JUDGING_TEXTS["decisions"],
        head=(JUDGING_TEXTS["finding"], JUDGING_TEXTS["share"], JUDGING_TEXTS["useful"]),
        rows=tuple(rows),
    )


def _sizes(figures: EvaluationFigures) -> FigureTable:
    names = ("finding", "figure", "value", "reach", "cases", "effect", "needed", "buderer",
             "films_needed", "patients_needed")  # fmt: skip
    half_width = f"{100 * figures.options.half_width:g}"
    return FigureTable(
        caption=JUDGING_TEXTS["sizes"].format(half_width=half_width),
        head=tuple(JUDGING_TEXTS[name] for name in names),
        rows=tuple(_size_row(one) for one in figures.precisions),
    )


def _size_row(one: Precision) -> tuple[str, ...]:
    buderer = one.cases_needed_buderer
    return (
        one.label,
        JUDGING_TEXTS[_FIGURES[one.figure]],
        f"{one.value:.3f}" if one.figure == "AUROC" else f"{100 * one.value:.1f} %",
        f"{100 * one.half_width:.1f}",
        str(one.cases),
        f"{one.design_effect:.2f}",
        str(one.cases_needed),
        UNKNOWN_TEXT if buderer is None else str(buderer),
        str(one.films_needed),
        str(one.patients_needed),
    )


def _regression(found: Dependence) -> tuple[FigureTable, ...]:
    if not found.odds_ratios:
        return ()
    main = FigureTable(
        caption=JUDGING_TEXTS["regression"].format(
            films=found.films,
            patients=found.patients,
            wrong=found.wrong,
            left_out=found.films_left_out,
        ),
        head=tuple(
            JUDGING_TEXTS[name] for name in ("term", "odds_ratio", "profile", "p_by_patient")
        ),
        rows=tuple(
            (one.term, _ratio(one), _ends(one.profile_low, one.profile_high), _p(one.p_value))
            for one in found.odds_ratios
        ),
    )
    if not found.interactions:
        return (main,)
    names = ("term", "degrees", "p_ratio", "p_by_patient", "by_finding")
    interactions = FigureTable(
        caption=JUDGING_TEXTS["interactions"],
        head=tuple(JUDGING_TEXTS[name] for name in names),
        rows=tuple(_interaction_row(one) for one in found.interactions),
    )
    return main, interactions


def _interaction_row(one: Interaction) -> tuple[str, ...]:
    if one.p_likelihood_ratio is None or one.p_by_patient is None:
        why = UNKNOWN_TEXT if one.reason is None else one.reason.text
        return (one.factor, str(one.degrees_of_freedom), UNKNOWN_TEXT, UNKNOWN_TEXT, why)
    inside = "; ".join(
        f"{ratio.finding}, {ratio.term}: {_ratio(ratio)}" for ratio in one.odds_ratios
    )
    return (
        one.factor,
        str(one.degrees_of_freedom),
        _p(one.p_likelihood_ratio),
        _p(one.p_by_patient),
        inside,
    )


def _notes(found: Dependence) -> tuple[str, ...]:
    unused = [one.reason.text for one in found.factors if one.reason is not None]
    return (*unused, *(one.text for one in found.notes))


def _ratio(one: OddsRatio) -> str:
    return f"{one.odds_ratio:.2f} ({one.low:.2f}–{one.high:.2f})"


def _ends(low: float | None, high: float | None) -> str:
    if low is None and high is None:
        return UNKNOWN_TEXT
    return f"{'0' if low is None else f'{low:.2f}'}–{'∞' if high is None else f'{high:.2f}'}"


def _percent(one: Estimate) -> str:
    if one.value is None:
        return UNKNOWN_TEXT
    value = f"{100 * one.value:.1f} %"
    if one.low is None or one.high is None:
        return value
    return f"{value} ({100 * one.low:.1f}–{100 * one.high:.1f})"


def _p(value: float) -> str:
    return f"{value:.3f}" if value >= 0.001 else JUDGING_TEXTS["below"]
