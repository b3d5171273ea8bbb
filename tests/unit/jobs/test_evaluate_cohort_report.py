"""The report says the same in Markdown, HTML and JSON, without a patient."""

import json
from dataclasses import replace

import numpy as np
import pytest

from thoracle.datasets.prognosis.simulated import simulate_cohort
from thoracle.jobs.evaluate_cohort import CohortRequest, Evaluated, evaluate_cohort
from thoracle.jobs.evaluate_cohort_report import STEM, cohort_report
from thoracle.jobs.prognosis_asked import NEWS2, only_markers


@pytest.fixture(scope="module")
def found() -> Evaluated:
    cohort = simulate_cohort(80, rng=np.random.default_rng(0))
    return evaluate_cohort(
        CohortRequest(cohort=cohort, with_baselines=False, folds=2, repeats=1, resamples=20)
    )


def test_the_three_forms_hold_the_same_tables(found: Evaluated) -> None:
    report = cohort_report(found, name="Test")
    assert report.stem == STEM
    assert report.html is not None
    for caption in ("All variables: AUROC at landmarks after admission", "Beside the literature"):
        assert caption in report.markdown
        assert caption in report.html
    content = json.loads(report.json)
    assert content["settings"][0]["name"] == "All variables"
    assert content["provenance"]["cohort"] == "simulated"


def test_no_patient_is_named(found: Evaluated) -> None:
    report = cohort_report(found, name="Test")
    patient = found.request.cohort.charts[0].patient
    assert patient not in report.markdown
    assert patient.encode() not in report.json
    assert patient not in (report.html or "")


def test_a_bundle_judged_on_its_own_patients_says_so_first(found: Evaluated) -> None:
    report = cohort_report(replace(found, is_learned=True), name="Test")
    assert "Patients of this cohort were learned from" in report.markdown
    assert "learned from other patients" not in report.markdown


def test_a_cohort_without_vital_signs_has_no_news2_and_says_so(found: Evaluated) -> None:
    cohort = found.request.cohort
    bare = replace(cohort, charts=only_markers(cohort.charts))
    told = evaluate_cohort(replace(found.request, cohort=bare))
    assert NEWS2 not in told.settings[0].models
    assert "None of the vital signs of NEWS2" in cohort_report(told, name="Test").markdown
    assert "None of the vital signs of NEWS2" not in cohort_report(found, name="Test").markdown
