"""What the patients were like that a model learned from, as far as its bundle says."""

from dataclasses import dataclass
from typing import Final

import numpy as np

from thoracle.core.arrays import BoolArray, DoubleArray, IntArray
from thoracle.prognosis.features import DAYS, Scaling
from thoracle.prognosis.landmarks import DAY_H
from thoracle.prognosis.types import Chart

_REACH_SD: Final = 1.959964  # from the mean to the 2.5 and 97.5 % quantiles


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """What a network's variables were like in the patients that it learned from.

    Attributes
    ----------
    low, high : (inputs,) float64
        All but two in a thousand of their values lay between these, in each variable's unit.
    patients_share : (inputs,) float64
        How many of the patients had it at all, 0 to 1.
    """

    low: DoubleArray
    high: DoubleArray
    patients_share: DoubleArray


@dataclass(frozen=True, slots=True, kw_only=True)
class Learned:
    """What the patients that a model learned from were like.

    Attributes
    ----------
    places : (inputs,) int64
        Variables that it knows, among `VARIABLES`.
    low, median, high : (inputs,) float64
        95 % of their values lay between these, about `median`; in each variable's unit.
    lowest, highest : (inputs,) float64
        Hardly any value lay further out.
    patients_share : (inputs,) float64
        How many of the patients had it at all, 0 to 1.
    """

    places: IntArray
    low: DoubleArray
    median: DoubleArray
    high: DoubleArray
    lowest: DoubleArray
    highest: DoubleArray
    patients_share: DoubleArray

    @classmethod
    def of(cls, scaling: Scaling, seen: Seen) -> "Learned":
        """Return what a network says of the patients it learned from."""
        reach = {"low": -_REACH_SD, "median": 0.0, "high": _REACH_SD}
        everywhere = np.ones(len(scaling.places))
        told = {name: scaling.unscale(sd * everywhere) for name, sd in reach.items()}
        return cls(
            places=scaling.places,
            **told,
            lowest=seen.low,
            highest=seen.high,
            patients_share=seen.patients_share,
        )

    def is_usable(self, known: Chart, index_h: float) -> BoolArray:
        """Return which measurements the model sees: of variables it knows, and of the last days.

        Parameters
        ----------
        known
            As it was at the index time.
        index_h
            Hours since admission.

        Returns
        -------
        (measurements,) bool
            By measurement.
        """
        is_recent = index_h - known.times_h < DAY_H * DAYS
        return np.asarray(is_recent & np.isin(known.variables, self.places), np.bool_)
