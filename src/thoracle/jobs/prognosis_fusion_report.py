"""The report of the study that fuses films and clinical values."""

import json
from collections.abc import Sequence
from dataclasses import asdict

from thoracle.core.results import Reason
from thoracle.core.version import version
from thoracle.inference.bundle import Bundle
from thoracle.jobs.evaluate_cohort_report import known_document, tables_markdown
from thoracle.jobs.evaluation_scope import Report
from thoracle.jobs.prognosis_fusion_study import FusionFigures
from thoracle.jobs.prognosis_studies import Dealing
from thoracle.jobs.prognosis_study_report import STEM
from thoracle.reporting.evaluation_html import tables_html
from thoracle.reporting.figure_table import FigureTable
from thoracle.reporting.figures_markdown import UNKNOWN_TEXT, number_text
from thoracle.reporting.prognosis_evaluation_texts import PROGNOSIS_EVALUATION as TEXTS


def fusion_report(
    found: Sequence[FusionFigures], *, cases: int, dealing: Dealing, bundles: Sequence[Bundle]
) -> Report:
    """Write what was found.

    Parameters
    ----------
    found
        From `judge_fusion`.
    cases
        How many patients were asked for.
    dealing
        Folds and repeats.
    bundles
        That judged the films.

    Returns
    -------
    Report
        Aggregates alone.
    """
    about = TEXTS["fusion_about"].format(cases=cases)
    keys = ("fusion_few", "fusion_learned", "fusion_saturation")
    cautions = [Reason(code="study-fusion", text=TEXTS[key]) for key in keys]
    tables = [_table(one, dealing) for one in found]
    made_by = {
        "software": f"thoracle {version()}",
        **{f"bundle {one.name}": f"{one.version} {one.digest}" for one in bundles},
    }
    content = {
        "schema": "thoracle prognosis fusion 1",
        "provenance": made_by,
        "outcomes": [asdict(one) for one in found],
        "cautions": [asdict(one) for one in cautions],
    }
    name = TEXTS["fusion_name"]
    document = json.dumps(known_document(content), indent=1, allow_nan=False)
    return Report(
        name=name,
        json=(document + "\n").encode("utf-8"),
        markdown=tables_markdown(about, tables, cautions),
        html=tables_html(tables, title=name, subtitle=about, cautions=cautions, provenance=made_by),
        stem=STEM,
    )


def _table(found: FusionFigures, dealing: Dealing) -> FigureTable:
    rows = []
    for one, added in zip(found.figures, found.added, strict=True):
        told = number_text(one.auroc)
        if one.auroc.value is None:
            told = TEXTS["few"].format(events=found.events, patients=found.patients)
        gained = UNKNOWN_TEXT if added is None else number_text(added)
        patients = f"{found.patients} ({found.events})"
        rows.append((one.model, patients, told, gained, number_text(one.brier_skill)))
    return FigureTable(
        caption=TEXTS["fusion_caption"].format(
            outcome=found.outcome, repeats=dealing.repeats, folds=dealing.folds
        ),
        head=(TEXTS["model"], TEXTS["patients"], "AUROC", TEXTS["added"], TEXTS["skill"]),
        rows=tuple(rows),
    )
