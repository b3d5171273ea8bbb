"""AUROC, DeLong's variance and test against published examples."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from thoracle.core.arrays import BoolArray, DoubleArray
from thoracle.core.errors import EvaluationError
from thoracle.evaluation.roc import (
    auroc,
    auroc_statistic,
    compare_auroc,
    delong_auroc,
    delong_standard_error,
    hanley_mcneil_standard_error,
    pairwise_auroc,
    pairwise_score,
    roc_curve,
)

# DeLong, DeLong and Clarke-Pearson 1988: ovarian cancer with bowel obstruction, the 43 complete
# records as the SAS/STAT user's guide prints them (PROC LOGISTIC, "Comparing Receiver Operating
# Characteristic Curves"): albumin, total protein, K-G score, and the outcome, event 0.
RECORDS = """
3.0 5.8 10 0 3.2 6.3 5 1 3.9 6.8 3 1 2.8 4.8 6 0 3.2 5.8 3 1 0.9 4.0 5 0 2.5 5.7 8 0 1.6 5.6 5 1
3.8 5.7 5 1 3.7 6.7 6 1 3.2 5.4 4 1 3.8 6.6 6 1 4.1 6.6 5 1 3.6 5.7 5 1 4.3 7.0 4 1 3.6 6.7 4 0
2.3 4.4 6 1 4.2 7.6 4 0 4.0 6.6 6 0 3.5 5.8 6 1 3.8 6.8 7 1 3.0 4.7 8 0 4.5 7.4 5 1 3.7 7.4 5 1
3.1 6.6 6 1 4.1 8.2 6 1 4.3 7.0 5 1 4.3 6.5 4 1 3.2 5.1 5 1 2.6 4.7 6 1 3.3 6.8 6 0 1.7 4.0 7 0
3.7 6.1 5 1 3.3 6.3 7 1 4.2 7.7 6 1 3.5 6.2 5 1 2.9 5.7 9 0 2.1 4.8 7 1 2.8 6.2 8 0 4.0 7.0 7 1
3.3 5.7 6 1 3.7 6.9 5 1 3.6 6.6 5 1
"""
OVARIAN = np.array([float(word) for word in RECORDS.split()]).reshape(-1, 4)
EVENT = OVARIAN[:, 3] == 0
ALBUMIN, PROTEIN, KG_SCORE = -OVARIAN[:, 0], -OVARIAN[:, 1], OVARIAN[:, 2]

# Hanley and McNeil 1982, table 1: 58 normal and 51 abnormal scans rated 1 to 5.
RATINGS = np.repeat([1.0, 2, 3, 4, 5, 1, 2, 3, 4, 5], [33, 6, 6, 11, 2, 3, 2, 2, 11, 33])
ABNORMAL = np.repeat([False, True], [58, 51])


@pytest.mark.parametrize(
    ("scores", "area", "error", "low", "high"),
    [
        (ALBUMIN, 0.7366, 0.0927, 0.5549, 0.9182),
        (KG_SCORE, 0.7258, 0.1028, 0.5243, 0.9273),
        (PROTEIN, 0.6478, 0.1000, 0.4518, 0.8439),
    ],
)
def test_the_ovarian_cancer_areas_equal_the_published_ones(
    scores: DoubleArray, area: float, error: float, low: float, high: float
) -> None:
    estimate = delong_auroc(scores, EVENT, scale="linear")
    assert (estimate.value, estimate.low, estimate.high) == pytest.approx(
        (area, low, high), abs=5e-5
    )
    assert delong_standard_error(scores, EVENT) == pytest.approx(error, abs=5e-5)
    assert (estimate.n, estimate.method) == (43, "delong-linear")


@pytest.mark.parametrize(
    ("first", "difference", "error", "chi_square", "p_value"),
    [(ALBUMIN, 0.0108, 0.0953, 0.0127, 0.9102), (PROTEIN, -0.0780, 0.1046, 0.5554, 0.4561)],
)
def test_the_ovarian_cancer_contrasts_equal_the_published_ones(
    first: DoubleArray, difference: float, error: float, chi_square: float, p_value: float
) -> None:
    found = compare_auroc(first, KG_SCORE, EVENT)
    assert found.z is not None
    assert (found.difference, found.standard_error, found.z**2, found.p_value) == pytest.approx(
        (difference, error, chi_square, p_value), abs=5e-5
    )
    assert found.auroc_first - found.auroc_second == pytest.approx(found.difference)
    assert found.low < 0.0 < found.high


def test_the_rating_example_gives_hanley_and_mcneils_area_and_error() -> None:
    assert auroc(RATINGS, ABNORMAL) == pytest.approx(0.893, abs=5e-4)
    error = hanley_mcneil_standard_error(0.893, positives=51, negatives=58)
    assert error == pytest.approx(0.032, abs=6e-4)
    assert delong_standard_error(RATINGS, ABNORMAL) == pytest.approx(error, abs=3e-3)


def test_an_area_counted_by_hand_with_a_tie_is_right() -> None:
    scores, has_finding = np.array([0.1, 0.4, 0.4, 0.8]), np.array([False, False, True, True])
    assert auroc(scores, has_finding) == (2 + 1 + 0.5) / 4


@pytest.mark.parametrize("has_finding", [[True, True], [False, False]])
def test_one_kind_of_film_has_no_area(has_finding: list[bool]) -> None:
    assert math.isnan(auroc(np.array([0.1, 0.2]), np.array(has_finding)))
    assert math.isnan(delong_standard_error(np.array([0.1, 0.2]), np.array(has_finding)))


def test_planning_without_films_is_nan() -> None:
    assert math.isnan(hanley_mcneil_standard_error(0.8, positives=0, negatives=5))
    assert math.isnan(hanley_mcneil_standard_error(1.8, positives=5, negatives=5))


def test_too_few_cases_give_a_reason_and_no_area() -> None:
    estimate = delong_auroc(np.arange(50.0), np.arange(50) < 9)
    assert estimate.value is None
    assert estimate.reason is not None
    assert "9 positives and 41 negatives" in estimate.reason.text


def test_two_of_each_are_the_least_whatever_is_asked() -> None:
    estimate = delong_auroc(np.arange(4.0), np.array([True, False, False, False]), minimum_cases=0)
    assert estimate.reason is not None


def test_perfect_order_is_not_certainty() -> None:
    scores, has_finding = np.arange(40.0), np.arange(40) >= 20
    best, worst = delong_auroc(scores, has_finding), delong_auroc(-scores, has_finding)
    assert (best.value, best.high, best.method) == (1.0, 1.0, "wilson-rarer-kind")
    assert best.low == pytest.approx(0.8389, abs=5e-5)  # Wilson, 20 of 20
    assert (worst.value, worst.low) == (0.0, 0.0)
    assert worst.high == pytest.approx(1.0 - 0.8389, abs=5e-5)


def test_a_constant_score_has_an_area_and_no_interval() -> None:
    estimate = delong_auroc(np.ones(40), np.arange(40) < 20)
    assert (estimate.value, estimate.low) == (0.5, None)
    assert estimate.reason is not None
    assert estimate.reason.code == "no-variance"


def test_the_logit_interval_stays_inside_and_is_skewed_towards_chance() -> None:
    rng = np.random.default_rng(0)
    has_finding = np.arange(60) < 12
    scores = rng.normal(size=60) + 2.6 * has_finding
    estimate = delong_auroc(scores, has_finding)
    assert estimate.value is not None
    assert estimate.low is not None
    assert estimate.high is not None
    assert estimate.value - estimate.low > estimate.high - estimate.value
    assert estimate.high < 1.0


def test_the_logit_interval_of_the_albumin_example_by_hand() -> None:
    """Logit 1.02822, reach 1.95996 x 0.092694 / (0.736559 x 0.263441) = 0.93629."""
    estimate = delong_auroc(ALBUMIN, EVENT)
    assert (estimate.low, estimate.high) == pytest.approx((0.52298, 0.87698), abs=1e-4)


def test_an_unknown_scale_is_refused() -> None:
    with pytest.raises(EvaluationError, match="'probit', expected 'logit' or 'linear'"):
        delong_auroc(RATINGS, ABNORMAL, scale="probit")


def test_scores_that_do_not_fit_are_refused() -> None:
    with pytest.raises(EvaluationError, match="one finding at a time"):
        auroc(np.zeros((3, 2)), np.array([True, False, True]))
    with pytest.raises(EvaluationError, match="1 scores are not finite"):
        auroc(np.array([0.1, np.nan]), np.array([True, False]))


def test_comparing_a_score_with_itself_has_no_p_value() -> None:
    found = compare_auroc(ALBUMIN, 2.0 * ALBUMIN, EVENT)
    assert (found.difference, found.z, found.p_value) == (0.0, None, None)


def test_a_comparison_needs_two_of_each() -> None:
    with pytest.raises(EvaluationError, match="at least 2 of each"):
        compare_auroc(np.arange(3.0), np.arange(3.0), np.array([True, False, False]))


def test_a_pair_leaves_the_other_findings_out() -> None:
    rng = np.random.default_rng(1)
    reference = rng.integers(-1, 3, size=200)
    raw = rng.random((200, 3)) + 0.5 * (reference[:, None] == np.arange(3))
    probabilities = raw / raw.sum(axis=1, keepdims=True)
    estimate = pairwise_auroc(probabilities, reference, 2, 0)
    kept = (reference == 2) | (reference == 0)
    odds = probabilities[kept, 2] / probabilities[kept, 0]
    assert estimate.value == pytest.approx(auroc(odds, reference[kept] == 2))
    assert estimate.n == kept.sum()
    turned = pairwise_auroc(probabilities, reference, 0, 2)
    assert turned.value == pytest.approx(estimate.value)  # both scores and reference swap


def test_a_pair_without_probability_is_refused() -> None:
    with pytest.raises(EvaluationError, match="1 films have probability 0 for both"):
        pairwise_score(np.array([[0.0, 0.0, 1.0], [0.5, 0.5, 0.0]]), 1, 0)


def test_the_curve_runs_from_corner_to_corner_and_holds_the_area() -> None:
    rng = np.random.default_rng(2)
    has_finding = rng.random(300) < 0.4
    scores = np.round(rng.normal(size=300) + has_finding, 1)
    curve = roc_curve(scores, has_finding)
    assert (curve.false_positive_rate[0], curve.true_positive_rate[0]) == (0.0, 0.0)
    assert (curve.false_positive_rate[-1], curve.true_positive_rate[-1]) == (1.0, 1.0)
    assert np.isinf(curve.threshold[0])
    area = np.trapezoid(curve.true_positive_rate, curve.false_positive_rate)
    assert area == pytest.approx(auroc(scores, has_finding))
    middle = curve.threshold[3]
    assert np.mean(scores[has_finding] >= middle) == pytest.approx(curve.true_positive_rate[3])


@pytest.mark.parametrize("positives", [0, 3])
def test_a_curve_of_one_kind_is_refused(positives: int) -> None:
    with pytest.raises(EvaluationError, match="needs both kinds"):
        roc_curve(np.arange(3.0), np.arange(3) < positives)


def test_weights_count_films_as_if_repeated() -> None:
    rng = np.random.default_rng(5)
    for scores in (np.round(rng.random(40), 1), rng.random(40)):
        has_finding = rng.random(40) < 0.5
        weights = rng.integers(0, 4, size=(6, 40))
        found = auroc_statistic(scores, has_finding)(weights.astype(float))
        for row, value in zip(weights, found, strict=True):
            repeated = auroc(np.repeat(scores, row), np.repeat(has_finding, row))
            assert value == pytest.approx(repeated)


def test_a_resample_of_one_kind_is_undefined() -> None:
    statistic = auroc_statistic(np.array([0.1, 0.9]), np.array([False, True]))
    np.testing.assert_array_equal(statistic(np.array([[2.0, 0.0], [1.0, 1.0]])), [np.nan, 1.0])


@st.composite
def scored_films(draw: st.DrawFn) -> tuple[DoubleArray, BoolArray]:
    size = draw(st.integers(4, 40))
    scores = draw(st.lists(st.integers(-20, 20), min_size=size, max_size=size))
    truth = draw(st.lists(st.booleans(), min_size=size - 4, max_size=size - 4))
    return np.array(scores, dtype=np.float64), np.array([True, False, True, False, *truth])


@given(scored_films())
def test_a_monotone_transform_changes_neither_area_nor_error(
    films: tuple[DoubleArray, BoolArray],
) -> None:
    scores, has_finding = films
    bent = np.exp(scores / 7.0) + scores
    assert auroc(bent, has_finding) == pytest.approx(auroc(scores, has_finding))
    assert delong_standard_error(bent, has_finding) == pytest.approx(
        delong_standard_error(scores, has_finding)
    )


@given(scored_films())
def test_turning_the_score_around_mirrors_the_area(films: tuple[DoubleArray, BoolArray]) -> None:
    scores, has_finding = films
    assert auroc(-scores, has_finding) == pytest.approx(1.0 - auroc(scores, has_finding))
    assert auroc(scores, ~has_finding) == pytest.approx(1.0 - auroc(scores, has_finding))
