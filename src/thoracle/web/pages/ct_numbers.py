"""Numbers of scans as pages print them: volumes, percentages, intervals, and their course."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Final

from thoracle.core.languages import Language
from thoracle.ct.measures import Quantity, ScanMeasures, measures_from_json
from thoracle.store.scan_types import Mask, Scan
from thoracle.web.texts import WEB

_SIDES: Final = ("both", "right", "left")
_WIDTH, _HEIGHT, _LEFT, _FOOT = 640.0, 240.0, 48.0, 28.0
_TOPS: Final = (1.0, 2.0, 5.0, 10.0, 20.0, 50.0, 100.0)


def headline(mask: Mask | None, language: Language) -> dict[str, str]:
    """Return what a list says of a scan: percentage of infection, and volume of the lungs."""
    if mask is None or mask.measures is None:
        return {"poi": "", "lung": ""}
    both = measures_from_json(mask.measures).region("both")
    return {
        "poi": quantity(both.percentage_of_infection, "%", language),
        "lung": quantity(both.lung_ml, "ml", language),
    }


def number_rows(measures: ScanMeasures, language: Language) -> list[dict[str, object]]:
    """Return a row for each quantity, with a cell for both lungs and each."""
    regions = [measures.region(side) for side in _SIDES]
    kinds = (
        (WEB["ct_poi"], "percentage_of_infection", "%"),
        (WEB["ct_volume"], "lung_ml", "ml"),
        (WEB["ct_ground_glass"], "ground_glass_ml", "ml"),
        (WEB["ct_consolidation"], "consolidation_ml", "ml"),
    )
    return [
        {
            "title": language(title),
            "cells": [
                {
                    "text": quantity(getattr(one, name), unit, language),
                    "interval": interval(getattr(one, name), unit, language),
                    "is_bound": one.is_lower_bound and unit == "ml",
                }
                for one in regions
            ],
        }
        for title, name, unit in kinds
    ]


def quantity(value: Quantity, unit: str, language: Language) -> str:
    """Print a number with its unit; one that does not exist is said to be unknown."""
    if value.value is None:
        return language(WEB["ct_unknown"])
    return f"{_digits(value.value, unit, language)} {unit}"


def interval(value: Quantity, unit: str, language: Language) -> str:
    """Print the least and the greatest of a number, "" where they are not known."""
    if value.value is None or value.low is None or value.high is None:
        return ""
    return f"({_digits(value.low, unit, language)}–{_digits(value.high, unit, language)})"


def who(mask: Mask, language: Language) -> str:
    """Say whose a mask is, and when it was made."""
    name = mask.reader or language(WEB["ct_network"])
    return f"{name}, {language.moment(mask.created_at)}"


def course(scans: Sequence[Scan], language: Language) -> dict[str, Any]:
    """Return the course of one patient's scans: a table, and the points of a plot.

    Parameters
    ----------
    scans
        In any order.
    language
        Of the page.

    Returns
    -------
    dict
        `lines`, oldest first; `points` in a picture of `width` × `height`, none for fewer than two
        scans with numbers; `by_study_date` says whether all have one.
    """
    by_date = all(one.study_date is not None for one in scans)
    ordered = sorted(scans, key=lambda one: (_when(one, by_date=by_date), one.id))
    lines = [
        {
            "id": one.id,
            "file": one.file,
            "when": _day(one, language, by_date=by_date),
            **headline(one.newest, language),
        }
        for one in ordered
    ]
    return {
        "lines": lines,
        "by_study_date": by_date,
        "width": _WIDTH,
        "height": _HEIGHT,
        **_plot(ordered, language, by_date=by_date),
    }


def _plot(scans: Sequence[Scan], language: Language, *, by_date: bool) -> dict[str, Any]:
    marks = list(_marks(scans, by_date=by_date))
    if len(marks) < 2:
        return {"points": []}
    start, end = marks[0][0].timestamp(), marks[-1][0].timestamp()
    top = _top([one for _, poi in marks for one in (poi.value, poi.high)])

    def across(when: datetime) -> float:
        share = (when.timestamp() - start) / (end - start) if end > start else 0.5
        return round(_LEFT + share * (_WIDTH - _LEFT - 24.0) + 8.0, 1)

    def up(value: float) -> float:
        return round((_HEIGHT - _FOOT) - value / top * (_HEIGHT - _FOOT - 16.0), 1)

    points = [
        {
            "x": across(when),
            "y": up(poi.value or 0.0),
            "low": None if poi.low is None else up(poi.low),
            "high": None if poi.high is None else up(poi.high),
        }
        for when, poi in marks
    ]
    ticks = [{"y": up(one), "text": language.number(f"{one:g}")} for one in (0.0, top / 2.0, top)]
    ends = [
        {"x": across(when) + shift, "text": _day_of(when, language), "anchor": anchor}
        for (when, _), shift, anchor in ((marks[0], -12.0, "start"), (marks[-1], 12.0, "end"))
    ]
    return {"points": points, "ticks": ticks, "ends": ends, "left": _LEFT}


def _marks(scans: Sequence[Scan], *, by_date: bool) -> Iterator[tuple[datetime, Quantity]]:
    """Yield when a percentage was measured, and the percentage, of scans that have one."""
    for one in scans:
        poi = _poi(one)
        if poi is not None and poi.value is not None:
            yield _when(one, by_date=by_date), poi


def _top(values: Sequence[float | None]) -> float:
    """Return where the axis ends: a round number that all of it lies below."""
    most = max(one or 0.0 for one in values)
    return next((one for one in _TOPS if one >= most), _TOPS[-1])


def _poi(scan: Scan) -> Quantity | None:
    if scan.newest is None or scan.newest.measures is None:
        return None
    return measures_from_json(scan.newest.measures).region("both").percentage_of_infection


def _when(scan: Scan, *, by_date: bool) -> datetime:
    if by_date and scan.study_date:
        return datetime.strptime(scan.study_date, "%Y%m%d").replace(tzinfo=UTC)
    return scan.created_at


def _day(scan: Scan, language: Language, *, by_date: bool) -> str:
    if by_date:
        return _day_of(_when(scan, by_date=True), language)
    return language.moment(scan.created_at)


def _day_of(when: datetime, language: Language) -> str:
    return language.moment(when).split(" ", maxsplit=1)[0]


def _digits(value: float, unit: str, language: Language) -> str:
    decimals = 1 if unit == "%" or abs(value) < 100 else 0
    return language.number(f"{value:.{decimals}f}")


def counted_lesions(measures: ScanMeasures, language: Language) -> Mapping[str, str]:
    """Return how many lesions count, and from what volume on."""
    lesions = measures.lesions
    value = lesions.count
    text = language(WEB["ct_unknown"]) if value.value is None else f"{value.value:.0f}"
    if value.value is not None and value.low is not None and value.high is not None:
        text += f" ({value.low:.0f}–{value.high:.0f})"
    smallest = language.number(f"{lesions.smallest_ml:g}")
    return {"title": language(WEB["ct_lesions"], smallest=smallest), "text": text}
