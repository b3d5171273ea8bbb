"""What stands before every page: headers, host names, origins and the size of uploads."""

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Final
from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

Refuse = Callable[[Scope, int, str], Response]
"""Make the answer to a refused request: scope, HTTP status, one sentence."""

PathRule = Callable[[str], bool]
"""Says whether something holds for a path."""


def everywhere(_path: str) -> bool:
    """Say that it holds for every path."""
    return True


def changes_something(scope: Scope) -> bool:
    """Say whether a request may change or cost something: also one that opens a WebSocket."""
    return scope["type"] == "websocket" or (
        scope["type"] == "http" and scope["method"] in CHANGING_METHODS
    )


SECURITY_HEADERS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "Content-Security-Policy": (
            "default-src 'self'; img-src 'self' blob: data:; object-src 'none'; base-uri 'none'; "
            "form-action 'self'; frame-ancestors 'none'"
        ),
        "X-Content-Type-Options": "nosniff",
        # Not "no-referrer": with it browsers send "Origin: null" from our own forms.
        "Referrer-Policy": "same-origin",
        "Cross-Origin-Opener-Policy": "same-origin",
        "Cross-Origin-Resource-Policy": "same-origin",
        "Permissions-Policy": "camera=(), microphone=(), geolocation=()",
        "Cache-Control": "no-store",  # films stay out of shared caches
    }
)

CHANGING_METHODS: Final = frozenset({"POST", "PUT", "PATCH", "DELETE"})
REQUESTS: Final = frozenset({"http", "websocket"})
_LOOPBACK_NAMES: Final = frozenset({"localhost", "127.0.0.1", "::1"})
_ENVELOPE_BYTES: Final = 65_536  # boundaries and part headers around the files
_DRAIN_FACTOR: Final = 8  # how far beyond the limit an upload is thrown away politely


class UploadTooLargeError(Exception):
    """More bytes came than an upload may have; answered with 413 by `UploadLimit`."""


class SecurityHeaders:
    """Add `SECURITY_HEADERS` to every answer that does not set them itself."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, and complete the headers of its answer."""

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in SECURITY_HEADERS.items():
                    headers.setdefault(name, value)
            await send(message)

        await self._app(scope, receive, send_with_headers)


class HostGuard:
    """Answer only to names of this machine: a page elsewhere cannot rebind its own to it."""

    def __init__(self, app: ASGIApp, *, refuse: Refuse, text: str) -> None:
        self._app = app
        self._refuse = refuse
        self._text = text

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Refuse a foreign Host header with 400, pass on the rest."""
        if scope["type"] in REQUESTS and not _is_loopback_name(
            Headers(scope=scope).get("host", "")
        ):
            await self._refuse(scope, 400, self._text)(scope, receive, send)
            return
        await self._app(scope, receive, send)


class OriginGuard:
    """Refuse requests that another site's page sends to change something here (CSRF).

    A WebSocket counts as a change: browsers open one for any page, with our cookies.
    """

    def __init__(self, app: ASGIApp, *, refuse: Refuse, text: str) -> None:
        self._app = app
        self._refuse = refuse
        self._text = text

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Refuse a cross-site change with 403, pass on the rest."""
        changes = changes_something(scope)
        if changes and not _is_same_origin(Headers(scope=scope)):
            await self._refuse(scope, 403, self._text)(scope, receive, send)
            return
        await self._app(scope, receive, send)


class UploadLimit:
    """Stop an upload as soon as it is too large, whether or not it declared its size.

    Parameters
    ----------
    app
        The app behind.
    limit_bytes, text
        The most that is taken, and what is said of more.
    refuse
        Makes the answer.
    only
        Where this limit holds.
    """

    def __init__(
        self,
        app: ASGIApp,
        *,
        limit_bytes: int,
        refuse: Refuse,
        text: str,
        only: PathRule = everywhere,
    ) -> None:
        self._app = app
        self._limit_bytes = limit_bytes + _ENVELOPE_BYTES
        self._refuse = refuse
        self._text = text
        self._only = only

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Count the body's bytes; answer 413 once there are too many."""
        is_free = scope["type"] != "http" or scope["method"] not in CHANGING_METHODS
        if is_free or not self._only(scope.get("path", "")):
            await self._app(scope, receive, send)
            return
        counted = _CountedReceive(receive, self._limit_bytes)

        async def send_unless_too_large(message: Message) -> None:
            if message["type"] == "http.response.start":
                counted.count(counted.received_bytes)  # the app may have called it something else
            await send(message)

        try:
            counted.count(_declared_bytes(Headers(scope=scope)))
            await self._app(scope, counted, send_unless_too_large)
        except UploadTooLargeError:
            await self._drain(counted)
            await self._refuse(scope, 413, self._text)(scope, receive, send)

    async def _drain(self, counted: "_CountedReceive") -> None:
        """Throw away what still comes: a browser reads no answer before it has sent all."""
        end_bytes = counted.received_bytes + _DRAIN_FACTOR * self._limit_bytes
        while not counted.is_complete and counted.received_bytes <= end_bytes:
            await counted.take()


class _CountedReceive:
    """A body that stops at a number of bytes, by what is declared and by what comes."""

    def __init__(self, receive: Receive, limit_bytes: int) -> None:
        self._receive = receive
        self._limit_bytes = limit_bytes
        self.received_bytes = 0
        self.is_complete = False

    async def __call__(self) -> Message:
        message = await self.take()
        self.count(self.received_bytes)
        return message

    async def take(self) -> Message:
        """Receive one message, whatever its size; also the last one, or the news of a hang-up."""
        message = await self._receive()
        self.received_bytes += len(message.get("body", b""))
        self.is_complete = not message.get("more_body", False)
        return message

    def count(self, size_bytes: int) -> None:
        """Stop the request if it has, or says it has, too many bytes.

        Raises
        ------
        UploadTooLargeError
            It does.
        """
        if size_bytes > self._limit_bytes:
            raise UploadTooLargeError


def _declared_bytes(headers: Headers) -> int:
    """Return what Content-Length says; 0 where it says nothing that can be believed."""
    declared = headers.get("content-length", "")
    return int(declared) if declared.isdecimal() and len(declared) < 20 else 0


def _is_loopback_name(host: str) -> bool:
    try:
        return urlsplit(f"//{host}").hostname in _LOOPBACK_NAMES
    except ValueError:
        return False


def _is_same_origin(headers: Headers) -> bool:
    """Compare what browsers say of a request's source; other programs say nothing and pass."""
    site = headers.get("sec-fetch-site")
    if site is not None:
        return site in {"same-origin", "none"}
    origin = headers.get("origin")
    if origin is None:
        return True
    try:
        return urlsplit(origin).netloc.lower() == headers.get("host", "").lower() != ""
    except ValueError:
        return False
