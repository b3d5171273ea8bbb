"""The child process of a worker: does one claimed job, and ends with it or with its parent."""

import importlib
import json
import os
import sys
import threading
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import IO, Final

from thoracle.core.errors import StoreError, ThoracleError
from thoracle.jobs.long_work import Reporter, Task, Work, utc_now
from thoracle.store.job_types import Job, Lease

KINDS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "ct_quantify": "thoracle.jobs.ct_tools:quantify_work",
        "ct_measure": "thoracle.jobs.ct_tools:measure_work",
        "ct_compare": "thoracle.jobs.ct_comparisons:compare_work",
    }
)
"""Every kind of job, and the function that returns how it is done."""

_ANSWERS: Final = frozenset(
    {"upload-gone", "unknown-scan", "unknown-mask", "mask-unmeasured", "store-full"}
)
_ORPHANED: Final = 3
_POLITENESS: Final = 10  # of 19: what serves pages goes first


def main(source: IO[str], *, end: Callable[[int], object] = os._exit) -> int:
    """Do the job that the parent names.

    Parameters
    ----------
    source
        The parent's pipe: one line of JSON with `job_id` and `token`. It stays open for as long as
        the parent lives.
    end
        Ends this process at once.

    Returns
    -------
    int
        0 where the job has ended, well or with a sentence; anything else is tried again.
    """
    from thoracle.core.settings import settings
    from thoracle.store.results import open_store

    said = json.loads(source.readline())
    lease = Lease(job_id=said["job_id"], token=said["token"])
    threading.Thread(target=_watch, args=(source, end), daemon=True).start()
    own = settings()
    with open_store(own.home, database_url=own.database_url) as store:
        job = store.jobs.get(lease.job_id)
        work, parts = work_of(job)
        progress = Reporter(store.jobs, lease, parts)
        do(work, Task(store=store, home=own.home, job=job, lease=lease, progress=progress))
    return 0


def work_of(job: Job) -> tuple[Work, Mapping[str, float]]:
    """Return how a job is done, and the shares of its stages."""
    module, name = KINDS[job.kind].split(":")
    found: tuple[Work, Mapping[str, float]] = getattr(importlib.import_module(module), name)()
    return found


def do(work: Work, task: Task) -> None:
    """Do a job; a sentence of ours is its answer, but for what only the store lacks.

    Parameters
    ----------
    work
        From `work_of`.
    task
        The job.

    Raises
    ------
    StoreError
        The store cannot be used for now, or another worker has the job: no answer to it.
    """
    try:
        work(task)
    except StoreError as error:
        if not _is_answer(error):
            raise
        _fail(task, error)
    except ThoracleError as error:
        _fail(task, error)


def _is_answer(error: StoreError) -> bool:
    """Say whether trying again would bring the same: something is gone, or the disk is full."""
    return error.code in _ANSWERS


def _fail(task: Task, error: ThoracleError) -> None:
    task.store.jobs.fail(task.lease, code=error.code, text=error.text, now=utc_now())


def _watch(source: IO[str], end: Callable[[int], object]) -> None:
    """End this process once its parent has: nobody renews its lease any more."""
    while source.readline():
        pass
    end(_ORPHANED)


if __name__ == "__main__":
    os.nice(_POLITENESS)
    sys.exit(main(sys.stdin))
