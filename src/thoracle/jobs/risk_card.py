"""What a model card says of risks that were told out of fold: ranking and level, by landmark."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Final

import numpy as np

from thoracle.datasets.prognosis.out_of_fold import OutOfFold
from thoracle.evaluation.estimate import Estimate
from thoracle.evaluation.prognosis import RESAMPLES, ToldRisks, risk_figures
from thoracle.jobs.evaluation_scope import Report
from thoracle.jobs.prognosis_asked import Asked, Model, asked_of, only_markers, told_out_of_fold
from thoracle.prognosis.types import Chart
from thoracle.reporting.figure_table import FigureTable
from thoracle.reporting.risk_texts import RISK_FIGURE_TEXTS as TEXTS

SCHEMA: Final = "thoracle-risk-figures/1"
ADMISSION_DAYS: Final = (1, 3, 7)
OUTCOME_DAYS: Final = (1, 3, 7)
AFTER_HORIZONS: Final = ((1, "within_3"), (2, "within_7"), (3, "stay"))
"""Places in `HORIZONS`, and how they are called; before the outcome the last alone."""
SEED: Final = 60_013


@dataclass(frozen=True, slots=True, kw_only=True)
class RiskRow:
    """Figures of one kind of landmark, one horizon and what was shown.

    `told` is the mean risk, `observed` the share of patients with the event, both 0 to 1.
    """

    landmark: str
    horizon: str
    shown: str
    auroc: Estimate
    told: float
    observed: float
    patients: int


def risk_rows(told: OutOfFold, charts: Sequence[Chart], *, resamples: int) -> tuple[RiskRow, ...]:
    """Return figures of all that was told out of fold.

    Parameters
    ----------
    told
        By networks that never saw the patient.
    charts
        Of the cohort.
    resamples
        How often patients are drawn, for the intervals.

    Returns
    -------
    tuple of RiskRow
        With all that was measured, then with the markers alone.
    """
    views = ((False, "all_shown", tuple(charts)), (True, "markers_shown", only_markers(charts)))
    return tuple(
        row
        for is_only_three, shown, own in views
        for row in _rows(told, own, TEXTS[shown], is_only_three=is_only_three, resamples=resamples)
    )


def risk_card_report(
    told: OutOfFold, charts: Sequence[Chart], *, resamples: int = RESAMPLES
) -> Report:
    """Write figures for a model card.

    Parameters
    ----------
    told
        By networks that never saw the patient.
    charts
        Of the cohort.
    resamples
        How often patients are drawn, for the intervals.

    Returns
    -------
    Report
        Aggregates alone.
    """
    rows = risk_rows(told, charts, resamples=resamples)
    head = ("landmark", "horizon", "shown", "auroc", "told", "observed", "n")
    table = FigureTable(
        caption="",
        head=tuple(TEXTS[one] for one in head),
        rows=tuple(_cells(one) for one in rows),
    )
    repeats = str(len(set(told.repeat.tolist())))
    about = TEXTS["about"].format(repeats=repeats)
    markdown = "\n\n".join([about, table.markdown, TEXTS["anchored"]]) + "\n"
    content: dict[str, Any] = {
        "schema": SCHEMA,
        "model": told.model,
        "repeats": int(repeats),
        "rows": [asdict(one) for one in rows],
    }
    return Report(
        name=TEXTS["evaluation"],
        json=(json.dumps(content, indent=1) + "\n").encode("utf-8"),
        markdown=markdown,
        stem="risks",
    )


def _rows(
    told: OutOfFold, charts: Sequence[Chart], shown: str, *, is_only_three: bool, resamples: int
) -> Iterator[RiskRow]:
    asked = asked_of(charts, admission_days=ADMISSION_DAYS, outcome_days=OUTCOME_DAYS)
    model = told_out_of_fold(told, asked, is_only_three=is_only_three)
    for place, kind in enumerate(asked.kinds):
        for horizon, name in AFTER_HORIZONS[-1:] if kind.is_anchored else AFTER_HORIZONS:
            own = _told(model, asked, place, horizon)
            found = risk_figures(own, generator=np.random.default_rng(SEED), resamples=resamples)
            kept = own.take(own.is_told)
            yield RiskRow(
                landmark=kind.name,
                horizon=TEXTS[name],
                shown=shown,
                auroc=found.auroc,
                told=float(kept.risks.mean()),
                observed=float(kept.has_event.mean()),
                patients=found.answered,
            )


def _told(model: Model, asked: Asked, place: int, horizon: int) -> ToldRisks:
    labels = asked.labels[:, horizon]
    kept = (asked.kind == place) & ~np.isnan(labels)
    return ToldRisks(
        model=model.name,
        risks=model.risks[:, kept, horizon],
        has_event=labels[kept] == 1,
        patient=tuple(
            asked.charts[one.chart].patient
            for one, is_kept in zip(asked.landmarks, kept.tolist(), strict=True)
            if is_kept
        ),
    )


def _cells(row: RiskRow) -> tuple[str, ...]:
    area = row.auroc
    known = area.value is not None and area.low is not None and area.high is not None
    return (
        row.landmark,
        row.horizon,
        row.shown,
        f"{area.value:.3f} ({area.low:.3f}–{area.high:.3f})" if known else "–",
        f"{row.told:.3f}",
        f"{row.observed:.3f}",
        str(row.patients),
    )
