"""What a job's work gets: the store, its own lease, and a way to say how far it is."""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from thoracle.core.progress import Progress
from thoracle.store.job_types import Job, Lease
from thoracle.store.jobs import JobStore
from thoracle.store.results import ResultStore

_EVERY_S: Final = 0.5  # how often progress is written: a page asks once a second


def utc_now() -> datetime:
    """Return the time in UTC."""
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """One claimed job inside the process that does it.

    `job` is what is asked for, and `lease` the right to end it; `progress` is told the stage, its
    steps done and all its steps.
    """

    store: ResultStore
    home: Path
    job: Job
    lease: Lease
    progress: Progress
    now: Callable[[], datetime] = utc_now

    @property
    def wishes(self) -> Mapping[str, Any]:
        """What was asked for with the job."""
        return self.job.input


Work = Callable[[Task], None]
"""Does a job and ends it, together with keeping what it made."""


class Reporter:
    """Writes how far a job is: at the begin of each stage, and at most twice a second.

    Parameters
    ----------
    jobs, lease
        Whose progress it is; where the lease is lost nothing is written.
    parts
        The share of the whole that each stage takes, in their order; they add up to 1.
    clock
        Seconds that only grow.
    """

    def __init__(
        self,
        jobs: JobStore,
        lease: Lease,
        parts: Mapping[str, float],
        *,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._jobs = jobs
        self._lease = lease
        self._parts = parts
        self._clock = clock
        self._stage = ""
        self._said_s = -_EVERY_S

    def __call__(self, stage: str, done: int, total: int) -> None:
        """Say how many steps of a stage are done."""
        if stage == self._stage and self._clock() - self._said_s < _EVERY_S:
            return
        self._stage, self._said_s = stage, self._clock()
        names = list(self._parts)
        before = sum(self._parts[name] for name in names[: names.index(stage)])
        share = before + self._parts[stage] * (done / total if total else 0.0)
        self._jobs.report(self._lease, stage=stage, progress=share)
