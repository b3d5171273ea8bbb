"""What the four tables of a hospital say, row by row, after their cells were understood."""

from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum

from thoracle.datasets.labels import Labels


class Position(StrEnum):
    """How the patient was X-rayed; gravity moves fluid and air, so only like is compared."""

    STANDING = "standing"
    LYING = "lying"


class Vote(StrEnum):
    """What one reader says of one X-ray: pneumonia, none, or cannot tell."""

    POSITIVE = "positive"
    NEGATIVE = "negative"
    UNCERTAIN = "uncertain"


class Exclusion(StrEnum):
    """Why an X-ray is not in the cohort; of several reasons the first of this list."""

    NOT_SUSPECTED = "not taken for suspected pneumonia"
    LATERAL = "lateral view"
    OUTSIDE = "outside any admission"
    TWO_ADMISSIONS = "on a day of two admissions"
    NOT_DISCHARGED = "admission has not ended"
    NOT_CODED = "admission without any discharge code"
    UNDECIDED = "readers undecided"
    NO_POSITION = "position not recorded"
    READMISSION = "another admission of a patient already included"
    OTHER_POSITION = "in another position than the first"
    IN_BETWEEN = "between the first and the last"


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadingRow:
    """One row of the X-ray table: one reader's word on one X-ray.

    `row` counts as a spreadsheet does, the header being 1. `taken` is at midnight where the
    table has no times (`HospitalTables.by_day`). None is not recorded.
    """

    row: int
    accession: str
    patient: str
    admission: str | None
    taken: datetime
    position: Position | None
    view: str | None
    is_suspected: bool
    reader: str
    vote: Vote
    path: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class XRay:
    """One X-ray with what its readers say; `rows` are its rows in the table."""

    rows: tuple[int, ...]
    accession: str
    patient: str
    admission: str | None
    taken: datetime
    position: Position | None
    view: str | None
    is_suspected: bool
    votes: tuple[tuple[str, Vote], ...]
    path: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Admission:
    """One stay; `discharged` is None while the patient is still there.

    `age_years` is in completed years at admission, `bmi` in kg/m².
    """

    row: int
    admission: str
    patient: str
    admitted: datetime
    discharged: datetime | None
    age_years: int | None
    sex: str | None
    bmi: float | None
    ethnicity: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class DischargeCode:
    """One ICD-10 code of one admission, without dot and in capitals."""

    row: int
    admission: str
    icd10: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Specimen:
    """One result of microbiology; empty `found` is a test that found nothing."""

    row: int
    patient: str
    collected: date
    found: Labels


@dataclass(frozen=True, slots=True, kw_only=True)
class HospitalTables:
    """The four tables; `by_day` says that a time is missing, so that days are compared."""

    xrays: tuple[XRay, ...] = field(repr=False)
    admissions: tuple[Admission, ...] = field(repr=False)
    codes: tuple[DischargeCode, ...] = field(repr=False)
    specimens: tuple[Specimen, ...] = field(repr=False)
    by_day: bool
