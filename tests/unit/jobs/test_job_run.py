"""The child does the job it is told, answers with a sentence, and ends with its parent."""

import io
import json
import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from thoracle.core.errors import ImageError, StoreError
from thoracle.core.settings import settings
from thoracle.jobs import job_run
from thoracle.jobs.job_run import KINDS, do, main, work_of
from thoracle.jobs.long_work import Task, Work
from thoracle.store.job_types import Claim, JobState, LeaseLostError
from thoracle.store.results import ResultStore, open_store

NOW = datetime(2026, 3, 1, tzinfo=UTC)


@pytest.fixture
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[ResultStore]:
    monkeypatch.setenv("THORACLE_HOME", str(tmp_path))
    settings.cache_clear()
    with open_store(tmp_path, database_url=None) as opened:
        yield opened


@pytest.fixture
def claimed(store: ResultStore) -> Claim:
    store.jobs.submit("ct_quantify", {"upload": "u"}, owner=None, now=NOW)
    found = store.jobs.claim(["ct_quantify"], worker="one", now=NOW)
    assert found is not None
    return found


def _task(store: ResultStore, claimed: Claim, tmp_path: Path) -> Task:
    return Task(
        store=store,
        home=tmp_path,
        job=claimed.job,
        lease=claimed.lease,
        progress=lambda *_: None,
    )


def _raising(error: Exception) -> Work:
    def work(_: Task) -> None:
        raise error

    return work


def test_every_kind_of_job_can_be_done(store: ResultStore) -> None:
    for kind in KINDS:
        job = store.jobs.get(store.jobs.submit(kind, {}, owner=None, now=NOW))
        work, parts = work_of(job)
        assert callable(work)
        assert sum(parts.values()) == pytest.approx(1.0)


def test_the_job_that_is_named_is_done(
    store: ResultStore, claimed: Claim, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    done: list[Task] = []

    def work(task: Task) -> None:
        task.progress("all", 1, 2)
        done.append(task)
        task.store.jobs.finish(task.lease, result_id="r", now=NOW)

    monkeypatch.setattr(job_run, "work_of", lambda _: (work, {"all": 1.0}))
    line = json.dumps({"job_id": claimed.job.id, "token": claimed.lease.token}) + "\n"
    ended = threading.Event()
    assert main(io.StringIO(line), end=lambda _: ended.set()) == 0
    assert done[0].wishes == {"upload": "u"}
    assert store.jobs.get(claimed.job.id).result_id == "r"
    assert ended.wait(60)  # the pipe's end is the parent's


def test_a_sentence_of_ours_is_the_answer(
    store: ResultStore, claimed: Claim, tmp_path: Path
) -> None:
    do(_raising(ImageError("found x – expected y.", code="x")), _task(store, claimed, tmp_path))
    job = store.jobs.get(claimed.job.id)
    assert (job.state, job.error_code) == (JobState.FAILED, "x")
    assert job.error_text == "found x – expected y."


@pytest.mark.parametrize("code", ["upload-gone", "unknown-scan"])
def test_so_is_something_that_is_gone(
    store: ResultStore, claimed: Claim, tmp_path: Path, code: str
) -> None:
    do(
        _raising(StoreError("found none – expected it.", code=code)),
        _task(store, claimed, tmp_path),
    )
    assert store.jobs.get(claimed.job.id).error_code == code


@pytest.mark.parametrize(
    "error",
    [StoreError("locked", code="store-locked"), LeaseLostError(), RuntimeError(), MemoryError()],
)
def test_anything_else_is_raised_on(
    store: ResultStore, claimed: Claim, tmp_path: Path, error: Exception
) -> None:
    with pytest.raises(type(error)):
        do(_raising(error), _task(store, claimed, tmp_path))
    assert store.jobs.get(claimed.job.id).state is JobState.RUNNING
