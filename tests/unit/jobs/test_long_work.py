"""Progress is told stage by stage, and not too often."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from thoracle.jobs.long_work import Reporter, utc_now
from thoracle.store.job_types import Claim
from thoracle.store.results import ResultStore, open_store

NOW = datetime(2026, 3, 1, tzinfo=UTC)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[ResultStore]:
    with open_store(tmp_path, database_url=None) as opened:
        yield opened


@pytest.fixture
def claimed(store: ResultStore) -> Claim:
    store.jobs.submit("k", {}, owner=None, now=NOW)
    found = store.jobs.claim(["k"], worker="one", now=NOW)
    assert found is not None
    return found


def _said(store: ResultStore, claimed: Claim) -> tuple[str, float]:
    job = store.jobs.get(claimed.job.id)
    return job.stage, round(job.progress, 6)


def test_a_stages_steps_count_for_its_share_of_the_whole(
    store: ResultStore, claimed: Claim
) -> None:
    time_s = iter(range(100))
    parts = {"open": 0.1, "segment": 0.8, "keep": 0.1}
    tell = Reporter(store.jobs, claimed.lease, parts, clock=lambda: float(next(time_s)))
    tell("open", 1, 2)
    assert _said(store, claimed) == ("open", 0.05)
    tell("segment", 1, 4)
    assert _said(store, claimed) == ("segment", 0.3)
    tell("keep", 0, 0)
    assert _said(store, claimed) == ("keep", 0.9)


def test_within_a_stage_it_is_written_twice_a_second_at_most(
    store: ResultStore, claimed: Claim
) -> None:
    now_s = [0.0]
    tell = Reporter(store.jobs, claimed.lease, {"a": 0.5, "b": 0.5}, clock=lambda: now_s[0])
    tell("a", 0, 10)
    tell("a", 5, 10)
    assert _said(store, claimed) == ("a", 0.0)
    now_s[0] = 0.6
    tell("a", 6, 10)
    assert _said(store, claimed) == ("a", 0.3)
    tell("b", 0, 10)
    assert _said(store, claimed) == ("b", 0.5)


def test_the_time_has_a_zone() -> None:
    assert utc_now().tzinfo is UTC
