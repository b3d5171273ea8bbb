"""How often an address failed to sign in, so that passwords cannot be tried out."""

import threading
from collections import OrderedDict, deque
from datetime import datetime, timedelta
from typing import Final

ATTEMPTS_MAX: Final = 10
ATTEMPTS_WITHIN: Final = timedelta(minutes=5)
_ADDRESSES_MAX: Final = 10_000


class Attempts:
    """Counts failed attempts to sign in, by the address that they come from."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._failed: OrderedDict[str, deque[datetime]] = OrderedDict()

    def wait_s(self, address: str, *, now: datetime) -> int:
        """Return how long an address must wait before it may try again; 0 where it need not."""
        with self._lock:
            failed = self._failed.get(address, deque())
            while failed and failed[0] <= now - ATTEMPTS_WITHIN:
                failed.popleft()
            if len(failed) < ATTEMPTS_MAX:
                return 0
            return max(1, int((failed[0] + ATTEMPTS_WITHIN - now).total_seconds()))

    def failed(self, address: str, *, now: datetime) -> None:
        """Count one failed attempt."""
        with self._lock:
            self._failed.setdefault(address, deque()).append(now)
            self._failed.move_to_end(address)
            while len(self._failed) > _ADDRESSES_MAX:
                self._failed.popitem(last=False)
