"""Figures as text and Markdown tables."""

import dataclasses

import numpy as np
import pytest

from thoracle.core.results import DISCLAIMER, Reason
from thoracle.evaluation.estimate import Estimate, unknown
from thoracle.evaluation.figures import EvaluationFigures, evaluate_classifier
from thoracle.evaluation.options import EvaluationOptions
from thoracle.evaluation.simulated import simulated_input
from thoracle.reporting.figures_markdown import markdown_table, number_text, percent_text

WHOLE = Estimate(value=0.9262, low=0.8811, high=0.9544, n=7, method="wilson")


@pytest.fixture(scope="module")
def figures() -> EvaluationFigures:
    films = simulated_input(
        films=120,
        separation=2.0,
        overconfidence=2.0,
        generator=np.random.default_rng(0),
        thresholds=(0.3, 0.4, 0.5),
    )
    options = EvaluationOptions(resamples=50)
    return evaluate_classifier(films, generator=np.random.default_rng(1), options=options)


def test_a_value_stands_with_its_interval() -> None:
    assert percent_text(WHOLE) == "92.6 % (88.1–95.4)"
    assert number_text(WHOLE) == "0.926 (0.881–0.954)"


def test_a_value_without_interval_stands_alone() -> None:
    alone = dataclasses.replace(WHOLE, low=None)
    assert (percent_text(alone), number_text(alone)) == ("92.6 %", "0.926")


def test_an_unknown_value_is_a_dash_and_no_zero() -> None:
    nothing = unknown(Reason(code="no-cases", text=""), n=0, method="wilson")
    assert (percent_text(nothing), number_text(nothing)) == ("–", "–")


def test_every_table_has_as_many_cells_in_each_row(figures: EvaluationFigures) -> None:
    blocks = [block for block in markdown_table(figures).split("\n\n") if block.startswith("|")]
    assert len(blocks) == 7
    for block in blocks:
        assert len({line.count(" | ") for line in block.splitlines()}) == 1


def test_the_main_figures_disclaimer_and_cautions_are_there(figures: EvaluationFigures) -> None:
    text = markdown_table(figures)
    assert DISCLAIMER in text
    sensitivity = figures.overall.argmax[2].sensitivity
    assert f"{percent_text(sensitivity)}, n {sensitivity.n}" in text
    assert number_text(figures.overall.ranking[1].auroc) in text
    assert "inside hospital-a" in text
    assert "Rule: Threshold" in text
    assert text.count("\n- ") == len(figures.cautions)
    assert text.endswith("\n")


def test_without_thresholds_there_is_one_rule(figures: EvaluationFigures) -> None:
    overall = dataclasses.replace(figures.overall, threshold=None)
    text = markdown_table(dataclasses.replace(figures, overall=overall))
    assert "Rule: Threshold" not in text


def test_signs_of_markdown_in_names_are_escaped(figures: EvaluationFigures) -> None:
    odd = dataclasses.replace(figures.overall.ranking[0], label="a|b <i> *c*\nd")
    overall = dataclasses.replace(figures.overall, ranking=(odd, *figures.overall.ranking[1:]))
    text = markdown_table(dataclasses.replace(figures, overall=overall))
    assert r"| a\|b \<i> \*c\* d |" in text
