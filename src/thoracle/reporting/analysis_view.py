"""What a page shows of one result, worked out once for the report and for the web app."""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from types import MappingProxyType
from typing import Final

from thoracle.core.languages import ENGLISH_TEXTS, Language
from thoracle.core.results import ContributionMap, FileResult, FilmMap, Finding, Reason
from thoracle.evaluation.confusion import BinaryCounts
from thoracle.reporting.analysis_texts import (
    KIND_TITLES,
    PAGE,
    STATUS_TITLES,
)
from thoracle.reporting.map_names import map_names
from thoracle.reporting.odds import odds_sentence
from thoracle.reporting.severity_view import SeverityView, severity_view

_UNMEASURED: Final[Mapping[str, BinaryCounts]] = MappingProxyType({})
_TONES: Final[Mapping[str, str]] = MappingProxyType(
    {"No finding": "green", "Other lung opacity": "blue", "COVID-19": "red"}
)
_FOREMOST: Final = "training-film"  # the warning that stands before everything else
_SUM_TOLERANCE: Final = 0.001  # a softmax in float32 is far closer; other heads are far away


@dataclass(frozen=True, slots=True, kw_only=True)
class Bar:
    """One finding as a bar: numbers in percent, texts ready to print."""

    label: str
    tone: str
    width_percent: float
    percent: str
    threshold_at_percent: float
    threshold: str
    is_positive: bool
    sentence: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    """One picture of the stage: the film, or the film with a map."""

    title: str
    url: str
    alt: str
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class MapRow:
    """One map in the table of all maps."""

    label: str
    layer: str
    method: str
    lung_share: str
    url: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class AnalysisView:
    """Everything that the templates of a result print; they only place it.

    `foremost` holds the warnings to read before anything else, `warnings` the others.
    """

    file: str
    title: str
    made_at: str | None
    status: str
    status_title: str
    bars: tuple[Bar, ...]
    bars_note: str | None
    pictures: tuple[Picture, ...]
    scale_max: str | None
    color_bar_url: str | None
    gate_sentence: str | None
    gate_accepted: bool
    is_overridden: bool
    rotation_degrees: int
    reasons: tuple[Reason, ...]
    foremost: tuple[Reason, ...]
    warnings: tuple[Reason, ...]
    error: Reason | None
    maps: tuple[MapRow, ...]
    provenance: tuple[tuple[str, str], ...]
    severity: SeverityView | None = None
    odds: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PictureAddresses:
    """Where a page finds its pictures: paths of a web app, or `data:` addresses.

    `overlays` is keyed by the place of a map in the result's `maps`.
    """

    film: str | None = None
    overlays: Mapping[int, str] = field(default_factory=lambda: MappingProxyType({}))
    color_bar: str | None = None


def percentages(probabilities: Sequence[float]) -> tuple[str, ...]:
    """Print probabilities as percentages with one decimal that add up to 100.0.

    Parameters
    ----------
    probabilities
        0 to 1. When they add up to one, as those of exclusive findings do, the largest
        remainders are rounded up until the printed sum is 100.0; when they do not, each
        is rounded on its own, for no sum may be pretended.

    Returns
    -------
    tuple of str
        In the same order, such as ("83.3", "16.7").
    """
    total = math.fsum(probabilities)
    if abs(total - 1.0) > _SUM_TOLERANCE:
        return tuple(f"{probability * 100:.1f}" for probability in probabilities)
    tenths = [probability / total * 1000 for probability in probabilities]
    floors = [math.floor(tenth) for tenth in tenths]
    by_remainder = sorted(range(len(tenths)), key=lambda i: floors[i] - tenths[i])
    for i in range(1000 - sum(floors)):
        floors[by_remainder[i % len(floors)]] += 1
    return tuple(f"{floor / 10:.1f}" for floor in floors)


def top_label(findings: Sequence[Finding]) -> str | None:
    """Return the label with the highest probability; None where nothing was computed."""
    if not findings:
        return None
    return max(findings, key=lambda finding: finding.probability).label


def shown_maps(maps: Sequence[ContributionMap]) -> tuple[int, ...]:
    """Return the places of the maps a page shows: the first of each label."""
    first: dict[str, int] = {}
    for place, one in enumerate(maps):
        first.setdefault(one.label, place)
    return tuple(first.values())


def shown_places(result: FileResult) -> tuple[int, ...]:
    """Return the places of the maps a page shows among `drawn_maps`, the anomaly map last."""
    last = () if result.anomaly is None else (len(result.maps),)
    return (*shown_maps(result.maps), *last)


def view_of(
    result: FileResult,
    *,
    addresses: PictureAddresses,
    made_at: datetime | None = None,
    counts: Mapping[str, BinaryCounts] = _UNMEASURED,
    language: Language = ENGLISH_TEXTS,
) -> AnalysisView:
    """Work out what a page shows of one result.

    Parameters
    ----------
    result
        Of any status: a refusal and a failure have pages as well.
    addresses
        Where its pictures are; a picture without an address is left out.
    made_at
        The time of the analysis, in UTC.
    counts
        What was measured of the bundle that made it, by finding.
    language
        Of all texts and numbers.

    Returns
    -------
    AnalysisView
        Texts and numbers only, no arrays.
    """
    gate, provenance = result.gate, result.provenance
    scales = {result.maps[place].scale_max for place in shown_maps(result.maps)}
    return AnalysisView(
        file=result.file,
        title=language(PAGE["title"], file=result.file),
        made_at=None
        if made_at is None
        else language(PAGE["made_at"], time=language.moment(made_at)),
        status=str(result.status),
        status_title=language(STATUS_TITLES[result.status]),
        bars=_bars(result.findings, language),
        bars_note=_bars_note(result.findings, language),
        pictures=_pictures(result, addresses, language),
        scale_max=language.number(f"{scales.pop():.3g}") if len(scales) == 1 else None,
        color_bar_url=addresses.color_bar,
        gate_sentence=_gate_sentence(result, language),
        gate_accepted=gate is not None and gate.accepted,
        is_overridden=provenance is not None and provenance.gate_overridden,
        rotation_degrees=0 if gate is None else gate.rotation_degrees,
        reasons=() if gate is None else _said(gate.reasons, language),
        foremost=_said((one for one in result.warnings if one.code == _FOREMOST), language),
        warnings=_said((one for one in result.warnings if one.code != _FOREMOST), language),
        error=None if result.error is None else _said([result.error], language)[0],
        maps=_map_rows(result, addresses, language),
        provenance=_provenance(result, language),
        severity=severity_view(result.severity, language),
        odds=odds_sentence(result, counts, language),
    )


def _made_at(moment: datetime | None, language: Language) -> str | None:
    return None if moment is None else language(PAGE["made_at"], time=language.moment(moment))


def _said(reasons: Iterable[Reason], language: Language) -> tuple[Reason, ...]:
    return tuple(Reason(code=one.code, text=language.sentence(one.text)) for one in reasons)


def _bars(findings: Sequence[Finding], language: Language) -> tuple[Bar, ...]:
    printed = percentages([finding.probability for finding in findings])
    return tuple(
        _bar(finding, language.number(percent), language)
        for finding, percent in zip(findings, printed, strict=True)
    )


def _bar(finding: Finding, percent: str, language: Language) -> Bar:
    label = language(finding.label)
    threshold = language.number(f"{finding.threshold * 100:.1f}")
    said = PAGE["finding_positive"] if finding.is_positive else PAGE["finding_negative"]
    return Bar(
        label=label,
        tone=_TONES.get(finding.label, "grey"),
        width_percent=round(min(max(finding.probability, 0.0), 1.0) * 100, 2),
        percent=percent,
        threshold_at_percent=round(min(max(finding.threshold, 0.0), 1.0) * 100, 2),
        threshold=language(PAGE["threshold"], percent=threshold),
        is_positive=finding.is_positive,
        sentence=language(said, label=label, percent=percent, threshold=threshold),
    )


def _bars_note(findings: Sequence[Finding], language: Language) -> str | None:
    positive = sum(finding.is_positive for finding in findings)
    if findings and positive == 0:
        return language(PAGE["none_positive"])
    return language(PAGE["several_positive"]) if positive > 1 else None


def _pictures(
    result: FileResult, addresses: PictureAddresses, language: Language
) -> tuple[Picture, ...]:
    if addresses.film is None:
        return ()
    alone = Picture(
        title=language(PAGE["film"]), url=addresses.film, alt=language(PAGE["film_alt"])
    )
    with_maps = (
        _picture(result.drawn_maps[place], addresses.overlays[place], language)
        for place in shown_places(result)
        if place in addresses.overlays
    )
    return (alone, *with_maps)


def _picture(one: FilmMap, url: str, language: Language) -> Picture:
    if not isinstance(one, ContributionMap):
        return Picture(
            title=language(PAGE["anomaly"]),
            url=url,
            alt=language(PAGE["anomaly_alt"]),
            note=anomaly_note(one, language),
        )
    label = language(one.label)
    return Picture(
        title=label,
        url=url,
        alt=language(PAGE["map_alt"], label=label),
        note=share_text(one, language),
    )


def share_text(one: FilmMap, language: Language) -> str:
    """Say how much of a map lies inside the lungs, "" where that is unknown."""
    share = one.lung_share
    return "" if share is None else language(PAGE["lung_share"], percent=f"{share * 100:.0f}")


def anomaly_note(one: FilmMap, language: Language) -> str:
    """Say what the anomaly map is and is not, and how much of it lies inside the lungs."""
    top = language.number(f"{one.scale_max:.3g}")
    said = language(PAGE["anomaly_note"], top=top)
    return f"{said} {share_text(one, language)}".strip()


def _gate_sentence(result: FileResult, language: Language) -> str | None:
    gate = result.gate
    if gate is None:
        return None
    return language(
        PAGE["gate_accepted"] if gate.accepted else PAGE["gate_refused"],
        kind=language(KIND_TITLES[gate.kind]),
        percent=language.number(f"{gate.probability * 100:.1f}"),
    )


def _map_rows(
    result: FileResult, addresses: PictureAddresses, language: Language
) -> tuple[MapRow, ...]:
    return tuple(
        MapRow(
            label=name.subject,
            layer=name.layer,
            method=name.method,
            lung_share=(
                language(PAGE["unknown"])
                if one.lung_share is None
                else f"{one.lung_share * 100:.0f} %"
            ),
            url=addresses.overlays.get(place),
        )
        for place, (one, name) in enumerate(
            zip(result.drawn_maps, map_names(result, language), strict=True)
        )
    )


def _provenance(result: FileResult, language: Language) -> tuple[tuple[str, str], ...]:
    t = language.table(PAGE)
    rows = [(t["prov_file"], result.file), (t["prov_sha256"], result.sha256)]
    provenance = result.provenance
    if provenance is None:
        return tuple(rows)
    rows.append((t["prov_software"], provenance.software_version))
    for bundle in provenance.bundles:
        name = t["prov_bundle"].format(name=bundle.name)
        rows.append((name, f"{bundle.version} ({bundle.digest})"))
    rows.append((t["prov_runtime"], provenance.runtime))
    rows.append((t["prov_precision"], provenance.precision))
    rows.append((t["prov_override"], t["yes"] if provenance.gate_overridden else t["no"]))
    return tuple(rows)
