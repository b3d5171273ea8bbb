"""Calibration finds what was bent, and intervals hold what they say."""

import numpy as np
import pytest
import scipy
from sklearn.linear_model import LogisticRegression

from thoracle.train.prognosis.calibrate import fit_calibration, fit_widening

NOTHING = np.zeros(2)


def test_a_bent_scale_is_found_again_at_both_ends() -> None:
    rng = np.random.default_rng(5)
    true = rng.normal(0, 2, (40_000, 4)) + np.arange(4) / 2
    known = rng.random(len(true))
    labels = (rng.random(true.shape) < scipy.special.expit(true)).astype(float)
    slopes, intercepts = np.exp(0.7 - 1.1 * known)[:, None], (0.5 - known)[:, None]
    found = fit_calibration((true - intercepts) / slopes, labels, np.ones(len(true)), known=known)
    np.testing.assert_allclose(found.slopes, np.exp([0.7, -0.4]), rtol=0.06)
    np.testing.assert_allclose(found.intercepts[0], 0.5, atol=0.12)
    np.testing.assert_allclose(found.intercepts[1], -0.5, atol=0.12)


def test_of_one_horizon_where_nothing_is_known_it_is_a_logistic_regression() -> None:
    rng = np.random.default_rng(6)
    logits = rng.normal(0, 2, (400, 4))
    labels = np.full((400, 4), np.nan)
    labels[:, 3] = rng.random(400) < scipy.special.expit(0.4 * logits[:, 3] + 0.3)
    weights = rng.uniform(0.5, 2, 400)
    found = fit_calibration(logits, labels, weights, known=np.zeros(400))
    fitted = LogisticRegression(C=1e6).fit(logits[:, 3:], labels[:, 3], sample_weight=weights)
    assert found.slopes[0] == pytest.approx(fitted.coef_[0, 0], rel=0.02)
    assert found.intercepts[0, 3] == pytest.approx(fitted.intercept_[0], abs=0.01)
    assert found.intercepts[0, :3].tolist() == [0, 0, 0]
    assert found.slopes[0] == found.slopes[1]


def test_of_nothing_nothing_is_changed() -> None:
    found = fit_calibration(np.zeros((2, 4)), np.full((2, 4), np.nan), np.ones(2), known=NOTHING)
    assert found.slopes.tolist() == [1.0, 1.0]
    assert found.intercepts.tolist() == [[0.0] * 4] * 2


def test_where_everybody_has_the_event_intercepts_stay_finite() -> None:
    found = fit_calibration(np.zeros((9, 4)), np.ones((9, 4)), np.ones(9), known=np.zeros(9))
    assert np.isfinite(found.intercepts).all()
    assert (found.intercepts > 1).all()


def test_widened_intervals_hold_ninety_five_of_a_hundred() -> None:
    rng = np.random.default_rng(7)
    ahead = rng.normal(0, 3, (5000, 2, 2)).astype(np.float32)
    ahead[:, 1] = np.nan
    quantiles = np.tile([-1.0, 0.0, 1.0], (5000, 2, 2, 1))
    found = fit_widening(quantiles, ahead)
    assert found[0] == pytest.approx(3 * 1.96, rel=0.05)
    assert found[1] == 1.0
