"""Failed attempts count for one address and for five minutes."""

from datetime import UTC, datetime, timedelta

import pytest

from thoracle.web import attempts as module
from thoracle.web.attempts import ATTEMPTS_MAX, ATTEMPTS_WITHIN, Attempts

NOW = datetime(2026, 3, 1, tzinfo=UTC)


def test_after_too_many_failures_an_address_waits_and_others_do_not() -> None:
    attempts = Attempts()
    for second in range(ATTEMPTS_MAX):
        assert attempts.wait_s("a", now=NOW) == 0
        attempts.failed("a", now=NOW + timedelta(seconds=second))
    later = NOW + timedelta(seconds=60)
    assert attempts.wait_s("a", now=later) == 240
    assert attempts.wait_s("b", now=later) == 0
    assert attempts.wait_s("a", now=NOW + ATTEMPTS_WITHIN) == 0


def test_no_more_addresses_are_remembered_than_memory_allows(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(module, "_ADDRESSES_MAX", 2)
    attempts = Attempts()
    for name in ("a", "b", "c"):
        for _ in range(ATTEMPTS_MAX):
            attempts.failed(name, now=NOW)
    assert attempts.wait_s("a", now=NOW) == 0
    assert attempts.wait_s("c", now=NOW) > 0
