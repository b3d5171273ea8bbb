"""What the store takes and gives of breathing recordings."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordingFacts:
    """What lists show of a recording.

    Attributes
    ----------
    file, sha256
        Name and digest of the file, which is not kept itself.
    sensor, rate_hz, duration_s
        As it was read.
    breaths_per_minute
        Median over the windows of which it is told; None where it is told of none.
    apneas
        How many there are.
    pattern
        Told of most windows; None where none was told.
    owner
        Who sent it.
    patient
        A pseudonym, or the patient's own number where the installation keeps those.
    """

    file: str
    sha256: str
    sensor: str
    rate_hz: float
    duration_s: float
    breaths_per_minute: float | None
    apneas: int
    pattern: str | None
    owner: str | None = None
    patient: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class NewRecording:
    """One recording about to be kept: all that is told of it as JSON, and its traces as NPZ."""

    facts: RecordingFacts
    document: Mapping[str, Any] = field(repr=False)
    traces: bytes = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordingLine:
    """One line of a list of recordings; `created_at` is in UTC."""

    id: str
    created_at: datetime
    facts: RecordingFacts


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredRecording:
    """One recording read again, without its traces."""

    line: RecordingLine
    document: Mapping[str, Any] = field(repr=False)
