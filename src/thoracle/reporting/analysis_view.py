"""What a page shows of one result, worked out once for the report and for the web app."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Final

from thoracle.core.results import ContributionMap, FileResult, Finding, Reason
from thoracle.reporting.analysis_texts import (
    KIND_TITLES,
    PAGE,
    STATUS_TITLES,
    finding_sentence,
    lung_share_sentence,
)

_TONES: Final[Mapping[str, str]] = MappingProxyType(
    {"No finding": "green", "Other lung opacity": "blue", "COVID-19": "red"}
)
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
    """One contribution map in the table of all maps."""

    label: str
    layer: str
    method: str
    lung_share: str
    url: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class AnalysisView:
    """Everything that the templates of a result print; they only place it."""

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
    warnings: tuple[Reason, ...]
    error: Reason | None
    maps: tuple[MapRow, ...]
    provenance: tuple[tuple[str, str], ...]


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


def view_of(
    result: FileResult, *, addresses: PictureAddresses, made_at: str | None = None
) -> AnalysisView:
    """Work out what a page shows of one result.

    Parameters
    ----------
    result
        Of any status: a refusal and a failure have pages as well.
    addresses
        Where its pictures are; a picture without an address is left out.
    made_at
        The time of the analysis, ready to print.

    Returns
    -------
    AnalysisView
        Texts and numbers only, no arrays.
    """
    gate, provenance = result.gate, result.provenance
    scales = {result.maps[place].scale_max for place in shown_maps(result.maps)}
    return AnalysisView(
        file=result.file,
        title=PAGE["title"].format(file=result.file),
        made_at=None if made_at is None else PAGE["made_at"].format(time=made_at),
        status=str(result.status),
        status_title=STATUS_TITLES[result.status],
        bars=_bars(result.findings),
        bars_note=_bars_note(result.findings),
        pictures=_pictures(result, addresses),
        scale_max=f"{scales.pop():.3g}" if len(scales) == 1 else None,
        color_bar_url=addresses.color_bar,
        gate_sentence=_gate_sentence(result),
        gate_accepted=gate is not None and gate.accepted,
        is_overridden=provenance is not None and provenance.gate_overridden,
        rotation_degrees=0 if gate is None else gate.rotation_degrees,
        reasons=() if gate is None else gate.reasons,
        warnings=result.warnings,
        error=result.error,
        maps=_map_rows(result, addresses),
        provenance=_provenance(result),
    )


def _bars(findings: Sequence[Finding]) -> tuple[Bar, ...]:
    printed = percentages([finding.probability for finding in findings])
    return tuple(
        Bar(
            label=finding.label,
            tone=_TONES.get(finding.label, "grey"),
            width_percent=round(min(max(finding.probability, 0.0), 1.0) * 100, 2),
            percent=percent,
            threshold_at_percent=round(min(max(finding.threshold, 0.0), 1.0) * 100, 2),
            threshold=PAGE["threshold"].format(percent=f"{finding.threshold * 100:.1f}"),
            is_positive=finding.is_positive,
            sentence=finding_sentence(
                label=finding.label,
                percent=percent,
                threshold_percent=f"{finding.threshold * 100:.1f}",
                is_positive=finding.is_positive,
            ),
        )
        for finding, percent in zip(findings, printed, strict=True)
    )


def _bars_note(findings: Sequence[Finding]) -> str | None:
    positive = sum(finding.is_positive for finding in findings)
    if findings and positive == 0:
        return PAGE["none_positive"]
    return PAGE["several_positive"] if positive > 1 else None


def _pictures(result: FileResult, addresses: PictureAddresses) -> tuple[Picture, ...]:
    if addresses.film is None:
        return ()
    pictures = [Picture(title=PAGE["film"], url=addresses.film, alt=PAGE["film_alt"])]
    for place in shown_maps(result.maps):
        if place in addresses.overlays:
            one = result.maps[place]
            share = one.lung_share
            pictures.append(
                Picture(
                    title=one.label,
                    url=addresses.overlays[place],
                    alt=PAGE["map_alt"].format(label=one.label),
                    note="" if share is None else lung_share_sentence(f"{share * 100:.0f}"),
                )
            )
    return tuple(pictures)


def _gate_sentence(result: FileResult) -> str | None:
    gate = result.gate
    if gate is None:
        return None
    text = PAGE["gate_accepted"] if gate.accepted else PAGE["gate_refused"]
    return text.format(kind=KIND_TITLES[gate.kind], percent=f"{gate.probability * 100:.1f}")


def _map_rows(result: FileResult, addresses: PictureAddresses) -> tuple[MapRow, ...]:
    return tuple(
        MapRow(
            label=one.label,
            layer=one.layer,
            method=one.method,
            lung_share=(
                PAGE["unknown"] if one.lung_share is None else f"{one.lung_share * 100:.0f} %"
            ),
            url=addresses.overlays.get(place),
        )
        for place, one in enumerate(result.maps)
    )


def _provenance(result: FileResult) -> tuple[tuple[str, str], ...]:
    rows = [(PAGE["prov_file"], result.file), (PAGE["prov_sha256"], result.sha256)]
    provenance = result.provenance
    if provenance is None:
        return tuple(rows)
    rows.append((PAGE["prov_software"], provenance.software_version))
    for bundle in provenance.bundles:
        name = PAGE["prov_bundle"].format(name=bundle.name)
        rows.append((name, f"{bundle.version} ({bundle.digest})"))
    rows.append((PAGE["prov_runtime"], provenance.runtime))
    rows.append((PAGE["prov_precision"], provenance.precision))
    overridden = PAGE["yes"] if provenance.gate_overridden else PAGE["no"]
    rows.append((PAGE["prov_override"], overridden))
    return tuple(rows)
