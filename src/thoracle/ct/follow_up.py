"""How measures of one patient changed from scan to scan, and whether that is more than noise."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from types import MappingProxyType
from typing import Final

import numpy as np

from thoracle.core.results import Reason
from thoracle.ct.repeatability import Repeatability

BREATH_WARNED: Final = 0.10  # of 10 % infection it moves one point, as much as two readings differ
LUNG, POI, ALL = "lung", "percentage_of_infection", "both"
KINDS: Final = (POI, "infection", "ground_glass", "consolidation", LUNG)
UNITS: Final[Mapping[str, str]] = MappingProxyType(
    {POI: "%", **dict.fromkeys(("infection", "ground_glass", "consolidation", LUNG), "ml")}
)
INFLATES: Final = ("infection", "ground_glass")
"""Holds air, so its volume may follow the depth of breath; solid lung does not."""

Key = tuple[str, str]
"""What is measured, of `KINDS`, and where: "both", "right", "left", or a third."""


class Verdict(StrEnum):
    """What a change means."""

    GREW = "grew"
    SHRANK = "shrank"
    NOISE = "smaller than measurement noise"
    UNKNOWN = "cannot tell"


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """One number of one scan.

    `low` and `high` are its interval from test-time variation, None where there was none;
    `cut` says that what is measured reaches the scan's border, so that a volume is a lower bound.
    """

    value: float | None
    low: float | None = None
    high: float | None = None
    cut: bool = False

    @property
    def half_width(self) -> float:
        """Half of the interval; 0 where there is none."""
        known = self.low is not None and self.high is not None
        return (self.high - self.low) / 2.0 if known else 0.0  # type: ignore[operator]


DAY_ZERO: Final = date(1, 1, 1)
"""What days are counted from where no dates are known: far from any scan."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Visit:
    """One scan's numbers.

    Attributes
    ----------
    name
        What the scan is called, such as its file's name.
    day
        Study Date, or what the user gave; days after `DAY_ZERO` where there are no dates.
    values
        Numbers by kind and region.
    surface_mm2
        Of the lesions of `thoracle.ct.repeatability.LESIONS`, in the whole scan.
    varied
        Whether the numbers have intervals from test-time variation.
    is_dated
        Whether `day` is a date; else only the days between scans are known.
    """

    name: str
    day: date
    values: Mapping[Key, Measured] = field(repr=False)
    surface_mm2: Mapping[str, float] = field(repr=False)
    varied: bool = False
    is_dated: bool = True

    @property
    def day_number(self) -> int | None:
        """Days since the user's day 0; None where the date is known."""
        return None if self.is_dated else (self.day - DAY_ZERO).days

    @property
    def when(self) -> str:
        """The date as 2020-03-31, or "day 5"."""
        return str(self.day) if self.day_number is None else f"day {self.day_number}"

    def value(self, kind: str, region: str = ALL) -> float | None:
        """Return a number, None where it is not known."""
        found = self.values.get((kind, region))
        return None if found is None else found.value


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """How one number changed.

    Attributes
    ----------
    absolute, relative_percent
        Later less earlier, and as a share of the earlier; None where that is not known.
    noise
        What 95 % of such differences stay below where nothing changed; None where not known.
    low, high
        Interval of the change: noise, and what the depth of breath may have done.
    verdict, why
        What the change means; `why` names what stands in the way of telling.
    """

    kind: str
    region: str
    before: Measured
    after: Measured
    absolute: float | None
    relative_percent: float | None
    noise: float | None
    low: float | None
    high: float | None
    verdict: Verdict
    why: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """From one scan to a later one.

    `breath` is the later volume of both lungs over the earlier one.
    """

    before: Visit
    after: Visit
    changes: tuple[Change, ...] = field(repr=False)
    breath: float | None
    warnings: tuple[Reason, ...] = ()

    @property
    def days(self) -> int:
        """Days between the scans."""
        return (self.after.day - self.before.day).days

    def change(self, kind: str, region: str = ALL) -> Change:
        """Return how one number changed; one that was never measured is a KeyError."""
        return {(one.kind, one.region): one for one in self.changes}[kind, region]


def in_order(visits: Sequence[Visit]) -> tuple[Visit, ...]:
    """Return scans by their dates; those of one day stay as they were given."""
    return tuple(sorted(visits, key=lambda one: one.day))


def step(before: Visit, after: Visit, repeatability: Repeatability) -> Step:
    """Compare the numbers of two scans.

    Parameters
    ----------
    before, after
        The earlier and the later scan.
    repeatability
        How far measures differ where nothing changed.

    Returns
    -------
    Step
        A change for each number that either scan has.
    """
    breath = _ratio(after.value(LUNG), before.value(LUNG))
    keys = [*before.values, *(key for key in after.values if key not in before.values)]
    return Step(
        before=before,
        after=after,
        changes=tuple(
            _change(key, before, after, _noise(key, before, after, repeatability), breath)
            for key in sorted(keys, key=_place)
        ),
        breath=breath,
        warnings=tuple(_warnings(before, after, breath)),
    )


def _change(
    key: Key, before: Visit, after: Visit, noise: float | None, breath: float | None
) -> Change:
    first, second = (one.values.get(key, Measured(value=None)) for one in (before, after))
    known = first.value is not None and second.value is not None
    absolute = second.value - first.value if known else None  # type: ignore[operator]
    share = _ratio(second.value, first.value)
    ends = _ends(key[0], first.value, second.value, breath)
    low, high = (
        (None, None) if noise is None or ends is None else (ends[0] - noise, ends[1] + noise)
    )
    verdict, why = _verdict(key[0], absolute, noise, (low, high), (first.cut, second.cut))
    return Change(
        kind=key[0],
        region=key[1],
        before=first,
        after=second,
        absolute=absolute,
        relative_percent=None if share is None else (share - 1.0) * 100.0,
        noise=noise,
        low=low,
        high=high,
        verdict=verdict,
        why=why,
    )


def _ends(
    kind: str, before: float | None, after: float | None, breath: float | None
) -> tuple[float, float] | None:
    """Return the smallest and largest change that the depth of breath leaves possible.

    A lesion lies between two ends: it fills with air as the lung around it does, or not at all.
    Seen at the earlier scan's depth of breath, its volume is then divided by the ratio of the
    lungs, or as it is; its percentage is as it is, or multiplied by the ratio.
    """
    if before is None or after is None:
        return None
    other = after
    if breath and kind in INFLATES:
        other = after / breath
    if breath and kind == POI:
        other = after * breath
    return min(after, other) - before, max(after, other) - before


def _verdict(
    kind: str,
    absolute: float | None,
    noise: float | None,
    ends: tuple[float | None, float | None],
    cut: tuple[bool, bool],
) -> tuple[Verdict, str]:
    low, high = ends
    if absolute is None or noise is None or low is None or high is None:
        return Verdict.UNKNOWN, "undefined" if absolute is None else "noise"
    said, why = _by_interval(absolute, noise, low, high)
    first_cut, second_cut = cut
    if not (first_cut or second_cut):
        return said, why
    # A volume that is cut is larger in truth: only a change that this makes larger still holds.
    holds = (said is Verdict.GREW and not first_cut) or (said is Verdict.SHRANK and not second_cut)
    return (said, "border") if holds and kind != POI else (Verdict.UNKNOWN, "border")


def _by_interval(absolute: float, noise: float, low: float, high: float) -> tuple[Verdict, str]:
    if low > 0.0:
        return Verdict.GREW, ""
    if high < 0.0:
        return Verdict.SHRANK, ""
    return (Verdict.NOISE, "") if abs(absolute) <= noise else (Verdict.UNKNOWN, "breath")


def _noise(key: Key, before: Visit, after: Visit, repeatability: Repeatability) -> float | None:
    """Return what 95 % of differences without a change stay below: repeats, and both intervals."""
    kind, region = key
    lungs = [one.value(LUNG, region) for one in (before, after)]
    if kind == LUNG:
        repeated = repeatability.lung_difference_ml(_mean(lungs))
    else:
        lesion = "infection" if kind == POI else kind
        surface = _mean([_regional_surface(one, lesion, region) for one in (before, after)])
        repeated = repeatability.difference_ml(lesion, surface)
        repeated *= 100.0 / _mean(lungs) if kind == POI else 1.0
    widths = [one.values[key].half_width if key in one.values else 0.0 for one in (before, after)]
    noise = float(np.sqrt(repeated**2 + np.square(widths).sum()))
    return noise if np.isfinite(noise) else None


def _regional_surface(visit: Visit, lesion: str, region: str) -> float:
    """Return a lesion's surface in a region, by its share of the volume.

    Of a volume's share s a piece of the same form has the share s to the power of two thirds of the
    surface: more than s, so that little pieces are not told for sure.
    """
    share = 1.0 if region == ALL else _ratio(visit.value(lesion, region), visit.value(lesion))
    return visit.surface_mm2[lesion] * float((share or 0.0) ** (2.0 / 3.0))


def _mean(values: Sequence[float | None]) -> float:
    return float(np.mean([np.nan if one is None else one for one in values]))


def _ratio(above: float | None, below: float | None) -> float | None:
    return None if above is None or not below else above / below


def _place(key: Key) -> tuple[bool, str, int]:
    """Sort by region, both lungs first, and in it by kind."""
    kind, region = key
    return region != ALL, region, KINDS.index(kind)


def _warnings(before: Visit, after: Visit, breath: float | None) -> list[Reason]:
    said = []
    if before.day == after.day:
        said.append(
            Reason(
                code="ct-follow-up-same-day",
                text="Both scans are of one day; their order is the order they were given in.",
            )
        )
    if breath is not None and abs(np.log(breath)) > np.log1p(BREATH_WARNED):
        said.append(
            Reason(
                code="ct-follow-up-breath",
                text=(
                    f"The lungs hold {(breath - 1.0) * 100:+.0f} % in the later scan: another "
                    "depth of breath changes density, ground glass and the percentage of "
                    "infection without any change of disease. The intervals allow for it."
                ),
            )
        )
    if any(visit.values[key].cut for visit in (before, after) for key in visit.values):
        said.append(
            Reason(
                code="ct-follow-up-cut",
                text=(
                    "Lungs or lesions reach the border of a scan: their volumes are lower bounds, "
                    "and a change is told only where it holds for any larger volume."
                ),
            )
        )
    return said
