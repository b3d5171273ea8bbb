"""The report of severity scores: agreement, intervals, films without a finding, outcomes."""

import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from thoracle.core.files import write_atomically
from thoracle.core.results import Reason
from thoracle.datasets.readers.severity import severity_folder
from thoracle.inference.bundle import Bundle
from thoracle.jobs.analyze import load_models
from thoracle.jobs.evaluate_severity import agreement_tables, bland_altman_svg, read_run
from thoracle.jobs.evaluation_scope import EvaluationScope, Report, provenance
from thoracle.jobs.severity_checks import (
    judge_films,
    normal_films,
    normals_table,
    outcome_films,
    outcomes_table,
    read_outcomes,
)
from thoracle.radiograph.severity import SeverityScorer
from thoracle.reporting.evaluation_html import FigureTable, tables_html
from thoracle.reporting.severity_texts import SEVERITY_REPORT

ABOUT = f"{SEVERITY_REPORT['about_fits']} {SEVERITY_REPORT['about_days']}"
CAUTIONS = (
    Reason(code="severity-few-films", text=SEVERITY_REPORT["few_films"]),
    Reason(code="severity-source", text=SEVERITY_REPORT["other_source"]),
    Reason(code="severity-outcomes", text=SEVERITY_REPORT["told_outcomes"]),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class SeverityReport:
    """The report, and the Bland–Altman plot beside it."""

    report: Report
    plot: str

    def write(self, folder: Path) -> None:
        """Write evaluation.json, .md and .html, and bland-altman.svg into a folder."""
        self.report.write(folder)
        write_atomically(folder / "bland-altman.svg", self.plot.encode("utf-8"))


def severity_report(
    run: Path, bundle: Bundle, scope: EvaluationScope, groups: dict[str, str]
) -> SeverityReport:
    """Judge a run's predictions for unseen patients, and its bundle where no reader scored.

    Parameters
    ----------
    run
        Folder of a finished run of task "severity".
    bundle
        What it was exported as.
    scope
        Manifest and split; films without a finding are taken from its part "test".
    groups
        Names by path the films that belong together.

    Returns
    -------
    SeverityReport
        Needs the extra `research`.
    """
    scored = read_run(run, scope.manifest)
    made = agreement_tables(scored)
    content = dict(made.content)
    scorer, models = SeverityScorer(bundle), load_models(threads=1)
    films = normal_films(scope.manifest, scope.splits or {})
    own = [one.film for one in scored.scores]
    others = outcome_films(scope.manifest, own, groups)
    outcomes = read_outcomes(severity_folder(scope.manifest))
    told = [film for film in others if outcomes.get(Path(film.path).stem)]
    judged = judge_films(
        scope.manifest, [*films, *told], models=models, scorer=scorer, on_progress=scope.on_progress
    )
    keep = np.isin([film.path for film in judged.films], [film.path for film in films])
    tables: list[FigureTable] = [
        *made.tables,
        normals_table(judged.take(keep), content),
        outcomes_table(judged.take(~keep), outcomes, content),
    ]
    made_by = provenance(bundle, scope, films=len(own))
    parts = [ABOUT]
    parts += [f"### {one.caption}\n\n{one.markdown}" for one in tables]
    parts.append("\n".join(f"- {one.text}" for one in CAUTIONS))
    document = {"schema": "thoracle severity 1", "provenance": made_by, **content}
    report = Report(
        name=scope.name,
        json=(json.dumps(document, indent=1) + "\n").encode("utf-8"),
        markdown="\n\n".join(parts) + "\n",
        html=tables_html(
            tables,
            title=f"{bundle.name} {bundle.version}: {scope.name}",
            subtitle=ABOUT,
            cautions=CAUTIONS,
            provenance=made_by,
        ),
    )
    return SeverityReport(report=report, plot=bland_altman_svg(scored))
