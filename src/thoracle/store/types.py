"""What goes into the store and what comes out of it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from thoracle.core.results import FileResult, GateKind, Status


@dataclass(frozen=True, slots=True, kw_only=True)
class NewResult:
    """One result about to be saved.

    `format` is what the bytes were ("PNG", "DICOM" ...), None where they could not be read.
    `pictures` are whole files by name, display pixels only; `parent_id` names the result
    that this one looks at again. `owner` is who asked; `batch_id` is shared by files sent
    together; `patient` is a pseudonym. `risk` is the calibrated probability of any finding,
    `distance` the share of unseen films of the bundle's own collections that lie nearer to the
    training films, in percent; `verdict` is what was concluded, as `thoracle.radiograph.trust` says
    it.
    """

    result: FileResult
    format: str | None = None
    parent_id: str | None = None
    owner: str | None = None
    batch_id: str | None = None
    patient: str | None = None
    risk: float | None = None
    distance: float | None = None
    override_reason: str | None = None
    verdict: str | None = None
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
    owner: str | None = None
    batch_id: str | None = None
    patient: str | None = None
    risk: float | None = None
    distance: float | None = None
    override_reason: str | None = None
    verdict: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredResult:
    """One result read again: its line, all that was said, and which pictures there are."""

    summary: ResultSummary
    result: FileResult
    picture_names: tuple[str, ...]


class Order(StrEnum):
    """How a list of results is sorted."""

    NEWEST = "newest"
    URGENT = "urgent"


@dataclass(frozen=True, slots=True, kw_only=True)
class Search:
    """What a list of results is narrowed to; None and "" narrow nothing.

    `text` is part of a file's name, any case; `since` is included, `until` is not.
    """

    text: str = ""
    finding: str | None = None
    status: Status | None = None
    since: datetime | None = None
    until: datetime | None = None
    owner: str | None = None
    batch_id: str | None = None
    patient: str | None = None


EVERYTHING: Final = Search()


class MarkKind(StrEnum):
    """What a reader draws on a film."""

    BOX = "box"
    STROKE = "stroke"


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """Something drawn on a film.

    `points` are (x, y) in shares of the film's width and height from its top left, 0 to 1: two
    opposite corners of a box, or the course of a stroke.
    """

    kind: MarkKind
    points: tuple[tuple[float, float], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class NewReading:
    """What one reader says of one result.

    `agrees` is None where the reader only comments; `finding` is their own: one of the bundle's
    labels, or any other.
    """

    reader: str
    agrees: bool | None = None
    finding: str | None = None
    comment: str = ""
    marks: tuple[Mark, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """One kept reading; `created_at` is in UTC."""

    id: str
    result_id: str
    created_at: datetime
    reader: str
    agrees: bool | None
    finding: str | None
    comment: str
    marks: tuple[Mark, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class User:
    """Someone who may log in."""

    name: str
    created_at: datetime
