"""What each known variable adds to a risk, told without the model's own attention.

Attention says where a network weighed what it was shown; it does not say what the risk would have
been without it. So variables are hidden in turn, and Shapley values share the difference out.
"""

import math
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from itertools import combinations
from typing import Final, Protocol

import numpy as np

from thoracle.core.arrays import DoubleArray, IntArray
from thoracle.core.errors import ChartError
from thoracle.prognosis.landmarks import known_at, narrowed, unlabeled
from thoracle.prognosis.types import HORIZONS, Chart, Landmark, Risks

AGE: Final = -1
SEX: Final = -2
"""Stand for age and sex among the places of variables: they are told with them, and hidden too."""

EXACT_PARTS: Final = 8
"""Up to so many parts every choice of them is tried: 256 charts."""
PERMUTATIONS: Final = 32
_FEWEST: Final = 4  # two each way: of fewer the spread is unknown
_BATCH: Final = 512  # charts a prediction: bounds the memory, and the network works in parts anyway


class RiskSource(Protocol):
    """What tells risks of charts, such as `prognosis.model.RiskModel`."""

    def predict(self, charts: Sequence[Chart], landmarks: Sequence[Landmark]) -> Risks:
        """Tell the risks of landmarks."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Attribution:
    """How the difference between a risk and the risk with nothing known is shared out.

    Attributes
    ----------
    parts
        Places of the variables that were known, and `AGE` and `SEX` where they were.
    added : (parts, 4) float64
        What each adds to the probability within each of `HORIZONS`; their sum is `risk` − `base`.
    errors : (parts, 4) float64
        Standard error by the drawn orders; 0 where all choices were tried.
    base, risk : (4,) float64
        Probability with nothing known, and with all that is.
    is_exact
        Whether every choice of parts was tried.
    """

    parts: tuple[int, ...]
    added: DoubleArray
    errors: DoubleArray
    base: DoubleArray
    risk: DoubleArray
    is_exact: bool


def parts_of(chart: Chart) -> tuple[int, ...]:
    """Return what is known of a chart: places of variables, ascending, then `AGE` and `SEX`."""
    asides = [part for part, known in _asides(chart) if known]
    return (*np.unique(chart.variables).tolist(), *asides)


def with_parts(chart: Chart, parts: Collection[int]) -> Chart:
    """Return a chart in which only some parts are known.

    Parameters
    ----------
    chart
        Any.
    parts
        Places of variables, `AGE`, `SEX`.

    Returns
    -------
    Chart
        All values of other variables are gone, as if they had never been measured.
    """
    return replace(
        narrowed(chart, np.isin(chart.variables, list(parts))),
        age_years=chart.age_years if AGE in parts else math.nan,
        sex=chart.sex if SEX in parts else "",
    )


def attribute(
    chart: Chart,
    *,
    index_h: float,
    model: RiskSource,
    rng: np.random.Generator,
    permutations: int = PERMUTATIONS,
) -> Attribution:
    """Share a risk out among what was known, by Shapley values.

    Parameters
    ----------
    chart
        One stay; only what was known at the index time counts.
    index_h
        Hours since admission.
    model
        Tells the risks.
    rng
        Draws the orders, where there are more than eight parts.
    permutations
        How many orders; even, since each is also taken backwards, which lowers the error.

    Returns
    -------
    Attribution
        Empty where nothing is known.

    Raises
    ------
    ChartError
        The number of orders is odd or below 4.

    References
    ----------
    Shapley 1953; Štrumbelj and Kononenko 2010 for drawn orders; Mitchell et al. 2022 for orders
    taken both ways.
    """
    if permutations < _FEWEST or permutations % 2:
        raise ChartError(
            f"found {permutations} orders – expected an even number of at least {_FEWEST}. Give "
            "one.",
            code="chart-permutations",
        )
    known = known_at(chart, index_h)
    parts = parts_of(known)
    is_exact = len(parts) <= EXACT_PARTS
    values = _Values(known, index_h, model)
    if is_exact:
        added = _exact(parts, values)
        errors = np.zeros_like(added)
    else:
        added, errors = _sampled(parts, values, permutations // 2, rng)
    base, risk = values.of([frozenset(), frozenset(parts)])
    return Attribution(
        parts=parts, added=added, errors=errors, base=base, risk=risk, is_exact=is_exact
    )


def predict_each(charts: Sequence[Chart], *, index_h: float, model: RiskSource) -> DoubleArray:
    """Tell the risks of charts at one index time, in parts that fit into memory.

    Parameters
    ----------
    charts
        Any number, also none.
    index_h
        Hours since admission.
    model
        Tells the risks.

    Returns
    -------
    (charts, 4) float64
        Probability within each of `HORIZONS`.
    """
    told = [np.zeros((0, len(HORIZONS)))]
    for first in range(0, len(charts), _BATCH):
        some = charts[first : first + _BATCH]
        landmarks = unlabeled([index_h] * len(some))
        told.append(np.asarray(model.predict(some, landmarks).risks, np.float64))
    return np.concatenate(told)


class _Values:
    """The risks with only some parts known; each choice is asked for once."""

    def __init__(self, chart: Chart, index_h: float, model: RiskSource) -> None:
        self._chart, self._index_h, self._model = chart, index_h, model
        self._told: dict[frozenset[int], DoubleArray] = {}

    def of(self, choices: Sequence[frozenset[int]]) -> DoubleArray:
        """Return (choices, 4) float64."""
        fresh = [one for one in dict.fromkeys(choices) if one not in self._told]
        charts = [with_parts(self._chart, one) for one in fresh]
        risks = predict_each(charts, index_h=self._index_h, model=self._model)
        self._told.update(zip(fresh, risks, strict=True))
        return np.stack([self._told[one] for one in choices])


def _asides(chart: Chart) -> tuple[tuple[int, bool], ...]:
    return (AGE, not math.isnan(chart.age_years)), (SEX, chart.sex != "")


def _exact(parts: Sequence[int], values: _Values) -> DoubleArray:
    """Weigh what a part adds to each choice of the others."""
    count = len(parts)
    values.of([frozenset(one) for size in range(count + 1) for one in combinations(parts, size)])
    added = np.zeros((count, len(HORIZONS)))
    for place, part in enumerate(parts):
        others = [one for one in parts if one != part]
        for size in range(count):
            weight = 1 / (count * math.comb(count - 1, size))
            without = [frozenset(one) for one in combinations(others, size)]
            gains = values.of([one | {part} for one in without]) - values.of(without)
            added[place] += weight * gains.sum(axis=0)
    return added


def _sampled(
    parts: Sequence[int], values: _Values, pairs: int, rng: np.random.Generator
) -> tuple[DoubleArray, DoubleArray]:
    """Average what a part adds when parts become known in drawn orders, each also backwards."""
    orders = [rng.permutation(len(parts)) for _ in range(pairs)]
    both_ways = [[order, order[::-1]] for order in orders]
    values.of([one for pair in both_ways for order in pair for one in _growing(parts, order)])
    gained = np.zeros((pairs, len(parts), len(HORIZONS)))
    for place, pair in enumerate(both_ways):
        for order in pair:
            gained[place, order] += np.diff(values.of(_growing(parts, order)), axis=0) / 2
    return gained.mean(axis=0), gained.std(axis=0, ddof=1) / math.sqrt(pairs)


def _growing(parts: Sequence[int], order: IntArray) -> list[frozenset[int]]:
    """Return nothing, the first of an order, the first two, and so on to all."""
    ordered = [parts[one] for one in order.tolist()]
    return [frozenset(ordered[:size]) for size in range(len(ordered) + 1)]
