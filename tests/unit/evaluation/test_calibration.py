"""Temperature, calibration error and Brier score against hand counts and known truth."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from thoracle.core.errors import EvaluationError
from thoracle.evaluation.calibration import (
    EQUAL_MASS,
    EQUAL_WIDTH,
    bin_of,
    brier_losses,
    brier_one_against_rest,
    calibration_gaps,
    ece_if_calibrated,
    expected_calibration_error,
    fit_temperature,
    negative_log_likelihood,
    reliability_curve,
    softmax,
)
from thoracle.evaluation.simulated import simulated_input


def test_the_known_temperature_is_found_again() -> None:
    films = simulated_input(
        films=4000, separation=2.0, overconfidence=2.5, generator=np.random.default_rng(1)
    )
    fit = fit_temperature(films.logits, films.reference)
    assert fit.temperature == pytest.approx(2.5, rel=0.08)
    assert fit.nll_after < fit.nll_before
    assert (fit.n, fit.warning) == (4000, None)


def test_the_fit_is_a_minimum() -> None:
    films = simulated_input(
        films=300, separation=1.0, overconfidence=0.5, generator=np.random.default_rng(2)
    )
    fit = fit_temperature(films.logits, films.reference)
    for factor in (0.99, 1.01):
        beside = negative_log_likelihood(
            films.logits, films.reference, temperature=factor * fit.temperature
        )
        assert beside > fit.nll_after


def test_the_likelihood_of_two_films_is_right_by_hand() -> None:
    logits = np.log(np.array([[0.5, 0.25, 0.25], [0.1, 0.1, 0.8], [0.2, 0.2, 0.6]]))
    found = negative_log_likelihood(logits, np.array([0, 2, -1]))
    assert found == pytest.approx(-(math.log(0.5) + math.log(0.8)) / 2)
    assert math.isnan(negative_log_likelihood(logits, np.full(3, -1)))


def test_films_sorted_without_error_say_that_the_fit_ran_to_its_end() -> None:
    fit = fit_temperature(np.array([[5.0, 0.0], [0.0, 5.0]]), np.array([0, 1]))
    assert fit.temperature == pytest.approx(0.05)
    assert fit.warning is not None
    assert fit.warning.code == "temperature-at-bound"


def test_logits_without_information_run_to_the_other_end() -> None:
    rng = np.random.default_rng(0)
    fit = fit_temperature(rng.normal(size=(50, 3)), np.tile([0, 1], 25))
    turned = fit_temperature(-np.eye(3)[np.tile([0, 1, 2], 9)], np.tile([0, 1, 2], 9))
    assert fit.temperature > 0.0
    assert turned.temperature == pytest.approx(20.0, rel=0.01)
    assert turned.warning is not None


def test_one_class_only_is_said() -> None:
    logits = np.array([[1.0, 0.0], [0.0, 1.0], [1.0, 0.0]])
    fit = fit_temperature(logits, np.zeros(3, dtype=np.int64))
    assert fit.warning is not None
    assert fit.warning.code == "one-class"


@pytest.mark.parametrize(
    ("logits", "reference", "message"),
    [
        (np.zeros((2, 3)), np.array([0]), "Pass one row per film"),
        (np.zeros((2, 3)), np.array([-1, -1]), "0 of 2 calibration films"),
        (np.zeros((2, 3)), np.array([0, 3]), "expected 0 to 2"),
        (np.full((1, 3), np.nan), np.array([0]), "not finite"),
    ],
)
def test_what_cannot_be_fitted_is_refused(
    logits: np.ndarray[tuple[int, int], np.dtype[np.float64]],
    reference: np.ndarray[tuple[int], np.dtype[np.int64]],
    message: str,
) -> None:
    with pytest.raises(EvaluationError, match=message):
        fit_temperature(logits, reference)


@given(
    st.lists(st.tuples(*[st.floats(-30, 30)] * 3), min_size=1, max_size=20),
    st.floats(0.1, 10.0),
)
def test_a_temperature_leaves_the_order_of_findings(
    rows: list[tuple[float, float, float]], temperature: float
) -> None:
    logits = np.array(rows)
    probabilities = softmax(logits, temperature=temperature)
    np.testing.assert_allclose(probabilities.sum(axis=1), 1.0)
    rows_index = np.arange(logits.shape[0])
    chosen = probabilities[rows_index, np.argmax(logits, axis=1)]
    np.testing.assert_array_equal(chosen, probabilities.max(axis=1))


@pytest.mark.parametrize("temperature", [0.0, -1.0, math.nan])
def test_a_temperature_of_zero_is_refused(temperature: float) -> None:
    with pytest.raises(EvaluationError, match="expected above 0"):
        softmax(np.zeros((1, 2)), temperature=temperature)


def test_equal_width_bins_cut_at_tenths_and_one_belongs_to_the_last() -> None:
    found = bin_of(np.array([0.0, 0.05, 0.1, 0.99, 1.0]), bins=10, scheme=EQUAL_WIDTH)
    np.testing.assert_array_equal(found, [0, 0, 1, 9, 9])


def test_equal_mass_bins_hold_as_many_films_and_keep_ties_together() -> None:
    even = bin_of(np.linspace(0.5, 0.6, 100), bins=10, scheme=EQUAL_MASS)
    np.testing.assert_array_equal(np.bincount(even), [10] * 10)
    tied = bin_of(np.array([0.2, 0.7, 0.7, 0.7, 0.9, 0.95]), bins=3, scheme=EQUAL_MASS)
    assert len(set(tied[1:4].tolist())) == 1


@pytest.mark.parametrize(("bins", "scheme"), [(0, EQUAL_MASS), (5, "quantile")])
def test_other_bins_are_refused(bins: int, scheme: str) -> None:
    with pytest.raises(EvaluationError, match="'equal-mass' or 'equal-width'"):
        bin_of(np.array([0.1]), bins=bins, scheme=scheme)


PROBABILITY = np.array([0.15, 0.15, 0.85, 0.85, 0.85, 0.85])
TRUTH = np.array([False, True, True, True, True, False])


@pytest.mark.parametrize("scheme", [EQUAL_MASS, EQUAL_WIDTH])
def test_the_calibration_error_of_two_bins_is_right_by_hand(scheme: str) -> None:
    found = expected_calibration_error(PROBABILITY, TRUTH, bins=2, scheme=scheme)
    assert found == pytest.approx((2 * abs(0.15 - 0.5) + 4 * abs(0.85 - 0.75)) / 6)


def test_the_default_is_equal_mass_with_ten_bins() -> None:
    rng = np.random.default_rng(0)
    probability, truth = rng.random(200) ** 3, rng.random(200) < 0.3
    default = expected_calibration_error(probability, truth)
    named = expected_calibration_error(probability, truth, bins=10, scheme=EQUAL_MASS)
    width = expected_calibration_error(probability, truth, bins=10, scheme=EQUAL_WIDTH)
    assert default == named
    assert default != width


def test_no_films_have_no_calibration() -> None:
    assert math.isnan(expected_calibration_error(np.array([]), np.array([], dtype=bool)))
    assert math.isnan(brier_one_against_rest(np.array([]), np.array([], dtype=bool)))


def test_gaps_stand_in_the_column_of_their_bin() -> None:
    gaps = calibration_gaps(PROBABILITY, TRUTH, bins=2, scheme=EQUAL_WIDTH)
    np.testing.assert_allclose(gaps[:2], [[0.15, 0.0], [-0.85, 0.0]])
    np.testing.assert_allclose(gaps[2:, 0], 0.0)


def test_the_reliability_curve_counts_each_bin() -> None:
    curve = reliability_curve(PROBABILITY, TRUTH, bins=4, scheme=EQUAL_WIDTH)
    assert [(one.lower_edge, one.upper_edge) for one in curve] == [(0.0, 0.25), (0.75, 1.0)]
    assert [one.mean_probability for one in curve] == pytest.approx([0.15, 0.85])
    assert [one.observed.value for one in curve] == [0.5, 0.75]
    assert [one.observed.n for one in curve] == [2, 4]


def test_equal_mass_edges_are_the_films_own() -> None:
    curve = reliability_curve(PROBABILITY, TRUTH, bins=3)
    assert (curve[0].lower_edge, curve[-1].upper_edge) == (0.15, 0.85)
    assert sum(one.observed.n for one in curve) == 6


def test_the_error_by_chance_matches_calibrated_films(generator: np.random.Generator) -> None:
    probability = generator.random(300)
    chance = ece_if_calibrated(probability, generator=generator)
    assert chance.value is not None
    assert chance.low is not None
    assert chance.high is not None
    found = [
        expected_calibration_error(probability, generator.random(300) < probability)
        for _ in range(200)
    ]
    assert chance.value == pytest.approx(np.mean(found), rel=0.06)
    inside = [chance.low <= one <= chance.high for one in found]
    assert np.mean(inside) > 0.9


def test_brier_scores_are_right_by_hand() -> None:
    probabilities = np.array([[0.7, 0.2, 0.1], [0.0, 0.0, 1.0], [1.0, 0.0, 0.0]])
    losses = brier_losses(probabilities, np.array([0, 2, 1]))
    np.testing.assert_allclose(losses, [0.09 + 0.04 + 0.01, 0.0, 2.0])
    found = brier_one_against_rest(np.array([0.8, 0.4]), np.array([True, False]))
    assert found == pytest.approx((0.04 + 0.16) / 2)
