"""What the JSON interface takes and answers of chest CT, as its OpenAPI describes it."""

from typing import Any, Literal

from pydantic import AwareDatetime, BaseModel, Field

from thoracle.store.job_types import JobState
from thoracle.web.schemas import SHARE, ReasonSchema


class JobSchema(BaseModel):
    """A long job; `result_id` is the scan or comparison that it made or measured, once it is done.

    `asks` names what a user may take responsibility for where it was refused; send that to
    `/trust` of this job.
    """

    id: str = Field(min_length=36, max_length=36)
    kind: Literal["ct_quantify", "ct_measure", "ct_compare"]
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
    asks: list[Literal["window", "spacing", "grey", "series", "patient"]]


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
    same_patient: bool | None = Field(
        default=None, description="Of a comparison: that all scans are of one patient."
    )


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


class WantedScanSchema(BaseModel):
    """One scan that is to be compared; `mask_id` is null for the newest mask with numbers.

    `when` is the day it was made: its number counted from any day, such as "5", or a date where
    the setting keep_identifiers is on; null takes the study date that is kept.
    """

    scan_id: str = Field(min_length=36, max_length=36)
    mask_id: str | None = Field(default=None, max_length=36)
    when: str | None = Field(default=None, max_length=32)


class AskedComparisonSchema(BaseModel):
    """Two to six scans of one patient.

    `same_patient` takes the responsibility for it where files or lungs speak against it.
    """

    scans: list[WantedScanSchema] = Field(min_length=2, max_length=6)
    same_patient: bool = False


class ComparedScanSchema(BaseModel):
    """One of the compared scans, and the version of its mask that counts."""

    scan_id: str
    mask_id: str


class SlicePictureSchema(BaseModel):
    """A picture of one slice: earlier, later, and both; `file` is its name under `/files/`."""

    slice: int
    file: str


class ComparisonSchema(BaseModel):
    """What changed between kept scans, in the order of their days.

    `changes` is what `thoracle ct compare` writes as changes.json; `pictures` has a list for each
    step. Under `/files/` there are also changes.csv and, for each language, timeline-en.svg,
    report-en.html and report-en.pdf.
    """

    id: str = Field(min_length=36, max_length=36)
    created_at: AwareDatetime
    owner: str | None
    patient: str | None
    scans: list[ComparedScanSchema]
    changes: dict[str, Any]
    pictures: list[list[SlicePictureSchema]]


class ComparisonsSchema(BaseModel):
    """One page of the comparisons, newest first; `next` is the address of the one after it."""

    comparisons: list[ComparisonSchema]
    next: str | None
