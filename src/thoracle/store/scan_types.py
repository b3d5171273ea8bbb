"""What the store takes and gives of CT scans and the versions of their masks."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class NewScan:
    """One scan about to be kept.

    `document` is what is known of it beside its voxels, as JSON: grid, warnings, assumptions,
    provenance. `patient` is a pseudonym, or the patient's own number where the installation keeps
    those; only then is there a `study_date` (YYYYMMDD). `volume` is a NIfTI file, `view` a smaller
    copy of it for viewers, None where the whole is small enough.
    """

    file: str
    sha256: str
    document: Mapping[str, Any]
    volume: bytes = field(repr=False)
    view: bytes | None = field(default=None, repr=False)
    owner: str | None = None
    patient: str | None = None
    study_date: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class NewMask:
    """One version of a scan's mask about to be kept.

    `reader` is None for the network's own; `minutes` is what a reader spent on it, None where
    nobody measured; `parent_id` is the version it was drawn on. `content` is a NIfTI file, `view`
    the same on the grid of the scan's view; `measures` its numbers as JSON, None where they are
    still to come.
    """

    content: bytes = field(repr=False)
    view: bytes | None = field(default=None, repr=False)
    reader: str | None = None
    minutes: float | None = None
    parent_id: str | None = None
    measures: Mapping[str, Any] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Mask:
    """One kept version of a mask; `created_at` is in UTC."""

    id: str
    scan_id: str
    created_at: datetime
    reader: str | None
    minutes: float | None
    parent_id: str | None
    measures: Mapping[str, Any] | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Scan:
    """One kept scan with all versions of its mask, the oldest first."""

    id: str
    created_at: datetime
    file: str
    sha256: str
    owner: str | None
    patient: str | None
    study_date: str | None
    document: Mapping[str, Any] = field(repr=False)
    masks: tuple[Mask, ...] = field(default=(), repr=False)

    @property
    def newest(self) -> Mask | None:
        """The newest version whose numbers are known."""
        return next((one for one in reversed(self.masks) if one.measures is not None), None)
