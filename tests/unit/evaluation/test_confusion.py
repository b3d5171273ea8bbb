"""Confusion matrix and rates, counted by hand."""

import numpy as np
import pytest

from thoracle.core.errors import EvaluationError
from thoracle.evaluation.confusion import (
    BinaryCounts,
    binary_counts,
    confusion_matrix,
    one_against_rest,
    rate_arrays,
    rate_estimates,
    tables_one_against_rest,
)

REFERENCE = np.array([0, 0, 0, 1, 1, 2, 2, 2, 2, -1])
PREDICTION = np.array([0, 0, 1, 1, 2, 2, 2, 0, 2, 0])
MATRIX = np.array([[2, 1, 0], [0, 1, 1], [1, 0, 3]])


def test_rows_are_the_reference_columns_the_prediction_and_unknown_is_left_out() -> None:
    np.testing.assert_array_equal(confusion_matrix(REFERENCE, PREDICTION, classes=3), MATRIX)


def test_arrays_of_different_length_are_refused() -> None:
    with pytest.raises(EvaluationError, match="10 references and 9 predictions"):
        confusion_matrix(REFERENCE, PREDICTION[:9], classes=3)


@pytest.mark.parametrize("prediction", [[3, 0], [-1, 0]])
def test_a_prediction_that_no_finding_has_is_refused(prediction: list[int]) -> None:
    with pytest.raises(EvaluationError, match="expected 0 to 2") as caught:
        confusion_matrix(np.array([0, 1]), np.array(prediction), classes=3)
    assert caught.value.code == "evaluation-labels"


def test_no_known_film_gives_an_empty_matrix() -> None:
    empty = confusion_matrix(np.array([-1]), np.array([1]), classes=2)
    assert empty.sum() == 0


def test_one_finding_against_the_rest_is_counted_as_by_hand() -> None:
    counts = one_against_rest(MATRIX, 2)
    assert counts == BinaryCounts(tp=3, fp=1, fn=1, tn=4)
    assert (counts.support, counts.films) == (4, 9)
    known = REFERENCE >= 0
    assert counts == binary_counts(REFERENCE[known] == 2, PREDICTION[known] == 2)


def test_rates_have_their_own_denominators() -> None:
    rates = rate_estimates(BinaryCounts(tp=45, fp=10, fn=5, tn=40))
    expected = {
        "sensitivity": (0.9, 50), "recall": (0.9, 50), "specificity": (0.8, 50),
        "ppv": (45 / 55, 55), "precision": (45 / 55, 55), "npv": (40 / 45, 45),
        "accuracy": (0.85, 100), "f1": (90 / 105, 100),
    }  # fmt: skip
    assert set(rates) == set(expected)
    for name, (value, cases) in expected.items():
        assert rates[name].value == pytest.approx(value)
        assert rates[name].n == cases
    assert rates["f1"].low is None


def test_a_rate_without_cases_is_unknown_not_zero() -> None:
    rates = rate_estimates(BinaryCounts(tp=0, fp=0, fn=0, tn=7))
    for name in ("sensitivity", "recall", "ppv", "precision", "f1"):
        assert rates[name].value is None
        assert rates[name].reason is not None
    assert rates["specificity"].value == 1.0


def test_many_tables_at_once_equal_one_by_one() -> None:
    tables = tables_one_against_rest(np.stack([MATRIX, 2 * MATRIX]).astype(float))
    assert tables.shape == (2, 3, 4)
    np.testing.assert_array_equal(tables[0, 2], [3, 1, 1, 4])
    arrays = rate_arrays(tables)
    for index in range(3):
        single = rate_estimates(one_against_rest(MATRIX, index))
        for name, values in arrays.items():
            assert values[0, index] == pytest.approx(single[name].value)
            assert values[1, index] == pytest.approx(values[0, index])


def test_arrays_without_cases_are_nan() -> None:
    rates = rate_arrays(np.array([0.0, 2.0, 0.0, 5.0]))
    assert np.isnan(rates["sensitivity"])
    assert np.isnan(rates["f1"])
    assert rates["ppv"] == 0.0
