"""Options come from the settings, and a loopback address is known as one."""

from datetime import UTC

import pytest

from thoracle.web.options import WebOptions, is_loopback, options_from_settings, utc_now


@pytest.mark.parametrize("host", ["127.0.0.1", "127.8.8.8", "localhost", "::1", "[::1]"])
def test_addresses_of_this_machine_alone(host: str) -> None:
    assert is_loopback(host)


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.168.1.4", "thoracle.example", ""])  # noqa: S104
def test_addresses_that_others_reach(host: str) -> None:
    assert not is_loopback(host)


def test_settings_give_the_limit_and_the_address(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("THORACLE_UPLOAD_LIMIT_MB", "2.5")
    monkeypatch.setenv("THORACLE_HOST", "0.0.0.0")  # noqa: S104
    options = options_from_settings()
    assert options.upload_limit_bytes == 2_500_000
    assert not options.loopback_only
    assert options_from_settings(host="127.0.0.1").loopback_only


def test_the_rate_is_limited_only_where_others_reach_the_app(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("THORACLE_RATE_LIMIT_PER_MINUTE", "90")
    assert options_from_settings(host="0.0.0.0").rate_limit_per_minute == 90  # noqa: S104
    assert options_from_settings(host="127.0.0.1").rate_limit_per_minute == 0


def test_the_clock_is_in_utc() -> None:
    assert WebOptions(upload_limit_mb=1, loopback_only=True).now is utc_now
    assert utc_now().tzinfo is UTC
