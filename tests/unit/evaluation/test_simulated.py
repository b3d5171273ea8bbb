"""Made-up films have the truth that they claim."""

import numpy as np
import pytest

from thoracle.evaluation.calibration import expected_calibration_error
from thoracle.evaluation.roc import pairwise_auroc
from thoracle.evaluation.simulated import (
    CohortEffects,
    expected_pair_auroc,
    simulated_cohort,
    simulated_input,
)


def test_pairs_have_the_expected_area_and_probabilities_are_right() -> None:
    films = simulated_input(
        films=20000, separation=1.4, overconfidence=3.0, generator=np.random.default_rng(0)
    )
    found = pairwise_auroc(films.probabilities, films.reference, 2, 0).value
    assert found == pytest.approx(expected_pair_auroc(1.4), abs=0.01)
    for index in range(3):
        error = expected_calibration_error(films.probabilities[:, index], films.reference == index)
        assert error < 0.015


def test_patients_repeat_and_attributes_are_partly_unknown() -> None:
    films = simulated_input(
        films=300,
        separation=1.0,
        overconfidence=1.0,
        generator=np.random.default_rng(0),
        thresholds=[0.1, 0.2, 0.3],
    )
    assert len(set(films.patient)) < 300
    assert films.age_years is not None
    assert 0 < np.isnan(films.age_years).sum() < 100
    assert films.sex is not None
    assert None in films.sex
    assert films.thresholds == (0.1, 0.2, 0.3)


def test_a_cohorts_outcomes_follow_its_effects() -> None:
    effects = CohortEffects(chance=0.7, bmi_per_5=-0.5)
    films = simulated_cohort(
        patients=20_000,
        films_per_patient=2,
        effects=effects,
        generator=np.random.default_rng(0),
    )
    assert films.bmi is not None
    is_right = np.argmax(films.probabilities, axis=1) == films.reference
    near = np.abs(films.bmi - 30.0) < 0.5
    expected = 1 / (1 + np.exp(-(np.log(0.7 / 0.3) - 0.5)))
    assert is_right[near].mean() == pytest.approx(expected, abs=0.03)
    assert len(set(films.patient)) == 20_000
    same = is_right[::2] == is_right[1::2]
    independent = is_right.mean() ** 2 + (1 - is_right.mean()) ** 2
    assert same.mean() > independent + 0.05
