"""Jobs are claimed once, held by a lease, retried a few times, and ended by who holds them."""

import subprocess
import sys
import threading
from datetime import datetime, timedelta

import pytest

from thoracle.core.errors import StoreError
from thoracle.store.job_types import (
    ATTEMPTS_MAX,
    LEASE_LASTS,
    Claim,
    JobState,
    LeaseLostError,
    Pulse,
)
from thoracle.store.results import ResultStore

KINDS = ("ct_quantify",)
LATER = LEASE_LASTS + timedelta(seconds=1)


def _submit(store: ResultStore, now: datetime, kind: str = "ct_quantify") -> str:
    return store.jobs.submit(kind, {"upload": "u"}, owner="ana", now=now)


def _claim(store: ResultStore, now: datetime, worker: str = "one") -> Claim:
    claimed = store.jobs.claim(KINDS, worker=worker, now=now)
    assert claimed is not None
    return claimed


def test_a_job_goes_from_queued_over_running_to_done(store: ResultStore, now: datetime) -> None:
    job_id = _submit(store, now)
    queued = store.jobs.get(job_id)
    assert (queued.state, queued.input, queued.owner) == (JobState.QUEUED, {"upload": "u"}, "ana")
    claimed = _claim(store, now)
    assert (claimed.job.id, claimed.job.state, claimed.job.attempts) == (
        job_id,
        JobState.RUNNING,
        1,
    )
    store.jobs.report(claimed.lease, stage="segment", progress=0.25)
    running = store.jobs.get(job_id)
    assert (running.stage, running.progress, running.worker) == ("segment", 0.25, "one")
    store.jobs.finish(claimed.lease, result_id="r", now=now)
    done = store.jobs.get(job_id)
    assert (done.state, done.result_id, done.finished_at) == (JobState.DONE, "r", now)
    assert done.progress == 1.0


def test_jobs_are_begun_in_their_order_and_by_their_kind(store: ResultStore, now: datetime) -> None:
    _submit(store, now, kind="other")
    first = _submit(store, now + timedelta(seconds=1))
    second = _submit(store, now + timedelta(seconds=2))
    assert [_claim(store, now).job.id for _ in range(2)] == [first, second]
    assert store.jobs.claim(KINDS, worker="one", now=now) is None


def test_workers_that_race_never_get_the_same_job(store: ResultStore, now: datetime) -> None:
    submitted = {_submit(store, now + timedelta(milliseconds=i)) for i in range(12)}
    claimed: list[str] = []
    barrier = threading.Barrier(4)

    def work(name: str) -> None:
        barrier.wait()
        while (one := store.jobs.claim(KINDS, worker=name, now=now)) is not None:
            claimed.append(one.job.id)

    threads = [threading.Thread(target=work, args=(str(i),)) for i in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    rest = []  # under PostgreSQL a worker may look away while another holds the last row
    while (one := store.jobs.claim(KINDS, worker="rest", now=now)) is not None:
        rest.append(one.job.id)
    assert len(claimed) + len(rest) == 12
    assert {*claimed, *rest} == submitted


def test_a_silent_workers_job_goes_to_another_once_its_lease_has_run_out(
    store: ResultStore, now: datetime
) -> None:
    job_id = _submit(store, now)
    _claim(store, now)
    assert store.jobs.claim(KINDS, worker="two", now=now + LEASE_LASTS) is None
    again = _claim(store, now + LATER, worker="two")
    assert (again.job.id, again.job.worker, again.job.attempts) == (job_id, "two", 2)


def test_a_heartbeat_keeps_the_lease(store: ResultStore, now: datetime) -> None:
    _submit(store, now)
    claimed = _claim(store, now)
    assert store.jobs.beat(claimed.lease, now=now + LEASE_LASTS) is Pulse.GO_ON
    assert store.jobs.claim(KINDS, worker="two", now=now + LATER) is None


def test_a_stalled_worker_cannot_overwrite_the_newer_result(
    store: ResultStore, now: datetime
) -> None:
    job_id = _submit(store, now)
    stalled = _claim(store, now)
    newer = _claim(store, now + LATER, worker="two")
    assert store.jobs.beat(stalled.lease, now=now + LATER) is Pulse.LOST
    with pytest.raises(LeaseLostError):
        store.jobs.finish(stalled.lease, result_id="old", now=now)
    with pytest.raises(LeaseLostError):
        store.jobs.fail(stalled.lease, code="x", text="x", now=now)
    with pytest.raises(LeaseLostError):
        store.jobs.drop(stalled.lease, now=now)
    store.jobs.report(stalled.lease, stage="old", progress=0.9)
    store.jobs.give_back(stalled.lease, now=now)
    running = store.jobs.get(job_id)
    assert (running.state, running.stage, running.worker) == (JobState.RUNNING, "", "two")
    store.jobs.finish(newer.lease, result_id="new", now=now)
    with pytest.raises(LeaseLostError):
        store.jobs.finish(stalled.lease, result_id="old", now=now)
    assert store.jobs.get(job_id).result_id == "new"


def test_a_worker_that_was_late_but_not_replaced_may_still_finish(
    store: ResultStore, now: datetime
) -> None:
    job_id = _submit(store, now)
    claimed = _claim(store, now)
    store.jobs.finish(claimed.lease, result_id="r", now=now + LATER)
    assert store.jobs.get(job_id).state is JobState.DONE


def test_a_killed_worker_process_loses_nothing(store: ResultStore, now: datetime) -> None:
    """A real process claims the job and is killed while it holds it."""
    job_id = _submit(store, now)
    program = (
        "import sys\nfrom datetime import datetime\nfrom pathlib import Path\n"
        "from thoracle.store.results import open_store\n"
        "url, home, now = sys.argv[1:]\n"
        "store = open_store(Path(home), database_url=url)\n"
        "kinds = ['ct_quantify']\n"
        "claim = store.jobs.claim(kinds, worker='child', now=datetime.fromisoformat(now))\n"
        "store.jobs.report(claim.lease, stage='segment', progress=0.5)\n"
        "print('claimed', flush=True)\nsys.stdin.read()\n"
    )
    url = store._engine.url.render_as_string(hide_password=False)
    with subprocess.Popen(
        [sys.executable, "-c", program, url, ".", now.isoformat()],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    ) as child:
        assert child.stdout is not None
        assert child.stdout.readline() == b"claimed\n"
        child.kill()
    assert store.jobs.get(job_id).worker == "child"
    again = _claim(store, now + LATER, worker="next")
    assert (again.job.id, again.job.progress, again.job.attempts) == (job_id, 0.0, 2)
    store.jobs.finish(again.lease, result_id="r", now=now + LATER)
    assert store.jobs.get(job_id).state is JobState.DONE


def test_a_job_that_kills_its_workers_fails_in_the_end(store: ResultStore, now: datetime) -> None:
    job_id = _submit(store, now)
    for i in range(ATTEMPTS_MAX):
        _claim(store, now + i * LATER)
    assert store.jobs.claim(KINDS, worker="one", now=now + ATTEMPTS_MAX * LATER) is None
    failed = store.jobs.get(job_id)
    assert (failed.state, failed.error_code) == (JobState.FAILED, "job-gave-up")
    assert f"{ATTEMPTS_MAX} times" in (failed.error_text or "")


def test_a_job_that_is_given_back_is_begun_again_a_few_times(
    store: ResultStore, now: datetime
) -> None:
    job_id = _submit(store, now)
    for _ in range(ATTEMPTS_MAX):
        assert store.jobs.get(job_id).state is JobState.QUEUED
        store.jobs.give_back(_claim(store, now).lease, now=now)
    assert store.jobs.get(job_id).error_code == "job-gave-up"


def test_a_worker_that_is_told_to_stop_takes_no_attempt(store: ResultStore, now: datetime) -> None:
    job_id = _submit(store, now)
    for _ in range(ATTEMPTS_MAX + 2):
        store.jobs.give_back(_claim(store, now).lease, now=now, counts=False)
    job = store.jobs.get(job_id)
    assert (job.state, job.attempts) == (JobState.QUEUED, 0)


def test_a_waiting_job_is_cancelled_at_once(store: ResultStore, now: datetime) -> None:
    job_id = _submit(store, now)
    store.jobs.ask_cancel(job_id, now=now)
    assert store.jobs.get(job_id).state is JobState.CANCELLED
    assert store.jobs.claim(KINDS, worker="one", now=now) is None


def test_a_running_job_learns_of_it_at_the_next_heartbeat(
    store: ResultStore, now: datetime
) -> None:
    job_id = _submit(store, now)
    claimed = _claim(store, now)
    store.jobs.ask_cancel(job_id, now=now)
    assert store.jobs.get(job_id).state is JobState.RUNNING
    assert store.jobs.beat(claimed.lease, now=now) is Pulse.CANCEL
    store.jobs.drop(claimed.lease, now=now)
    assert store.jobs.get(job_id).state is JobState.CANCELLED


def test_a_cancelled_job_whose_worker_died_is_not_begun_again(
    store: ResultStore, now: datetime
) -> None:
    job_id = _submit(store, now)
    _claim(store, now)
    store.jobs.ask_cancel(job_id, now=now)
    assert store.jobs.claim(KINDS, worker="two", now=now + LATER) is None
    assert store.jobs.get(job_id).state is JobState.CANCELLED


def test_what_has_ended_cannot_be_cancelled(store: ResultStore, now: datetime) -> None:
    job_id = _submit(store, now)
    store.jobs.finish(_claim(store, now).lease, result_id="r", now=now)
    store.jobs.ask_cancel(job_id, now=now)
    assert store.jobs.get(job_id).state is JobState.DONE


@pytest.mark.parametrize("job_id", ["018f3b0e-7c00-7abc-8def-0123456789ab", "../x"])
def test_an_unknown_job_is_an_error(store: ResultStore, now: datetime, job_id: str) -> None:
    for ask in (store.jobs.get, lambda one: store.jobs.ask_cancel(one, now=now)):
        with pytest.raises(StoreError, match="expected"):
            ask(job_id)


def test_jobs_are_listed_newest_first_by_state(store: ResultStore, now: datetime) -> None:
    first = _submit(store, now)
    second = _submit(store, now + timedelta(seconds=1))
    _claim(store, now)
    assert [one.id for one in store.jobs.list_jobs(9)] == [second, first]
    assert [one.id for one in store.jobs.list_jobs(1)] == [second]
    assert [one.id for one in store.jobs.list_jobs(9, states=[JobState.RUNNING])] == [first]
    assert store.jobs.list_jobs(9, kind="other") == ()


def test_only_jobs_that_ended_are_forgotten(store: ResultStore, now: datetime) -> None:
    done, waiting = _submit(store, now), _submit(store, now + timedelta(seconds=1))
    store.jobs.finish(_claim(store, now).lease, result_id="r", now=now)
    assert store.jobs.delete_older(now) == 0
    assert store.jobs.delete_older(now + timedelta(days=1)) == 1
    assert [one.id for one in store.jobs.list_jobs(9)] == [waiting]
    with pytest.raises(StoreError):
        store.jobs.get(done)
