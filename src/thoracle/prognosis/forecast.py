"""Tell what each variable will be in one and in three days, with a bundle's network."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

import numpy as np

from thoracle.core.arrays import DoubleArray
from thoracle.inference.bundle import Bundle
from thoracle.prognosis.network import ChartNetwork
from thoracle.prognosis.types import Chart, Landmark
from thoracle.prognosis.variables import VARIABLES

AHEAD_DAYS: Final = (1, 3)
QUANTILES: Final = (0.025, 0.5, 0.975)


@dataclass(frozen=True, slots=True, kw_only=True)
class Forecasts:
    """What a network expects of each variable, the first axis of which is the landmark's.

    Attributes
    ----------
    quantiles : (landmarks, 2, variables, 3) float64
        In one and three days, each of `VARIABLES`, at 2.5, 50 and 97.5 %, in the variable's unit
        and its plausible range; ascending. NaN where the network does not know the variable.
    """

    quantiles: DoubleArray = field(repr=False)


class Forecaster:
    """The forecasts of a bundle's network.

    Parameters
    ----------
    bundle
        Of task "prognosis".
    threads
        As for `Network`.
    """

    def __init__(self, bundle: Bundle, *, threads: int | None = None) -> None:
        self.bundle = bundle
        self._network = ChartNetwork(bundle, threads=threads)

    def predict(self, charts: Sequence[Chart], landmarks: Sequence[Landmark]) -> Forecasts:
        """Tell the values ahead of landmarks.

        Parameters
        ----------
        charts
            The stays.
        landmarks
            Index times in them.

        Returns
        -------
        Forecasts
            One for each landmark.
        """
        content = self._network.content
        scaling = content.scaling
        shape = (len(AHEAD_DAYS), len(scaling.places), len(QUANTILES))
        parts = [np.empty((0, *shape))]
        for _, one in self._network.run(charts, landmarks, ("quantiles",)):
            parts.append(one["quantiles"].astype(np.float64))
        scaled = widened(np.concatenate(parts), content.widening)
        low = np.array([VARIABLES[place].low for place in scaling.places.tolist()])
        high = np.array([VARIABLES[place].high for place in scaling.places.tolist()])
        shown = np.moveaxis(scaled, -1, 0)
        values = np.clip(scaling.unscale(shown), low, high)
        whole = np.full((len(landmarks), len(AHEAD_DAYS), len(VARIABLES), len(QUANTILES)), np.nan)
        whole[:, :, scaling.places] = np.moveaxis(values, 0, -1)
        return Forecasts(quantiles=whole)


def widened(quantiles: DoubleArray, widening: DoubleArray) -> DoubleArray:
    """Return quantiles, (landmarks, 2, inputs, 3), whose outer ones lie further from the middle.

    Parameters
    ----------
    quantiles
        Ascending along the last axis.
    widening : (2,) float64
        Times as far, in one and three days.

    Returns
    -------
    (landmarks, 2, inputs, 3) float64
        The middle stays.
    """
    middle = quantiles[..., 1:2]
    return np.asarray(middle + (quantiles - middle) * widening[:, None, None], np.float64)
