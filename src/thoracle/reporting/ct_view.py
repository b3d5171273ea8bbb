"""What the report of a CT scan prints, worked out once for its page and its PDF."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from thoracle.core.languages import Language
from thoracle.core.results import BundleReference, Reason
from thoracle.ct.measures import (
    HISTOGRAM_HU,
    PARTS,
    SIDES,
    Density,
    Lesion,
    Quantity,
    RegionMeasures,
    ScanMeasures,
)
from thoracle.imaging.scan import CtScan
from thoracle.reporting.ct_texts import CT_DEFINITIONS, CT_PAGE

LESIONS_SHOWN: Final = 12
CURVES: Final = ("lung", "ground_glass", "consolidation")
_COMPARTMENTS: Final = {"lung": "unaltered", "all": "all"}
Table = tuple[tuple[str, ...], ...]
"""Rows of cells, the first of them the heads."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LabelSource:
    """Who labeled a scan: a bundle, or a file that was given."""

    bundle: BundleReference | None = None
    file: str | None = None
    sha256: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class MeasuredScan:
    """What is reported: a scan, where its labels come from, and their numbers."""

    file: str
    scan: CtScan = field(repr=False)
    labels: LabelSource
    measures: ScanMeasures
    software_version: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Histogram:
    """One compartment's curve: height, 0 to 1 of its own highest bin, by bin."""

    name: str
    compartment: str
    heights: tuple[float, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class CtView:
    """Everything that the page and the PDF print; they only place it."""

    title: str
    made_at: str | None
    disclaimer: str
    headline: str
    summary: str
    warnings: tuple[Reason, ...]
    volumes: Table
    parts: Table
    lesions: Table
    lesions_notes: tuple[str, ...]
    density: Table
    histogram: tuple[Histogram, ...]
    histogram_hu: tuple[int, int]
    notes: tuple[str, ...]
    definitions: tuple[str, ...]
    facts: tuple[tuple[str, str], ...]
    provenance: tuple[tuple[str, str], ...]


class _Printer:
    """Prints numbers in one language."""

    def __init__(self, language: Language) -> None:
        self.t = {key: language(text) for key, text in CT_PAGE.items()}
        self.language = language

    def number(self, value: float, digits: int) -> str:
        return self.language.number(f"{value:.{digits}f}").replace("-", "−")

    def quantity(self, found: Quantity, digits: int, *, unit: str = "", sign: str = "") -> str:
        if found.value is None:
            return self.t["unknown"]
        told = f"{sign}{self.number(found.value, digits)}{unit}"
        if found.low is None or found.high is None:
            return told
        to = " … " if found.low < 0.0 else "–"
        return f"{told} ({self.number(found.low, digits)}{to}{self.number(found.high, digits)})"

    def ml(self, found: Quantity, *, is_bound: bool = False) -> str:
        digits = 0 if (found.value or 0.0) >= 100.0 else 1
        return self.quantity(found, digits, sign="≥ " if is_bound else "")

    def percent(self, found: Quantity) -> str:
        digits = 1 if (found.value or 0.0) >= 1.0 else 2
        return self.quantity(found, digits, unit=" %")


def ct_view(found: MeasuredScan, *, made_at: datetime | None, language: Language) -> CtView:
    """Work out what the report prints.

    Parameters
    ----------
    found
        The scan and its numbers.
    made_at
        In UTC; None leaves the time out.
    language
        Of all texts.

    Returns
    -------
    CtView
        Numbers as they are printed.
    """
    say = _Printer(language)
    measures, scan = found.measures, found.scan
    warnings = [
        *(
            Reason(
                code=one.code,
                text=say.t["assumed"].format(sentence=language.sentence(one.text)),
            )
            for one in scan.assumptions
        ),
        *(
            Reason(code=one.code, text=language.sentence(one.text))
            for one in (*measures.warnings, *scan.warnings)
        ),
    ]
    return CtView(
        title=say.t["title"].format(file=found.file),
        made_at=None if made_at is None else say.t["made_at"].format(time=language.moment(made_at)),
        disclaimer=say.t["disclaimer"],
        headline=_headline(measures, say),
        summary=_summary(measures, say),
        warnings=tuple(warnings),
        volumes=tuple(_volumes(measures, say)),
        parts=tuple(_parts(measures, say)),
        lesions=tuple(_lesions(measures, say)),
        lesions_notes=tuple(_lesion_notes(measures, say)),
        density=tuple(_density(measures, say)),
        histogram=tuple(_curves(measures, say)),
        histogram_hu=HISTOGRAM_HU[:2],
        notes=tuple(_notes(measures, say)),
        definitions=tuple(language(one) for one in CT_DEFINITIONS),
        facts=tuple(_facts(found, say)),
        provenance=tuple(_provenance(found, say)),
    )


def _headline(measures: ScanMeasures, say: _Printer) -> str:
    percent = measures.region("both").percentage_of_infection
    if percent.value is None:
        return say.t["no_headline"]
    return say.t["headline"].format(percent=say.percent(percent))


def _summary(measures: ScanMeasures, say: _Printer) -> str:
    both, count = measures.region("both"), int(measures.lesions.count.value or 0)
    key = {0: "summary_none", 1: "summary_one"}.get(count, "summary")
    return say.t[key].format(
        infection=say.ml(both.infection_ml, is_bound=both.is_lower_bound),
        lung=say.ml(both.lung_ml, is_bound=both.is_lower_bound),
        lesions=say.quantity(measures.lesions.count, 0),
    )


def _volumes(measures: ScanMeasures, say: _Printer) -> Iterator[tuple[str, ...]]:
    t = say.t
    heads = ("region", "lung", "ground_glass", "consolidation", "infection", "percentage")
    yield tuple(t[one] for one in heads)
    for side in SIDES:
        one = measures.region(side)
        volumes = (one.lung_ml, one.ground_glass_ml, one.consolidation_ml, one.infection_ml)
        cells = [say.ml(value, is_bound=one.is_lower_bound) for value in volumes]
        yield (t[side], *cells, say.percent(one.percentage_of_infection))


def _parts(measures: ScanMeasures, say: _Printer) -> Iterator[tuple[str, ...]]:
    yield ("", *(say.t[side] for side in ("right", "left", "both")))
    for part in PARTS:
        found = [measures.region(side, part) for side in ("right", "left", "both")]
        yield (say.t[part], *(_part(one, say) for one in found))


def _part(one: RegionMeasures, say: _Printer) -> str:
    if one.percentage_of_infection.value is None:
        return say.t["unknown"]
    infection = Quantity(value=one.infection_ml.value)
    told = say.ml(infection, is_bound=one.is_lower_bound)
    return f"{say.percent(one.percentage_of_infection)} · {told} ml"


def _lesions(measures: ScanMeasures, say: _Printer) -> Iterator[tuple[str, ...]]:
    heads = (
        "number", "where", "volume", "ground_glass", "consolidation", "diameter", "surface",
        "sphericity", "slices",
    )  # fmt: skip
    if measures.lesions.largest:
        yield tuple(say.t[one] for one in heads)
    for one in measures.lesions.largest[:LESIONS_SHOWN]:
        first, last = one.slices
        yield (
            str(one.number),
            _where(one, say),
            say.number(one.volume_ml, 1),
            say.number(one.ground_glass_ml, 1),
            say.number(one.consolidation_ml, 1),
            say.number(one.diameter_mm, 0),
            say.number(one.surface_cm2, 1),
            say.number(one.sphericity, 2),
            f"{first + 1}–{last + 1}",
        )


def _where(one: Lesion, say: _Printer) -> str:
    place = say.t["unknown"] if one.region is None else say.t[one.region]
    return f"{place}; {say.t['at_edge']}" if one.touches_edge else place


def _lesion_notes(measures: ScanMeasures, say: _Printer) -> Iterator[str]:
    found = measures.lesions
    yield say.t["lesions_count"].format(
        count=say.quantity(found.count, 0), smallest=say.number(found.smallest_ml, 1)
    )
    if found.smaller:
        yield say.t["lesions_smaller"].format(
            count=found.smaller, ml=say.number(found.smaller_ml, 2)
        )
    if len(found.largest) > LESIONS_SHOWN:
        yield say.t["lesions_shown"].format(shown=LESIONS_SHOWN)


def _density(measures: ScanMeasures, say: _Printer) -> Iterator[tuple[str, ...]]:
    t = say.t
    told = [one for one in measures.densities or () if one.mean_hu.value is not None]
    if told:
        heads = ("region", "compartment", "mean", "sd", "median", "range")
        yield tuple(t[one] for one in heads)
    for one in told:
        yield (t[one.side], _compartment(one, say), *_spread(one, say))


def _spread(one: Density, say: _Printer) -> Iterator[str]:
    yield say.quantity(one.mean_hu, 0)
    yield from (say.quantity(Quantity(value=value), 0) for value in (one.sd_hu, one.median_hu))
    low, high = (say.quantity(Quantity(value=value), 0) for value in (one.p5_hu, one.p95_hu))
    yield f"{low} … {high}"


def _compartment(one: Density, say: _Printer) -> str:
    name = _COMPARTMENTS.get(one.compartment, f"legend_{one.compartment}")
    return say.t[name]


def _curves(measures: ScanMeasures, say: _Printer) -> Iterator[Histogram]:
    for one in measures.densities or ():
        inner = one.histogram_ml[1:-1]
        if one.side == "both" and one.compartment in CURVES and max(inner) > 0.0:
            heights = tuple(ml / max(inner) for ml in inner)
            yield Histogram(
                name=_compartment(one, say), compartment=one.compartment, heights=heights
            )


def _notes(measures: ScanMeasures, say: _Printer) -> Iterator[str]:
    if measures.variants:
        yield say.t["intervals"].format(count=measures.variants + 1)
    else:
        yield say.t["no_intervals"]
    if measures.cuts:
        yield say.t["bounds"]


def _facts(found: MeasuredScan, say: _Printer) -> Iterator[tuple[str, str]]:
    t, scan = say.t, found.scan
    slices, rows, columns = scan.hu.shape
    spacing = " × ".join(say.language.number(f"{one:.4g}") for one in scan.spacing_mm)
    yield t["file"], found.file
    yield t["format"], t["format_value"].format(format=scan.facts.format, files=scan.facts.files)
    yield (
        t["grid"],
        t["grid_value"].format(slices=slices, rows=rows, columns=columns, spacing=spacing),
    )
    if scan.window_hu is None:
        yield t["unit"], t["unit_hu"]
    else:
        low, high = (f"{one:g}".replace("-", "−") for one in scan.window_hu)
        yield t["unit"], t["unit_window"].format(low=low, high=high)
    for name in ("manufacturer", "kernel"):
        value = getattr(scan.facts, name)
        if value:
            yield t[name], value
    if scan.facts.slice_thickness_mm is not None:
        mm = say.language.number(f"{scan.facts.slice_thickness_mm:g}")
        yield t["thickness"], t["thickness_value"].format(mm=mm)


def _provenance(found: MeasuredScan, say: _Printer) -> Iterator[tuple[str, str]]:
    t, labels = say.t, found.labels
    if labels.bundle is not None:
        name, version = labels.bundle.name, labels.bundle.version
        yield t["labels_by"], t["labels_bundle"].format(name=name, version=version)
        yield t["bundle_digest"], labels.bundle.digest
    if labels.file is not None:
        yield t["labels_by"], t["labels_file"].format(file=labels.file)
    if labels.sha256 is not None:
        yield t["labels_digest"], labels.sha256
    yield t["scan_digest"], found.measures.sha256
    yield t["software"], found.software_version
