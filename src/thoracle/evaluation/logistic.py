"""Logistic regression with errors clustered by patient and profile-likelihood intervals.

statsmodels belongs to the extra "research" and is imported when a model is fitted.
"""

from dataclasses import dataclass, field

import numpy as np
import scipy

from thoracle.core.arrays import BoolArray, DoubleArray, IntArray
from thoracle.core.extras import require_research

_STEPS_MAX = 30  # Doublings of the search beyond the estimate; then the limit is not known.
_NEWTON_STEPS_MAX = 100  # Five or six are usual.
_LIKELIHOOD_TOLERANCE = 1e-9  # Nats; limits are read off a fall of 1.9.


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class LogisticFit:
    """A fitted model.

    `coefficients` is (columns,) float64; `covariance` is (columns, columns) float64, clustered by
    patient; `errors` is (columns,) float64, the likelihood's own standard errors.
    """

    coefficients: DoubleArray
    covariance: DoubleArray = field(repr=False)
    errors: DoubleArray
    log_likelihood: float

    def wald_p(self, combinations: DoubleArray) -> float:
        """Test that all of some combinations of coefficients are 0.

        Parameters
        ----------
        combinations : (tests, columns) float64
            One row for each.

        Returns
        -------
        float
            Of the chi-square test with the covariance by patient.
        """
        values = combinations @ self.coefficients
        spread = combinations @ self.covariance @ combinations.T
        statistic = float(values @ np.linalg.solve(spread, values))
        return float(scipy.stats.chi2.sf(statistic, len(combinations)))


def require_statsmodels() -> None:
    """Stop early where models cannot be fitted; that is a MissingExtraError."""
    require_research("statsmodels", package="statsmodels", need="the regression needs")


def fit_logistic(design: DoubleArray, outcome: BoolArray, patient: IntArray) -> LogisticFit:
    """Fit a logistic regression by maximum likelihood.

    Parameters
    ----------
    design : (films, columns) float64
        With a column of ones; of full rank and without separation.
    outcome : (films,) bool
        What is explained.
    patient : (films,) int64
        Films of one number are not independent.

    Returns
    -------
    LogisticFit
        Without statsmodels this is a MissingExtraError.

    References
    ----------
    Liang and Zeger 1986 for the covariance, with the usual correction for few clusters.
    """
    require_statsmodels()
    import statsmodels.api as sm

    model = sm.GLM(outcome.astype(np.float64), design, family=sm.families.Binomial())
    plain = model.fit(tol=1e-10)
    robust = model.fit(tol=1e-10, cov_type="cluster", cov_kwds={"groups": patient})
    return LogisticFit(
        coefficients=np.asarray(plain.params, np.float64),
        covariance=np.asarray(robust.cov_params(), np.float64),
        errors=np.asarray(plain.bse, np.float64),
        log_likelihood=float(plain.llf),
    )


def profile_interval(
    design: DoubleArray,
    outcome: BoolArray,
    fit: LogisticFit,
    column: int,
    *,
    confidence: float,
) -> tuple[float | None, float | None]:
    """Return the values of a coefficient that a likelihood-ratio test does not reject.

    Parameters
    ----------
    design, outcome
        As for `fit_logistic`; films are taken as independent.
    fit
        The model fitted to them.
    column
        Which coefficient.
    confidence
        Two-sided coverage aimed at.

    Returns
    -------
    tuple of float or None
        Lower and upper limit; None where the likelihood does not fall far enough.
    """
    rest, start = np.delete(design, column, axis=1), np.delete(fit.coefficients, column)
    drop = float(scipy.stats.chi2.ppf(confidence, 1)) / 2.0
    best, error = float(fit.coefficients[column]), float(fit.errors[column])

    def excess(value: float) -> float:
        offset = value * design[:, column]
        return fit.log_likelihood - drop - _largest_likelihood(rest, outcome, offset, start)

    def limit(direction: float) -> float | None:
        reach = direction * error
        for _ in range(_STEPS_MAX):
            if excess(best + reach) > 0.0:
                return float(scipy.optimize.brentq(excess, best, best + reach, xtol=1e-6))
            reach *= 1.5
        return None

    return limit(-1.0), limit(1.0)


def _largest_likelihood(
    design: DoubleArray, outcome: BoolArray, offset: DoubleArray, start: DoubleArray
) -> float:
    """Return the largest log-likelihood with one coefficient held, by damped Newton steps."""
    beta = start.copy()
    current = _log_likelihood(design @ beta + offset, outcome)
    for _ in range(_NEWTON_STEPS_MAX):
        chance = scipy.special.expit(design @ beta + offset)
        weighted = design * (chance * (1.0 - chance))[:, None]
        step = np.linalg.lstsq(weighted.T @ design, design.T @ (outcome - chance), rcond=None)[0]
        gained = _log_likelihood(design @ (beta + step) + offset, outcome) - current
        while gained < -_LIKELIHOOD_TOLERANCE:
            step /= 2.0
            gained = _log_likelihood(design @ (beta + step) + offset, outcome) - current
        beta += step
        current += gained
        if gained < _LIKELIHOOD_TOLERANCE:
            break
    return current


def _log_likelihood(linear: DoubleArray, outcome: BoolArray) -> float:
    return float(np.sum(np.where(outcome, linear, 0.0) - np.logaddexp(0.0, linear)))
