"""Long work as rows: claimed by one worker at a time under a lease, retried, cancelled."""

import secrets
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import Connection, Engine, Row, and_, delete, insert, or_, select, update

from thoracle.core.errors import StoreError
from thoracle.store.ids import ENTROPY_BYTES, checked_id, new_id
from thoracle.store.job_types import (
    ATTEMPTS_MAX,
    LEASE_LASTS,
    UNFINISHED,
    Claim,
    Job,
    JobState,
    Lease,
    LeaseLostError,
    Pulse,
)
from thoracle.store.tables import JOBS

_TOKEN_BYTES: Final = 16


class JobStore:
    """Jobs of one installation; safe to use from several threads, processes and machines.

    Parameters
    ----------
    engine
        From `thoracle.store.engine.open_engine`.
    """

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def submit(
        self, kind: str, job_input: Mapping[str, Any], *, owner: str | None, now: datetime
    ) -> str:
        """Queue a job.

        Parameters
        ----------
        kind
            Which work.
        job_input
            Names of stored files and options, as JSON.
        owner
            Who asks.
        now
            With a time zone.

        Returns
        -------
        str
            Its id; ids sort by time, and jobs are begun in their order.
        """
        job_id = new_id(now, secrets.token_bytes(ENTROPY_BYTES))
        row = {
            "id": job_id,
            "kind": kind,
            "state": JobState.QUEUED,
            "input": dict(job_input),
            "owner": owner,
            "created_at": now,
            "stage": "",
            "progress": 0.0,
            "attempts": 0,
            "cancel_asked": False,
        }
        with self._engine.begin() as connection:
            connection.execute(insert(JOBS).values(**row))
        return job_id

    def claim(
        self,
        kinds: Sequence[str],
        *,
        worker: str,
        now: datetime,
        lasts: timedelta = LEASE_LASTS,
    ) -> Claim | None:
        """Take the oldest job that nobody works on, one whose worker went silent included.

        Parameters
        ----------
        kinds
            What this worker can do.
        worker
            Its name, for the record.
        now
            With a time zone; clocks of several machines must agree to within the lease.
        lasts
            How long the claim holds without a heartbeat.

        Returns
        -------
        Claim or None
            None where there is nothing to do.
        """
        if not self._waits(kinds, now):  # a look costs no lock, unlike an update of nothing
            return None
        token = secrets.token_hex(_TOKEN_BYTES)
        is_free = _is_free(now)
        oldest = (
            select(JOBS.c.id)
            .where(is_free, JOBS.c.kind.in_(list(kinds)))
            .order_by(JOBS.c.id)
            .limit(1)
            .with_for_update(skip_locked=True)  # PostgreSQL; SQLite has one writer anyway
            .scalar_subquery()
        )
        taken = {
            "state": JobState.RUNNING,
            "attempts": JOBS.c.attempts + 1,
            "worker": worker,
            "lease_token": token,
            "lease_ends_at": now + lasts,
            "heartbeat_at": now,
            "started_at": now,
            "stage": "",
            "progress": 0.0,
        }
        with self._engine.begin() as connection:
            _end_silent(connection, now)
            query = update(JOBS).where(JOBS.c.id == oldest, is_free).values(**taken)
            row = connection.execute(query.returning(*JOBS.columns)).one_or_none()
        if row is None:
            return None
        return Claim(job=_job(row), lease=Lease(job_id=row.id, token=token))

    def _waits(self, kinds: Sequence[str], now: datetime) -> bool:
        query = select(JOBS.c.id).where(_is_free(now), JOBS.c.kind.in_(list(kinds))).limit(1)
        with self._engine.connect() as connection:
            return connection.execute(query).first() is not None

    def beat(self, lease: Lease, *, now: datetime, lasts: timedelta = LEASE_LASTS) -> Pulse:
        """Renew a lease, and learn whether to go on.

        Parameters
        ----------
        lease
            From `claim`.
        now
            With a time zone.
        lasts
            How long it holds from now on.

        Returns
        -------
        Pulse
            LOST where another worker has the job, or it has ended.
        """
        with self._engine.begin() as connection:
            query = update(JOBS).where(_held(lease))
            renewed = query.values(lease_ends_at=now + lasts, heartbeat_at=now)
            row = connection.execute(renewed.returning(JOBS.c.cancel_asked)).one_or_none()
        if row is None:
            return Pulse.LOST
        return Pulse.CANCEL if row.cancel_asked else Pulse.GO_ON

    def report(self, lease: Lease, *, stage: str, progress: float) -> None:
        """Say how far a job is; nothing happens where the lease is lost."""
        with self._engine.begin() as connection:
            query = update(JOBS).where(_held(lease))
            connection.execute(query.values(stage=stage, progress=min(max(progress, 0.0), 1.0)))

    def finish(self, lease: Lease, *, result_id: str | None, now: datetime) -> None:
        """End a job that keeps its result elsewhere, or needs none; see `end_with` else."""
        with self._engine.begin() as connection:
            end_with(connection, lease, result_id=result_id, now=now)

    def fail(self, lease: Lease, *, code: str, text: str, now: datetime) -> None:
        """End a job that cannot be done, with the error's code and sentence."""
        ended = {"error_code": code, "error_text": text}
        with self._engine.begin() as connection:
            _end(connection, lease, JobState.FAILED, ended, now)

    def drop(self, lease: Lease, *, now: datetime) -> None:
        """End a job that was cancelled while it ran."""
        with self._engine.begin() as connection:
            _end(connection, lease, JobState.CANCELLED, {}, now)

    def give_back(self, lease: Lease, *, now: datetime, counts: bool = True) -> None:
        """Queue a job again, or fail it where it was begun often enough.

        Parameters
        ----------
        lease
            From `claim`; one that is lost changes nothing.
        now
            With a time zone.
        counts
            Whether this was an attempt; a worker that is told to stop takes nothing from the job.
        """
        with self._engine.begin() as connection:
            if counts:
                _end_worn(connection, _held(lease), now)
            again = {"state": JobState.QUEUED, "lease_token": None, "progress": 0.0, "stage": ""}
            attempts = JOBS.c.attempts if counts else JOBS.c.attempts - 1
            connection.execute(update(JOBS).where(_held(lease)).values(**again, attempts=attempts))

    def ask_cancel(self, job_id: str, *, now: datetime) -> None:
        """Cancel a job: at once where it waits, at its worker's next heartbeat where it runs.

        Parameters
        ----------
        job_id
            One that has ended stays as it is.
        now
            With a time zone.
        """
        self.get(job_id)
        is_it = JOBS.c.id == job_id
        waits, runs = JOBS.c.state == JobState.QUEUED, JOBS.c.state == JobState.RUNNING
        ended = {"state": JobState.CANCELLED, "finished_at": now, "cancel_asked": True}
        with self._engine.begin() as connection:
            connection.execute(update(JOBS).where(is_it, waits).values(**ended))
            connection.execute(update(JOBS).where(is_it, runs).values(cancel_asked=True))

    def get(self, job_id: str) -> Job:
        """Return one job.

        Raises
        ------
        StoreError
            There is no such job.
        """
        query = select(JOBS).where(JOBS.c.id == checked_id(job_id))
        with self._engine.connect() as connection:
            row = connection.execute(query).one_or_none()
        if row is None:
            raise StoreError(
                f"found no job {job_id} – expected one that was asked for and not deleted. Look "
                "for its result in the list.",
                code="unknown-job",
            )
        return _job(row)

    def list_jobs(
        self, limit: int, *, states: Sequence[JobState] = tuple(JobState), kind: str | None = None
    ) -> tuple[Job, ...]:
        """Return jobs in some states, the newest first."""
        query = select(JOBS).where(JOBS.c.state.in_(list(states)))
        if kind is not None:
            query = query.where(JOBS.c.kind == kind)
        with self._engine.connect() as connection:
            rows = connection.execute(query.order_by(JOBS.c.id.desc()).limit(limit))
            return tuple(_job(row) for row in rows)

    def delete_older(self, than: datetime) -> int:
        """Forget jobs that ended before a time; return how many."""
        old = and_(JOBS.c.finished_at < than, JOBS.c.state.not_in(list(UNFINISHED)))
        with self._engine.begin() as connection:
            return connection.execute(delete(JOBS).where(old)).rowcount


def end_with(connection: Connection, lease: Lease, *, result_id: str | None, now: datetime) -> None:
    """End a job in the transaction that keeps its result: both happen, or neither.

    Parameters
    ----------
    connection
        In a transaction.
    lease
        From `JobStore.claim`; a lost one is a LeaseLostError, which takes the result back.
    result_id
        Of what was made.
    now
        With a time zone.
    """
    _end(connection, lease, JobState.DONE, {"result_id": result_id, "progress": 1.0}, now)


def _end(
    connection: Connection, lease: Lease, state: JobState, values: Mapping[str, Any], now: datetime
) -> None:
    """End a job whose lease is held.

    Raises
    ------
    LeaseLostError
        Another worker has it.
    """
    ended = {"state": state, "finished_at": now, "lease_token": None, **values}
    query = update(JOBS).where(_held(lease)).values(**ended)
    if not connection.execute(query).rowcount:
        raise LeaseLostError


def _held(lease: Lease) -> Any:
    return and_(
        JOBS.c.id == checked_id(lease.job_id),
        JOBS.c.state == JobState.RUNNING,
        JOBS.c.lease_token == lease.token,
    )


def _is_silent(now: datetime) -> Any:
    return and_(JOBS.c.state == JobState.RUNNING, JOBS.c.lease_ends_at < now)


def _is_free(now: datetime) -> Any:
    return or_(JOBS.c.state == JobState.QUEUED, _is_silent(now))


def _end_silent(connection: Connection, now: datetime) -> None:
    """End jobs whose worker is gone and that nobody wants, or that too many have tried."""
    silent = _is_silent(now)
    ended = {"state": JobState.CANCELLED, "finished_at": now, "lease_token": None}
    connection.execute(update(JOBS).where(silent, JOBS.c.cancel_asked).values(**ended))
    _end_worn(connection, silent, now)


def _end_worn(connection: Connection, which: Any, now: datetime) -> None:
    ended = {
        "state": JobState.FAILED,
        "finished_at": now,
        "lease_token": None,
        "error_code": "job-gave-up",
        "error_text": (
            f"The work stopped unexpectedly {ATTEMPTS_MAX} times, as it does where memory runs "
            "out – expected it to end. Try again on a larger machine, or send a smaller scan."
        ),
    }
    is_worn = JOBS.c.attempts >= ATTEMPTS_MAX
    connection.execute(update(JOBS).where(which, is_worn).values(**ended))


def _job(row: Row[Any]) -> Job:
    known = {name: getattr(row, name) for name in Job.__slots__}
    return Job(**(known | {"state": JobState(row.state)}))
