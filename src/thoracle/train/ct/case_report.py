"""The report of a study of cases: what was measured, and what that cannot show."""

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any, Final

import numpy as np

from thoracle.core.results import Reason
from thoracle.ct.case import IRRELEVANT, KINDS
from thoracle.ct.pooling import POOLINGS
from thoracle.jobs.evaluation_scope import Report
from thoracle.reporting.figure_table import FigureTable
from thoracle.reporting.figures_markdown import UNKNOWN_TEXT, number_text
from thoracle.train.ct.case_study import CaseStudy, JudgedCase
from thoracle.train.study_report import StudyText, study_report

STEM: Final = "cases"
SCHEMA: Final = "thoracle-ct-cases/1"
TITLE: Final = "Kind of pneumonia on chest CT"
SHOWN_CHANCES: Final = (0.02, 0.1, 0.3)
SHOWN_COUNTS: Final = (1, 5, 20, 50)


def case_report(study: CaseStudy) -> Report:
    """Write a study as JSON, Markdown and HTML.

    Parameters
    ----------
    study
        From `study_cases`.

    Returns
    -------
    Report
        The three say the same.
    """
    about = (
        "Every scan is judged by a network that never saw its patient. Nothing was chosen on a "
        "patient who is judged."
    )
    tables = [
        _data_table(study.cases),
        _altered_table(study),
        _type_table(study.type_from),
        _pooling_table(study.cases),
        growth_table(),
    ]
    figures = {
        "cases": [_document(one) for one in study.cases],
        "altered": {name: asdict(one) for name, one in study.altered.items()},
        "type_from": _known(study.type_from),
    }
    text = StudyText(title=TITLE, stem=STEM, schema=SCHEMA, about=about)
    return study_report(text, tables, cautions_of(study), figures)


def cautions_of(study: CaseStudy) -> tuple[Reason, ...]:
    """Return what the figures cannot show, of these scans.

    Parameters
    ----------
    study
        From `study_cases`.

    Returns
    -------
    tuple of Reason
        The first says whether the kind of pneumonia can be told at all.
    """
    scans = [one.scan for one in study.cases]
    patients = {one.patient: one.disease for one in scans}
    counts = Counter(patients.values())
    found = []
    if min(counts[0], counts[1]) < 2:
        found.append(
            Reason(
                code="type-confounded",
                text=(
                    f"{counts[0]} patients have COVID-19 and {counts[1]} other pneumonia. With "
                    "fewer than two of a kind, a network that never saw the patient never saw the "
                    "kind: the kind of pneumonia is the same as the scan, and nothing is claimed "
                    "of it."
                ),
            )
        )
    found.append(
        Reason(
            code="noisy-or-grows",
            text=(
                "Noisy-OR takes regions for independent. A small chance in each of many regions "
                "becomes certainty; the last table shows it."
            ),
        )
    )
    if any(one.labeled_by == "thresholds" for one in scans):
        found.append(
            Reason(
                code="labels-by-thresholds",
                text=(
                    "Scans labeled by thresholds have vessels and the lung's root among their "
                    "altered places; in a scan of a healthy patient these are taken for irrelevant."
                ),
            )
        )
    return tuple(found)


def growth_table() -> FigureTable:
    """Return what each pooling makes of equal regions, by how many there are: known answers."""
    rows = [
        (
            f"{chance:g}",
            str(count),
            *(f"{pool(np.full(count, chance)):.3f}" for pool in POOLINGS.values()),
        )
        for chance in SHOWN_CHANCES
        for count in SHOWN_COUNTS
    ]
    return FigureTable(
        caption="Pooling equal regions",
        head=("each region", "regions", *POOLINGS),
        rows=tuple(rows),
    )


def _data_table(cases: Sequence[JudgedCase]) -> FigureTable:
    rows = []
    for one in cases:
        scan = one.scan
        altered = sum(place.is_altered for place in scan.candidates)
        disease = "healthy" if scan.disease == IRRELEVANT else KINDS[scan.disease]
        counts = (len(one.answer.regions), altered, len(scan.candidates) - altered)
        names = (scan.name, scan.patient, disease, scan.unit, scan.labeled_by)
        rows.append((*names, *(str(count) for count in counts)))
    return FigureTable(
        caption="Scans",
        head=(
            "scan", "patient", "disease", "unit", "labeled by", "regions", "altered patches",
            "healthy patches",
        ),
        rows=tuple(rows),
    )  # fmt: skip


def _altered_table(study: CaseStudy) -> FigureTable:
    patients = len({one.scan.patient for one in study.cases})
    return FigureTable(
        caption=(
            f"Altered against healthy patches, patients left out: AUROC, interval over {patients} "
            "patients"
        ),
        head=("by", "AUROC (95 %)"),
        rows=tuple((name, number_text(one)) for name, one in study.altered.items()),
    )


def _type_table(type_from: Mapping[str, float]) -> FigureTable:
    return FigureTable(
        caption=(
            "The leak: other pneumonia against COVID-19 on the upper halves of scans whose lower "
            "halves were learned from, AUROC"
        ),
        head=("by", "AUROC"),
        rows=tuple((name, _number(value)) for name, value in type_from.items()),
    )


def _pooling_table(cases: Sequence[JudgedCase]) -> FigureTable:
    rows = []
    for one in cases:
        said = (
            f"{_number(covid)} / {_number(other)}" for covid, other in one.answer.pooled.values()
        )
        kind = one.answer.kind or "no altered region"
        rows.append((one.scan.name, ", ".join(one.learned), *said, kind))
    return FigureTable(
        caption="Cases, patient left out: probability of COVID-19 / of other pneumonia",
        head=("scan", "kinds its network saw", *POOLINGS, "kind by Noisy-OR"),
        rows=tuple(rows),
    )


def _document(one: JudgedCase) -> dict[str, Any]:
    answer = {
        "kind": one.answer.kind,
        "confidence": one.answer.confidence,
        "regions": len(one.answer.regions),
    }
    pooled = {
        name: dict(zip(KINDS, (_finite(each) for each in both), strict=False))
        for name, both in one.answer.pooled.items()
    }
    scan = one.scan
    disease = None if scan.disease == IRRELEVANT else KINDS[scan.disease]
    return {
        "scan": scan.name,
        "patient": scan.patient,
        "disease": disease,
        "unit": scan.unit,
        "labeled_by": scan.labeled_by,
        "patches": len(scan.candidates),
        "kinds_learned": list(one.learned),
        **answer,
        "pooled": pooled,
    }


def _known(values: Mapping[str, float]) -> dict[str, float | None]:
    return {name: _finite(value) for name, value in values.items()}


def _finite(value: float) -> float | None:
    return value if math.isfinite(value) else None


def _number(value: float) -> str:
    return f"{value:.3f}" if math.isfinite(value) else UNKNOWN_TEXT
