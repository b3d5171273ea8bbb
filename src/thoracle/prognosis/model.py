"""Tell the risk at landmarks with a bundle's network."""

from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from typing import Final

import numpy as np

from thoracle.core.arrays import DoubleArray, FloatArray
from thoracle.inference.bundle import Bundle
from thoracle.prognosis.calibration import in_order, known_share
from thoracle.prognosis.features import DAYS, unpacked
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
        told, attention = [np.empty((3, 0, len(HORIZONS)))], [np.empty((0, DAYS))]
        content = self._network.content
        parts = [np.empty((0, DAYS, len(content.scaling.places)))]
        outputs = ("logits", "attention", "contributions")
        for packed, one in self._network.run(charts, landmarks, outputs):
            known = known_share(packed)
            told.append(self._calibrated(one["logits"], known))
            attention.append(one["attention"].astype(np.float64))
            slopes = content.calibration.slopes_at(known)[:, 0]
            own = to_own_day(one["contributions"], unpacked(packed)[1])
            parts.append(own * slopes[:, None, None])
        contributions = np.zeros((len(landmarks), DAYS, len(VARIABLES)))
        contributions[..., content.scaling.places] = np.concatenate(parts)
        risks, low, high = np.concatenate(told, axis=1)
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
            for packed, one in self._network.run(own, landmarks, ("logits",)):
                yield self._calibrated(one["logits"], known_share(packed))[0]

    def _calibrated(self, logits: FloatArray, known: DoubleArray) -> DoubleArray:
        """Return risks and the ends of their interval over the members, (3, landmarks, 4)."""
        calibration = self._network.content.calibration
        scaled = logits.astype(np.float64) * calibration.slopes_at(known)[:, None]
        middle = scaled.mean(axis=1) + calibration.intercepts_at(known)
        reach = _NORMAL_95 * scaled.std(axis=1, ddof=1) if scaled.shape[1] > 1 else 0.0
        return np.stack([in_order(one) for one in (middle, middle - reach, middle + reach)])


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
