"""Reports of studies say how weak or how suspicious a figure is, with the number."""

import json

import numpy as np
import pytest

from thoracle.datasets.prognosis.feature_table import FeatureTable
from thoracle.evaluation.prognosis import RiskFigures, ToldRisks, risk_figures
from thoracle.jobs.prognosis_studies import Dealing, Study
from thoracle.jobs.prognosis_study_report import carbon_report, sirio_report


def _figures(skill: float) -> RiskFigures:
    rng = np.random.default_rng(0)
    has_event = rng.random(400) < 0.4
    risks = np.clip(0.4 + skill * (has_event - 0.4) + rng.normal(0, 0.15, 400), 0.01, 0.99)
    told = ToldRisks(
        model="m",
        risks=risks[None],
        has_event=has_event,
        patient=tuple(str(one) for one in range(400)),
    )
    return risk_figures(told, generator=rng, resamples=20)


def _study(skill: float) -> Study:
    table = FeatureTable(
        name="carbon",
        event="positive swab",
        subjects=("row 2",) * 400,
        features=("x",),
        values=np.zeros((400, 1)),
        labels=np.zeros(400),
        unit_note="",
        problems=(),
        sources=(),
    )
    return Study(
        table=table,
        dealing=Dealing(folds=5, repeats=2),
        figures=(_figures(skill),),
        temporal=(_figures(skill),),
        since="2020-06-01",
    )


@pytest.mark.parametrize(
    ("skill", "said"), [(0.1, "say little of the swab"), (0.6, "Look for a leak")]
)
def test_a_weak_figure_is_called_weak_and_a_strong_one_suspicious(skill: float, said: str) -> None:
    study = _study(skill)
    report = carbon_report(study)
    assert said in report.markdown
    assert f"{study.figures[0].auroc.value:.3f}" in report.markdown
    assert "Later visits (2020-06-01 and after)" in report.markdown


def test_scaled_values_are_said_to_have_seen_those_left_out() -> None:
    report = sirio_report(_study(0.3))
    assert "their scale has seen the patients left out" in report.markdown
    assert json.loads(report.json)["figures"][0]["model"] == "m"
    assert report.html is not None
    assert "5 folds, dealt 2 ×" in report.html
