"""Intervals for a proportion: Wilson's score interval and Clopper and Pearson's exact one."""

import math

from thoracle.core.errors import EvaluationError
from thoracle.core.results import Reason
from thoracle.evaluation.estimate import CONFIDENCE, Estimate, unknown

NO_CASES = Reason(code="no-cases", text="No case in the denominator.")


def normal_quantile(confidence: float) -> float:
    """Return how many standard errors a two-sided interval reaches to each side.

    Raises
    ------
    EvaluationError
        `confidence` does not lie between 0 and 1.
    """
    if not 0.0 < confidence < 1.0:
        raise EvaluationError(
            f"The confidence level is {confidence:g}, expected above 0 and below 1. "
            "Use 0.95 for a 95 % interval.",
            code="evaluation-values",
        )
    import scipy  # only here: what reads a film does without it

    return float(scipy.special.ndtri(0.5 + confidence / 2.0))


def wilson(successes: int, cases: int, *, confidence: float = CONFIDENCE) -> Estimate:
    """Return a proportion with Wilson's score interval.

    Parameters
    ----------
    successes, cases
        Numerator and denominator, whole numbers. Cases are taken as independent.
    confidence
        Two-sided coverage aimed at, between 0 and 1.

    Returns
    -------
    Estimate
        `value` in 0 to 1; unknown where `cases` is 0.

    Raises
    ------
    EvaluationError
        `successes` is negative or more than `cases`.

    References
    ----------
    Wilson 1927; Newcombe 1998, method 3.
    """
    problem = _count_problem(successes, cases)
    if problem is not None:
        raise EvaluationError(problem, code="evaluation-values")
    if cases == 0:
        return unknown(NO_CASES, n=0, method="wilson")
    z = normal_quantile(confidence)
    share = successes / cases
    scale = 1.0 + z * z / cases
    center = (share + z * z / (2.0 * cases)) / scale
    reach = z * math.sqrt(share * (1.0 - share) / cases + (z / (2.0 * cases)) ** 2) / scale
    return Estimate(
        value=share,
        low=0.0 if successes == 0 else max(0.0, center - reach),
        high=1.0 if successes == cases else min(1.0, center + reach),
        n=cases,
        method="wilson",
    )


def clopper_pearson(successes: int, cases: int, *, confidence: float = CONFIDENCE) -> Estimate:
    """Return a proportion with the exact interval, which never covers less than it says.

    Parameters
    ----------
    successes, cases
        Numerator and denominator, whole numbers. Cases are taken as independent.
    confidence
        Two-sided coverage guaranteed, between 0 and 1.

    Returns
    -------
    Estimate
        `value` in 0 to 1; unknown where `cases` is 0.

    Raises
    ------
    EvaluationError
        `successes` is negative or more than `cases`.

    References
    ----------
    Clopper and Pearson 1934.
    """
    problem = _count_problem(successes, cases)
    if problem is not None:
        raise EvaluationError(problem, code="evaluation-values")
    if cases == 0:
        return unknown(NO_CASES, n=0, method="clopper-pearson")
    normal_quantile(confidence)
    tail = (1.0 - confidence) / 2.0
    failures = cases - successes
    import scipy

    low = 0.0 if successes == 0 else float(scipy.special.betaincinv(successes, failures + 1, tail))
    high = (
        1.0
        if failures == 0
        else float(scipy.special.betaincinv(successes + 1, failures, 1.0 - tail))
    )
    return Estimate(value=successes / cases, low=low, high=high, n=cases, method="clopper-pearson")


def _count_problem(successes: int, cases: int) -> str | None:
    if 0 <= successes <= cases:
        return None
    return (
        f"{successes} successes of {cases} cases cannot be: expected 0 to {max(cases, 0)}. "
        "Count both over the same films."
    )
