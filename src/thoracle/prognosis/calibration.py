"""How logits of networks become risks, by how much is known of a patient."""

from dataclasses import dataclass, field

import numpy as np
import scipy

from thoracle.core.arrays import DoubleArray, FloatArray
from thoracle.prognosis.features import unpacked


@dataclass(frozen=True, slots=True, kw_only=True)
class Calibration:
    """A slope, and an intercept of each horizon, at the two ends of what may be known.

    Between them intercepts and the logarithm of the slope are in proportion to the share of the
    network's variables that are known: who knows three of fifty has told less than the network
    believes, or more.

    Attributes
    ----------
    slopes : (2,) float64
        What logits are multiplied by where nothing is known, and where every variable is.
    intercepts : (2, 4) float64
        What is added then.
    """

    slopes: DoubleArray = field(repr=False)
    intercepts: DoubleArray = field(repr=False)

    def slopes_at(self, known: DoubleArray) -> DoubleArray:
        """Return the slopes, (landmarks, 1), where such shares, (landmarks,), are known."""
        logs = np.log(self.slopes)[:, None]
        return np.asarray(np.exp(_between(logs, known)), np.float64)

    def intercepts_at(self, known: DoubleArray) -> DoubleArray:
        """Return the intercepts, (landmarks, 4), where such shares, (landmarks,), are known."""
        return _between(self.intercepts, known)

    def adapted(self, slope: float, shifts: DoubleArray) -> "Calibration":
        """Return one whose logits are multiplied by a slope, then shifted, (4,), at both ends."""
        return Calibration(slopes=slope * self.slopes, intercepts=slope * self.intercepts + shifts)

    def risks(self, logits: DoubleArray, known: DoubleArray) -> DoubleArray:
        """Return risks.

        Parameters
        ----------
        logits : (landmarks, 4) float64
            Of the networks, in their mean.
        known : (landmarks,) float64
            From `known_share`.

        Returns
        -------
        (landmarks, 4) float64
            In order: none is above that of a later horizon.
        """
        return in_order(self.slopes_at(known) * logits + self.intercepts_at(known))


def _between(ends: DoubleArray, known: DoubleArray) -> DoubleArray:
    return np.asarray(ends[0] + known[:, None] * (ends[1] - ends[0]), np.float64)


def known_share(packed: FloatArray) -> DoubleArray:
    """Return which share of a network's variables is known at landmarks, however long ago.

    Parameters
    ----------
    packed : (landmarks, days, 3 × inputs + 4) float32
        From `Sequences.packed`.

    Returns
    -------
    (landmarks,) float64
        0 to 1.
    """
    _, is_measured, freshness = unpacked(packed[:, 0])
    is_known = (is_measured > 0) | (freshness != 0)
    return np.asarray(is_known.mean(axis=1), np.float64)


def in_order(logits: DoubleArray) -> DoubleArray:
    """Return probabilities of which none is above that of a later horizon.

    Parameters
    ----------
    logits : (landmarks, 4) float64
        Calibrated.

    Returns
    -------
    (landmarks, 4) float64
        What comes within the stay bounds what comes within a week, and so on: the stay's own is
        never changed.
    """
    told = np.asarray(scipy.special.expit(logits), np.float64)
    return np.minimum.accumulate(told[:, ::-1], axis=1)[:, ::-1]
