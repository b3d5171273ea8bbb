"""What the report on a follow-up shows: texts and numbers, ready for page, PDF and terminal."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace

from thoracle.core.languages import Language
from thoracle.core.results import Reason
from thoracle.ct.course import Course, Followed
from thoracle.ct.follow_up import ALL, LUNG, POI, Change, Measured, Step, Verdict, Visit
from thoracle.ct.transitions import Extent
from thoracle.reporting.ct_follow_up_texts import (
    DEFINITIONS,
    FIT,
    FOLLOW_UP,
    KINDS,
    PLACES,
    REGIONS,
    VERDICTS,
    WHY,
)

Rows = tuple[tuple[str, ...], ...]
_COLUMNS = ("measure", "before", "after", "change", "relative", "noise", "interval", "words")
_REGION_COLUMNS = ("region", "before", "after", "change", "noise", "words")
_TOLD_REGIONS = tuple(one for one in REGIONS if one not in (ALL, "both_ventral", "both_dorsal"))


@dataclass(frozen=True, slots=True, kw_only=True)
class StepView:
    """From one scan to another: texts only.

    `numbers` and `regions` are rows under `columns`; `tones` are "grew", "shrank", "noise" or
    "unknown" for each row of `numbers`. `places` and `fit` are None where nothing lies over
    each other.
    """

    title: str
    leads: tuple[str, ...]
    warnings: tuple[Reason, ...]
    columns: tuple[str, ...]
    numbers: Rows
    tones: tuple[str, ...]
    region_columns: tuple[str, ...]
    regions: Rows
    places: Rows = ()
    places_note: str = ""
    fit: Rows = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class CourseView:
    """The whole report but its pictures."""

    title: str
    steps: tuple[StepView, ...]
    overall: StepView | None
    scans: Rows = field(repr=False)
    definitions: tuple[str, ...] = field(repr=False)
    provenance: Rows = field(repr=False)


def course_view(course: Course, language: Language) -> CourseView:
    """Work out what the report shows.

    Parameters
    ----------
    course
        What changed.
    language
        Of all texts and numbers.

    Returns
    -------
    CourseView
        Steps in the order of the dates.
    """
    words = _Words(language)
    return CourseView(
        title=words.t["title"],
        steps=tuple(words.followed(one) for one in course.steps),
        overall=None if course.overall is None else words.step(course.overall),
        scans=tuple(_scans(course, language)),
        definitions=tuple(words.definitions(course)),
        provenance=tuple(_provenance(course)),
    )


def spoken_changes(course: Course, language: Language) -> Iterator[str]:
    """Yield the lines that the command prints."""
    view = course_view(course, language)
    shown = view.steps if view.overall is None else (*view.steps, view.overall)
    for one in shown:
        yield one.title
        yield from (f"  {lead}" for lead in one.leads)
        yield from (f"  {row[0]}: {row[1]} ({row[2]})" for row in one.places)
        yield from (f"  {reason.text} [{reason.code}]" for reason in one.warnings)


class _Words:
    """Numbers and sentences in one language."""

    def __init__(self, language: Language) -> None:
        self._language = language
        self.t = language.table(FOLLOW_UP)
        self.kinds = language.table(KINDS)
        self.regions = language.table(REGIONS)
        self.fits = language.table(FIT)

    def followed(self, one: Followed) -> StepView:
        """Return a step with what is known of places."""
        seen = replace(self.step(one.step, extra=one.match.reasons), fit=tuple(self._fit(one)))
        became = one.became
        if became is None:
            return replace(seen, places_note=self.t["no_pictures"])
        names = self._language.table(PLACES)
        found = [(names[name], getattr(became, name)) for name in names]
        note = ""
        if became.unseen_ml >= 1.0:
            note = self.t["unseen"].format(ml=self._number(became.unseen_ml, 0))
        return replace(
            seen,
            places=tuple((name, self._ml(one.ml), self._range(one)) for name, one in found),
            places_note=note,
        )

    def step(self, one: Step, extra: tuple[Reason, ...] = ()) -> StepView:
        """Return what two scans' numbers say."""
        main = [change for change in one.changes if change.region == ALL]
        others = [one.change(POI, region) for region in _TOLD_REGIONS if _has(one, POI, region)]
        days = {
            "before": _when(one.before, self.t),
            "after": _when(one.after, self.t),
            "days": one.days,
        }
        return StepView(
            title=self.t["from_to"].format(**days),
            leads=tuple(map(self._lead, main)),
            warnings=tuple(map(self._translated, (*extra, *one.warnings))),
            columns=tuple(map(self.t.__getitem__, _COLUMNS)),
            numbers=tuple(self._row(change, self.kinds[change.kind]) for change in main),
            tones=tuple(map(_tone, main)),
            region_columns=tuple(map(self.t.__getitem__, _REGION_COLUMNS)),
            regions=tuple(map(self._short_row, others)),
        )

    def _translated(self, reason: Reason) -> Reason:
        return Reason(code=reason.code, text=self._language.sentence(reason.text))

    def definitions(self, course: Course) -> Iterator[str]:
        """Say how it was measured, and what noise was reckoned from."""
        known = course.repeatability
        values = {name: self._number(one, 2) for name, one in known.border_mm.items()}
        values["pairs"] = str(known.pairs)
        values["labeled_by"] = self._language.sentence(known.labeled_by)
        for said in self._language.table(DEFINITIONS).values():
            yield said.format(**values)

    def _row(self, change: Change, name: str) -> tuple[str, ...]:
        return (
            name,
            self._value(change.kind, change.before),
            self._value(change.kind, change.after),
            self._difference(change.kind, change.absolute),
            self._relative(change.relative_percent),
            "–" if change.noise is None else f"± {self._amount(change.kind, change.noise)}",
            self._interval(change),
            self._verdict(change),
        )

    def _short_row(self, change: Change) -> tuple[str, ...]:
        whole = self._row(change, self.regions[change.region])
        return (whole[0], whole[1], whole[2], whole[3], whole[5], whole[7])

    def _lead(self, change: Change) -> str:
        absolute = change.absolute
        said = {
            "kind": self.kinds[change.kind],
            "before": self._value(change.kind, change.before),
            "after": self._value(change.kind, change.after),
            "verdict": self._verdict(change),
        }
        if absolute is None:
            return self.t["lead_unknown"].format(**said)
        return self.t["lead"].format(change=self._difference(change.kind, absolute), **said)

    def _verdict(self, change: Change) -> str:
        key = str(change.verdict)
        if change.kind == LUNG and change.verdict in (Verdict.GREW, Verdict.SHRANK):
            key = "deeper" if change.verdict is Verdict.GREW else "shallower"
        if change.before.value == 0.0 and change.after.value == 0.0:
            key = "none"
        why = self._language(WHY[change.why]) if change.verdict is Verdict.UNKNOWN else ""
        verdict = self._language(VERDICTS[key])
        return f"{verdict}: {why}" if why else verdict

    def _value(self, kind: str, one: Measured) -> str:
        if one.value is None:
            return "–"
        bound = "≥ " if one.cut and kind != POI else ""
        if one.low is None or one.high is None:
            return bound + self._amount(kind, one.value, unit="%")
        places = _places(kind)
        ends = f"{self._number(one.low, places)}–{self._number(one.high, places)}"
        return f"{bound}{self._amount(kind, one.value, unit='%')} ({ends})"

    def _difference(self, kind: str, value: float | None) -> str:
        return "–" if value is None else self._amount(kind, value, sign=True)

    def _interval(self, change: Change) -> str:
        if change.low is None or change.high is None:
            return "–"
        places = _places(change.kind)
        low, high = (self._number(one, places, sign=True) for one in (change.low, change.high))
        return f"{low} … {high}"

    def _relative(self, percent: float | None) -> str:
        return "–" if percent is None else f"{self._number(percent, 0, sign=True)} %"

    def _amount(self, kind: str, value: float, *, sign: bool = False, unit: str = "") -> str:
        said = (unit or self.t["points"]) if kind == POI else "ml"
        return f"{self._number(value, _places(kind), sign=sign)} {said}"

    def _ml(self, value: float) -> str:
        return f"{self._number(value, 1)} ml"

    def _range(self, extent: Extent) -> str:
        return f"{self._number(extent.low_ml, 1)}–{self._number(extent.high_ml, 1)} ml"

    def _fit(self, one: Followed) -> Iterator[tuple[str, ...]]:
        found, t = one.registration, self.fits
        before, after = found.before, found.after
        yield t["verdict"], t[str(one.match.fit)]
        yield t["dice"], f"{self._number(before.dice, 3)} → {self._number(after.dice, 3)}"
        yield (
            t["surface"],
            f"{self._number(before.surface_mm, 1)} → {self._number(after.surface_mm, 1)} mm",
        )
        yield t["p95"], f"{self._number(after.surface_p95_mm, 1)} mm"
        yield (
            t["correlation"],
            f"{self._number(before.correlation, 3)} → {self._number(after.correlation, 3)}",
        )
        stretch = self._number((found.volume_ratio - 1.0) * 100.0, 1, sign=True)
        yield t["moved"], f"{self._number(found.rotation_degrees, 1)}°, {stretch} %"

    def _number(self, value: float, places: int, *, sign: bool = False) -> str:
        printed = f"{value:+.{places}f}" if sign else f"{value:.{places}f}"
        return self._language.number(printed.replace("-", "−"))


def _places(kind: str) -> int:
    return 2 if kind == POI else 1


def _has(one: Step, kind: str, region: str) -> bool:
    return any((change.kind, change.region) == (kind, region) for change in one.changes)


def _tone(change: Change) -> str:
    if change.kind == LUNG:
        return "noise"
    return {Verdict.GREW: "grew", Verdict.SHRANK: "shrank", Verdict.NOISE: "noise"}.get(
        change.verdict, "unknown"
    )


def _when(visit: Visit, t: Mapping[str, str]) -> str:
    number = visit.day_number
    return visit.when if number is None else t["day"].format(number=number)


def _scans(course: Course, language: Language) -> Iterator[tuple[str, ...]]:
    t = language.table(FOLLOW_UP)
    for one in course.scans:
        scan = one.labeled.scan
        slices, rows, columns = scan.hu.shape
        spacing = " × ".join(language.number(f"{side:.2f}") for side in scan.spacing_mm)
        grid = f"{slices} × {rows} × {columns}, {spacing} mm"
        said = [language.sentence(reason.text) for reason in (*one.assumptions, *one.warnings)]
        yield (
            f"{_when(one.visit, t)} {one.visit.name}",
            " ".join([f"{grid}; {language.sentence(one.labeled_by)}.", *said]),
        )


def _provenance(course: Course) -> Iterator[tuple[str, str]]:
    yield "thoracle", course.software_version
    if course.bundle is not None:
        yield course.bundle.name, f"{course.bundle.version} {course.bundle.digest}"
    for one in course.scans:
        yield one.visit.name, f"SHA-256 {one.labeled.scan.sha256}"
