"""A worker: claims jobs, does each in a child of low priority, and keeps the leases alive."""

import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import IO, Final

from thoracle.core.errors import StoreError
from thoracle.jobs.job_run import KINDS
from thoracle.jobs.long_work import utc_now
from thoracle.store.job_types import LEASE_LASTS, UNFINISHED, Claim, Pulse
from thoracle.store.results import ResultStore

JOBS_KEPT: Final = timedelta(days=30)
"""How long one can look what became of a job that made nothing, or of one that did."""

UPLOADS_KEPT: Final = timedelta(days=1)
"""How long an upload waits for its job, or for the trust that it needs."""

CHILD: Final = (sys.executable, "-m", "thoracle.jobs.job_run")
_HOUSEKEEPING_S: Final = 600.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Rhythm:
    """How often a worker looks at things, in seconds, and how long its leases last."""

    look_s: float = 1.0
    beat_s: float = 5.0
    child_s: float = 0.1
    lease: timedelta = LEASE_LASTS


class Worker:
    """Does the jobs of one installation, one at a time, until it is told to stop.

    Parameters
    ----------
    store
        Open.
    command
        Starts the child; it reads the job and its token from standard input.
    rhythm
        How often it looks.
    now
        The clock of leases.
    """

    def __init__(
        self,
        store: ResultStore,
        *,
        command: Sequence[str] = CHILD,
        rhythm: Rhythm = Rhythm(),
        now: Callable[[], datetime] = utc_now,
    ) -> None:
        self._store = store
        self._command = list(command)
        self._rhythm = rhythm
        self._now = now
        self._stopping = threading.Event()
        self._cleaned_s = -_HOUSEKEEPING_S
        self._name = f"{socket.gethostname()}:{os.getpid()}"[:128]

    def stop(self) -> None:
        """Stop after giving the present job back; safe to call from a signal or a thread."""
        self._stopping.set()

    def run(self, *, until_idle: bool = False) -> int:
        """Do jobs as they come.

        Parameters
        ----------
        until_idle
            Whether to end as soon as there is nothing to do.

        Returns
        -------
        int
            How many jobs were begun.
        """
        begun = 0
        while not self._stopping.is_set():
            claimed = self._claim()
            if claimed is not None:
                begun += 1
                self._do(claimed)
            elif until_idle:
                break
            else:
                self._stopping.wait(self._rhythm.look_s)
        return begun

    def _claim(self) -> Claim | None:
        """Take a job; a store that cannot be asked for now is asked again later."""
        with suppress(StoreError):
            self._clean()
            return self._store.jobs.claim(
                list(KINDS), worker=self._name, now=self._now(), lasts=self._rhythm.lease
            )
        return None

    def _do(self, claimed: Claim) -> None:
        lease = claimed.lease
        with subprocess.Popen(self._command, stdin=subprocess.PIPE, text=True) as child:  # noqa: S603
            _tell(child, {"job_id": lease.job_id, "token": lease.token})
            try:
                pulse = self._watch(child, claimed)
            finally:
                child.kill()
        with suppress(StoreError):  # the lease runs out, and another worker takes the job
            self._settle(claimed, pulse, child.returncode)
        with suppress(StoreError):
            self._forget_upload(claimed)

    def _watch(self, child: "subprocess.Popen[str]", claimed: Claim) -> Pulse:
        """Renew the lease for as long as the child works; say why it no longer should."""
        beaten_s = time.monotonic()
        pulse = Pulse.GO_ON
        while pulse is Pulse.GO_ON and not self._stopping.is_set():
            with suppress(subprocess.TimeoutExpired):
                child.wait(self._rhythm.child_s)
                break
            if time.monotonic() - beaten_s >= self._rhythm.beat_s:
                beaten_s = time.monotonic()
                pulse = self._beat(claimed)
        return pulse

    def _beat(self, claimed: Claim) -> Pulse:
        """Renew the lease; a store that cannot be asked for now may be at the next beat."""
        with suppress(StoreError):
            return self._store.jobs.beat(claimed.lease, now=self._now(), lasts=self._rhythm.lease)
        return Pulse.GO_ON

    def _settle(self, claimed: Claim, pulse: Pulse, status: int) -> None:
        """Do with a job what its child could not; where that has ended it, nothing happens."""
        if pulse is Pulse.CANCEL:
            self._store.jobs.drop(claimed.lease, now=self._now())
        elif pulse is Pulse.GO_ON:
            was_stopped = self._stopping.is_set() and status == -signal.SIGKILL
            self._store.jobs.give_back(claimed.lease, now=self._now(), counts=not was_stopped)

    def _forget_upload(self, claimed: Claim) -> None:
        """Remove an upload whose job was done or cancelled; one that failed may be asked again."""
        upload_id = claimed.job.input.get("upload")
        state = self._store.jobs.get(claimed.job.id).state
        if upload_id is not None and state in {"done", "cancelled"}:
            self._store.uploads.remove(upload_id)

    def _clean(self) -> None:
        """Remove uploads that nobody waits for, and forget old jobs, once in a while."""
        if time.monotonic() - self._cleaned_s < _HOUSEKEEPING_S:
            return
        self._cleaned_s = time.monotonic()
        waiting = self._store.jobs.list_jobs(10_000, states=UNFINISHED)
        needed = {one.input.get("upload", "") for one in waiting}
        self._store.uploads.remove_older(self._now() - UPLOADS_KEPT, needed=needed)
        self._store.jobs.delete_older(self._now() - JOBS_KEPT)


def work_until_told(store: ResultStore, *, until_idle: bool, parent: IO[str] | None = None) -> int:
    """Run a worker until Ctrl+C, a termination, or the end of its parent.

    Parameters
    ----------
    store
        Open.
    until_idle
        Whether to end as soon as there is nothing to do.
    parent
        A pipe that ends with the process that started this one; None where nobody did.

    Returns
    -------
    int
        How many jobs were begun.
    """
    worker = Worker(store)
    for one in (signal.SIGINT, signal.SIGTERM):
        signal.signal(one, lambda *_: worker.stop())
    if parent is not None:
        threading.Thread(target=_stop_with, args=(parent, worker), daemon=True).start()
    return worker.run(until_idle=until_idle)


def start_worker(home: Path) -> "subprocess.Popen[bytes]":
    """Start `thoracle worker` as a child that ends with this process, however that ends.

    Parameters
    ----------
    home
        Folder of all that Thoracle keeps; the child's complaints go to `worker.log` in it.

    Returns
    -------
    Popen
        Close its standard input to end it.
    """
    home.mkdir(parents=True, exist_ok=True)
    with (home / "worker.log").open("ab") as log:
        return subprocess.Popen(
            [sys.executable, "-m", "thoracle.jobs.job_worker"],
            stdin=subprocess.PIPE,
            stdout=log,
            stderr=log,
            start_new_session=True,  # Ctrl+C is for the one that started it, which then ends it
        )


def _stop_with(parent: IO[str], worker: Worker) -> None:
    while parent.readline():
        pass
    worker.stop()


def _tell(child: "subprocess.Popen[str]", said: dict[str, str]) -> None:
    if child.stdin is not None:
        with suppress(BrokenPipeError):  # it has died already
            child.stdin.write(json.dumps(said) + "\n")
            child.stdin.flush()


def _main() -> None:
    from thoracle.core.settings import settings
    from thoracle.store.results import open_store

    own = settings()
    with open_store(own.home, database_url=own.database_url) as store:
        work_until_told(store, until_idle=False, parent=sys.stdin)


if __name__ == "__main__":
    _main()
