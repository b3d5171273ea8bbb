"""Which factors a regression can use, and in which words."""

from dataclasses import replace

import numpy as np
import pytest

from thoracle.evaluation.factors import factors_of
from thoracle.evaluation.inputs import EvaluationInput
from thoracle.evaluation.simulated import CohortEffects, simulated_cohort


@pytest.fixture(scope="module")
def cohort() -> EvaluationInput:
    return simulated_cohort(
        patients=200,
        films_per_patient=2,
        effects=CohortEffects(),
        generator=np.random.default_rng(0),
    )


def test_numbers_have_a_step_and_names_a_commonest_level(cohort: EvaluationInput) -> None:
    factors, uses = factors_of(cohort)
    assert [one.name for one in factors] == ["Age", "Sex", "BMI", "Ethnicity"]
    assert factors[0].terms == ("Age, per 10 years",)
    assert factors[2].terms == ("BMI, per 5 kg/m²",)
    assert factors[3].terms == (
        "Ethnicity: Asian against Pacific",
        "Ethnicity: Other against Pacific",
    )
    assert cohort.age_years is not None
    np.testing.assert_allclose(factors[0].columns[:, 0], (cohort.age_years - 50) / 10)
    assert cohort.ethnicity is not None
    assert factors[3].columns[:, 0].tolist() == [float(e == "Asian") for e in cohort.ethnicity]
    assert all(one.reason is None and one.known == 400 for one in uses)


def test_what_nobody_recorded_is_said_with_what_to_do(cohort: EvaluationInput) -> None:
    _, uses = factors_of(replace(cohort, bmi=None, ethnicity=None, sex=None))
    texts = {one.name: one.reason.text for one in uses if one.reason is not None}
    assert texts["BMI"] == "BMI is known of no film. Give it with --covariates."
    assert texts["Sex"] == "Sex is known of no film."


def test_a_factor_known_of_few_or_alike_for_all_is_not_used(cohort: EvaluationInput) -> None:
    ages = np.where(np.arange(400) < 300, np.nan, 40.0 + np.arange(400))
    factors, uses = factors_of(replace(cohort, age_years=ages, sex=("F",) * 400))
    assert [one.name for one in factors] == ["BMI", "Ethnicity"]
    codes = {one.name: one.reason.code for one in uses if one.reason is not None}
    assert codes == {"Age": "factor-rarely-known", "Sex": "factor-constant"}


def test_a_number_that_is_alike_for_all_is_not_used(cohort: EvaluationInput) -> None:
    _, uses = factors_of(replace(cohort, bmi=np.full(400, 25.0)))
    assert uses[2].reason is not None
    assert uses[2].reason.code == "factor-constant"


def test_rare_levels_are_put_together_or_left_out(cohort: EvaluationInput) -> None:
    names = ["Maori"] * 300 + ["a"] * 15 + ["b"] * 10 + ["Pacific"] * 75
    factors, _ = factors_of(replace(cohort, ethnicity=tuple(names)))
    assert factors[3].terms == (
        "Ethnicity: Pacific against Maori",
        "Ethnicity: other against Maori",
    )
    assert factors[3].columns[:, 1].sum() == 25
    few = ["Maori"] * 300 + ["a"] * 15 + ["Pacific"] * 85
    factors, uses = factors_of(replace(cohort, ethnicity=tuple(few)))
    assert uses[3].known == 400
    assert factors[3].terms == ("Ethnicity: Pacific against Maori",)
    assert factors[3].is_known.sum() == 385
