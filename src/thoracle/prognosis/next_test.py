"""Which variable would change a risk most if it were measured now.

For each one that is unknown or old, likely values are put into the chart, one after the other, and
the risk is told again. It says nothing of what a measurement costs, how long it takes, or harms.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
import scipy

from thoracle.core.arrays import DoubleArray
from thoracle.prognosis.explain import RiskSource, predict_each
from thoracle.prognosis.landmarks import known_at
from thoracle.prognosis.types import HORIZONS, Chart

OLD_H: Final = 24.0
"""A value of the last day is taken to be new: most laboratory values are measured once a day."""
DRAWS: Final = 9
_REACH: Final = 1.959964  # standard deviations from the median to the 2.5 and 97.5 % quantiles


@dataclass(frozen=True, slots=True, kw_only=True)
class Likely:
    """What a variable would probably be if it were measured: 2.5, 50 and 97.5 % quantiles.

    Attributes
    ----------
    variable
        Place in `VARIABLES`.
    low, median, high
        In its unit.
    is_forecast
        Whether it was told of this patient; otherwise it is that of the patients learned from.
    """

    variable: int
    low: float
    median: float
    high: float
    is_forecast: bool

    @property
    def values(self) -> DoubleArray:
        """Equally likely values, (9,) float64: of two half normal curves that meet at the median.

        They are the middles of nine equal shares, not drawn at random: the same chart gives the
        same answer.
        """
        shares = (np.arange(DRAWS) + 0.5) / DRAWS
        deviations = scipy.special.ndtri(shares) / _REACH
        below, above = self.median - self.low, self.high - self.median
        return self.median + deviations * np.where(deviations < 0, below, above)


@dataclass(frozen=True, slots=True, kw_only=True)
class NextTest:
    """How much a measurement of one variable would tell, if it came out as is likely.

    Attributes
    ----------
    likely
        What it would probably be.
    age_h
        Hours since it was measured; None where it never was.
    expected_change : (4,) float64
        Mean of how far the probability within each of `HORIZONS` would move, in either direction.
    information_bits : (4,) float64
        Entropy of the mean of the risks after it, less the mean of their entropies: 0 where it
        would tell nothing, at most 1.
    """

    likely: Likely
    age_h: float | None
    expected_change: DoubleArray
    information_bits: DoubleArray


def next_tests(
    chart: Chart, likely: Sequence[Likely], *, index_h: float, model: RiskSource, horizon: int
) -> tuple[NextTest, ...]:
    """Rank what could be measured next.

    Parameters
    ----------
    chart
        One stay; only what was known at the index time counts.
    likely
        Of each variable that could be measured. Those whose value is less than a day old are
        passed over.
    index_h
        Hours since admission.
    model
        Tells the risks.
    horizon
        Place in `HORIZONS` by whose expected change they are ranked.

    Returns
    -------
    tuple of NextTest
        The one that would move the risk furthest first. Nothing on cost, delay or harm.
    """
    known = known_at(chart, index_h)
    open_ones = [(one, _age_h(known, one.variable, index_h)) for one in likely]
    open_ones = [(one, age_h) for one, age_h in open_ones if age_h is None or age_h >= OLD_H]
    charts = [
        measured_at(known, one.variable, value, index_h)
        for one, _ in open_ones
        for value in one.values.tolist()
    ]
    now, *after = predict_each([known, *charts], index_h=index_h, model=model)
    risks = np.reshape(after, (len(open_ones), DRAWS, len(HORIZONS)))
    changes = np.abs(risks - now).mean(axis=1)
    bits = _entropy(risks.mean(axis=1)) - _entropy(risks).mean(axis=1)
    found = [
        NextTest(likely=one, age_h=age_h, expected_change=change, information_bits=told)
        for (one, age_h), change, told in zip(open_ones, changes, bits, strict=True)
    ]
    return tuple(sorted(found, key=lambda one: -float(one.expected_change[horizon])))


def measured_at(known: Chart, variable: int, value: float, index_h: float) -> Chart:
    """Return a chart as it would be with one more value at the index time.

    Parameters
    ----------
    known
        As it was at the index time.
    variable
        Place in `VARIABLES`.
    value
        In its unit.
    index_h
        Hours since admission.

    Returns
    -------
    Chart
        A new one.
    """
    return replace(
        known,
        times_h=np.append(known.times_h, index_h),
        variables=np.append(known.variables, variable),
        values=np.append(known.values, value),
    )


def _age_h(known: Chart, variable: int, index_h: float) -> float | None:
    times_h = known.times_h[known.variables == variable]
    return float(index_h - times_h.max()) if times_h.size else None


def _entropy(risks: DoubleArray) -> DoubleArray:
    """Return the entropy of yes or no, in bits."""
    nats = scipy.special.entr(risks) + scipy.special.entr(1 - risks)
    return np.asarray(np.maximum(nats, 0) / np.log(2), np.float64)
