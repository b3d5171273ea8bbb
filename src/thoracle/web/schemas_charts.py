"""What the JSON interface takes and answers of patients' charts, as its OpenAPI describes it."""

from typing import Any, Literal

from pydantic import AwareDatetime, BaseModel, Field


class MeasurementSchema(BaseModel):
    """One measurement; `unit` is "" for what has none, and `time_h` or `at` says when."""

    variable: str = Field(description="A name of the reference of variables, such as ldh.")
    value: float
    unit: str = Field(
        description='As written on the report, such as "U/L"; converted, not guessed.'
    )
    time_h: float | None = Field(default=None, description="Hours since admission.")
    at: str | None = Field(default=None, description="ISO 8601, where `admitted_at` is said.")


class MeasurementsSchema(BaseModel):
    """One patient's measurements of one stay; a FHIR Bundle of Observations does as well."""

    patient: str | None = Field(default=None, max_length=64)
    age_years: float | None = Field(default=None, ge=0, le=130)
    sex: Literal["", "F", "M"] = ""
    admitted_at: str = Field(default="", description="ISO 8601.", max_length=32)
    measurements: list[MeasurementSchema]


class ChartLineSchema(BaseModel):
    """One kept chart in a list; numbers are of the newest version.

    `last_h` is in hours from admission; `risk` is that until discharge, null where none is told.
    """

    id: str = Field(min_length=36, max_length=36)
    created_at: AwareDatetime
    changed_at: AwareDatetime
    versions: int = Field(ge=1)
    file: str
    sha256: str
    measurements: int = Field(ge=1)
    last_h: float | None
    risk: float | None = Field(ge=0, le=1)
    admitted_at: str
    owner: str | None
    patient: str | None


class ChartsSchema(BaseModel):
    """One page of the charts, newest first; `next` is the address of the one after it."""

    charts: list[ChartLineSchema]
    next: str | None


class ChartVersionSchema(BaseModel):
    """One version: who sent which file, and how much was known then."""

    version: int = Field(ge=1)
    created_at: AwareDatetime
    sender: str | None
    file: str
    sha256: str
    measurements: int = Field(ge=1)


class ChartSchema(ChartLineSchema):
    """One version of a kept chart with its measurements.

    `document` is of the schema "thoracle chart 1": measurements with hours since admission, in the
    units of the reference of variables, what was kept out, and what was replaced.
    """

    version: int = Field(ge=1)
    history: list[ChartVersionSchema]
    document: dict[str, Any]


class ChartReadingSchema(BaseModel):
    """What is told of a chart.

    `reading` is of the schema "thoracle chart reading 1": risks over time, what drove them, what to
    measure next, forecasts, courses, the rule of three markers and NEWS2. Where no risk is told,
    its `refusal` says why.
    """

    reading: dict[str, Any]


class PredictedSchema(ChartReadingSchema):
    """What is told of measurements that are not kept, and what of them was kept out."""

    kept_out: list[dict[str, Any]]
