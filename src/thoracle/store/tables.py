"""The tables of the store as they are now; `migrations` says how they came about."""

import json
from datetime import UTC, datetime
from typing import Any, Final

from sqlalchemy import (
    JSON,
    Boolean,
    Column,
    DateTime,
    Dialect,
    Float,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
)
from sqlalchemy.types import TypeDecorator

NAME_LENGTH: Final = 64
"""Most characters of a user's name."""


class UtcDateTime(TypeDecorator[datetime]):
    """An aware time kept as UTC without a zone, alike on SQLite and PostgreSQL."""

    impl = DateTime
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002
        """Turn an aware time into naive UTC.

        Raises
        ------
        ValueError
            The time has no zone.
        """
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("found a time without a zone – expected an aware datetime. Pass UTC.")
        return value.astimezone(UTC).replace(tzinfo=None)

    def process_result_value(self, value: Any | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002
        """Turn naive UTC into an aware time."""
        return None if value is None else value.replace(tzinfo=UTC)


METADATA: Final = MetaData(
    naming_convention={"pk": "pk_%(table_name)s", "ix": "ix_%(table_name)s_%(column_0_name)s"}
)

RESULTS: Final = Table(
    "results",
    METADATA,
    Column("id", String(36), primary_key=True),
    Column("created_at", UtcDateTime, nullable=False),
    Column("file", Text, nullable=False),
    Column("sha256", String(64), nullable=False),
    Column("status", String(16), nullable=False),
    Column("gate_kind", String(32)),
    Column("top_label", Text),
    Column("format", String(16)),
    Column("parent_id", String(36)),
    Column("document", JSON, nullable=False),
    Column("owner", String(NAME_LENGTH)),
    Column("batch_id", String(36)),
    Column("patient", String(64)),
    Column("risk", Float),
    Column("distance", Float),
    Column("override_reason", Text),
    Column("verdict", String(16)),
    Index("ix_results_sha256", "sha256"),
    Index("ix_results_batch_id", "batch_id"),
    Index("ix_results_patient", "patient"),
)

READINGS: Final = Table(
    "readings",
    METADATA,
    Column("id", String(36), primary_key=True),
    Column("result_id", String(36), nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("reader", String(NAME_LENGTH), nullable=False),
    Column("agrees", Boolean),
    Column("finding", Text),
    Column("comment", Text, nullable=False),
    Column("marks", JSON, nullable=False),
    Index("ix_readings_result_id", "result_id"),
)

USERS: Final = Table(
    "users",
    METADATA,
    Column("name", String(NAME_LENGTH), primary_key=True),
    Column("created_at", UtcDateTime, nullable=False),
    Column("password_hash", Text, nullable=False),
)

SESSIONS: Final = Table(
    "sessions",
    METADATA,
    Column("token_hash", String(64), primary_key=True),
    Column("user_name", String(NAME_LENGTH), nullable=False),
    Column("expires_at", UtcDateTime, nullable=False),
)

REQUESTS: Final = Table(
    "requests",
    METADATA,
    Column("key", String(64), primary_key=True),
    Column("created_at", UtcDateTime, nullable=False),
    Column("digest", String(64), nullable=False),
    Column("result_ids", JSON, nullable=False),
)

JOBS: Final = Table(
    "jobs",
    METADATA,
    Column("id", String(36), primary_key=True),
    Column("kind", String(32), nullable=False),
    Column("state", String(16), nullable=False),
    Column("input", JSON, nullable=False),
    Column("owner", String(NAME_LENGTH)),
    Column("created_at", UtcDateTime, nullable=False),
    Column("started_at", UtcDateTime),
    Column("finished_at", UtcDateTime),
    Column("heartbeat_at", UtcDateTime),
    Column("stage", String(32), nullable=False),
    Column("progress", Float, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("worker", String(128)),
    Column("lease_token", String(32)),
    Column("lease_ends_at", UtcDateTime),
    Column("cancel_asked", Boolean, nullable=False),
    Column("error_code", String(64)),
    Column("error_text", Text),
    Column("result_id", String(36)),
    Index("ix_jobs_state", "state"),
)

SCANS: Final = Table(
    "scans",
    METADATA,
    Column("id", String(36), primary_key=True),
    Column("created_at", UtcDateTime, nullable=False),
    Column("file", Text, nullable=False),
    Column("sha256", String(64), nullable=False),
    Column("owner", String(NAME_LENGTH)),
    Column("patient", String(64)),
    Column("study_date", String(8)),
    Column("document", JSON, nullable=False),
    Index("ix_scans_patient", "patient"),
)

MASKS: Final = Table(
    "masks",
    METADATA,
    Column("id", String(36), primary_key=True),
    Column("scan_id", String(36), nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("reader", String(NAME_LENGTH)),
    Column("minutes", Float),
    Column("parent_id", String(36)),
    Column("measures", JSON),
    Index("ix_masks_scan_id", "scan_id"),
)

COMPARISONS: Final = Table(
    "comparisons",
    METADATA,
    Column("id", String(36), primary_key=True),
    Column("created_at", UtcDateTime, nullable=False),
    Column("owner", String(NAME_LENGTH)),
    Column("patient", String(64)),
    Column("document", JSON, nullable=False),
    Index("ix_comparisons_patient", "patient"),
)

COMPARED: Final = Table(
    "compared",
    METADATA,
    Column("comparison_id", String(36), primary_key=True),
    Column("place", Integer, primary_key=True),
    Column("scan_id", String(36), nullable=False),
    Column("mask_id", String(36), nullable=False),
    Index("ix_compared_scan_id", "scan_id"),
)

RECORDINGS: Final = Table(
    "recordings",
    METADATA,
    Column("id", String(36), primary_key=True),
    Column("created_at", UtcDateTime, nullable=False),
    Column("file", Text, nullable=False),
    Column("sha256", String(64), nullable=False),
    Column("owner", String(NAME_LENGTH)),
    Column("patient", String(64)),
    Column("sensor", String(16), nullable=False),
    Column("rate_hz", Float, nullable=False),
    Column("duration_s", Float, nullable=False),
    Column("breaths_per_minute", Float),
    Column("apneas", Integer, nullable=False),
    Column("pattern", String(32)),
    Column("document", JSON, nullable=False),
    Index("ix_recordings_patient", "patient"),
)

CHARTS: Final = Table(
    "charts",
    METADATA,
    Column("id", String(36), primary_key=True),
    Column("created_at", UtcDateTime, nullable=False),
    Column("changed_at", UtcDateTime, nullable=False),
    Column("versions", Integer, nullable=False),
    Column("file", Text, nullable=False),
    Column("sha256", String(64), nullable=False),
    Column("measurements", Integer, nullable=False),
    Column("last_h", Float),
    Column("risk", Float),
    Column("admitted_at", String(32), nullable=False),
    Column("owner", String(NAME_LENGTH)),
    Column("patient", String(64)),
    Index("ix_charts_patient", "patient"),
)

CHART_VERSIONS: Final = Table(
    "chart_versions",
    METADATA,
    Column("chart_id", String(36), primary_key=True),
    Column("version", Integer, primary_key=True),
    Column("created_at", UtcDateTime, nullable=False),
    Column("sender", String(NAME_LENGTH)),
    Column("file", Text, nullable=False),
    Column("sha256", String(64), nullable=False),
    Column("measurements", Integer, nullable=False),
    Column("document", JSON, nullable=False),
    Column("reading", JSON(none_as_null=True)),
)


def to_strict_json(document: object) -> str:
    """Write JSON that every database can read: no NaN and no infinity."""
    return json.dumps(document, allow_nan=False)
