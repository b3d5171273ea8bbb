"""What is told of a chart as its page prints it: what drove a horizon's risk, what comes next."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from thoracle.datasets.prognosis.problems import Kind
from thoracle.jobs.chart_documents import Correction, KeptOut
from thoracle.prognosis.reading import Added, Attention, ChartReading, Suggested
from thoracle.prognosis.types import DEATH, DISCHARGE, ICU
from thoracle.prognosis.variables import VARIABLES, place_of
from thoracle.reporting.chart_plot import bar
from thoracle.reporting.chart_texts import HORIZON_TITLES
from thoracle.reporting.chart_words import ChartWords
from thoracle.web.texts import WEB
from thoracle.web.texts.chart import (
    KEPT_ALL_THE_SAME,
    KEPT_OUT_ACTIONS,
    KEPT_OUT_EXPECTED,
    KEPT_OUT_TITLES,
)

BAR_WIDTH: Final = 200.0

_HEADLINES: Final[Mapping[str, str]] = {
    DEATH: WEB["ch_headline_death"],
    ICU: WEB["ch_headline_icu"],
    DISCHARGE: WEB["ch_headline_discharge"],
}
_SHOWN_MAX: Final = 12
_DAYS_SHOWN: Final = 7


def headline(reading: ChartReading, horizon: int, words: ChartWords) -> str:
    """Return the one sentence that the page begins with; "" where no risk is told."""
    point = reading.risk
    if point is None:
        return ""
    return words.language(
        _HEADLINES[reading.event],
        horizon=horizon_title(horizon, words),
        risk=words.percent(point.risk[horizon]),
        low=words.percent(point.low[horizon]),
        high=words.percent(point.high[horizon]),
    )


def horizon_title(horizon: int, words: ChartWords) -> str:
    """Return what a horizon is called."""
    return words.t[HORIZON_TITLES[horizon]]


def added(reading: ChartReading, horizon: int, words: ChartWords) -> dict[str, Any] | None:
    """Return what each known variable adds to the risk, the largest first, with bars.

    Parameters
    ----------
    reading
        What is told.
    horizon
        Place in `HORIZONS`.
    words
        Of the page's language.

    Returns
    -------
    dict or None
        At most twelve `rows`; `others` sums up the rest, "" where there is none. None where no risk
        is told.
    """
    told = reading.added
    if told is None:
        return None
    ordered = sorted(told.parts, key=lambda one: -abs(one.added[horizon]))
    most = max((abs(one.added[horizon]) for one in ordered), default=0.0)
    rest = ordered[_SHOWN_MAX:]
    others = ""
    if rest:
        change = words.points(sum(one.added[horizon] for one in rest), 0.0)
        others = f"{words.t['others'].format(count=len(rest))}: {change}"
    note = words.language(
        WEB["ch_added_note"],
        horizon=horizon_title(horizon, words),
        base=words.percent(told.base[horizon]),
        risk=words.percent(told.risk[horizon]),
    )
    return {
        "rows": [
            {**_bar(one, horizon, most, words), **_values(one, reading, words)}
            for one in ordered[:_SHOWN_MAX]
        ],
        "others": others,
        "note": note if told.is_exact else f"{note} {words.t['drawn_note']}",
    }


def attention(told: Attention | None, words: ChartWords) -> dict[str, Any] | None:
    """Return the network's own weights of days and variables; None where no risk is told."""
    if told is None:
        return None
    most = max((abs(one.logit) for one in told.parts), default=0.0)
    rows = []
    for one in told.parts[:_SHOWN_MAX]:
        start, width = bar(one.logit, most, BAR_WIDTH)
        said = words.signed(one.logit)
        rows.append({"title": words.title(one.name), "x": start, "width": width, "said": said})
    days = " · ".join(words.percent(one) for one in told.days[:_DAYS_SHOWN])
    return {"rows": rows, "days": words.t["attention_days"].format(days=days)}


def next_rows(
    suggested: Sequence[Suggested], horizon: int, words: ChartWords
) -> list[dict[str, str]]:
    """Return what would be measured next, by how far the risk of one horizon would move."""
    ordered = sorted(suggested, key=lambda one: -one.expected_change[horizon])
    return [
        {
            "title": words.title(one.name),
            "age": words.t["never"] if one.age_h is None else words.before(one.age_h),
            "likely": words.between(one.low, one.median, one.high, unit=words.unit(one.name)),
            "change": words.number(f"{one.expected_change[horizon] * 100:.1f}"),
            "bits": words.number(f"{one.information_bits[horizon]:.3f}"),
        }
        for one in ordered
    ]


def kept_out(
    noted: Sequence[KeptOut], words: ChartWords, *, has_rows: bool = True
) -> list[dict[str, str]]:
    """Return what is not in the chart: found, expected, what to do, and in which rows."""
    return [
        {
            "what": words.title(one.variable) if one.variable else "",
            "found": _found(one, words),
            "expected": _expected(one, words),
            "action": words.language(KEPT_OUT_ACTIONS.get(one.kind, "")),
            "rows": ", ".join(str(place) for place in one.places) if has_rows else "",
        }
        for one in noted
    ]


def not_read(noted: Sequence[KeptOut]) -> tuple[KeptOut, ...]:
    """Return what is missing in the chart: what is only doubtful or repeated is in it."""
    return tuple(one for one in noted if one.kind not in KEPT_ALL_THE_SAME)


def lost(noted: Sequence[KeptOut], file: str, words: ChartWords) -> list[str]:
    """Return what must be known first of what is not in the chart; empty where all of it is.

    Parameters
    ----------
    noted
        Of one file.
    file
        As pages call it.
    words
        Of the page's language.

    Returns
    -------
    list of str
        A sentence on what was not read, and one on what is perhaps in another unit.
    """
    missing = not_read(noted)
    doubtful = sum(_count(one) for one in noted if one.kind == Kind.DOUBTFUL_UNIT)
    said, language, count = [], words.language, sum(_count(one) for one in missing)
    if count:
        said.append(language(WEB["ch_lost"], count=count, file=file))
    elif missing:
        said.append(language(WEB["ch_lost_columns"], file=file))
    if doubtful:
        said.append(language(WEB["ch_doubtful"], count=doubtful, file=file))
    return said


def plausible(name: str, words: ChartWords) -> str:
    """Return the plausible range of a variable with its unit."""
    one = VARIABLES[place_of(name)]
    return within(one.low, one.high, one.unit, words)


def within(low: float, high: float, unit: str, words: ChartWords) -> str:
    """Return a range with its unit."""
    ends = {"low": words.number(f"{low:g}"), "high": words.number(f"{high:g}")}
    return f"{words.t['between'].format(**ends)} {unit}".strip()


def _count(one: KeptOut) -> int:
    return one.values or one.rows


def _found(one: KeptOut, words: ChartWords) -> str:
    title = words.language(KEPT_OUT_TITLES.get(one.kind, one.kind))
    said = f"{title} ({one.detail})" if one.detail else title
    return f"{_count(one)} × {said}" if _count(one) else said


def _expected(one: KeptOut, words: ChartWords) -> str:
    said = KEPT_OUT_EXPECTED.get(one.kind, "")
    if not one.variable:
        return words.language(said)
    if not said:
        return plausible(one.variable, words)
    return words.language(said, unit=words.unit(one.variable))


def corrections(noted: Sequence[Correction], words: ChartWords) -> list[str]:
    """Return what a later version replaced, a sentence each."""
    return [_correction(one, words) for one in noted]


def _values(one: Added, reading: ChartReading, words: ChartWords) -> dict[str, str]:
    """Return the course of a variable in short, for a bar is about all of it."""
    course = next((each for each in reading.courses if each.name == one.name), None)
    if course is None or one.measured_h is None:
        said = "" if one.value is None else words.value(one.value)
        return {"value": said, "measured": ""}
    age = words.before(reading.index_h - one.measured_h)
    measured = words.language(WEB["ch_measured"], age=age)
    return {"value": words.values(course), "measured": measured}


def _bar(one: Added, horizon: int, most: float, words: ChartWords) -> dict[str, Any]:
    start, width = bar(one.added[horizon], most, BAR_WIDTH)
    return {
        "title": words.title(one.name),
        "x": start,
        "width": width,
        "rises": one.added[horizon] > 0,
        "points": words.points(one.added[horizon], one.error[horizon]),
    }


def _correction(one: Correction, words: ChartWords) -> str:
    said = {"what": words.title(one.name.removesuffix("_years"))}
    for name, value in (("before", one.before), ("after", one.after)):
        said[name] = _corrected(one, value, words)
    if one.time_h is None:
        return words.language(WEB["ch_correction_untimed"], **said)
    return words.language(WEB["ch_correction"], **said, time=words.time(one.time_h))


def _corrected(one: Correction, value: float | str, words: ChartWords) -> str:
    if isinstance(value, str):
        return words.t[f"sex_{value}"]
    return words.value(value) if one.time_h is None else words.said(one.name, value)
