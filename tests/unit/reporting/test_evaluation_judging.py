"""Families, decisions, sample sizes and dependence as a reader meets them."""

from dataclasses import replace

import numpy as np
import pytest

from thoracle.core.results import Reason
from thoracle.evaluation.dependence import dependence
from thoracle.evaluation.figures import EvaluationFigures, evaluate_classifier
from thoracle.evaluation.options import EvaluationOptions
from thoracle.evaluation.simulated import CohortEffects, simulated_cohort
from thoracle.reporting.evaluation_html import evaluation_html
from thoracle.reporting.evaluation_judging import judging_tables
from thoracle.reporting.figures_markdown import markdown_table


@pytest.fixture(scope="module")
def figures() -> EvaluationFigures:
    films = simulated_cohort(
        patients=200,
        films_per_patient=2,
        effects=CohortEffects(bmi_per_5=-0.4),
        generator=np.random.default_rng(2),
    )
    options = EvaluationOptions(resamples=50)
    made = evaluate_classifier(films, generator=np.random.default_rng(1), options=options)
    return replace(made, dependence=dependence(films))


def test_every_table_is_on_the_page_and_in_the_markdown(figures: EvaluationFigures) -> None:
    found = judging_tables(figures)
    assert len(found.all) == 5
    page = evaluation_html(
        figures, title="t", subtitle="s", provenance={}, misclassified=[], with_films=False
    )
    text = markdown_table(figures)
    for heading in ("Benefit of decisions", "Who is judged rightly", "How many films it takes"):
        assert heading in page
    for table in found.all:
        assert table.caption in page
        assert table.caption in text
        for row in table.rows:
            assert row[0] in page
    assert page.count("<img") == 5


def test_the_family_names_its_level_and_what_is_called(figures: EvaluationFigures) -> None:
    family = judging_tables(figures).family
    assert family is not None
    assert "4 intervals of 98.75 % (Bonferroni)" in family.caption
    names = [(row[0], row[1], row[2]) for row in family.rows]
    assert names == [
        ("COVID-19 against all others", "PPV", "the likeliest finding"),
        ("COVID-19 against all others", "NPV", "the likeliest finding"),
        ("COVID-19 against Other lung opacity", "PPV", "the likelier of the two"),
        ("COVID-19 against Other lung opacity", "NPV", "the likelier of the two"),
    ]
    assert family.head[-4:] == ("At 1 %", "At 5 %", "At 20 %", "At 50 %")


def test_odds_ratios_carry_both_intervals_and_interactions_their_tests(
    figures: EvaluationFigures,
) -> None:
    main, interactions = judging_tables(figures).regression
    assert figures.dependence is not None
    bmi = figures.dependence.odds_ratios[2]
    assert main.rows[2][:2] == (
        "BMI, per 5 kg/m²",
        f"{bmi.odds_ratio:.2f} ({bmi.low:.2f}–{bmi.high:.2f})",
    )
    assert main.rows[2][2] == f"{bmi.profile_low:.2f}–{bmi.profile_high:.2f}"
    assert [row[:2] for row in interactions.rows] == [
        ("Age", "2"), ("Sex", "2"), ("BMI", "2"), ("Ethnicity", "4"),
    ]  # fmt: skip


def test_what_cannot_be_estimated_is_a_dash_and_a_sentence(figures: EvaluationFigures) -> None:
    assert figures.dependence is not None
    reason = Reason(code="separation", text="Sex separates.")
    first = replace(
        figures.dependence.interactions[1],
        statistic=None,
        p_likelihood_ratio=None,
        p_by_patient=None,
        odds_ratios=(),
        reason=reason,
    )
    ratio = replace(figures.dependence.odds_ratios[0], profile_low=None, profile_high=2.0)
    none = replace(figures.dependence.odds_ratios[1], profile_low=None, profile_high=None)
    changed = replace(
        figures.dependence, interactions=(first,), odds_ratios=(ratio, none), notes=(reason,)
    )
    found = judging_tables(replace(figures, dependence=changed))
    assert found.regression[1].rows == (("Sex", "2", "–", "–", "Sex separates."),)
    assert [row[2] for row in found.regression[0].rows] == ["0–2.00", "–"]
    assert found.notes == ("Sex separates.",)


def test_figures_stored_before_have_no_such_tables(figures: EvaluationFigures) -> None:
    old = replace(figures, family=None, decision_curves=(), precisions=(), dependence=None)
    found = judging_tables(old)
    assert found.all == ()
    page = evaluation_html(
        old, title="t", subtitle="s", provenance={}, misclassified=[], with_films=False
    )
    assert "Benefit of decisions" not in page
    assert "Who is judged rightly" not in page


def test_without_an_estimate_only_the_notes_are_left(figures: EvaluationFigures) -> None:
    assert figures.dependence is not None
    empty = replace(figures.dependence, odds_ratios=(), interactions=())
    assert judging_tables(replace(figures, dependence=empty)).regression == ()
    single = replace(figures.dependence, interactions=())
    assert len(judging_tables(replace(figures, dependence=single)).regression) == 1


def test_a_curve_that_is_useful_nowhere_says_so(figures: EvaluationFigures) -> None:
    curve = figures.decision_curves[0]
    never = replace(curve, points=tuple(replace(p, is_above_all=False) for p in curve.points))
    found = judging_tables(replace(figures, decision_curves=(never,))).decisions
    assert found is not None
    assert found.rows[0][2] == "nowhere shown"
