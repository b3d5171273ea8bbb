"""What goes into the store and what comes out of it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from types import MappingProxyType

from thoracle.core.results import FileResult, GateKind, Status


@dataclass(frozen=True, slots=True, kw_only=True)
class NewResult:
    """One result about to be saved.

    `format` is what the bytes were ("PNG", "DICOM" ...), None where they could not be read.
    `pictures` are whole files by name, display pixels only; `parent_id` names the result
    that this one looks at again.
    """

    result: FileResult
    format: str | None = None
    parent_id: str | None = None
    pictures: Mapping[str, bytes] = field(default_factory=lambda: MappingProxyType({}), repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class ResultSummary:
    """One line of the history; `created_at` is in UTC."""

    id: str
    created_at: datetime
    file: str
    sha256: str
    status: Status
    gate_kind: GateKind | None
    top_label: str | None
    format: str | None
    parent_id: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredResult:
    """One result read again: its line, all that was said, and which pictures there are."""

    summary: ResultSummary
    result: FileResult
    picture_names: tuple[str, ...]
