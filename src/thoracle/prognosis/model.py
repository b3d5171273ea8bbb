"""Tell the risk at landmarks with a bundle's network."""

from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from typing import Final

import numpy as np
import scipy

from thoracle.core.arrays import DoubleArray, FloatArray
from thoracle.inference.bundle import Bundle
from thoracle.prognosis.features import DAYS
from thoracle.prognosis.landmarks import unlabeled
from thoracle.prognosis.network import BATCH, TASK, ChartNetwork
from thoracle.prognosis.types import HORIZONS, Chart, Landmark, Risks
from thoracle.prognosis.variables import VARIABLES

__all__ = ["TASK", "RiskModel"]

_NORMAL_95: Final = 1.959964  # 97.5 % point of the normal distribution


class RiskModel:
    """The risks that a bundle's networks tell; their mean is the risk, their spread the interval.

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

    def predict(self, charts: Sequence[Chart], landmarks: Sequence[Landmark]) -> Risks:
        """Tell the risks at landmarks.

        Parameters
        ----------
        charts
            The stays.
        landmarks
            Index times in them; their labels are not looked at.

        Returns
        -------
        Risks
            One for each landmark. The contributions are of the members' mean, on the scale of the
            calibrated logit, over all of `VARIABLES`; a value that still stands for a later day
            counts to the day on which it was measured.
        """
        logits, attention = [np.empty((0, 1, len(HORIZONS)))], [np.empty((0, DAYS))]
        places = self._network.content.scaling.places
        parts = [np.empty((0, DAYS, len(places)))]
        outputs = ("logits", "attention", "contributions")
        for shown, one in self._network.run(charts, landmarks, outputs):
            logits.append(one["logits"].astype(np.float64))
            attention.append(one["attention"].astype(np.float64))
            parts.append(to_own_day(one["contributions"], shown.is_measured))
        told = logits[1:] or logits
        contributions = np.zeros((len(landmarks), DAYS, len(VARIABLES)))
        contributions[..., places] = np.concatenate(parts) / self.bundle.temperature
        risks, low, high = self._calibrated(np.concatenate(told))
        return Risks(
            risks=risks,
            low=low,
            high=high,
            day_attention=np.concatenate(attention),
            contributions=contributions,
        )

    def stream(self, charts: Iterable[tuple[Chart, float]]) -> Iterator[DoubleArray]:
        """Tell the risks of any number of charts, a few at a time.

        Parameters
        ----------
        charts
            Each with its index time, in hours since admission; a generator need not hold them all.

        Yields
        ------
        (up to 256, 4) float64
            Risks, in the order of the charts.
        """
        rest = iter(charts)
        while group := tuple(islice(rest, BATCH)):
            landmarks = unlabeled(index_h for _, index_h in group)
            own = [chart for chart, _ in group]
            for _, one in self._network.run(own, landmarks, ("logits",)):
                yield self._calibrated(one["logits"])[0]

    def _calibrated(
        self, logits: DoubleArray | FloatArray
    ) -> tuple[DoubleArray, DoubleArray, DoubleArray]:
        """Return risks and their interval over the members, (landmarks, 4) each."""
        scaled = logits.astype(np.float64) / self.bundle.temperature
        middle = scaled.mean(axis=1) + self._network.content.intercepts
        reach = _NORMAL_95 * scaled.std(axis=1, ddof=1) if scaled.shape[1] > 1 else 0.0
        risks, low, high = (never_falling(one) for one in (middle, middle - reach, middle + reach))
        return risks, low, high


def to_own_day(contributions: FloatArray, is_measured: FloatArray) -> DoubleArray:
    """Move what a carried value adds to the day on which it was measured.

    Parameters
    ----------
    contributions : (landmarks, days, inputs) float32
        The latest day first; 0 where nothing is known.
    is_measured : (landmarks, days, inputs) float32
        1 where the value is the day's own.

    Returns
    -------
    (landmarks, days, inputs) float64
        With the same sum over the days; 0 on days without a value of their own.
    """
    moved = contributions.astype(np.float64)
    for day in range(DAYS - 1):
        carried = np.where(is_measured[:, day] > 0, 0.0, moved[:, day])
        moved[:, day + 1] += carried
        moved[:, day] -= carried
    return moved


def never_falling(logits: DoubleArray) -> DoubleArray:
    """Return probabilities that do not fall from a horizon to the next.

    Parameters
    ----------
    logits : (landmarks, 4) float64
        Calibrated.

    Returns
    -------
    (landmarks, 4) float64
        The largest so far stands.
    """
    return np.maximum.accumulate(np.asarray(scipy.special.expit(logits), np.float64), axis=1)
