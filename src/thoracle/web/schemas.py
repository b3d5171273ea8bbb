"""What the JSON interface takes and answers, as its OpenAPI describes it."""

from typing import Literal

from pydantic import AwareDatetime, BaseModel, Field

from thoracle.core.results import GateKind, Status
from thoracle.radiograph.trust import Verdict

SHARE = Field(ge=0, le=1)


class ReasonSchema(BaseModel):
    """A stable code and one sentence."""

    code: str
    text: str


class GateSchema(BaseModel):
    """Whether the picture may be judged, and what it is taken for."""

    accepted: bool
    kind: GateKind
    probability: float = SHARE
    rotation_degrees: Literal[0, 90, 180, 270]
    reasons: list[ReasonSchema]


class FindingSchema(BaseModel):
    """One finding; `probability` is calibrated, `logit` is the network's own number."""

    label: str
    logit: float
    probability: float = SHARE
    threshold: float = SHARE
    is_positive: bool


class MapSchema(BaseModel):
    """One contribution map; its place in the list is its address under `/maps/`."""

    label: str
    layer: str
    method: str
    path: str | None
    lung_share: float | None


class AnomalySchema(BaseModel):
    """The map of no finding; its address under `/maps/` is the number of contribution maps.

    `lung_mean` is its mean inside the lungs, in spreads of normal films.
    """

    path: str | None
    lung_share: float | None
    lung_mean: float | None


class BundleSchema(BaseModel):
    """A bundle that took part."""

    name: str
    version: str
    digest: str


class ProvenanceSchema(BaseModel):
    """What made the result."""

    sha256: str
    software_version: str
    bundles: list[BundleSchema]
    runtime: str
    precision: str
    gate_overridden: bool
    disclaimer: str


class TrustSchema(BaseModel):
    """What is concluded from the result, or why nothing is."""

    verdict: Verdict
    label: str | None
    reasons: list[ReasonSchema]


class ScoreSchema(BaseModel):
    """One estimated score with its interval."""

    value: float
    low: float
    high: float


class SeveritySchema(BaseModel):
    """Brixia (six zones A to F and their sum), extent and opacity, and how well they are known."""

    zones: list[float] = Field(min_length=6, max_length=6)
    brixia: ScoreSchema
    extent: ScoreSchema
    opacity: ScoreSchema
    coverage: float = SHARE
    films: int
    patients: int
    error: float
    reader_difference: float


class _LineSchema(BaseModel):
    id: str = Field(min_length=36, max_length=36)
    created_at: AwareDatetime
    file: str
    sha256: str
    status: Status
    format: str | None
    parent_id: str | None
    owner: str | None
    batch_id: str | None
    patient: str | None
    verdict: Verdict | None
    risk: float | None = SHARE
    distance_percentile: float | None
    override_reason: str | None


class SummarySchema(_LineSchema):
    """One line of the history."""

    gate_kind: GateKind | None
    top_label: str | None


class ResultSchema(_LineSchema):
    """One kept result: the object of `thoracle analyze --json`, and its circumstances."""

    gate: GateSchema | None
    findings: list[FindingSchema]
    maps: list[MapSchema]
    anomaly: AnomalySchema | None
    warnings: list[ReasonSchema]
    provenance: ProvenanceSchema | None
    error: ReasonSchema | None
    severity: SeveritySchema | None
    trust: TrustSchema


class NewResultSchema(ResultSchema):
    """A result just made, with its status in the language of the request."""

    status_title: str


class NewResultsSchema(BaseModel):
    """The results of one upload, one for each film."""

    results: list[NewResultSchema] = Field(min_length=1)


class HistorySchema(BaseModel):
    """One page of the history; `next` is the address of the one after it."""

    results: list[SummarySchema]
    next: str | None


class ExportSchema(BaseModel):
    """All of the history that a search finds."""

    results: list[SummarySchema]


class MarkSchema(BaseModel):
    """A box (two corners) or a stroke, in shares of the film's sides from its top left."""

    kind: Literal["box", "stroke"]
    points: list[tuple[float, float]] = Field(min_length=2, max_length=5000)


class NewReadingSchema(BaseModel):
    """What a reader says of a result; one of the four must be given."""

    agrees: bool | None = None
    finding: str | None = Field(default=None, max_length=200)
    comment: str = Field(default="", max_length=4000)
    marks: list[MarkSchema] = Field(default_factory=list, max_length=200)


class ReadingSchema(BaseModel):
    """What one reader said of a result."""

    id: str
    result_id: str
    created_at: AwareDatetime
    reader: str
    agrees: bool | None
    finding: str | None
    comment: str
    marks: list[MarkSchema]


class ReadingsSchema(BaseModel):
    """All that readers said of one result, oldest first."""

    readings: list[ReadingSchema]


class KeptSchema(BaseModel):
    """The id under which something is kept."""

    id: str


class CredentialsSchema(BaseModel):
    """Who wants to sign in."""

    name: str = Field(max_length=64)
    password: str = Field(max_length=1024)


class TokenSchema(BaseModel):
    """A session's token, for `Authorization: Bearer …`."""

    token: str


class ReadySchema(BaseModel):
    """The next film would be analyzed at once."""

    status: Literal["ready"]


class HealthSchema(BaseModel):
    """The app answers and its store can be read."""

    status: Literal["ok"]
    version: str


class ProblemSchema(BaseModel):
    """An error (RFC 9457); `code` is stable, `detail` is in the language of the request.

    `fields` names what did not fit in the request, such as `query.limit`.
    """

    type: str
    title: str
    status: int = Field(ge=400, le=599)
    detail: str
    code: str
    fields: list[str] | None = None
