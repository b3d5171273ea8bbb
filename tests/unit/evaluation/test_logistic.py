"""Logistic regression: published estimates, errors by patient, limits of the likelihood."""

import sys
from typing import Any

import numpy as np
import pytest
import scipy

from thoracle.core.arrays import BoolArray, DoubleArray, IntArray
from thoracle.core.errors import MissingExtraError
from thoracle.evaluation.logistic import fit_logistic, profile_interval

# Spector and Mazzeo 1980, as printed in Greene, Econometric Analysis: grade-point average, test
# score, taught by the new method; improved or not.
GPA = [
    2.66, 2.89, 3.28, 2.92, 4.00, 2.86, 2.76, 2.87, 3.03, 3.92, 2.63, 3.32, 3.57, 3.26, 3.53, 2.74,
    2.75, 2.83, 3.12, 3.16, 2.06, 3.62, 2.89, 3.51, 3.54, 2.83, 3.39, 2.67, 3.65, 4.00, 3.10, 2.39,
]  # fmt: skip
SCORE = [
    20, 22, 24, 12, 21, 17, 17, 21, 25, 29, 20, 23, 23, 25, 26, 19, 25, 19, 23, 25, 22, 28, 14, 26,
    24, 27, 17, 24, 21, 23, 21, 19,
]  # fmt: skip
METHOD = [0] * 18 + [1] * 14
IMPROVED = [
    0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 0, 0, 1, 0, 1, 0, 0, 1, 1, 1, 0, 1, 1, 0, 1,
]  # fmt: skip


@pytest.fixture
def spector() -> tuple[DoubleArray, BoolArray]:
    design = np.stack([np.ones(32), GPA, SCORE, METHOD], axis=1)
    return design, np.array(IMPROVED, dtype=bool)


def alone(films: int) -> IntArray:
    return np.arange(films, dtype=np.int64)


def test_the_estimates_of_spector_and_mazzeo(spector: tuple[DoubleArray, BoolArray]) -> None:
    """Greene, table 21.1: coefficients, standard errors and log-likelihood of the logit model."""
    fit = fit_logistic(*spector, alone(32))
    np.testing.assert_allclose(fit.coefficients, [-13.021, 2.826, 0.095, 2.379], atol=6e-4)
    np.testing.assert_allclose(fit.errors, [4.931, 1.263, 0.142, 1.065], atol=6e-4)
    assert fit.log_likelihood == pytest.approx(-12.890, abs=6e-4)


def test_profile_limits_are_where_the_likelihood_has_fallen_enough(
    spector: tuple[DoubleArray, BoolArray],
) -> None:
    design, outcome = spector
    fit = fit_logistic(design, outcome, alone(32))

    def fallen(held: float) -> float:
        def loss(rest: DoubleArray) -> float:
            linear = design @ np.array([rest[0], held, rest[1], rest[2]])
            return float(np.sum(np.logaddexp(0.0, linear) - outcome * linear))

        options: Any = {"xatol": 1e-8, "fatol": 1e-10, "maxiter": 5000}
        start = [-10.0, 0.1, 2.0]
        found = scipy.optimize.minimize(loss, start, method="Nelder-Mead", options=options)
        return 2.0 * (fit.log_likelihood + float(found.fun))

    low, high = profile_interval(design, outcome, fit, 1, confidence=0.95)
    assert low is not None
    assert high is not None
    assert low < fit.coefficients[1] < high
    assert fallen(low) == pytest.approx(3.841, abs=2e-3)
    assert fallen(high) == pytest.approx(3.841, abs=2e-3)


def test_a_likelihood_that_never_falls_has_no_limit() -> None:
    design = np.stack([np.ones(6), [0, 0, 0, 0, 1, 1]], axis=1)
    outcome = np.array([True, False, True, False, True, False])
    fit = fit_logistic(design, outcome, alone(6))
    fit.errors[1] = 1e-12  # the search starts so near that it ends before the likelihood falls
    assert profile_interval(design, outcome, fit, 1, confidence=0.95) == (None, None)


def test_films_of_one_patient_count_as_less_than_as_many_patients() -> None:
    rng = np.random.default_rng(0)
    x = rng.normal(size=200)
    outcome = rng.random(200) < scipy.special.expit(x)
    copies = np.repeat(np.arange(200), 4)
    design = np.stack([np.ones(800), x[copies]], axis=1)
    clustered = fit_logistic(design, outcome[copies], copies.astype(np.int64))
    apart = fit_logistic(design, outcome[copies], alone(800))
    ratio = clustered.covariance[1, 1] / apart.covariance[1, 1]
    assert ratio == pytest.approx(4.0, rel=0.02)
    single = fit_logistic(design[::4], outcome, alone(200))
    np.testing.assert_allclose(clustered.coefficients, single.coefficients, atol=1e-6)
    np.testing.assert_allclose(clustered.covariance, single.covariance, rtol=0.01)


def test_walds_test_of_one_coefficient_is_its_z_squared(
    spector: tuple[DoubleArray, BoolArray],
) -> None:
    fit = fit_logistic(*spector, alone(32))
    z = fit.coefficients[1] / np.sqrt(fit.covariance[1, 1])
    assert fit.wald_p(np.eye(4)[1:2]) == pytest.approx(2 * scipy.stats.norm.sf(abs(z)))


def test_without_statsmodels_the_extra_is_named(
    spector: tuple[DoubleArray, BoolArray], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "statsmodels", None)
    with pytest.raises(MissingExtraError, match=r"pip install 'thoracle\[research\]'"):
        fit_logistic(*spector, alone(32))
