"""What one analysis of one radiograph says, from gate to provenance, and its JSON form."""

from dataclasses import asdict, dataclass, field
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
class FilmMap:
    """Numbers laid over a part of the decoded film, not stretched per film.

    `values` is (rows, columns) float32: 0 is nothing, `scale_max` of the bundle is the top of the
    color bar. `box` is (top, left, bottom, right) in pixels of the film: where the network looked.
    `lung_share` is the share of the map's positive sum inside the lungs, None when no
    lungs were found or when the map is empty.
    """

    values: FloatArray = field(repr=False)
    scale_max: float
    box: tuple[int, int, int, int]
    lung_share: float | None
    path: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ContributionMap(FilmMap):
    """Where one label's score comes from, in the logit's own unit."""

    label: str
    layer: str
    method: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AnomalyMap(FilmMap):
    """Where a film is unlike normal ones, in spreads of normal films; of no finding's score.

    `lung_mean` is the mean inside the lungs.
    """

    lung_mean: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Score:
    """One estimated score, and the interval that covers the readers' mean as often as is said."""

    value: float
    low: float
    high: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Severity:
    """How much of the lungs is opaque, as readers would score it.

    `zones` are Brixia's six, 0 to 3 each: upper, middle and lower third of the patient's right
    lung (A, B, C), then of the left (D, E, F). `brixia` is their sum, 0 to 18; `extent` the
    geographic extent, 0 to 8, and `opacity` the degree of opacity, 0 to 6, of both lungs.
    `coverage` is the share of films, 0 to 1, that the intervals cover. It was learned on `films`
    of `patients`; on patients not learned from, `brixia` is off by `error` on average, and two
    readers differ by `reader_difference`.
    """

    zones: tuple[float, ...]
    brixia: Score
    extent: Score
    opacity: Score
    coverage: float
    films: int
    patients: int
    error: float
    reader_difference: float


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
    `severity` is None where the gate refused, no lungs were found, the patient is a child, or "No
    finding" is likeliest; `anomaly` without lungs or without a bundle for it.
    """

    gate: GateDecision
    findings: tuple[Finding, ...] = ()
    maps: tuple[ContributionMap, ...] = ()
    anomaly: AnomalyMap | None = None
    warnings: tuple[Reason, ...] = ()
    lung_mask: BoolArray | None = field(default=None, repr=False)
    distance_percentile: float | None = None
    embedding: FloatArray | None = field(default=None, repr=False)
    severity: Severity | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class FileResult:
    """All that is said about one file; a refusal and a failure are results too."""

    file: str
    sha256: str
    status: Status
    gate: GateDecision | None = None
    findings: tuple[Finding, ...] = ()
    maps: tuple[ContributionMap, ...] = ()
    anomaly: AnomalyMap | None = None
    warnings: tuple[Reason, ...] = ()
    provenance: Provenance | None = None
    error: Reason | None = None
    severity: Severity | None = None

    @property
    def drawn_maps(self) -> tuple[FilmMap, ...]:
        """Every map that can be laid over the film: one's place here is its address."""
        return self.maps if self.anomaly is None else (*self.maps, self.anomaly)


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
        "severity": None if result.severity is None else asdict(result.severity),
        "anomaly": None if result.anomaly is None else _anomaly_json(result.anomaly),
    }


def _reason_json(reason: Reason) -> dict[str, object]:
    return {"code": reason.code, "text": reason.text}


def _anomaly_json(one: AnomalyMap) -> dict[str, object]:
    return {"path": one.path, "lung_share": one.lung_share, "lung_mean": one.lung_mean}


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
