"""How two sets of scores of the same films agree: differences, correlation, kappa, ICC."""

from collections.abc import Callable
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

import numpy as np

from thoracle.core.arrays import DoubleArray
from thoracle.core.errors import EvaluationError
from thoracle.evaluation.bootstrap import (
    PatientResamples,
    clustered_estimate,
    resampled,
    statistic_of_films,
)
from thoracle.evaluation.estimate import Estimate

LIMITS: Final = 1.96  # standard deviations on each side: Bland and Altman 1986.

PairStatistic = Callable[[DoubleArray, DoubleArray], float]


def mean_absolute_difference(first: DoubleArray, second: DoubleArray) -> float:
    """Return the mean of |first − second|, (films,) each."""
    return float(np.mean(np.abs(first - second)))


def correlation(first: DoubleArray, second: DoubleArray) -> float:
    """Return Pearson's r of two (films,) arrays; NaN where one of them does not vary."""
    if len(first) < 2 or not np.ptp(first) or not np.ptp(second):
        return float("nan")
    return float(np.corrcoef(first, second)[0, 1])


def weighted_kappa(first: DoubleArray, second: DoubleArray, *, levels: int) -> float:
    """Return kappa of two readers on an ordinal scale, weighted by the square of the difference.

    Parameters
    ----------
    first, second : (films,) float64
        Whole numbers from 0 to `levels` - 1.
    levels
        How many levels the scale has.

    Returns
    -------
    float
        1 is perfect agreement, 0 that of chance; NaN where both say one and the same of all.

    Raises
    ------
    EvaluationError
        A score is no level of the scale.

    References
    ----------
    Cohen, Weighted kappa, Psychological Bulletin 70, 1968.
    """
    for scores in (first, second):
        if np.any(scores != np.round(scores)) or np.any((scores < 0) | (scores >= levels)):
            raise EvaluationError(
                f"found scores that are no level – expected whole numbers from 0 to {levels - 1}. "
                "Round them first.",
                code="evaluation-values",
            )
    counts = np.zeros((levels, levels))
    np.add.at(counts, (first.astype(np.int64), second.astype(np.int64)), 1.0)
    apart = np.subtract.outer(np.arange(levels), np.arange(levels)) ** 2
    chance = np.outer(counts.sum(axis=1), counts.sum(axis=0)) / max(1.0, counts.sum())
    expected = float((apart * chance).sum())
    return 1.0 - float((apart * counts).sum()) / expected if expected else float("nan")


def icc_agreement(first: DoubleArray, second: DoubleArray) -> float:
    """Return ICC(2,1): absolute agreement of single readings, readers drawn at random.

    Parameters
    ----------
    first, second : (films,) float64
        Scores of two readers, or of a reader and a model.

    Returns
    -------
    float
        1 is perfect agreement; NaN for fewer than two films.

    References
    ----------
    Shrout and Fleiss, Intraclass correlations, Psychological Bulletin 86, 1979.
    """
    ratings = np.stack([first, second], axis=1)
    films, readers = ratings.shape
    if films < 2:
        return float("nan")
    mean = ratings.mean()
    between = readers * ((ratings.mean(axis=1) - mean) ** 2).sum() / (films - 1)
    among = films * ((ratings.mean(axis=0) - mean) ** 2).sum() / (readers - 1)
    total = ((ratings - mean) ** 2).sum()
    rest = (total - between * (films - 1) - among * (readers - 1)) / ((films - 1) * (readers - 1))
    below = between + (readers - 1) * rest + readers * (among - rest) / films
    return float((between - rest) / below) if below else float("nan")


@dataclass(frozen=True, slots=True, kw_only=True)
class LimitsOfAgreement:
    """Mean difference (second less first), and where 95 of 100 differences are expected."""

    bias: float
    low: float
    high: float


def limits_of_agreement(first: DoubleArray, second: DoubleArray) -> LimitsOfAgreement:
    """Return Bland and Altman's limits of agreement of two (films,) arrays.

    References
    ----------
    Bland and Altman, Lancet 1986; normal differences are assumed.
    """
    apart = second - first
    bias, spread = float(apart.mean()), float(apart.std(ddof=1)) if len(apart) > 1 else 0.0
    return LimitsOfAgreement(bias=bias, low=bias - LIMITS * spread, high=bias + LIMITS * spread)


STATISTICS: Final = MappingProxyType(
    {"mae": mean_absolute_difference, "r": correlation, "icc": icc_agreement}
)
"""What a table of scores shows, by the name that it has in JSON."""


def score_estimates(
    reference: DoubleArray, scores: DoubleArray, resamples: PatientResamples
) -> dict[str, Estimate]:
    """Return every figure of `STATISTICS` with an interval by patient.

    Parameters
    ----------
    reference, scores : (films,) float64
        Without unknown ones.
    resamples
        From `resample_patients`, of the same films.

    Returns
    -------
    dict
        Name to estimate.
    """
    return {
        name: _estimate(statistic, reference, scores, resamples)
        for name, statistic in STATISTICS.items()
    }


def _estimate(
    statistic: PairStatistic,
    reference: DoubleArray,
    scores: DoubleArray,
    resamples: PatientResamples,
) -> Estimate:
    drawn = resampled(
        statistic_of_films(lambda rows: statistic(reference[rows], scores[rows])), resamples
    )
    return clustered_estimate(
        statistic(reference, scores), drawn, n=len(scores), patients=resamples.patients
    )


def conformal_half_width(residuals: DoubleArray, *, coverage: float) -> float:
    """Return the half width of an interval that covers a share of films not learned from.

    Parameters
    ----------
    residuals : (films,) float64
        Of films that the prediction was not learned from, any sign.
    coverage
        Share of films to cover, 0 to 1.

    Returns
    -------
    float
        The ⌈(n + 1) · coverage⌉-th smallest |residual|; the largest where there are too few.

    References
    ----------
    Vovk, Cross-conformal predictors, 2015; Lei et al., Distribution-free predictive inference for
    regression, JASA 2018. Films of one patient are not exchangeable, so coverage is approximate.
    """
    ordered = np.sort(np.abs(residuals))
    place = int(np.ceil((len(ordered) + 1) * coverage)) - 1
    return float(ordered[min(place, len(ordered) - 1)])
