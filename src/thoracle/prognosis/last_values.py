"""The last value of a variable that was known at an index time, and when it was measured."""

from dataclasses import dataclass

import numpy as np

from thoracle.prognosis.landmarks import is_known
from thoracle.prognosis.types import Chart
from thoracle.prognosis.variables import place_of


@dataclass(frozen=True, slots=True, kw_only=True)
class LastValue:
    """What was last known of one variable.

    Attributes
    ----------
    name
        As in `variables.VARIABLES`.
    value
        In the variable's unit; NaN where nothing was known.
    time_h
        Hours since admission at which it was known; NaN where nothing was.
    """

    name: str
    value: float
    time_h: float

    @property
    def is_known(self) -> bool:
        """Whether there is a value."""
        return not np.isnan(self.value)


def last_value(chart: Chart, index_h: float, name: str) -> LastValue:
    """Return the last value of a variable at or before an index time.

    Parameters
    ----------
    chart
        Of one stay.
    index_h
        Hours since admission; what came later is not looked at.
    name
        Of the variable.

    Returns
    -------
    LastValue
        Of several at one time the last in the chart's order.
    """
    known = np.flatnonzero(is_known(chart.times_h, index_h) & (chart.variables == place_of(name)))
    if not known.size:
        return LastValue(name=name, value=float("nan"), time_h=float("nan"))
    place = known[-1]
    return LastValue(
        name=name, value=float(chart.values[place]), time_h=float(chart.times_h[place])
    )
