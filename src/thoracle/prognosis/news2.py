"""The National Early Warning Score 2: seven observations scored 0 to 3, and their sum."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import numpy as np

from thoracle.prognosis.last_values import LastValue, last_value
from thoracle.prognosis.types import Chart

RESPIRATION: Final = "respiratory_rate"
SATURATION: Final = "spo2"
OXYGEN: Final = "supplemental_oxygen"
PRESSURE: Final = "systolic_pressure"
PULSE: Final = "heart_rate"
CONSCIOUSNESS: Final = "consciousness"
TEMPERATURE: Final = "temperature"
PARTS: Final = (RESPIRATION, SATURATION, OXYGEN, PRESSURE, PULSE, CONSCIOUSNESS, TEMPERATURE)

POINTS_MAX: Final = 3  # of one observation; extra oxygen and saturation have their own.
URGENT: Final = 5  # RCP 2017, chart 2: the threshold for an urgent response.
EMERGENCY: Final = 7  # the same chart.

LOW: Final = "low"
LOW_MEDIUM: Final = "low-medium"
MEDIUM: Final = "medium"
HIGH: Final = "high"


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """One observation: its last value, and its points, None where it is unknown."""

    observation: LastValue
    points: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Score:
    """A NEWS2 score, perhaps partial.

    Attributes
    ----------
    points
        Sum over the known observations; None where none is known.
    low, high
        What the whole score can be, whatever the unknown observations are: equal where complete.
    parts
        In the order of `PARTS`.
    missing
        Names of the unknown observations.
    is_scale_2
        Whether saturation was scored for hypercapnic respiratory failure (target 88 to 92 %).
    """

    points: int | None
    low: int
    high: int
    parts: tuple[Part, ...]
    missing: tuple[str, ...]
    is_scale_2: bool

    @property
    def is_complete(self) -> bool:
        """Whether all seven observations are known."""
        return not self.missing

    @property
    def risk(self) -> str | None:
        """The clinical risk of the points known so far; None where nothing is known.

        "low" (0 to 4), "low-medium" (one observation scores 3), "medium" (5, 6) or "high" (7 and
        above). An incomplete score can only be as high or higher.
        """
        if self.points is None:
            return None
        if self.points >= EMERGENCY:
            return HIGH
        if self.points >= URGENT:
            return MEDIUM
        return LOW_MEDIUM if any(one.points == POINTS_MAX for one in self.parts) else LOW


def news2(chart: Chart, index_h: float, *, is_scale_2: bool = False) -> Score:
    """Score the last observations known at an index time.

    Parameters
    ----------
    chart
        Of one stay.
    index_h
        Hours since admission. Each observation is the last one known, however old: `parts` says
        when it was made.
    is_scale_2
        Score saturation on scale 2, which a clinician prescribes in hypercapnic respiratory
        failure; scale 1 is for everybody else.

    Returns
    -------
    Score
        Values are rounded as charts hold them: temperature to 0.1 °C, all others to units.

    References
    ----------
    Royal College of Physicians. National Early Warning Score (NEWS) 2. London: RCP, 2017.
    """
    found = {name: last_value(chart, index_h, name) for name in PARTS}
    has_oxygen = found[OXYGEN].value >= 0.5 if found[OXYGEN].is_known else None
    scored = tuple(
        Part(observation=one, points=_points(one, has_oxygen, is_scale_2=is_scale_2))
        for one in found.values()
    )
    known = [one.points for one in scored if one.points is not None]
    open_points = [_most(one.observation.name) for one in scored if one.points is None]
    total = sum(known)
    return Score(
        points=total if known else None,
        low=total,
        high=total + sum(open_points),
        parts=scored,
        missing=tuple(one.observation.name for one in scored if one.points is None),
        is_scale_2=is_scale_2,
    )


def _most(name: str) -> int:
    return 2 if name == OXYGEN else POINTS_MAX


def _points(one: LastValue, has_oxygen: bool | None, *, is_scale_2: bool) -> int | None:
    if not one.is_known:
        return None
    if one.name == SATURATION and is_scale_2:
        return _saturation_2(float(np.round(one.value)), has_oxygen)
    return _POINTS[one.name](one.value)


def _saturation_2(percent: float, has_oxygen: bool | None) -> int | None:
    """Scale 2: above 92 % it matters whether oxygen is given; None where nobody knows."""
    if percent <= 92:
        return _banded(percent, ((83, 3), (85, 2), (87, 1)), last=0)
    if has_oxygen is None:
        return None
    return _banded(percent, ((94, 1), (96, 2)), last=3) if has_oxygen else 0


def _banded(value: float, bands: tuple[tuple[float, int], ...], *, last: int) -> int:
    """Return the points of the first band whose upper end a value does not pass."""
    return next((points for end, points in bands if value <= end), last)


def _by_bands(
    bands: tuple[tuple[float, int], ...], *, last: int, digits: int = 0
) -> Callable[[float], int]:
    return lambda value: _banded(float(np.round(value, digits)), bands, last=last)


_POINTS: Final[dict[str, Callable[[float], int]]] = {
    RESPIRATION: _by_bands(((8, 3), (11, 1), (20, 0), (24, 2)), last=3),
    SATURATION: _by_bands(((91, 3), (93, 2), (95, 1)), last=0),
    OXYGEN: lambda value: 2 if value >= 0.5 else 0,
    PRESSURE: _by_bands(((90, 3), (100, 2), (110, 1), (219, 0)), last=3),
    PULSE: _by_bands(((40, 3), (50, 1), (90, 0), (110, 1), (130, 2)), last=3),
    CONSCIOUSNESS: lambda value: 3 if value >= 0.5 else 0,
    TEMPERATURE: _by_bands(((35.0, 3), (36.0, 1), (38.0, 0), (39.0, 1)), last=2, digits=1),
}
"""RCP 2017, chart 1: the upper end of each band and its points, then those above all bands."""
