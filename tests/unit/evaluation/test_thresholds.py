"""The highest threshold that finds enough, and what is said when films are few."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from thoracle.core.errors import EvaluationError
from thoracle.evaluation.thresholds import choose_threshold, choose_thresholds, is_positive


def test_nine_of_ten_are_found_with_the_fewest_false_positives() -> None:
    positives = np.array([0.95, 0.9, 0.85, 0.8, 0.75, 0.7, 0.65, 0.6, 0.5, 0.1])
    negatives = np.array([0.7, 0.55, 0.4, 0.3, 0.2])
    probability = np.concatenate([positives, negatives])
    has_finding = np.arange(15) < 10
    choice = choose_threshold(probability, has_finding, label="COVID-19", target_sensitivity=0.9)
    assert choice.threshold == pytest.approx((0.5 + 0.4) / 2)  # between 0.5 and the next below
    assert choice.sensitivity.value == 0.9
    assert choice.specificity.value == 3 / 5
    assert (choice.positives, choice.negatives) == (10, 5)
    assert choice.warning is not None
    assert choice.warning.code == "few-positives"


def test_too_few_positives_give_no_threshold() -> None:
    choice = choose_threshold(
        np.linspace(0.0, 1.0, 30), np.arange(30) < 9, label="COVID-19", target_sensitivity=0.9
    )
    assert choice.threshold is None
    assert choice.sensitivity.value is None
    assert choice.specificity.value is None
    assert choice.warning is not None
    assert "9 positives, at least 10 are needed" in choice.warning.text


def test_fifty_positives_are_enough_not_to_warn() -> None:
    choice = choose_threshold(
        np.linspace(1.0, 0.0, 100), np.arange(100) < 50, label="x", target_sensitivity=0.9
    )
    assert choice.warning is None
    assert choice.sensitivity.value == 0.9
    assert choice.specificity.value == 1.0


def test_all_must_be_found_puts_it_at_the_lowest_positive() -> None:
    choice = choose_threshold(
        np.array([0.8, 0.3, 0.6]), np.array([True, True, True]), label="x", target_sensitivity=1.0
    )
    assert choice.threshold == 0.3
    assert choice.specificity.value is None


def test_neighboring_numbers_leave_no_room_between() -> None:
    low = 0.5
    high = float(np.nextafter(low, 1.0))
    choice = choose_threshold(
        np.array([high, low]), np.array([True, False]), label="x", target_sensitivity=1.0
    )
    assert choice.threshold == high


@pytest.mark.parametrize("target", [0.0, 90.0])
def test_a_target_in_percent_is_refused(target: float) -> None:
    with pytest.raises(EvaluationError, match=r"Use 0\.9"):
        choose_threshold(np.ones(3), np.ones(3, bool), label="x", target_sensitivity=target)


def test_all_findings_at_once_are_refused_by_the_single_one() -> None:
    with pytest.raises(EvaluationError, match="one finding at a time"):
        choose_threshold(np.ones((3, 2)), np.ones((3, 2), bool), label="x", target_sensitivity=0.9)


def test_each_finding_is_chosen_against_all_others_without_unknown_films() -> None:
    rng = np.random.default_rng(0)
    reference = rng.integers(-1, 3, size=400)
    probabilities = rng.dirichlet(np.ones(3), size=400)
    choices = choose_thresholds(
        probabilities, reference, labels=("a", "b", "c"), target_sensitivity=0.8
    )
    assert [one.label for one in choices] == ["a", "b", "c"]
    for index, one in enumerate(choices):
        assert one.positives == np.sum(reference == index)
        assert one.positives + one.negatives == np.sum(reference >= 0)
        assert one.threshold is not None
        found = probabilities[reference == index, index] >= one.threshold
        assert found.mean() >= 0.8


def test_a_probability_equal_to_the_threshold_is_positive() -> None:
    found = is_positive(np.array([[0.3, 0.7], [0.31, 0.69]]), (0.31, 0.7))
    np.testing.assert_array_equal(found, [[False, True], [True, False]])


@given(
    st.lists(st.tuples(st.integers(0, 50), st.booleans()), min_size=12, max_size=60),
    st.sampled_from([0.5, 0.7, 0.9]),
)
def test_the_target_is_reached_and_no_observed_value_above_reaches_it(
    rows: list[tuple[int, bool]], target: float
) -> None:
    probability = np.array([value / 50.0 for value, _ in rows])
    has_finding = np.array([*[True] * 10, *[truth for _, truth in rows[10:]]])
    choice = choose_threshold(probability, has_finding, label="x", target_sensitivity=target)
    assert choice.threshold is not None
    found = probability[has_finding]
    assert np.mean(found >= choice.threshold) >= target - 1e-9
    higher = probability[probability > choice.threshold]
    above = higher[higher > found[found >= choice.threshold].min()]
    if above.size:
        assert np.mean(found >= above.min()) < target
