"""The page of a cohort and its reference standard as one HTML file, and its counts as JSON."""

import json
from dataclasses import dataclass

from thoracle.core.results import DISCLAIMER
from thoracle.evaluation.estimate import Estimate
from thoracle.reporting.cohort_flow import CohortFlow, flow_svg, flow_text
from thoracle.reporting.figures_markdown import number_text
from thoracle.reporting.pages import report_environment, svg_uri


@dataclass(frozen=True, slots=True, kw_only=True)
class ReaderAgreement:
    """Two readers, A and B for instance, on the X-rays that both read."""

    readers: tuple[str, str]
    xrays: int
    disagreements: int
    kappa: Estimate

    @property
    def kappa_text(self) -> str:
        """Kappa with its interval, or why there is none."""
        reason = self.kappa.reason
        return number_text(self.kappa) if reason is None else reason.text


@dataclass(frozen=True, slots=True, kw_only=True)
class CohortReport:
    """Everything that page and JSON say; nothing in it is about one person.

    Attributes
    ----------
    branches
        Each part of the rule, what it decides, and how many X-rays of the table and of the
        cohort it decided.
    conflicts
        Each kind with the number of admissions.
    depends_on_flank, by_covid_code_alone
        X-rays of the cohort whose label rests on how the rule or the code U07 is understood.
    pairs, singles
        Admissions with a first and a last film, and with one alone.
    small_groups
        Sizes of groups of people alike in age band, sex and ethnicity that are too small.
    smallest_cell
        Size from which a group is large enough.
    plan_digest
        SHA-256 of the plan.
    with_films
        Whether films were written anew beside the manifest.
    """

    flow: CohortFlow
    branches: tuple[tuple[str, str, int, int], ...]
    conflicts: tuple[tuple[str, int], ...]
    agreement: tuple[ReaderAgreement, ...]
    depends_on_flank: int
    by_covid_code_alone: int
    pairs: int
    singles: int
    small_groups: tuple[int, ...]
    smallest_cell: int
    manifest_digest: str
    plan_digest: str
    with_films: bool

    @property
    def small_counts(self) -> int:
        """How many counts of the diagram are above 0 and too small to be published."""
        counts = [count for step in self.flow.steps for _, count in step.left_out]
        counts += [step.xrays for step in self.flow.steps]
        counts += [count for _, count in self.flow.classes]
        return sum(0 < count < self.smallest_cell for count in counts)


def cohort_html(report: CohortReport) -> str:
    """Render the page without scripts, fonts or files from elsewhere."""
    return (
        report_environment()
        .get_template("cohort.html.j2")
        .render(
            report=report,
            diagram=svg_uri(flow_svg(report.flow)),
            text=flow_text(report.flow),
            disclaimer=DISCLAIMER,
        )
    )


def cohort_json(report: CohortReport) -> bytes:
    """Return the counts as JSON in UTF-8 with a last newline."""
    content = {
        "flow": [
            {
                "title": step.title,
                "xrays": step.xrays,
                "patients": step.patients,
                "left_out": dict(step.left_out),
            }
            for step in report.flow.steps
        ],
        "classes": dict(report.flow.classes),
        "branches": [
            {"branch": name, "standard": standard, "table": table, "cohort": cohort}
            for name, standard, table, cohort in report.branches
        ],
        "conflicts": dict(report.conflicts),
        "agreement": [_agreement_json(one) for one in report.agreement],
        "depends_on_flank": report.depends_on_flank,
        "by_covid_code_alone": report.by_covid_code_alone,
        "admissions": {"first_and_last": report.pairs, "one_film": report.singles},
        "small_cells": {
            "smallest": report.smallest_cell,
            "groups": len(report.small_groups),
            "people": sum(report.small_groups),
            "counts_of_the_diagram": report.small_counts,
        },
        "manifest_digest": report.manifest_digest,
        "plan_digest": report.plan_digest,
        "disclaimer": DISCLAIMER,
    }
    return (json.dumps(content, ensure_ascii=False, allow_nan=False, indent=1) + "\n").encode()


def _agreement_json(one: ReaderAgreement) -> dict[str, object]:
    return {
        "readers": one.readers,
        "xrays": one.xrays,
        "disagreements": one.disagreements,
        "kappa": one.kappa.value,
        "kappa_ci": [one.kappa.low, one.kappa.high],
    }
