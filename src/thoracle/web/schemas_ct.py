"""What the JSON interface takes and answers of chest CT, as its OpenAPI describes it."""

from typing import Any, Literal

from pydantic import AwareDatetime, BaseModel, Field

from thoracle.store.job_types import JobState
from thoracle.web.schemas import SHARE, ReasonSchema


class JobSchema(BaseModel):
    """A long job; `result_id` is the scan that it made or measured, once it is done.

    `asks` names what a user may take responsibility for where the scan was refused; send that to
    `/trust` of this job.
    """

    id: str = Field(min_length=36, max_length=36)
    kind: Literal["ct_quantify", "ct_measure"]
    state: JobState
    stage: str
    progress: float = SHARE
    attempts: int = Field(ge=0)
    cancel_asked: bool
    owner: str | None
    created_at: AwareDatetime
    started_at: AwareDatetime | None
    finished_at: AwareDatetime | None
    result_id: str | None
    error: ReasonSchema | None
    asks: list[Literal["window", "spacing", "grey", "series"]]


class TrustSchema(BaseModel):
    """What a user takes responsibility for; at least one of it, and `responsible` true.

    A window and a range of grey need both ends.
    """

    responsible: bool = Field(description="Must be true, except where only a series is chosen.")
    window_low: float | None = Field(default=None, description="HU of black.")
    window_high: float | None = Field(default=None, description="HU of white.")
    slice_spacing_mm: float | None = Field(
        default=None, description="By Instance Number; below 0 towards the feet."
    )
    grey_low: float | None = Field(default=None, description="Value of black.")
    grey_high: float | None = Field(default=None, description="Value of white.")
    series_uid: str | None = Field(default=None, max_length=64)


class MaskSchema(BaseModel):
    """One version of a scan's mask; `reader` is null for the network's own.

    `measures` is what `thoracle ct quantify` prints as JSON, null until it is measured.
    """

    id: str
    scan_id: str
    created_at: AwareDatetime
    reader: str | None
    minutes: float | None
    parent_id: str | None
    measures: dict[str, Any] | None


class ScanSchema(BaseModel):
    """One kept scan with all versions of its mask, the oldest first.

    `document` holds the grid, assumptions, warnings, facts and provenance.
    """

    id: str = Field(min_length=36, max_length=36)
    created_at: AwareDatetime
    file: str
    sha256: str
    owner: str | None
    patient: str | None
    study_date: str | None
    document: dict[str, Any]
    masks: list[MaskSchema]


class ScansSchema(BaseModel):
    """One page of the scans, newest first; `next` is the address of the one after it."""

    scans: list[ScanSchema]
    next: str | None


class KeptMaskSchema(BaseModel):
    """The version that a mask became, and the job that measures it."""

    id: str
    job_id: str
