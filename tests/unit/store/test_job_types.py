"""What a job is."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from thoracle.store.job_types import Job, JobState, Lease, LeaseLostError

QUEUED = Job(
    id="1",
    kind="ct_quantify",
    state=JobState.QUEUED,
    input={},
    owner=None,
    created_at=datetime(2026, 3, 1, tzinfo=UTC),
    started_at=None,
    finished_at=None,
    heartbeat_at=None,
    stage="",
    progress=0.0,
    attempts=0,
    worker=None,
    cancel_asked=False,
    error_code=None,
    error_text=None,
    result_id=None,
)


@pytest.mark.parametrize("state", JobState)
def test_what_waits_or_runs_is_not_finished(state: JobState) -> None:
    assert replace(QUEUED, state=state).is_finished == (
        state in {JobState.DONE, JobState.FAILED, JobState.CANCELLED}
    )


def test_a_lease_does_not_print_its_token() -> None:
    assert "abc" not in repr(Lease(job_id="1", token="abc"))  # noqa: S106


def test_a_lost_lease_says_that_nothing_was_kept() -> None:
    assert LeaseLostError().code == "lease-lost"
    assert "Nothing was kept" in LeaseLostError().text
