"""What a job is, where it stands, and the lease that a worker holds on it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Final

from thoracle.core.errors import StoreError

ATTEMPTS_MAX: Final = 3
"""How often a job is begun: two workers may die of it by chance, a third does not."""

LEASE_LASTS: Final = timedelta(seconds=30)
"""How long a claim holds without a heartbeat."""


class JobState(StrEnum):
    """Where a job stands."""

    QUEUED = "queued"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"


UNFINISHED: Final = (JobState.QUEUED, JobState.RUNNING)


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """One piece of long work.

    `input` names stored files and holds no bytes; `progress` is the share that is done, 0 to 1,
    of which `stage` says the present part. Times are in UTC, None where it has not come to them.
    """

    id: str
    kind: str
    state: JobState
    input: Mapping[str, Any]
    owner: str | None
    created_at: datetime
    started_at: datetime | None
    finished_at: datetime | None
    heartbeat_at: datetime | None
    stage: str
    progress: float
    attempts: int
    worker: str | None
    cancel_asked: bool
    error_code: str | None
    error_text: str | None
    result_id: str | None

    @property
    def is_finished(self) -> bool:
        """Whether nothing will happen to it any more."""
        return self.state not in UNFINISHED


@dataclass(frozen=True, slots=True, kw_only=True)
class Lease:
    """The right to end a job, for as long as nobody else has claimed it."""

    job_id: str
    token: str = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """A job, and the lease on it."""

    job: Job
    lease: Lease


class Pulse(StrEnum):
    """What a heartbeat brings back."""

    GO_ON = "go-on"
    CANCEL = "cancel"
    LOST = "lost"


class LeaseLostError(StoreError):
    """Another worker has the job: whatever this one found counts no more."""

    def __init__(self) -> None:
        super().__init__(
            "found the job claimed by another worker, or ended – expected it still to be this "
            "one's. Nothing was kept.",
            code="lease-lost",
        )
