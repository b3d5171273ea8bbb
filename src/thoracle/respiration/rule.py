"""Names a pattern by rate and pauses: what a network has to do better than."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from thoracle.core.arrays import DoubleArray
from thoracle.respiration.breaths import find_breaths
from thoracle.respiration.measures import BreathMeasures, Told, find_apneas, measure
from thoracle.respiration.quality import Stretch, find_faults, window_quality
from thoracle.respiration.types import NOISE, Breath


@dataclass(frozen=True, slots=True, kw_only=True)
class RateLimits:
    """Below the first breathing is slow, above the second it is fast; per minute."""

    slow_per_minute: float
    fast_per_minute: float

    def name(self, rate_per_minute: float) -> str:
        """Return `bradypnea`, `eupnea` or `tachypnea`."""
        if rate_per_minute < self.slow_per_minute:
            return "bradypnea"
        return "tachypnea" if rate_per_minute > self.fast_per_minute else "eupnea"


def _per_minute(rad_per_s: float) -> float:
    return 60 * rad_per_s / (2 * math.pi)


CLINICAL_LIMITS: Final = RateLimits(slow_per_minute=12.0, fast_per_minute=20.0)
"""Adults at rest breathe 12 to 20 times a minute: Royal College of Physicians, NEWS2, 2017, gives
0 points from there on, and more on both sides."""
RSM_LIMITS: Final = RateLimits(
    slow_per_minute=_per_minute((1.15 + 1.27) / 2), fast_per_minute=_per_minute((1.77 + 2.09) / 2)
)
"""Half-way between the ranges of bradypnea, eupnea and tachypnea in the simulation model of Wang et
al. 2020 (arXiv 2002.05534), 0.79-1.15, 1.27-1.77 and 2.09-3.14 rad/s: 11.6 and 18.4 per minute."""

NOISE_BELOW: Final = 0.35
"""Simulated noise stays below; a rate that is told asks for more (`quality.QUALITY_MIN`)."""
_WAXING_RATIO: Final = 1.5
"""The deepest breaths of a spindle over the first and the last: the simulation model has 0.6-0.9 to
0.2-0.4, at least 1.5."""
_SPINDLE_BREATHS: Final = 6  # two at each end, and two to be deeper


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleOutcome:
    """What the rule says of a window, and what it went by."""

    pattern: str
    rate_per_minute: float | None
    pauses: int
    is_waxing: bool
    quality: float


def classify_by_rule(
    signal: DoubleArray, *, rate_hz: float, limits: RateLimits = RSM_LIMITS
) -> RuleOutcome:
    """Name the pattern of a window.

    Parameters
    ----------
    signal : (samples,) float64
        One window, inspiration up, in any unit; NaN where samples are missing.
    rate_hz
        Samples per second, at least 2.
    limits
        Of the rate between pauses.

    Returns
    -------
    RuleOutcome
        `noise` where the quality index is below `NOISE_BELOW`, or no breath was found. With a pause
        of ten seconds: `biot` where the breaths beside it are fast, else `cheyne_stokes` where they
        wax and wane, else `central_apnea`. Without one, the name of the rate.
    """
    breathing = find_breaths(signal, rate_hz=rate_hz)
    faults = find_faults(signal, rate_hz=rate_hz)
    window = Stretch(start_s=0.0, length_s=signal.size / rate_hz)
    quality = window_quality(breathing, faults, window).index
    apneas = find_apneas(breathing, faults)
    told = Told.of("unknown", is_clipped=False)
    found = measure(breathing.breaths, apneas, window, told=told)
    is_waxing = _waxes(breathing.breaths)
    return RuleOutcome(
        pattern=NOISE if quality < NOISE_BELOW else _named(found, limits, is_waxing=is_waxing),
        rate_per_minute=found.breathing_rate_per_minute,
        pauses=len(apneas),
        is_waxing=is_waxing,
        quality=quality,
    )


def _named(found: BreathMeasures, limits: RateLimits, *, is_waxing: bool) -> str:
    rate_per_minute = found.breathing_rate_per_minute
    if rate_per_minute is None:
        return NOISE
    name = limits.name(rate_per_minute)
    if found.apnea_s == 0:
        return name
    if name == "tachypnea":
        return "biot"
    return "cheyne_stokes" if is_waxing else "central_apnea"


def _waxes(breaths: Sequence[Breath]) -> bool:
    """Return whether breaths become deeper and shallower again, as a spindle."""
    if len(breaths) < _SPINDLE_BREATHS:
        return False
    depths = np.array([one.depth for one in breaths])
    middle = float(np.median(np.sort(depths[2:-2])[-3:]))
    ends = max(float(depths[:2].mean()), float(depths[-2:].mean()))
    return middle >= _WAXING_RATIO * ends
