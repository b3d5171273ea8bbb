"""Measures of breathing within a window: rate, depth, timing, variability; and pauses."""

import math
import statistics
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

import numpy as np

from thoracle.core.arrays import DoubleArray
from thoracle.respiration.breaths import Breathing
from thoracle.respiration.quality import Faults, Stretch
from thoracle.respiration.types import Apnea, Breath

TIMED_SENSORS: Final = ("belt", "impedance", "volume", "flow", "depth_camera")
"""Of these the turns are those of the chest. Capnography says when expired air arrives, not when
it begins to flow, and of an unknown sensor the direction is unknown."""
DEEP_SENSORS: Final = ("belt", "impedance", "volume", "flow", "depth_camera", "unknown")
"""Of these the height of the signal is how deep one breathes; the height of CO2 is not."""

_SPREAD_MIN: Final = 3  # values below which a standard deviation says nothing
_APART_S: Final = 1e-6


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What may be told of a window besides rate and pauses.

    Attributes
    ----------
    timing
        Inspiration and expiration can be told apart (`TIMED_SENSORS`), and nothing is cut off.
    depth
        The signal's height is depth (`DEEP_SENSORS`), and nothing is cut off.
    """

    timing: bool
    depth: bool

    @classmethod
    def of(cls, sensor: str, *, is_clipped: bool) -> "Told":
        """Return what a sensor lets be told."""
        return cls(
            timing=sensor in TIMED_SENSORS and not is_clipped,
            depth=sensor in DEEP_SENSORS and not is_clipped,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class BreathMeasures:
    """Measures of the breaths that lie whole in a window; None where they are unknown.

    Attributes
    ----------
    breaths
        How many there are.
    rate_per_minute
        Breaths over the time that they and the apneas of the window take. None without a breath,
        but 0 where an apnea fills the window.
    breathing_rate_per_minute
        60 over the median length of a breath: how fast one breathes between pauses.
    length_mean_s, length_sd_s, length_cv
        Of the breaths' lengths; coefficient of variation: SD (of a sample) over mean.
    breath_to_breath
        Root mean square of the differences of neighboring lengths, over their mean.
    depth_median, depth_sd, depth_cv
        In the signal's unit.
    inspiration_s, expiration_s
        Median lengths.
    ie_ratio
        Median of inspiration over expiration: 0.5 is an I:E of 1:2.
    apneas
        How many begin in the window.
    apnea_s
        Time in apneas within it.
    """

    breaths: int
    rate_per_minute: float | None
    breathing_rate_per_minute: float | None
    length_mean_s: float | None
    length_sd_s: float | None
    length_cv: float | None
    breath_to_breath: float | None
    depth_median: float | None
    depth_sd: float | None
    depth_cv: float | None
    inspiration_s: float | None
    expiration_s: float | None
    ie_ratio: float | None
    apneas: int
    apnea_s: float


def find_apneas(breathing: Breathing, faults: Faults) -> tuple[Apnea, ...]:
    """Find times of ten seconds or more without a breath.

    Parameters
    ----------
    breathing
        From `find_breaths`.
    faults
        Of the same signal: while the sensor is off, nobody knows.

    Returns
    -------
    tuple of Apnea
        From the end of an expiration to the next onset, or from and to the ends of a stretch
        between gaps. A pause in which the sensor was disconnected is none.
    """
    return tuple(
        Apnea(start_s=start_s, length_s=end_s - start_s)
        for start_s, end_s in breathing.pauses
        if not any(one.start_s < end_s and one.end_s > start_s for one in faults.disconnected)
    )


def measure(
    breaths: Sequence[Breath], apneas: Sequence[Apnea], window: Stretch, *, told: Told
) -> BreathMeasures:
    """Measure the breaths of a window.

    Parameters
    ----------
    breaths, apneas
        Of the whole signal.
    window
        Breaths that reach beyond it are left out.
    told
        What may be told of it.

    Returns
    -------
    BreathMeasures
        Definitions stand there.
    """
    inside = [one for one in breaths if one.onset_s >= window.start_s and one.end_s <= window.end_s]
    lengths = np.array([one.end_s - one.onset_s for one in inside])
    depths = np.array([one.depth for one in inside if told.depth])
    inspiration = np.array([one.peak_s - one.onset_s for one in inside if told.timing])
    expiration = lengths - inspiration if told.timing else np.empty(0)
    apnea_s = float(sum(_within(one, window) for one in apneas))
    taken_s = float(lengths.sum()) + apnea_s
    mean_s = _mean(lengths)
    return BreathMeasures(
        breaths=len(inside),
        rate_per_minute=60 * len(inside) / taken_s if taken_s > 0 else None,
        breathing_rate_per_minute=60 / statistics.median(lengths.tolist()) if inside else None,
        length_mean_s=mean_s,
        length_sd_s=_sd(lengths),
        length_cv=_over(_sd(lengths), mean_s),
        breath_to_breath=_over(_successive(inside), mean_s),
        depth_median=_median(depths),
        depth_sd=_sd(depths),
        depth_cv=_over(_sd(depths), _mean(depths)),
        inspiration_s=_median(inspiration),
        expiration_s=_median(expiration),
        ie_ratio=_median(inspiration / expiration) if told.timing else None,
        apneas=sum(window.start_s <= one.start_s < window.end_s for one in apneas),
        apnea_s=apnea_s,
    )


def _within(apnea: Apnea, window: Stretch) -> float:
    end_s = min(apnea.start_s + apnea.length_s, window.end_s)
    return max(0.0, end_s - max(apnea.start_s, window.start_s))


def _successive(breaths: Sequence[Breath]) -> float | None:
    """Return the root mean square of differences of breaths that follow each other at once."""
    differences = [
        (two.end_s - two.onset_s) - (one.end_s - one.onset_s)
        for one, two in pairwise(breaths)
        if two.onset_s - one.end_s < _APART_S
    ]
    if len(differences) < _SPREAD_MIN - 1:
        return None
    return math.sqrt(sum(one**2 for one in differences) / len(differences))


def _mean(values: DoubleArray) -> float | None:
    return float(values.mean()) if values.size else None


def _median(values: DoubleArray) -> float | None:
    return statistics.median(values.tolist()) if values.size else None


def _sd(values: DoubleArray) -> float | None:
    return float(values.std(ddof=1)) if values.size >= _SPREAD_MIN else None


def _over(value: float | None, mean: float | None) -> float | None:
    return None if value is None or not mean else value / mean
