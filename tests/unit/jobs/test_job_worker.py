"""A worker keeps leases alive, kills what was cancelled, and brings back what died."""

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import pytest

from thoracle.core.settings import settings
from thoracle.jobs.job_worker import Rhythm, Worker, start_worker, work_until_told
from thoracle.jobs.long_work import utc_now
from thoracle.store.job_types import Job, JobState
from thoracle.store.results import ResultStore, open_store

QUICK = Rhythm(look_s=0.01, beat_s=0.05, child_s=0.02, lease=timedelta(seconds=20))
GIVE_UP_S = 60.0

# A child that needs no imports: it stands in for `thoracle.jobs.job_run`.
SLEEPS = "import sys; sys.stdin.readline(); open('began', 'a').write('x'); sys.stdin.read()"
DIES = "import os, signal; os.kill(os.getpid(), signal.SIGKILL)"
FINISHES = """
import json, sys
from datetime import UTC, datetime
from pathlib import Path
from thoracle.store.job_types import Lease
from thoracle.store.results import open_store
said = json.loads(sys.stdin.readline())
with open_store(Path("."), database_url=None) as store:
    lease = Lease(job_id=said["job_id"], token=said["token"])
    store.jobs.finish(lease, result_id="r", now=datetime.now(UTC))
"""


@pytest.fixture
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[ResultStore]:
    monkeypatch.setenv("THORACLE_HOME", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    settings.cache_clear()
    with open_store(tmp_path, database_url=None) as opened:
        yield opened


def _worker(store: ResultStore, program: str) -> Worker:
    return Worker(store, command=[sys.executable, "-c", program], rhythm=QUICK)


def _submit(store: ResultStore) -> str:
    upload_id = store.uploads.begin(now=utc_now())
    wishes = {"upload": upload_id}
    return store.jobs.submit("ct_quantify", wishes, owner=None, now=utc_now())


def _until(condition: Callable[[], bool]) -> None:
    end_s = time.monotonic() + GIVE_UP_S
    while not condition():
        assert time.monotonic() < end_s
        time.sleep(0.01)


@contextmanager
def _running(worker: Worker) -> Iterator[None]:
    thread = threading.Thread(target=worker.run)
    thread.start()
    try:
        yield
    finally:
        worker.stop()
        thread.join()


def _upload_exists(store: ResultStore, job: Job) -> bool:
    return store.uploads.folder(job.input["upload"]).exists()


def test_a_job_that_its_child_ends_is_left_as_it_is_and_its_upload_goes(
    store: ResultStore,
) -> None:
    job_id = _submit(store)
    assert _worker(store, FINISHES).run(until_idle=True) == 1
    job = store.jobs.get(job_id)
    assert (job.state, job.attempts, job.result_id) == (JobState.DONE, 1, "r")
    assert not _upload_exists(store, job)


def test_a_job_whose_child_dies_each_time_fails_and_keeps_its_upload(store: ResultStore) -> None:
    job_id = _submit(store)
    assert _worker(store, DIES).run(until_idle=True) == 3
    job = store.jobs.get(job_id)
    assert (job.state, job.error_code) == (JobState.FAILED, "job-gave-up")
    assert _upload_exists(store, job)


def test_a_cancelled_job_is_killed_at_the_next_heartbeat(
    store: ResultStore, tmp_path: Path
) -> None:
    job_id = _submit(store)
    with _running(_worker(store, SLEEPS)):
        _until((tmp_path / "began").exists)
        store.jobs.ask_cancel(job_id, now=utc_now())
        _until(lambda: store.jobs.get(job_id).is_finished)
        _until(lambda: not _upload_exists(store, store.jobs.get(job_id)))
    assert store.jobs.get(job_id).state is JobState.CANCELLED


def test_heartbeats_renew_the_lease(store: ResultStore, tmp_path: Path) -> None:
    job_id = _submit(store)
    with _running(_worker(store, SLEEPS)):
        _until((tmp_path / "began").exists)
        first = store.jobs.get(job_id).heartbeat_at
        assert first is not None
        _until(lambda: (store.jobs.get(job_id).heartbeat_at or first) > first)


def test_a_worker_that_is_told_to_stop_gives_its_job_back_untried(
    store: ResultStore, tmp_path: Path
) -> None:
    job_id = _submit(store)
    with _running(_worker(store, SLEEPS)):
        _until((tmp_path / "began").exists)
    job = store.jobs.get(job_id)
    assert (job.state, job.attempts) == (JobState.QUEUED, 0)


def test_a_worker_that_lost_its_lease_kills_its_child_and_leaves_the_job(
    store: ResultStore, tmp_path: Path
) -> None:
    job_id = _submit(store)
    with _running(_worker(store, SLEEPS)):
        _until((tmp_path / "began").exists)
        later = utc_now() + timedelta(minutes=5)  # as if this worker had been stopped so long
        newer = store.jobs.claim(["ct_quantify"], worker="newer", now=later)
        assert newer is not None
        time.sleep(0.2)
        assert store.jobs.get(job_id).worker == "newer"
        store.jobs.finish(newer.lease, result_id="new", now=later)
    assert store.jobs.get(job_id).result_id == "new"


def test_a_worker_killed_outright_takes_its_child_along_and_the_job_is_done_by_another(
    store: ResultStore, tmp_path: Path
) -> None:
    job_id = _submit(store)
    program = (
        "import sys\nfrom pathlib import Path\nfrom datetime import timedelta\n"
        "from thoracle.jobs.job_worker import Rhythm, Worker\n"
        "from thoracle.store.results import open_store\n"
        "store = open_store(Path('.'), database_url=None)\n"
        "rhythm = Rhythm(lease=timedelta(seconds=0.5), beat_s=0.1)\n"
        'child = \'import os; open("pid", "w").write(str(os.getpid()));\' + sys.argv[1]\n'
        "Worker(store, command=[sys.executable, '-c', child], rhythm=rhythm).run()\n"
    )
    with subprocess.Popen([sys.executable, "-c", program, SLEEPS]) as first:
        _until((tmp_path / "began").exists)
        first.kill()
    child = int((tmp_path / "pid").read_text())
    _until(lambda: _is_gone(child))
    job = store.jobs.get(job_id)
    assert (job.state, job.attempts) == (JobState.RUNNING, 1)
    with _running(_worker(store, FINISHES)):
        _until(lambda: store.jobs.get(job_id).is_finished)
    job = store.jobs.get(job_id)
    assert (job.state, job.attempts) == (JobState.DONE, 2)


def _is_gone(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return True
    return Path(f"/proc/{pid}/stat").read_text().split(") ")[1][0] == "Z"


def test_uploads_that_nobody_waits_for_go_after_a_day(store: ResultStore) -> None:
    forgotten = store.uploads.begin(now=utc_now())
    job_id = _submit(store)
    needed = store.jobs.get(job_id).input["upload"]
    for one in (forgotten, needed):
        os.utime(store.uploads.folder(one), (0, 0))
    worker = _worker(store, DIES)
    worker.stop()
    worker._clean()
    assert not store.uploads.folder(forgotten).exists()
    assert store.uploads.folder(needed).exists()


def test_the_end_of_the_parent_stops_a_worker(
    store: ResultStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(signal, "signal", lambda *_: None)
    read, write = os.pipe()
    os.close(write)
    with os.fdopen(read) as parent:
        assert work_until_told(store, until_idle=False, parent=parent) == 0


def test_a_started_worker_ends_with_its_standard_input(store: ResultStore, tmp_path: Path) -> None:
    with start_worker(tmp_path) as child:
        assert child.stdin is not None
        child.stdin.close()
        assert child.wait(GIVE_UP_S) == 0
    assert (tmp_path / "worker.log").read_bytes() == b""
