"""A key stands for one request, for a day."""

from datetime import datetime, timedelta

import pytest

from thoracle.core.errors import StoreError
from thoracle.store.results import ResultStore


def test_the_same_request_leads_to_the_same_results(store: ResultStore, now: datetime) -> None:
    assert store.requests.answered("key", "digest") is None
    store.requests.keep("key", "digest", ["a", "b"], now=now)
    assert store.requests.answered("key", "digest") == ("a", "b")


def test_a_key_for_something_else_is_refused(store: ResultStore, now: datetime) -> None:
    store.requests.keep("key", "digest", ["a"], now=now)
    with pytest.raises(StoreError, match="Idempotency-Key") as caught:
        store.requests.answered("key", "other")
    assert caught.value.code == "key-reused"


def test_the_first_of_two_at_once_counts_and_old_keys_are_forgotten(
    store: ResultStore, now: datetime
) -> None:
    store.requests.keep("key", "digest", ["a"], now=now)
    store.requests.keep("key", "digest", ["b"], now=now)
    assert store.requests.answered("key", "digest") == ("a",)
    store.requests.keep("other", "digest", ["c"], now=now + timedelta(days=2))
    assert store.requests.answered("key", "digest") is None
