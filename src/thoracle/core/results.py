"""What one analysis of one radiograph says, from gate to provenance, and its JSON form."""

from dataclasses import dataclass, field
from enum import StrEnum

from thoracle.core.arrays import BoolArray, FloatArray

DISCLAIMER = "Research use only. Not a medical device, not for diagnosis."


class GateKind(StrEnum):
    """What the gate takes a picture to be."""

    FRONTAL_CHEST = "frontal_chest"
    ROTATED_CHEST = "rotated_chest"
    LATERAL_CHEST = "lateral_chest"
    CT = "ct"
    OTHER_RADIOGRAPH = "other_radiograph"
    NOT_RADIOGRAPH = "not_radiograph"


class Status(StrEnum):
    """How the analysis of one file ended."""

    ANALYZED = "analyzed"
    REFUSED = "refused"
    FAILED = "failed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Reason:
    """A stable code and one sentence for the reader."""

    code: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class GateDecision:
    """Whether a picture may be judged at all.

    `probability` is the gate's calibrated probability of `kind`; `rotation_degrees` is
    how far the film was turned clockwise (0, 90, 180, 270), so turning it back by that
    angle counter-clockwise sets it upright.
    """

    accepted: bool
    kind: GateKind
    probability: float
    rotation_degrees: int
    reasons: tuple[Reason, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One label of one image.

    `logit` is the network's own number; `probability` has been calibrated on the
    calibration split; `is_positive` compares it with the threshold in the bundle.
    """

    label: str
    logit: float
    probability: float
    threshold: float
    is_positive: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ContributionMap:
    """Where one label's score comes from, on the pixel grid of the decoded film.

    `values` is (rows, columns) float32 in the logit's own unit, not stretched per image:
    0 is no contribution, `scale_max` of the bundle is the top of the color bar.
    `box` is (top, left, bottom, right) in pixels of the film: where the network looked.
    `lung_share` is the share of the map's positive sum inside the lungs, None when no
    lungs were found or when the map is empty.
    """

    label: str
    layer: str
    method: str
    values: FloatArray = field(repr=False)
    scale_max: float
    box: tuple[int, int, int, int]
    lung_share: float | None
    path: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class BundleReference:
    """Which bundle produced a number."""

    name: str
    version: str
    digest: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Provenance:
    """What made a result: the bytes, the software, the bundles, the runtime and its precision."""

    sha256: str
    software_version: str
    bundles: tuple[BundleReference, ...]
    runtime: str
    precision: str
    gate_overridden: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Analysis:
    """Gate decision, findings and maps of one decoded radiograph.

    `lung_mask` is (rows, columns) bool on the film's grid, None when the gate refused.
    `distance_percentile` is the share of unseen films of the bundle's own collections, in percent,
    whose `embedding` (channels,) lies nearer to those of the training films; None without one.
    """

    gate: GateDecision
    findings: tuple[Finding, ...] = ()
    maps: tuple[ContributionMap, ...] = ()
    warnings: tuple[Reason, ...] = ()
    lung_mask: BoolArray | None = field(default=None, repr=False)
    distance_percentile: float | None = None
    embedding: FloatArray | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class FileResult:
    """All that is said about one file; a refusal and a failure are results too."""

    file: str
    sha256: str
    status: Status
    gate: GateDecision | None = None
    findings: tuple[Finding, ...] = ()
    maps: tuple[ContributionMap, ...] = ()
    warnings: tuple[Reason, ...] = ()
    provenance: Provenance | None = None
    error: Reason | None = None


def to_json(result: FileResult) -> dict[str, object]:
    """Turn a result into the JSON object of `thoracle analyze --json`, without pixel data."""
    return {
        "file": result.file,
        "sha256": result.sha256,
        "status": str(result.status),
        "gate": None if result.gate is None else _gate_json(result.gate),
        "findings": [
            {
                "label": finding.label,
                "logit": finding.logit,
                "probability": finding.probability,
                "threshold": finding.threshold,
                "is_positive": finding.is_positive,
            }
            for finding in result.findings
        ],
        "maps": [
            {
                "label": one.label,
                "layer": one.layer,
                "method": one.method,
                "path": one.path,
                "lung_share": one.lung_share,
            }
            for one in result.maps
        ],
        "warnings": [_reason_json(reason) for reason in result.warnings],
        "provenance": None if result.provenance is None else _provenance_json(result.provenance),
        "error": None if result.error is None else _reason_json(result.error),
    }


def _reason_json(reason: Reason) -> dict[str, object]:
    return {"code": reason.code, "text": reason.text}


def _gate_json(gate: GateDecision) -> dict[str, object]:
    return {
        "accepted": gate.accepted,
        "kind": str(gate.kind),
        "probability": gate.probability,
        "rotation_degrees": gate.rotation_degrees,
        "reasons": [_reason_json(reason) for reason in gate.reasons],
    }


def _provenance_json(provenance: Provenance) -> dict[str, object]:
    return {
        "sha256": provenance.sha256,
        "software_version": provenance.software_version,
        "bundles": [
            {"name": one.name, "version": one.version, "digest": one.digest}
            for one in provenance.bundles
        ],
        "runtime": provenance.runtime,
        "precision": provenance.precision,
        "gate_overridden": provenance.gate_overridden,
        "disclaimer": DISCLAIMER,
    }
