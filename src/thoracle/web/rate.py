"""How many requests that cost something one visitor may send in a minute."""

import math
import threading
from collections import OrderedDict
from datetime import datetime
from typing import Final

from starlette.types import ASGIApp, Receive, Scope, Send

from thoracle.web.guards import Refuse, changes_something
from thoracle.web.services import Services
from thoracle.web.texts import WEB

_VISITORS_MAX: Final = 10_000
_MINUTE_S: Final = 60.0


class TokenBuckets:
    """A minute's worth of tokens for each visitor, filled up steadily; safe to use from threads.

    Parameters
    ----------
    per_minute
        How many a visitor may spend in a minute, at once or spread over it.
    """

    def __init__(self, per_minute: int) -> None:
        self._most = float(per_minute)
        self._lock = threading.Lock()
        self._left: OrderedDict[str, tuple[float, datetime]] = OrderedDict()

    def spend(self, visitor: str, *, now: datetime) -> int:
        """Spend one token, and return 0; return the seconds to wait where none is left."""
        with self._lock:
            left, since = self._left.get(visitor, (self._most, now))
            passed_s = max(0.0, (now - since).total_seconds())
            left = min(self._most, left + passed_s * self._most / _MINUTE_S)
            has_one = left >= 1.0
            self._left[visitor] = (left - 1.0 if has_one else left, now)
            self._left.move_to_end(visitor)
            while len(self._left) > _VISITORS_MAX:
                self._left.popitem(last=False)
        return 0 if has_one else math.ceil((1.0 - left) * _MINUTE_S / self._most)


class RateLimit:
    """Refuse requests that change or cost something once a visitor has sent too many.

    A user counts by name; a guest, whose cookie is free for the asking, by address.

    Parameters
    ----------
    app
        The app behind; `Visitors` stands in front.
    services
        With the limit and the clock.
    refuse
        Makes the answer.
    """

    def __init__(self, app: ASGIApp, *, services: Services, refuse: Refuse) -> None:
        self._app = app
        self._options = services.options
        self._buckets = TokenBuckets(services.options.rate_limit_per_minute)
        self._refuse = refuse

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, or answer 429 with the time to come back."""
        seconds = 0
        if changes_something(scope):
            seconds = self._buckets.spend(_sender(scope), now=self._options.now())
        if not seconds:
            await self._app(scope, receive, send)
            return
        answer = self._refuse(scope, 429, WEB["error_rate"].format(seconds=seconds))
        answer.headers["Retry-After"] = str(seconds)
        await answer(scope, receive, send)


def _sender(scope: Scope) -> str:
    visitor = scope["state"]["visitor"]
    if visitor.is_user:
        return f"user {visitor.name}"
    client = scope.get("client")
    return f"address {client[0]}" if client else "address"
