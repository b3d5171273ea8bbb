"""What one running web app may do: its limits, its address and its clock."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from ipaddress import ip_address

from thoracle.core.settings import settings

BYTES_PER_MB = 1_000_000


def utc_now() -> datetime:
    """Return the time in UTC."""
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class WebOptions:
    """Limits, address and clock of one web app.

    `loopback_only` makes it answer to this machine's own names alone, against DNS
    rebinding; `files_max` bounds one upload; `parallel` is how many films may be analyzed at
    a time, one by default because inference already uses all threads; `waiting_max` is how many
    may wait for their turn before others are told to come back; `retention_days` is how long
    results are kept, 0 for good; `rate_limit_per_minute` is how many requests that cost something
    one visitor may send, 0 for any number; `ct_upload_limit_mb` bounds a scan, and `jobs_max` how
    many long jobs may wait before others are told to come back; `breathing_streams_max` is how many
    live streams of breathing may be on.
    """

    upload_limit_mb: float
    loopback_only: bool
    ct_upload_limit_mb: float = 1024.0
    jobs_max: int = 20
    files_max: int = 200
    parallel: int = 1
    waiting_max: int = 8
    retention_days: int = 0
    rate_limit_per_minute: int = 0
    breathing_streams_max: int = 200
    now: Callable[[], datetime] = utc_now

    @property
    def upload_limit_bytes(self) -> int:
        """The largest upload in bytes, its multipart envelope not counted."""
        return int(self.upload_limit_mb * BYTES_PER_MB)


def options_from_settings(*, host: str | None = None) -> WebOptions:
    """Take the options from this process's settings.

    Parameters
    ----------
    host
        Address the app listens on; None means the setting's.

    Returns
    -------
    WebOptions
        With the names check on exactly where the address is a loopback one. There the rate is
        not limited: who uses this machine can take all of it anyway, and the line is bounded.
    """
    loopback_only = is_loopback(settings().host if host is None else host)
    return WebOptions(
        upload_limit_mb=settings().upload_limit_mb,
        ct_upload_limit_mb=settings().ct_upload_limit_mb,
        breathing_streams_max=settings().breathing_streams_max,
        retention_days=settings().retention_days,
        loopback_only=loopback_only,
        rate_limit_per_minute=0 if loopback_only else settings().rate_limit_per_minute,
    )


def is_loopback(host: str) -> bool:
    """Say whether an address reaches this machine only."""
    if host == "localhost":
        return True
    try:
        return ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False
