"""A comparison as a reader and a parser meet it."""

import json
from dataclasses import replace

import numpy as np
import pytest

from thoracle.core.results import DISCLAIMER, Reason
from thoracle.evaluation.calibration import softmax
from thoracle.evaluation.estimate import Estimate
from thoracle.evaluation.non_inferiority import NonInferiority, Verdict
from thoracle.evaluation.options import EvaluationOptions
from thoracle.evaluation.paired import PairedDifference, compare_classifiers
from thoracle.evaluation.simulated import simulated_input
from thoracle.reporting.comparison_html import (
    Comparison,
    comparison_html,
    comparison_json,
    comparison_markdown,
    difference_text,
    named,
    primary_sentence,
    verdict_sentence,
)


def made(*, margin: float | None) -> Comparison:
    rng = np.random.default_rng(0)
    films = simulated_input(films=120, separation=2.0, overconfidence=2.0, generator=rng)
    logits = films.logits + 5.0 * rng.normal(size=films.logits.shape)
    other = replace(films, logits=logits, probabilities=softmax(logits, temperature=2.0))
    options = EvaluationOptions(resamples=100)
    figures = compare_classifiers(films, other, generator=rng, options=options, margin=margin)
    return Comparison(
        title="new <1> against old 1: Test films",
        subtitle="test split",
        first="new <1>",
        second="old 1",
        figures=figures,
        provenance={"manifest digest": "abc"},
        cautions=(Reason(code="one-primary", text="One figure was chosen."),),
    )


@pytest.fixture(scope="module")
def comparison() -> Comparison:
    return made(margin=0.02)


def test_the_page_says_who_is_better_and_escapes_names(comparison: Comparison) -> None:
    page = comparison_html(comparison)
    assert "new &lt;1&gt; is better than old 1" in page
    assert "new <1>" not in page
    assert "One figure was chosen." in page
    assert "manifest digest" in page
    assert DISCLAIMER in page
    assert "<script" not in page


def test_the_json_holds_every_difference_and_the_statement(comparison: Comparison) -> None:
    content = json.loads(comparison_json(comparison))
    assert content["schema"] == "thoracle-comparison/1"
    assert content["statement"] == primary_sentence(comparison)
    assert len(content["differences"]) == len(comparison.figures.differences) == 4 + 6 + 3 + 3
    (primary,) = [one for one in content["differences"] if one["figure"] == "balanced_accuracy"]
    assert primary["margin"] == {"margin": 0.02, "verdict": "better"}
    assert content["mcnemar"]["only_first"] == comparison.figures.mcnemar.only_first
    assert content["cautions"][0]["code"] == "one-primary"


def test_the_markdown_has_the_same_tables(comparison: Comparison) -> None:
    text = comparison_markdown(comparison)
    assert primary_sentence(comparison) in text
    assert "| AUROC, COVID-19 against No finding |" in text
    assert f"| Only old 1 right | {comparison.figures.mcnemar.only_second} |" in text
    assert "- One figure was chosen." in text


def test_without_a_margin_nothing_is_said_of_being_not_worse() -> None:
    assert primary_sentence(made(margin=None)).endswith("nothing is said about being not worse.")


def difference(
    value: float | None, low: float | None, high: float | None, *, figure: str = "accuracy"
) -> PairedDifference:
    return PairedDifference(
        figure=figure,
        finding=None,
        against=None,
        higher_is_better=figure == "accuracy",
        first=0.9,
        second=0.9,
        difference=Estimate(value=value, low=low, high=high, n=10, method="patient-bootstrap"),
    )


def test_differences_are_written_with_sign_and_unit() -> None:
    assert difference_text(difference(0.021, -0.004, 0.046)) == "+2.1 points (−0.4 to +4.6)"
    loss = difference(-0.012, -0.02, -0.004, figure="brier")
    assert difference_text(loss) == "−0.012 (−0.020 to −0.004)"
    area = replace(difference(0.021, -0.004, 0.046), figure="auroc")
    assert difference_text(area) == "+0.021 (−0.004 to +0.046)"
    assert difference_text(difference(0.0, None, None)) == "+0.0 points (no interval)"
    assert difference_text(difference(None, None, None)) == "–"


@pytest.mark.parametrize(
    ("verdict", "words"),
    [
        (Verdict.BETTER, "a is better than b: the whole interval lies above 0."),
        (Verdict.NOT_WORSE, "a is not worse than b by more than 2 points"),
        (Verdict.WORSE_WITHIN_MARGIN, "a is worse than b, but not by more than 2 points."),
        (Verdict.WORSE, "a is worse than b by more than 2 points."),
        (Verdict.NOT_SHOWN, "It is not shown that a is not worse than b by more than 2 points"),
    ],
)
def test_every_verdict_has_its_sentence(verdict: Verdict, words: str) -> None:
    one = replace(difference(0.0, -0.1, 0.1), margin=NonInferiority(margin=0.02, verdict=verdict))
    assert verdict_sentence(one, first="a", second="b").startswith(words)


def test_a_pair_is_named_with_both_findings() -> None:
    one = replace(difference(0.0, None, None), figure="auroc", finding="COVID-19")
    assert named(one) == "AUROC, COVID-19"
    assert named(replace(one, against="No finding")) == "AUROC, COVID-19 against No finding"


def test_where_no_film_is_judged_differently_no_mid_p_is_printed(comparison: Comparison) -> None:
    same = replace(comparison.figures.mcnemar, only_first=0, only_second=0, p_mid=0.5)
    alike = replace(comparison, figures=replace(comparison.figures, mcnemar=same))
    text = comparison_markdown(alike)
    assert "films as independent: mid-p | – (no film is judged differently) |" in text
    assert "p by patient, mid-p | – (no film is judged differently) |" in text
    assert "judged differently" not in comparison_markdown(comparison)
