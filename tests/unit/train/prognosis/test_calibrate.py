"""Calibration finds what was bent, and intervals hold what they say."""

import numpy as np
import pytest
import scipy
from sklearn.linear_model import LogisticRegression

from thoracle.train.prognosis.calibrate import calibrated, fit_calibration, fit_widening


def test_a_bent_scale_is_found_again() -> None:
    rng = np.random.default_rng(5)
    true = rng.normal(0, 2, (20_000, 4)) + np.arange(4)
    labels = (rng.random(true.shape) < scipy.special.expit(true)).astype(float)
    found = fit_calibration((true - 1.0) * 3.0, labels, np.ones(len(true)))
    assert found.temperature == pytest.approx(3.0, rel=0.05)
    np.testing.assert_allclose(found.intercepts, 1.0, atol=0.1)


def test_of_one_horizon_it_is_a_logistic_regression() -> None:
    rng = np.random.default_rng(6)
    logits = rng.normal(0, 2, (400, 4))
    labels = np.full((400, 4), np.nan)
    labels[:, 3] = rng.random(400) < scipy.special.expit(0.4 * logits[:, 3] + 0.3)
    weights = rng.uniform(0.5, 2, 400)
    found = fit_calibration(logits, labels, weights)
    fitted = LogisticRegression(C=1e6).fit(logits[:, 3:], labels[:, 3], sample_weight=weights)
    assert 1 / found.temperature == pytest.approx(fitted.coef_[0, 0], rel=0.02)
    assert found.intercepts[3] == pytest.approx(fitted.intercept_[0], abs=0.01)
    assert found.intercepts[:3].tolist() == [0, 0, 0]


def test_of_nothing_nothing_is_changed_and_risks_never_fall() -> None:
    found = fit_calibration(np.zeros((2, 4)), np.full((2, 4), np.nan), np.ones(2))
    assert (found.temperature, found.intercepts.tolist()) == (1.0, [0, 0, 0, 0])
    risks = calibrated(np.array([[0.0, 2.0, 1.0, 3.0]]), found)
    assert (np.diff(risks) >= 0).all()
    assert risks[0, 2] == risks[0, 1]


def test_where_everybody_has_the_event_intercepts_stay_finite() -> None:
    found = fit_calibration(np.zeros((9, 4)), np.ones((9, 4)), np.ones(9))
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
