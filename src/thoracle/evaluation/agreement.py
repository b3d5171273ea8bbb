"""How well two readers agree beyond chance."""

import math
from collections.abc import Hashable, Sequence

import numpy as np

from thoracle.core.arrays import DoubleArray
from thoracle.core.errors import EvaluationError
from thoracle.core.results import Reason
from thoracle.evaluation.estimate import CONFIDENCE, Estimate, unknown
from thoracle.evaluation.intervals import normal_quantile

METHOD = "cohen-kappa"


def cohen_kappa(
    first: Sequence[Hashable], second: Sequence[Hashable], *, confidence: float = CONFIDENCE
) -> Estimate:
    """Return Cohen's kappa of two readers who judged the same films.

    Parameters
    ----------
    first, second
        What each says of each film, in the same order; any names.
    confidence
        Two-sided coverage aimed at.

    Returns
    -------
    Estimate
        1 is perfect agreement, 0 that of chance. Unknown without films, or where both readers
        say one and the same of all of them. `n` counts films.

    Raises
    ------
    EvaluationError
        The readers judged different numbers of films.

    References
    ----------
    Cohen 1960; the interval is that of Fleiss, Cohen and Everitt 1969, large samples.
    """
    if len(first) != len(second):
        raise EvaluationError(
            f"found {len(first)} and {len(second)} judgements – expected as many of both readers.",
            code="evaluation-values",
        )
    films = len(first)
    if films == 0:
        return unknown(Reason(code="no-films", text="No film."), n=0, method=METHOD)
    shares = _shares(first, second)
    rows, columns = shares.sum(axis=1), shares.sum(axis=0)
    observed, chance = float(np.trace(shares)), float(rows @ columns)
    if math.isclose(chance, 1.0):
        text = "Both readers say one and the same of every film: chance alone explains it."
        return unknown(Reason(code="one-category", text=text), n=films, method=METHOD)
    value = (observed - chance) / (1 - chance)
    error = math.sqrt(max(_variance(shares, value, chance), 0.0) / films)
    reach = normal_quantile(confidence) * error
    return Estimate(
        value=value,
        low=max(value - reach, -1.0),
        high=min(value + reach, 1.0),
        n=films,
        method=METHOD,
    )


def _shares(first: Sequence[Hashable], second: Sequence[Hashable]) -> DoubleArray:
    """Return the share of films that fall to each pair of categories."""
    place = {name: i for i, name in enumerate(dict.fromkeys([*first, *second]))}
    counts = np.zeros((len(place), len(place)))
    for one, other in zip(first, second, strict=True):
        counts[place[one], place[other]] += 1
    return counts / len(first)


def _variance(shares: DoubleArray, kappa: float, chance: float) -> float:
    """Return the variance of kappa times the number of films."""
    rows, columns = shares.sum(axis=1), shares.sum(axis=0)
    sums = rows[None, :] + columns[:, None]
    on = float(np.sum(np.diag(shares) * (1 - np.diag(sums) * (1 - kappa)) ** 2))
    off = shares * sums**2
    beside = (1 - kappa) ** 2 * float(off.sum() - np.trace(off))
    rest = (kappa - chance * (1 - kappa)) ** 2
    return (on + beside - rest) / (1 - chance) ** 2
