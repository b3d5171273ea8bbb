"""Tables of judged risks: one function for each."""

from collections.abc import Callable, Sequence

import numpy as np

from thoracle.evaluation.calibration import reliability_curve
from thoracle.evaluation.confusion import BinaryCounts, rate_estimates
from thoracle.evaluation.estimate import Estimate
from thoracle.evaluation.prognosis import ACTION_RISKS, RiskFigures
from thoracle.jobs.evaluate_prognosis import Cell, Setting
from thoracle.jobs.prognosis_asked import RULE, STAY, Asked, Kind, Model, told_risks
from thoracle.jobs.prognosis_baselines import BOOSTING
from thoracle.prognosis.types import HORIZONS
from thoracle.reporting.figure_table import FigureTable
from thoracle.reporting.figures_markdown import UNKNOWN_TEXT, number_text, percent_text
from thoracle.reporting.prognosis_evaluation_texts import PROGNOSIS_EVALUATION as TEXTS

WEEK = 2
"""Place of 7 days among the horizons."""


def setting_tables(setting: Setting) -> list[FigureTable]:
    """Return all tables of one way of asking."""
    clinician, anchored = setting.of(is_anchored=False), setting.of(is_anchored=True)
    found = [
        _by_model(setting, "by_clinician", clinician, lambda one: one.auroc),
        _by_model(setting, "by_outcome", anchored, lambda one: one.auroc),
        _by_model(setting, "precision", clinician, lambda one: one.average_precision),
        _over(setting, RULE, "over_rule", lambda one: one.over_rule),
        _over(setting, BOOSTING, "over_boosting", lambda one: one.over_boosting),
        calibration_table(setting),
        _benefit(setting),
        _concordance(setting),
        _last_day(setting),
        _subgroups(setting),
    ]
    return [one for one in found if one.rows]


def rule_rates(asked: Asked, models: Sequence[Model]) -> list[tuple[Kind, dict[str, Estimate]]]:
    """Return how often the rule is right at each kind of landmark, where it answers."""
    rule = next(one for one in models if one.name == RULE)
    found = []
    for number, kind in enumerate(asked.kinds):
        rows = np.flatnonzero(asked.kind == number)
        told = told_risks(rule, asked, rows=rows, horizon=STAY)
        told = told.take(told.is_told)
        says, has_event = told.risks[0] > 0, told.has_event
        counts = BinaryCounts(
            tp=int((says & has_event).sum()),
            fp=int((says & ~has_event).sum()),
            fn=int((~says & has_event).sum()),
            tn=int((~says & ~has_event).sum()),
        )
        found.append((kind, rate_estimates(counts)))
    return found


def rule_table(rates: Sequence[tuple[Kind, dict[str, Estimate]]]) -> FigureTable:
    """Return the table of the rule's answers."""
    names = ("sensitivity", "specificity", "ppv", "npv")
    return FigureTable(
        caption=TEXTS["rule"],
        head=(TEXTS["landmark"], *(TEXTS[name] for name in names)),
        rows=tuple(
            (kind.name, *(percent_text(found[name]) for name in names)) for kind, found in rates
        ),
    )


def literature_table(rates: Sequence[tuple[Kind, dict[str, Estimate]]]) -> FigureTable:
    """Return what was published of the rule, and what it does here."""
    by_kind = {(kind.is_anchored, kind.days): found for kind, found in rates}
    rows = [(TEXTS["yan"], "100 %, 81 %"), (TEXTS["dutch"], "92 %, 27 %")]
    for text, key in (("rule_here_end", (True, 0)), ("rule_here", (False, 1))):
        if key in by_kind:
            both = [percent_text(by_kind[key][name]) for name in ("npv", "ppv")]
            rows.append((TEXTS[text], ", ".join(both)))
    return FigureTable(
        caption=TEXTS["literature"],
        head=(TEXTS["source"], TEXTS["accuracy_two"]),
        rows=tuple(rows),
    )


def curve_table(curve: Sequence[tuple[str, float, Estimate]]) -> FigureTable:
    """Return the learning curve of the baselines."""
    return FigureTable(
        caption=TEXTS["learning_curve"],
        head=(TEXTS["model"], TEXTS["share"], "AUROC"),
        rows=tuple((name, f"{share:.0%}", number_text(found)) for name, share, found in curve),
    )


def reliability_table(model: Model, asked: Asked) -> FigureTable:
    """Return the calibration curve of one model, a week ahead, mean of its repeats."""
    told = told_risks(model, asked, rows=np.flatnonzero(asked.kind == 0), horizon=WEEK)
    told = told.take(told.is_told)
    bins = (
        reliability_curve(told.risks.mean(axis=0), told.has_event, bins=5) if told.patient else ()
    )
    return FigureTable(
        caption=TEXTS["reliability"].format(model=model.name),
        head=(TEXTS["told_risk"], TEXTS["observed"], TEXTS["patients"]),
        rows=tuple(
            (f"{100 * one.mean_probability:.1f} %", percent_text(one.observed), str(one.observed.n))
            for one in bins
        ),
    )


def _by_model(
    setting: Setting,
    caption: str,
    cells: Sequence[Cell],
    figure: Callable[[RiskFigures], Estimate],
) -> FigureTable:
    return FigureTable(
        caption=TEXTS[caption].format(setting=setting.name),
        head=(TEXTS["landmark"], TEXTS["horizon"], TEXTS["with_death"], *setting.models),
        rows=tuple(
            (
                cell.kind.name,
                HORIZONS[cell.horizon],
                _counts(cell),
                *(_with_answered(one, figure(one)) for one in cell.figures),
            )
            for cell in cells
        ),
    )


def _counts(cell: Cell) -> str:
    most = max(cell.figures, key=lambda one: one.answered)
    return f"{most.answered} ({most.events})"


def _with_answered(one: RiskFigures, found: Estimate) -> str:
    """Say of how many a figure is where a model has no answer for some."""
    if one.answered in {0, one.landmarks} or found.value is None:
        return number_text(found)
    return f"{number_text(found)}, n {one.answered}"


def _over(
    setting: Setting,
    name: str,
    caption: str,
    differences: Callable[[Cell], Sequence[Estimate | None]],
) -> FigureTable:
    """Return what each model's AUROC has over that of one of them."""
    cells = [one for one in setting.cells if one.horizon == STAY]
    return FigureTable(
        caption=TEXTS[caption].format(setting=setting.name),
        head=(TEXTS["landmark"], *(one for one in setting.models if one != name)),
        rows=tuple(
            (cell.kind.name, *(_signed(one) for one in differences(cell) if one is not None))
            for cell in cells
            if any(one is not None for one in differences(cell))
        ),
    )


def calibration_table(setting: Setting) -> FigureTable:
    """Return skill, slope and level of each model at landmarks after admission."""
    rows = []
    for cell in setting.of(is_anchored=False):
        for one in cell.figures:
            if one.ece is None:
                continue
            figures = (one.brier_skill, one.slope, one.level)
            rows.append(
                (
                    cell.kind.name,
                    HORIZONS[cell.horizon],
                    one.model,
                    *(number_text(each) for each in figures),
                    f"{one.ece:.3f}",
                    UNKNOWN_TEXT if one.auroc_sd is None else f"{one.auroc_sd:.3f}",
                )
            )
    head = ("landmark", "horizon", "model", "skill", "slope", "level", "ece", "sd")
    return FigureTable(
        caption=TEXTS["calibration"].format(setting=setting.name),
        head=tuple(TEXTS[one] for one in head),
        rows=tuple(rows),
    )


def _benefit(setting: Setting) -> FigureTable:
    """Net benefit of the stay's risk at the first landmark after admission."""
    cells = (one for one in setting.of(is_anchored=False) if one.horizon == STAY)
    first = next(cells, None)
    known = [] if first is None else [one for one in first.figures if one.net_benefit]
    rows = [(one.model, *map(number_text, one.net_benefit)) for one in known]
    if known:
        everybody = (f"{each:.3f}" for each in known[0].net_benefit_of_all)
        rows.append((TEXTS["everybody"], *everybody))
    return FigureTable(
        caption=TEXTS["benefit"].format(setting=setting.name),
        head=(
            TEXTS["model"],
            *(TEXTS["at_risk"].format(risk=f"{100 * risk:g} %") for risk in ACTION_RISKS),
        ),
        rows=tuple(rows),
    )


def _concordance(setting: Setting) -> FigureTable:
    return FigureTable(
        caption=TEXTS["concordance"].format(setting=setting.name),
        head=(TEXTS["landmark"], *setting.models),
        rows=tuple(
            (name, *(number_text(one) for one in found))
            for name, found in setting.concordance.items()
        ),
    )


def _last_day(setting: Setting) -> FigureTable:
    head = ("model", "days_before", "patients", "at_outcome", "earlier", "gain")
    return FigureTable(
        caption=TEXTS["last_day"].format(setting=setting.name),
        head=tuple(TEXTS[one] for one in head),
        rows=tuple(
            (
                one.model,
                str(one.days),
                str(one.gain.n),
                number_text(one.at_outcome),
                number_text(one.earlier),
                _signed(one.gain),
            )
            for one in setting.last_day
            if one.gain.value is not None
        ),
    )


def _subgroups(setting: Setting) -> FigureTable:
    rows = [
        (one.name, _group_counts(one.figures), *(_or_few(each) for each in one.figures))
        for one in setting.subgroups
        if any(each.landmarks for each in one.figures)
    ]
    return FigureTable(
        caption=TEXTS["subgroups"].format(setting=setting.name),
        head=(TEXTS["group"], TEXTS["with_death"], *setting.models),
        rows=tuple(rows),
    )


def _group_counts(figures: Sequence[RiskFigures]) -> str:
    most = max(figures, key=lambda one: one.answered)
    return f"{most.answered} ({most.events})"


def _or_few(one: RiskFigures) -> str:
    if one.auroc.value is None and one.answered:
        return TEXTS["few"].format(events=one.events, patients=one.answered)
    return _with_answered(one, one.auroc)


def _signed(one: Estimate | None) -> str:
    if one is None or one.value is None:
        return UNKNOWN_TEXT
    if one.low is None or one.high is None:
        return f"{one.value:+.3f}"
    return f"{one.value:+.3f} ({one.low:+.3f} to {one.high:+.3f})"
