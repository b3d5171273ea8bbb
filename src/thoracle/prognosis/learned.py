"""What the patients were like that a model learned from, as far as its scaling says."""

from dataclasses import dataclass
from typing import Final

import numpy as np

from thoracle.core.arrays import BoolArray, DoubleArray, IntArray
from thoracle.prognosis.features import CLIP_SD, DAYS, Scaling
from thoracle.prognosis.landmarks import DAY_H
from thoracle.prognosis.types import Chart

_REACH_SD: Final = 1.959964  # from the mean to the 2.5 and 97.5 % quantiles


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
        Values further out look alike to the model.
    """

    places: IntArray
    low: DoubleArray
    median: DoubleArray
    high: DoubleArray
    lowest: DoubleArray
    highest: DoubleArray

    @classmethod
    def of(cls, scaling: Scaling) -> "Learned":
        """Return what a network's scaling says of the patients it learned from."""
        reach = {
            "low": -_REACH_SD,
            "median": 0.0,
            "high": _REACH_SD,
            "lowest": -CLIP_SD,
            "highest": CLIP_SD,
        }
        everywhere = np.ones(len(scaling.places))
        told = {name: scaling.unscale(sd * everywhere) for name, sd in reach.items()}
        return cls(places=scaling.places, **told)

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
