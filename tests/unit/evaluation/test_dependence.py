"""The regression finds effects that are there, and refuses where the films cannot bear it."""

import math
from dataclasses import replace

import numpy as np
import pytest

from thoracle.core.arrays import BoolArray
from thoracle.evaluation.calibration import softmax
from thoracle.evaluation.dependence import Dependence, dependence
from thoracle.evaluation.inputs import EvaluationInput
from thoracle.evaluation.simulated import LABELS, CohortEffects, simulated_cohort

EFFECTS = CohortEffects(
    age_per_10_years=-0.2, male=0.3, bmi_per_5=-0.25, second_ethnicity=-0.6, bmi_per_5_in_covid=-0.8
)


def cohort(*, patients: int = 900, effects: CohortEffects = EFFECTS) -> EvaluationInput:
    return simulated_cohort(
        patients=patients,
        films_per_patient=2,
        effects=effects,
        generator=np.random.default_rng(5),
    )


def judged(inputs: EvaluationInput, is_right: BoolArray) -> EvaluationInput:
    """Return the same films, judged rightly where said."""
    said = np.where(is_right, inputs.reference, (inputs.reference + 1) % 3)
    logits = 2.0 * np.eye(3)[said]
    return replace(inputs, logits=logits, probabilities=softmax(logits))


@pytest.fixture(scope="module")
def found() -> Dependence:
    return dependence(cohort())


def test_known_effects_are_found(found: Dependence) -> None:
    ratios = {one.term: one for one in found.odds_ratios}
    age = ratios["Age, per 10 years"]
    assert age.low < math.exp(-0.2) < age.high
    assert age.p_value < 0.01
    asian = ratios["Ethnicity: Asian against Pacific"]
    assert asian.low < math.exp(-0.6) < asian.high
    assert asian.profile_low is not None
    assert asian.profile_high is not None
    assert asian.low < asian.profile_low < asian.odds_ratio < asian.profile_high < asian.high
    other = ratios["Ethnicity: Other against Pacific"]
    assert other.low < 1.0 < other.high


def test_the_interaction_that_is_there_is_found_and_no_other(found: Dependence) -> None:
    tests = {one.factor: one for one in found.interactions}
    bmi = tests["BMI"]
    assert bmi.degrees_of_freedom == 2
    assert (bmi.p_likelihood_ratio or 1.0) < 0.001
    assert (bmi.p_by_patient or 1.0) < 0.001
    by_finding = {one.finding: one for one in bmi.odds_ratios}
    assert by_finding["COVID-19"].low < math.exp(-0.25 - 0.8) < by_finding["COVID-19"].high
    assert by_finding["No finding"].low < math.exp(-0.25) < by_finding["No finding"].high
    for name in ("Age", "Sex", "Ethnicity"):
        assert (tests[name].p_by_patient or 0.0) > 0.01
    assert tests["Ethnicity"].degrees_of_freedom == 4


def test_films_and_patients_are_counted(found: Dependence) -> None:
    assert (found.films, found.patients, found.films_left_out) == (1800, 900, 0)
    assert found.right + found.wrong == 1800
    assert found.findings == LABELS
    assert found.notes == ()


def test_too_few_events_are_a_sentence_and_no_number() -> None:
    found = dependence(cohort(patients=12))
    assert found.odds_ratios == ()
    assert found.interactions == ()
    (note,) = [one for one in found.notes if one.code == "too-few-events"]
    assert note.text.startswith("Numbers are too small:")


def test_few_events_and_few_patients_are_said_beside_the_numbers() -> None:
    found = dependence(cohort(patients=60))
    assert found.odds_ratios
    assert "few-events" in {one.code for one in found.notes}
    assert found.interactions[3].reason is not None
    assert found.interactions[3].reason.code == "too-few-events"
    assert found.interactions[3].p_by_patient is None
    small = cohort(patients=45)
    only_age = replace(small, sex=None, bmi=None, ethnicity=None)
    assert "few-patients" in {one.code for one in dependence(only_age).notes}


def test_a_factor_that_separates_is_left_out_and_named() -> None:
    inputs = cohort()
    is_right = np.argmax(inputs.probabilities, axis=1) == inputs.reference
    assert inputs.ethnicity is not None
    is_asian = np.array([one == "Asian" for one in inputs.ethnicity])
    found = dependence(judged(inputs, is_right | is_asian))
    assert [one.code for one in found.notes] == ["separation"]
    assert found.notes[0].text.startswith("Ethnicity separates films judged rightly")
    assert [one.term for one in found.odds_ratios] == [
        "Age, per 10 years", "Sex: F against M", "BMI, per 5 kg/m²",
    ]  # fmt: skip
    assert max(one.high for one in found.odds_ratios) < 10.0


def test_separation_inside_a_finding_stops_its_interaction_only() -> None:
    inputs = cohort()
    is_right = np.argmax(inputs.probabilities, axis=1) == inputs.reference
    assert inputs.ethnicity is not None
    is_asian = np.array([one == "Asian" for one in inputs.ethnicity])
    found = dependence(judged(inputs, is_right | (is_asian & (inputs.reference == 2))))
    stopped = {one.factor: one.reason.code for one in found.interactions if one.reason is not None}
    assert stopped == {"Ethnicity": "separation"}
    assert len(found.odds_ratios) == 5


def test_a_finding_judged_alike_is_left_out() -> None:
    inputs = cohort()
    is_right = np.argmax(inputs.probabilities, axis=1) == inputs.reference
    found = dependence(judged(inputs, is_right | (inputs.reference == 0)))
    assert found.findings == ("Other lung opacity", "COVID-19")
    assert found.notes[0].text.startswith("All films of No finding are judged alike")
    assert found.films_left_out == int(np.sum(inputs.reference == 0))


def test_a_perfect_classifier_leaves_nothing_to_estimate() -> None:
    inputs = cohort(patients=100)
    found = dependence(judged(inputs, np.ones(inputs.films, dtype=bool)))
    assert found.films == 0
    assert found.odds_ratios == ()
    assert found.notes[-1].code == "too-few-events"


def test_without_any_factor_there_is_nothing_to_ask() -> None:
    inputs = replace(cohort(patients=50), age_years=None, sex=None, bmi=None, ethnicity=None)
    found = dependence(inputs)
    assert [one.code for one in found.notes] == ["no-factor"]
    assert all(one.reason is not None for one in found.factors)


def test_two_factors_that_are_one_are_not_told_apart() -> None:
    inputs = cohort()
    assert inputs.sex is not None
    found = dependence(replace(inputs, ethnicity=inputs.sex))
    assert found.notes[0].code == "separation"
    assert "Ethnicity" not in {one.factor for one in found.interactions}


def test_films_that_lack_a_factor_are_left_out_and_counted() -> None:
    inputs = cohort()
    assert inputs.bmi is not None
    bmi = np.where(np.arange(inputs.films) < 100, np.nan, inputs.bmi)
    found = dependence(replace(inputs, bmi=bmi))
    assert found.films_left_out == 100
    assert found.films == inputs.films - 100


def test_one_finding_has_no_interactions() -> None:
    inputs = cohort()
    found = dependence(inputs.select(inputs.reference == 2))
    assert found.interactions == ()
    assert found.findings == ("COVID-19",)
    assert found.odds_ratios


def test_many_films_of_a_handful_of_patients_bear_no_errors_by_patient() -> None:
    inputs = cohort()
    few = tuple(f"p{index % 5}" for index in range(inputs.films))
    found = dependence(replace(inputs, patient=few))
    assert [one.code for one in found.notes] == ["too-few-patients"]
    assert found.odds_ratios == ()
    some = tuple(f"p{index % 11}" for index in range(inputs.films))
    found = dependence(replace(inputs, patient=some))
    assert found.odds_ratios
    stopped = {one.factor: one.reason.code for one in found.interactions if one.reason is not None}
    assert stopped == {"Ethnicity": "too-few-patients"}
