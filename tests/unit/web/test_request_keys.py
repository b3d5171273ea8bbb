"""The same request sent again is answered with what the first one kept, to nobody else."""

from datetime import UTC, datetime
from types import SimpleNamespace
from typing import cast

import pytest

from thoracle.core.errors import StoreError
from thoracle.store.results import ResultStore
from thoracle.web.request_keys import RequestKey
from thoracle.web.services import Services


def _services(requests: object) -> Services:
    options = SimpleNamespace(now=lambda: datetime(2026, 3, 1, tzinfo=UTC))
    return cast(
        "Services", SimpleNamespace(store=SimpleNamespace(requests=requests), options=options)
    )


def test_a_key_leads_whoever_sent_it_to_what_was_kept(store: ResultStore) -> None:
    services = _services(store.requests)
    first = RequestKey.of("ana", "k", "digest")
    assert first.answered(services) is None
    first.keep(services, ["a", "b"])
    assert RequestKey.of("ana", "k", "digest").answered(services) == ("a", "b")
    assert RequestKey.of("rui", "k", "digest").answered(services) is None
    with pytest.raises(StoreError, match="Idempotency-Key"):
        RequestKey.of("ana", "k", "other").answered(services)


def test_a_store_that_cannot_keep_the_key_fails_nothing() -> None:
    class Full:
        def keep(self, *_: object, **__: object) -> None:
            raise StoreError("disk full", code="store")

    RequestKey.of("ana", "k", "digest").keep(_services(Full()), ["a"])
