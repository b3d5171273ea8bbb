"""What the JSON interface answers of breathing recordings, as its OpenAPI describes it."""

from typing import Any, Literal

from pydantic import AwareDatetime, BaseModel, Field

SensorName = Literal[
    "belt", "impedance", "volume", "flow", "capnography", "depth_camera", "unknown"
]
PatternName = Literal["eupnea", "bradypnea", "tachypnea", "biot", "cheyne_stokes", "central_apnea"]


class RecordingLineSchema(BaseModel):
    """One kept recording in a list.

    `breaths_per_minute` is the median of its windows, `pattern` that of most of them; null where
    none is told.
    """

    id: str = Field(min_length=36, max_length=36)
    created_at: AwareDatetime
    file: str
    sha256: str
    sensor: SensorName
    rate_hz: float = Field(gt=0, description="Samples per second.")
    duration_s: float = Field(gt=0)
    breaths_per_minute: float | None
    apneas: int = Field(ge=0)
    pattern: PatternName | None
    owner: str | None
    patient: str | None


class RecordingsSchema(BaseModel):
    """One page of the recordings, newest first; `next` is the address of the one after it."""

    recordings: list[RecordingLineSchema]
    next: str | None


class RecordingSchema(RecordingLineSchema):
    """One kept recording with all that is told of it.

    `document` is of the schema "thoracle breathing 1": breaths, apneas and faults of all of it,
    quality and measures of each window of a minute, and the pattern of each whole one. Where no
    pattern could be looked for, its `untold` says why.
    """

    document: dict[str, Any]
