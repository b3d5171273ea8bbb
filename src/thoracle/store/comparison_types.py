"""What the store takes and gives of comparisons of CT scans."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class ComparedScan:
    """One of the scans that are compared, and the version of its mask that counts."""

    scan_id: str
    mask_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class NewComparison:
    """One comparison about to be kept.

    `scans` stand in the order of their days. `document` is what changed, as JSON; `files` are
    pictures and reports by name, such as `report-en.pdf`. `patient` is the scans' own, None where
    they have none, or not the same.
    """

    scans: tuple[ComparedScan, ...]
    document: Mapping[str, Any] = field(repr=False)
    files: Mapping[str, bytes] = field(repr=False)
    owner: str | None = None
    patient: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """One kept comparison; `created_at` is in UTC."""

    id: str
    created_at: datetime
    owner: str | None
    patient: str | None
    scans: tuple[ComparedScan, ...]
    document: Mapping[str, Any] = field(repr=False)
