"""What the report on one patient's course shows: texts and numbers, ready for a page."""

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from thoracle.core.languages import Language
from thoracle.core.results import Reason
from thoracle.prognosis.reading import Added, ChartReading, Course, Suggested
from thoracle.prognosis.types import HORIZONS
from thoracle.reporting.chart_texts import HORIZON_TITLES
from thoracle.reporting.chart_words import ChartWords

_SHOWN_PARTS: Final = 15
Rows = tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class DroveRow:
    """What one variable adds: its cells, and the change in points, whose bar is drawn."""

    cells: tuple[str, ...]
    flag: str
    points: float


@dataclass(frozen=True, slots=True, kw_only=True)
class CourseLine:
    """What stands above the course of one variable."""

    title: str
    last: str
    flag: str
    usual: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ChartView:
    """The whole report but its pictures; rows are of texts, and empty where nothing is told."""

    title: str
    about: str
    known_until: str
    headline: str
    refusal: str
    warnings: tuple[Reason, ...]
    risks: Rows
    drove: tuple[DroveRow, ...]
    drove_notes: tuple[str, ...]
    rule: str
    rule_reason: str
    news2: str
    news2_parts: Rows
    suggested: Rows
    courses: tuple[CourseLine, ...] = field(repr=False)
    prior: tuple[str, ...]
    provenance: Rows = field(repr=False)


def chart_view(reading: ChartReading, language: Language) -> ChartView:
    """Work out what the report shows.

    Parameters
    ----------
    reading
        What is told.
    language
        Of all texts and numbers.

    Returns
    -------
    ChartView
        In that language.
    """
    words = ChartWords(language)
    t = words.t
    refusal = reading.refusal
    return ChartView(
        title=t["title"].format(patient=reading.patient or t["somebody"]),
        about=_about(reading, words),
        known_until=_known_until(reading, words),
        headline=_headline(reading, words),
        refusal="" if refusal is None else language.sentence(refusal.text),
        warnings=tuple(map(words.reason, reading.warnings)),
        risks=tuple(_risks(reading, words)),
        drove=tuple(_drove(reading, words)),
        drove_notes=tuple(_drove_notes(reading, words)),
        rule=t[_rule_key(reading.rule.is_death)],
        rule_reason=language.sentence(reading.rule.reason.text),
        news2=_news2(reading, words),
        news2_parts=tuple(_news2_parts(reading, words)),
        suggested=tuple(_suggested(one, words) for one in reading.next_tests),
        courses=tuple(_course(one, words) for one in reading.courses),
        prior=tuple(_prior(reading, words)),
        provenance=tuple(_provenance(reading, t)),
    )


def _about(reading: ChartReading, words: ChartWords) -> str:
    t, age = words.t, reading.age_years
    return t["about"].format(
        age=t["age_unknown"] if age is None else t["age"].format(age=words.value(age)),
        sex=t[f"sex_{reading.sex}"],
        measurements=sum(len(one.values) for one in reading.courses),
        variables=len(reading.courses),
    )


def _known_until(reading: ChartReading, words: ChartWords) -> str:
    time, admitted = words.since(reading.index_h), words.moment(reading.admitted_at)
    if not admitted:
        return words.t["known_until_undated"].format(time=time)
    moment = words.moment(reading.admitted_at, reading.index_h)
    return words.t["known_until"].format(moment=moment, time=time, admitted=admitted)


def _headline(reading: ChartReading, words: ChartWords) -> str:
    point = reading.risk
    if point is None:
        return words.t["no_risk"]
    return words.t[f"headline_{reading.event}"].format(
        risk=words.percent(point.risk[-1]),
        low=words.percent(point.low[-1]),
        high=words.percent(point.high[-1]),
    )


def _risks(reading: ChartReading, words: ChartWords) -> Iterator[tuple[str, ...]]:
    point = reading.risk
    if point is None:
        return
    for place in range(len(HORIZONS)):
        ends = (words.percent(point.low[place]), words.percent(point.high[place]))
        between = words.t["between"].format(low=ends[0], high=ends[1])
        yield words.t[HORIZON_TITLES[place]], words.percent(point.risk[place]), between


def _drove(reading: ChartReading, words: ChartWords) -> Iterator[DroveRow]:
    """Yield what adds most, and all others together, so that the sum can be seen to be right."""
    if reading.added is None or reading.attention is None:
        return
    logits = {one.name: one.logit for one in reading.attention.parts}
    courses = {one.name: one for one in reading.courses}
    parts = reading.added.parts
    for one in parts[:_SHOWN_PARTS]:
        course = courses.get(one.name)
        logit = logits.get(one.name)
        yield DroveRow(
            cells=(
                words.title(one.name),
                _value(one, course, reading, words),
                "" if course is None else words.usual(course),
                "" if one.measured_h is None else words.before(reading.index_h - one.measured_h),
                words.points(one.added[-1], one.error[-1]),
                "" if logit is None else words.signed(logit),
            ),
            flag="" if course is None else _flag(course, words),
            points=100 * one.added[-1],
        )
    rest = parts[_SHOWN_PARTS:]
    if rest:
        yield _together(rest, logits, words)


def _together(rest: Sequence[Added], logits: Mapping[str, float], words: ChartWords) -> DroveRow:
    added = sum(one.added[-1] for one in rest)
    logit = sum(logits.get(one.name, 0.0) for one in rest)
    title = words.t["others"].format(count=len(rest))
    cells = (title, "", "", "", words.points(added, 0.0), words.signed(logit))
    return DroveRow(cells=cells, flag="", points=100 * added)


def _value(one: Added, course: Course | None, reading: ChartReading, words: ChartWords) -> str:
    if one.name == "sex":
        return words.t[f"sex_{reading.sex}"]
    if course is not None:
        return words.values(course)
    return "" if one.value is None else words.value(one.value)


def _flag(course: Course, words: ChartWords) -> str:
    if course.is_low:
        return words.t["low"]
    return words.t["high"] if course.is_high else ""


def _drove_notes(reading: ChartReading, words: ChartWords) -> Iterator[str]:
    if reading.added is None or reading.attention is None:
        return
    ends = (words.percent(one[-1]) for one in (reading.added.base, reading.added.risk))
    yield words.t["drove_note"].format(**dict(zip(("base", "risk"), ends, strict=True)))
    if not reading.added.is_exact:
        yield words.t["drawn_note"]
    yield words.t["attention_note"]
    days = " · ".join(f"{100 * one:.0f} %" for one in reading.attention.days)
    yield words.t["attention_days"].format(days=days)


def _rule_key(is_death: bool | None) -> str:
    if is_death is None:
        return "rule_none"
    return "rule_death" if is_death else "rule_survival"


def _news2(reading: ChartReading, words: ChartWords) -> str:
    score, t = reading.news2, words.t
    if score.points is None:
        return t["news2_none"]
    if score.is_complete:
        return t["news2_whole"].format(points=score.points, risk=t[f"news2_risk_{score.risk}"])
    missing = len(score.missing)
    return t["news2_part"].format(low=score.low, high=score.high, missing=missing)


def _news2_parts(reading: ChartReading, words: ChartWords) -> Iterator[tuple[str, ...]]:
    for part in reading.news2.parts:
        known = part.observation
        said = words.t["unknown"]
        if not math.isnan(known.value):
            said = words.said(known.name, known.value)
        yield words.title(known.name), said, "" if part.points is None else str(part.points)


def _suggested(one: Suggested, words: ChartWords) -> tuple[str, ...]:
    key = "likely_forecast" if one.is_forecast else "likely_population"
    between = words.between(one.low, one.median, one.high, unit=words.unit(one.name))
    return (
        words.title(one.name),
        words.t["never"] if one.age_h is None else words.before(one.age_h),
        words.t[key].format(range=between),
        words.number(f"{100 * one.expected_change[-1]:.1f}"),
        words.number(f"{one.information_bits[-1]:.3f}"),
    )


def _course(one: Course, words: ChartWords) -> CourseLine:
    return CourseLine(
        title=words.title(one.name),
        last=words.last(one),
        flag=_flag(one, words),
        usual=words.usual(one),
    )


def _prior(reading: ChartReading, words: ChartWords) -> Iterator[str]:
    one = reading.prior
    if one is None:
        return
    shares = {
        "film": one.film_probability,
        "probability": one.probability,
        "low": one.low,
        "high": one.high,
        "prevalence": one.prevalence,
        "prevalence_low": one.prevalence_low,
        "prevalence_high": one.prevalence_high,
    }
    yield words.t["prior_said"].format(
        label=words.language(one.label),
        place=one.place,
        week=one.week,
        **{name: words.percent(share) for name, share in shares.items()},
    )
    yield words.t["prior_note"].format(calibrated=words.percent(one.calibrated_at))


def _provenance(reading: ChartReading, t: Mapping[str, str]) -> Iterator[tuple[str, ...]]:
    made = reading.provenance
    if made is None:
        return
    yield t["software"], made.software_version
    yield t["file_digest"], made.sha256
    for one in made.bundles:
        said = t["bundle_said"].format(name=one.name, version=one.version, digest=one.digest)
        yield t["bundle"], said
    yield t["runtime"], made.runtime
