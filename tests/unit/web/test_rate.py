"""The rate: a minute's worth at once, then as fast as it fills up, each visitor apart."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from fastapi.testclient import TestClient

from thoracle.store.results import ResultStore
from thoracle.web.app import create_app
from thoracle.web.options import WebOptions
from thoracle.web.rate import TokenBuckets

ANALYSES = "/api/v1/analyses"
NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


def test_a_minutes_worth_may_be_spent_at_once_and_comes_back_steadily() -> None:
    buckets = TokenBuckets(120)
    assert {buckets.spend("ana", now=NOON) for _ in range(120)} == {0}
    assert buckets.spend("ana", now=NOON) == 1
    assert buckets.spend("ben", now=NOON) == 0
    later = NOON + timedelta(seconds=1)
    assert [buckets.spend("ana", now=later) for _ in range(3)] == [0, 0, 1]
    assert buckets.spend("ana", now=NOON - timedelta(days=1)) == 1  # a clock set back gives none


def test_the_time_to_wait_is_that_of_one_token() -> None:
    buckets = TokenBuckets(2)
    assert [buckets.spend("ana", now=NOON) for _ in range(3)] == [0, 0, 30]
    assert buckets.spend("ana", now=NOON + timedelta(seconds=29)) == 1
    assert buckets.spend("ana", now=NOON + timedelta(seconds=30)) == 0


def test_two_hundred_films_at_ten_a_second_never_wait() -> None:
    buckets = TokenBuckets(1200)
    times = [NOON + timedelta(milliseconds=100 * number) for number in range(200)]
    assert {buckets.spend("ana", now=one) for one in times} == {0}


@pytest.fixture
def limited(analyzer: Any, store: ResultStore) -> TestClient:
    options = WebOptions(
        upload_limit_mb=1, loopback_only=False, rate_limit_per_minute=2, now=lambda: NOON
    )
    return TestClient(create_app(analyzer, store, options=options))


def _post(client: TestClient, **headers: str) -> Any:
    return client.post(ANALYSES, files={"files": ("a.png", b"film")}, headers=headers)


def test_a_guest_counts_by_address_whatever_the_cookie(limited: TestClient, analyzer: Any) -> None:
    statuses = []
    for _ in range(3):
        limited.cookies.clear()
        answer = _post(limited)
        statuses.append(answer.status_code)
    assert statuses == [201, 201, 429]
    assert answer.headers["retry-after"] == "30"
    assert answer.json()["detail"].endswith("Try again in 30 s.")
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert len(analyzer.calls) == 2
    assert limited.get(ANALYSES).status_code == 200
    assert limited.post("/login", data={"name": "ana", "password": "x"}).status_code == 429


def test_users_count_by_name(limited: TestClient, store: ResultStore) -> None:
    tokens = {}
    for name in ("ana", "ben"):
        store.users.add(name, "hash", now=NOON)
        tokens[name] = store.users.begin_session(name, now=NOON, lasts=timedelta(hours=1))
    said = [
        _post(limited, authorization=f"Bearer {tokens[name]}").status_code
        for name in ("ana", "ana", "ben", "ana", "ben")
    ]
    assert said == [201, 201, 201, 429, 201]
