"""Average precision, counted by hand and by repeating films."""

import math

import numpy as np
import pytest

from thoracle.core.errors import EvaluationError
from thoracle.evaluation.average_precision import (
    average_precision,
    average_precision_statistic,
    precision_recall_curve,
)

SCORES = np.array([0.9, 0.8, 0.7, 0.6])
TRUTH = np.array([True, False, True, False])


def test_two_of_four_found_at_ranks_one_and_three() -> None:
    assert average_precision(SCORES, TRUTH) == pytest.approx((1 / 1 + 2 / 3) / 2)


def test_a_constant_score_gives_the_share_of_the_finding() -> None:
    assert average_precision(np.zeros(8), np.arange(8) < 2) == pytest.approx(0.25)


def test_without_a_positive_it_is_unknown() -> None:
    assert math.isnan(average_precision(SCORES, np.zeros(4, bool)))
    with pytest.raises(EvaluationError, match="0 positives of 4 films"):
        precision_recall_curve(SCORES, np.zeros(4, bool))


def test_the_curve_has_a_point_per_distinct_score() -> None:
    curve = precision_recall_curve(np.array([0.9, 0.8, 0.8, 0.6]), TRUTH)
    np.testing.assert_allclose(curve.recall, [0.5, 1.0, 1.0])
    np.testing.assert_allclose(curve.precision, [1.0, 2 / 3, 0.5])
    np.testing.assert_allclose(curve.threshold, [0.9, 0.8, 0.6])


def test_weights_count_films_as_if_repeated() -> None:
    rng = np.random.default_rng(5)
    for scores in (np.round(rng.random(30), 1), rng.random(30)):
        truth = rng.random(30) < 0.4
        weights = rng.integers(0, 3, size=(5, 30))
        found = average_precision_statistic(scores, truth)(weights.astype(float))
        for row, value in zip(weights, found, strict=True):
            repeated = average_precision(np.repeat(scores, row), np.repeat(truth, row))
            assert value == pytest.approx(repeated)


def test_a_resample_without_positives_is_undefined() -> None:
    found = average_precision_statistic(SCORES, TRUTH)(np.array([[0.0, 3.0, 0.0, 1.0]]))
    assert np.isnan(found[0])
