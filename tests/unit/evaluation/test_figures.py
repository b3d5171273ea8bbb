"""The whole evaluation, from films of known truth."""

import dataclasses

import numpy as np
import pytest

from thoracle.evaluation.figures import SCHEMA, EvaluationFigures, evaluate_classifier
from thoracle.evaluation.inputs import EvaluationInput
from thoracle.evaluation.options import EvaluationOptions
from thoracle.evaluation.simulated import expected_pair_auroc, simulated_input


def test_the_same_seed_gives_the_same_figures(
    films: EvaluationInput, figures: EvaluationFigures
) -> None:
    again = evaluate_classifier(
        films, generator=np.random.default_rng(4), options=EvaluationOptions(resamples=200)
    )
    assert again == figures


def test_everything_the_report_needs_is_there(figures: EvaluationFigures) -> None:
    assert figures.schema == SCHEMA
    assert figures.labels == ("No finding", "Other lung opacity", "COVID-19")
    assert {one.attribute for one in figures.subgroups} == {"source", "age_band", "sex", "view"}
    assert len(figures.curves.findings) == 3
    assert figures.cautions
    assert figures.data.films == figures.overall.films


def test_known_truth_is_found_inside_the_intervals() -> None:
    films = simulated_input(
        films=900, separation=1.5, overconfidence=1.0, generator=np.random.default_rng(8)
    )
    figures = evaluate_classifier(
        films, generator=np.random.default_rng(0), options=EvaluationOptions(resamples=200)
    )
    truth = expected_pair_auroc(1.5)
    for pair in figures.overall.pairs:
        assert pair.auroc.low is not None
        assert pair.auroc.high is not None
        assert pair.auroc.low <= truth <= pair.auroc.high
    assert figures.overall.calibration.ece.value is not None
    assert figures.overall.calibration.ece.value < 0.05


def test_predictive_values_use_the_thresholds_where_there_are_some(
    films: EvaluationInput, figures: EvaluationFigures
) -> None:
    assert [one.rule for one in figures.prevalences] == ["threshold"] * 3
    assert figures.overall.threshold is not None
    rates = figures.overall.threshold[2]
    at_half = figures.prevalences[2].at[-1]
    assert at_half.prevalence == 0.5
    assert rates.sensitivity.value is not None
    assert rates.specificity.value is not None
    expected = rates.sensitivity.value / (rates.sensitivity.value + 1 - rates.specificity.value)
    assert at_half.ppv.value == pytest.approx(expected)
    plain = dataclasses.replace(films, thresholds=None, source=None, sex=None, view=None)
    other = evaluate_classifier(
        dataclasses.replace(plain, age_years=None),
        generator=np.random.default_rng(0),
        options=EvaluationOptions(resamples=20),
    )
    assert other.prevalences[0].rule == "argmax"


def test_the_defaults_are_used_when_nothing_is_said() -> None:
    films = simulated_input(
        films=40, separation=1.0, overconfidence=1.0, generator=np.random.default_rng(0)
    )
    bare = dataclasses.replace(films, source=None, age_years=None, sex=None, view=None)
    figures = evaluate_classifier(bare, generator=np.random.default_rng(0))
    assert figures.options == EvaluationOptions()
