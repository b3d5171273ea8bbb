"""Agreement of scores: published examples, then what must hold for any scores."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from thoracle.core.errors import EvaluationError
from thoracle.evaluation.bootstrap import resample_patients
from thoracle.evaluation.scores import (
    conformal_half_width,
    correlation,
    icc_agreement,
    limits_of_agreement,
    mean_absolute_difference,
    score_estimates,
    weighted_kappa,
)

# Shrout and Fleiss 1979, table 2: four judges of six targets.
SHROUT_FLEISS = np.array(
    [[9, 2, 5, 8], [6, 1, 3, 2], [8, 4, 6, 8], [7, 1, 2, 6], [10, 5, 6, 9], [6, 2, 4, 7]], float
)


def two_way(ratings: np.ndarray) -> float:
    """ICC(2,1) of any number of judges, from the mean squares of the paper's table."""
    n, k = ratings.shape
    mean = ratings.mean()
    bms = k * ((ratings.mean(1) - mean) ** 2).sum() / (n - 1)
    jms = n * ((ratings.mean(0) - mean) ** 2).sum() / (k - 1)
    ems = (((ratings - mean) ** 2).sum() - bms * (n - 1) - jms * (k - 1)) / ((n - 1) * (k - 1))
    return float((bms - ems) / (bms + (k - 1) * ems + k * (jms - ems) / n))


def test_the_formula_gives_the_published_value_of_shrout_and_fleiss() -> None:
    assert two_way(SHROUT_FLEISS) == pytest.approx(0.29, abs=0.005)


@pytest.mark.parametrize(("one", "other"), [(0, 1), (0, 3), (2, 3)])
def test_icc_of_two_judges_is_that_of_the_formula(one: int, other: int) -> None:
    pair = SHROUT_FLEISS[:, [one, other]]
    assert icc_agreement(pair[:, 0], pair[:, 1]) == pytest.approx(two_way(pair))


def test_weighted_kappa_of_a_table_worked_out_by_hand() -> None:
    # Levels 0 0 1 2 against 0 1 1 2: one difference of 1; by chance 4 · (1 · 5/8 + 4 · 3/16) ...
    first, second = np.array([0.0, 0, 1, 2]), np.array([0.0, 1, 1, 2])
    chance = sum((a - b) ** 2 for a in first for b in second) / 4
    assert weighted_kappa(first, second, levels=4) == pytest.approx(1 - 1 / chance)


def test_scores_between_levels_are_refused() -> None:
    with pytest.raises(EvaluationError, match="whole numbers from 0 to 3"):
        weighted_kappa(np.array([0.5, 1]), np.array([0.0, 1]), levels=4)
    with pytest.raises(EvaluationError, match="whole numbers from 0 to 3"):
        weighted_kappa(np.array([4.0, 1]), np.array([0.0, 1]), levels=4)


def test_what_does_not_vary_has_no_correlation_and_no_kappa() -> None:
    same = np.array([1.0, 1, 1])
    assert np.isnan(correlation(same, np.array([1.0, 2, 3])))
    assert np.isnan(weighted_kappa(same, same, levels=4))
    assert np.isnan(icc_agreement(np.array([1.0]), np.array([1.0])))


def test_limits_of_agreement_are_the_bias_and_two_spreads_about_it() -> None:
    first = np.zeros(4)
    found = limits_of_agreement(first, np.array([1.0, 3, 1, 3]))
    spread = 2 / np.sqrt(3)
    assert (found.bias, found.low, found.high) == pytest.approx(
        (2, 2 - 1.96 * spread, 2 + 1.96 * spread)
    )


def test_a_conformal_interval_takes_the_ceiling_of_n_plus_one() -> None:
    residuals = np.array([1.0, -2, 3, -4, 5, -6, 7, -8, 9])
    assert conformal_half_width(residuals, coverage=0.9) == 9  # ⌈10 · 0.9⌉ = the 9th
    assert conformal_half_width(residuals, coverage=0.5) == 5
    assert conformal_half_width(residuals, coverage=0.99) == 9  # too few films to say more


def test_conformal_intervals_cover_new_films_as_often_as_said() -> None:
    rng = np.random.default_rng(0)
    covered = []
    for _ in range(400):
        width = conformal_half_width(rng.standard_normal(40), coverage=0.9)
        covered.append(abs(rng.standard_normal()) <= width)
    assert 0.86 <= np.mean(covered) <= 0.95


def test_estimates_carry_intervals_by_patient() -> None:
    rng = np.random.default_rng(1)
    reference = rng.uniform(0, 18, 60)
    scores = reference + rng.normal(0, 2, 60)
    patients = [f"p{i // 2}" for i in range(60)]
    resamples = resample_patients(patients, resamples=300, generator=rng)
    found = score_estimates(reference, scores, resamples)
    assert found["mae"].value == pytest.approx(mean_absolute_difference(reference, scores))
    assert found["r"].value == pytest.approx(correlation(reference, scores))
    for one in found.values():
        assert one.low is not None
        assert one.high is not None
        assert one.value is not None
        assert one.low < one.value < one.high


@given(st.lists(st.integers(0, 3), min_size=2, max_size=30))
def test_agreement_with_oneself_is_perfect_or_unknown(levels: list[int]) -> None:
    scores = np.array(levels, float)
    for value in (weighted_kappa(scores, scores, levels=4), icc_agreement(scores, scores)):
        assert np.isnan(value) or value == pytest.approx(1)
