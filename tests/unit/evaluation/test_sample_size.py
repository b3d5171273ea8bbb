"""How many films: published plans, the width they promise, and what patients' repeats cost."""

import math
from dataclasses import replace

import numpy as np
import pytest

from thoracle.core.errors import EvaluationError
from thoracle.evaluation.estimate import Estimate
from thoracle.evaluation.figures import EvaluationFigures
from thoracle.evaluation.intervals import wilson
from thoracle.evaluation.options import EvaluationOptions
from thoracle.evaluation.roc import hanley_mcneil_standard_error
from thoracle.evaluation.sample_size import (
    auroc_positives,
    buderer_cases,
    precision_caution,
    precisions,
    wilson_cases,
)


def test_buderers_plan_as_published() -> None:
    """The worked example at drsm.in (EvalDiagTestHelp): 80 % ± 5 at prevalence 20 %: 246, 1230."""
    cases = buderer_cases(0.8, half_width=0.05)
    assert cases == 246
    assert cases / 0.2 == 1230


@pytest.mark.parametrize("share", [0.5, 0.8, 0.95, 1.0])
@pytest.mark.parametrize("half_width", [0.02, 0.05, 0.1])
def test_wilsons_plan_is_the_least_that_keeps_its_promise(share: float, half_width: float) -> None:
    def half(cases: int) -> float:
        z = 1.959963984540054
        root = math.sqrt(share * (1 - share) / cases + z * z / (4 * cases * cases))
        return z * root / (1 + z * z / cases)

    needed = wilson_cases(share, half_width=half_width)
    assert half(needed) <= half_width
    assert needed == 1 or half(needed - 1) > half_width


def test_at_100_percent_buderer_plans_nothing_and_wilson_does() -> None:
    assert buderer_cases(1.0, half_width=0.05) == 0
    needed = wilson_cases(1.0, half_width=0.05)
    interval = wilson(needed, needed)
    assert (interval.high or 0) - (interval.low or 0) <= 0.1


@pytest.mark.parametrize("ratio", [0.5, 1.0, 4.0])
def test_the_area_is_planned_by_hanley_and_mcneil(ratio: float) -> None:
    needed = auroc_positives(0.85, negatives_per_positive=ratio, half_width=0.05)

    def half(positives: int) -> float:
        negatives = round(positives * ratio)
        return 1.959964 * hanley_mcneil_standard_error(
            0.85, positives=positives, negatives=negatives
        )

    assert half(needed) <= 0.05 + 1e-6
    assert half(needed - 2) > 0.05


def test_figures_say_how_well_they_are_known(figures: EvaluationFigures) -> None:
    found = {(one.label, one.figure): one for one in figures.precisions}
    assert len(found) == 9
    rates = figures.overall.threshold
    assert rates is not None
    covid = found["COVID-19", "sensitivity"]
    assert covid.value == rates[2].sensitivity.value
    assert covid.cases == rates[2].support
    assert covid.cases_needed == wilson_cases(covid.value, half_width=0.05)
    assert covid.films_needed >= covid.cases_needed * figures.overall.films / covid.cases - 1
    assert covid.patients_needed < covid.films_needed
    assert found["COVID-19", "specificity"].cases == rates[2].tn + rates[2].fp
    area = found["COVID-19", "AUROC"]
    assert area.cases_needed_buderer is None
    assert area.cases == figures.overall.ranking[2].positives


def test_patients_with_several_films_cost_more_of_them(figures: EvaluationFigures) -> None:
    def wider(one: Estimate) -> Estimate:
        assert one.value is not None
        return replace(one, low=one.value - 0.2, high=one.value + 0.2)

    overall = figures.overall
    assert overall.threshold is not None
    rates = tuple(
        replace(one, clustered={name: wider(value) for name, value in one.clustered.items()})
        for one in overall.threshold
    )
    spread = precisions(replace(overall, threshold=rates), options=figures.options)
    before, after = figures.precisions[0], spread[0]
    assert after.half_width == pytest.approx(0.2)
    assert after.design_effect > 3 * before.design_effect
    assert after.films_needed > 3 * before.films_needed
    assert after.cases_needed == before.cases_needed


def test_the_report_warns_of_what_is_known_too_little(figures: EvaluationFigures) -> None:
    warning = precision_caution(figures.precisions, options=figures.options)
    assert warning is not None
    assert warning in figures.cautions
    assert warning.text.startswith("Too few films for ±5 points: sensitivity of No finding (±")
    assert "about " in warning.text
    wide = EvaluationOptions(half_width=0.4)
    assert precision_caution(figures.precisions, options=wide) is None


def test_a_figure_that_is_unknown_is_left_out(figures: EvaluationFigures) -> None:
    none = Estimate(value=None, low=None, high=None, n=0, method="wilson")
    overall = figures.overall
    assert overall.threshold is not None
    rates = (replace(overall.threshold[0], sensitivity=none), *overall.threshold[1:])
    ranking = (replace(overall.ranking[0], auroc=none), *overall.ranking[1:])
    found = precisions(replace(overall, threshold=rates, ranking=ranking), options=figures.options)
    named = {(one.label, one.figure) for one in found}
    assert ("No finding", "sensitivity") not in named
    assert ("No finding", "AUROC") not in named
    assert len(named) == 7


@pytest.mark.parametrize(("share", "half_width"), [(1.2, 0.05), (0.5, 0.0), (0.5, 0.5)])
def test_impossible_plans_are_refused(share: float, half_width: float) -> None:
    with pytest.raises(EvaluationError, match="half-width"):
        wilson_cases(share, half_width=half_width)


def test_a_smaller_half_width_never_needs_fewer_films() -> None:
    needed = [wilson_cases(0.9, half_width=width) for width in np.linspace(0.01, 0.4, 30)]
    assert needed == sorted(needed, reverse=True)
