"""What the store takes and gives of patients' charts and the readings of them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class ChartFacts:
    """What lists show of a chart.

    Attributes
    ----------
    file, sha256
        Name and digest of the newest file, which is not kept itself.
    measurements
        How many the newest version holds.
    last_h
        Hours from admission to the last of them; None where there is none.
    risk
        Until discharge, at the last index time; None where no network told one.
    admitted_at
        ISO 8601, "" where nobody said it; with the patient it tells one stay from another.
    owner
        Who sent the first version.
    patient
        A pseudonym, or the patient's own number where the installation keeps those.
    """

    file: str
    sha256: str
    measurements: int
    last_h: float | None
    risk: float | None
    admitted_at: str = ""
    owner: str | None = None
    patient: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class NewChart:
    """One version of a chart about to be kept.

    Attributes
    ----------
    facts
        For lists; of a later version, `owner` is who sent that one.
    document
        All measurements known by now, those of earlier versions among them, as JSON.
    reading
        What is told of them as JSON; None where nothing could be told.
    """

    facts: ChartFacts
    document: Mapping[str, Any] = field(repr=False)
    reading: Mapping[str, Any] | None = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class ChartLine:
    """One line of a list of charts; times are in UTC, `changed_at` is of the newest version."""

    id: str
    created_at: datetime
    changed_at: datetime
    versions: int
    facts: ChartFacts


@dataclass(frozen=True, slots=True, kw_only=True)
class ChartVersion:
    """One line of a chart's history: who sent which file, and how much was known then."""

    version: int
    created_at: datetime
    sender: str | None
    file: str
    sha256: str
    measurements: int


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredChart:
    """One version of a chart read again, beside the chart's own line and history."""

    line: ChartLine
    history: tuple[ChartVersion, ...]
    version: int
    document: Mapping[str, Any] = field(repr=False)
    reading: Mapping[str, Any] | None = field(repr=False)
