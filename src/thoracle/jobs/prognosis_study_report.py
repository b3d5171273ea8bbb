"""The reports of studies on sets that are no charts."""

import json
from collections.abc import Sequence
from dataclasses import asdict
from typing import Any, Final

from thoracle.core.results import Reason
from thoracle.core.version import version
from thoracle.evaluation.prognosis import RiskFigures
from thoracle.jobs.evaluate_cohort_report import known_document, tables_markdown
from thoracle.jobs.evaluation_scope import Report
from thoracle.jobs.prognosis_studies import Study
from thoracle.reporting.evaluation_html import tables_html
from thoracle.reporting.figure_table import FigureTable
from thoracle.reporting.figures_markdown import UNKNOWN_TEXT, number_text
from thoracle.reporting.prognosis_evaluation_texts import PROGNOSIS_EVALUATION as TEXTS

STEM: Final = "study"
WEAK: Final = 0.8  # An AUROC that no single symptom or vital sign comes near.


def sirio_report(study: Study) -> Report:
    """Write what was found on intensive care from the first two hours."""
    cautions = (
        Reason(code="study-scaled", text=TEXTS["sirio_scaled"]),
        Reason(code="study-one-hospital", text=TEXTS["sirio_one"]),
    )
    return _report(study, TEXTS["sirio_name"], TEXTS["sirio_about"], cautions)


def carbon_report(study: Study) -> Report:
    """Write what was found on the swab's result; that it is weak is said with the number."""
    known = [one.auroc for one in study.figures if one.auroc.value is not None]
    best = max(known, key=lambda one: one.value or 0.0, default=None)
    cautions = [Reason(code="study-visits", text=TEXTS["carbon_visits"])]
    if best is not None:
        key = "carbon_weak" if (best.value or 0.0) < WEAK else "carbon_strong"
        text = TEXTS[key].format(auroc=number_text(best))
        cautions.insert(0, Reason(code="study-weak", text=text))
    return _report(study, TEXTS["carbon_name"], TEXTS["carbon_about"], tuple(cautions))


def _report(study: Study, name: str, about: str, cautions: Sequence[Reason]) -> Report:
    table = study.table
    counts = TEXTS["study_counts"].format(
        n=len(table.subjects), set=table.name, events=int(table.labels.sum()), event=table.event
    )
    folds = TEXTS["study_folds"].format(repeats=study.dealing.repeats, folds=study.dealing.folds)
    tables = [_table(study.figures, folds)]
    if study.temporal:
        later = TEXTS["study_temporal"].format(date=study.since, undated=study.undated)
        tables.append(_table(study.temporal, later))
    sources = {f"SHA-256 of {one.file}": one.sha256 for one in table.sources}
    made_by = {"software": f"thoracle {version()}", "set": table.name, **sources}
    content: dict[str, Any] = {
        "schema": "thoracle prognosis study 1",
        "provenance": made_by,
        "figures": [asdict(one) for one in study.figures],
        "temporal": [asdict(one) for one in study.temporal],
        "since": study.since,
        "undated": study.undated,
        "cautions": [asdict(one) for one in cautions],
    }
    whole = f"{about} {counts}"
    document = json.dumps(known_document(content), indent=1, allow_nan=False)
    return Report(
        name=name,
        json=(document + "\n").encode("utf-8"),
        markdown=tables_markdown(whole, tables, cautions),
        html=tables_html(tables, title=name, subtitle=whole, cautions=cautions, provenance=made_by),
        stem=STEM,
    )


def _table(figures: Sequence[RiskFigures], caption: str) -> FigureTable:
    return FigureTable(
        caption=caption,
        head=(
            TEXTS["model"],
            TEXTS["patients"],
            "AUROC",
            TEXTS["sd"],
            TEXTS["precision_head"],
            TEXTS["skill"],
            TEXTS["slope"],
            TEXTS["ece"],
        ),
        rows=tuple(_row(one) for one in figures),
    )


def _row(one: RiskFigures) -> tuple[str, ...]:
    return (
        one.model,
        f"{one.answered} ({one.events})",
        number_text(one.auroc),
        UNKNOWN_TEXT if one.auroc_sd is None else f"{one.auroc_sd:.3f}",
        number_text(one.average_precision),
        number_text(one.brier_skill),
        number_text(one.slope),
        UNKNOWN_TEXT if one.ece is None else f"{one.ece:.3f}",
    )
