"""What a card says of told risks is what they are, for each kind of landmark and view."""

import json

import numpy as np
import pytest
from sklearn.metrics import roc_auc_score

from thoracle.datasets.prognosis.out_of_fold import OutOfFold
from thoracle.datasets.prognosis.simulated import simulate_cohort
from thoracle.jobs.prognosis_asked import asked_of, only_markers
from thoracle.jobs.risk_card import ADMISSION_DAYS, OUTCOME_DAYS, risk_card_report, risk_rows
from thoracle.prognosis.types import Chart


@pytest.fixture(scope="module")
def charts() -> tuple[Chart, ...]:
    """Sixty simulated stays."""
    return simulate_cohort(60, rng=np.random.default_rng(8)).charts


@pytest.fixture(scope="module")
def told(charts: tuple[Chart, ...]) -> OutOfFold:
    """Risks by chance, of two views and one repeat."""
    rng = np.random.default_rng(4)
    views = [
        asked_of(own, admission_days=ADMISSION_DAYS, outcome_days=OUTCOME_DAYS)
        for own in (charts, only_markers(charts))
    ]
    keys = sorted(
        {
            (charts[one.chart].patient, one.index_h, bool(view))
            for view, asked in enumerate(views)
            for one in asked.landmarks
        }
    )
    return OutOfFold(
        model="chance",
        patient=tuple(one[0] for one in keys),
        index_h=np.array([one[1] for one in keys]),
        repeat=np.zeros(len(keys), np.int64),
        fold=np.zeros(len(keys), np.int64),
        is_only_three=np.array([one[2] for one in keys]),
        risks=np.sort(rng.uniform(0, 1, (len(keys), 4)), axis=1),
    )


def test_rows_are_those_of_another_library(charts: tuple[Chart, ...], told: OutOfFold) -> None:
    rows = risk_rows(told, charts, resamples=20)
    assert len(rows) == 2 * (3 * 3 + 3)
    asked = asked_of(charts, admission_days=(1,), outcome_days=())
    risk_of = {
        (name, index_h): risks[3]
        for name, index_h, risks, is_bare in zip(
            told.patient,
            told.index_h.tolist(),
            told.risks.tolist(),
            told.is_only_three.tolist(),
            strict=True,
        )
        if not is_bare
    }
    known = [one for one in asked.landmarks if not np.isnan(one.labels[3])]
    risks = [risk_of[charts[one.chart].patient, one.index_h] for one in known]
    labels = [one.labels[3] for one in known]
    row = rows[2]
    assert (row.landmark, row.horizon) == ("admission + 1 days", "until discharge")
    assert row.auroc.value == pytest.approx(roc_auc_score(labels, risks))
    assert row.told == pytest.approx(np.mean(risks))
    assert row.observed == pytest.approx(np.mean(labels))
    assert row.patients == len(known)


def test_the_report_says_the_same_to_people_and_machines(
    charts: tuple[Chart, ...], told: OutOfFold
) -> None:
    report = risk_card_report(told, charts, resamples=20)
    content = json.loads(report.json)
    assert content["model"] == "chance"
    first = content["rows"][0]
    assert f"| {first['told']:.3f} | {first['observed']:.3f} | {first['patients']} |" in (
        report.markdown
    )
    assert "n |" in report.markdown
    assert report.markdown.count("LDH, hs-CRP and lymphocyte % alone") == 12
