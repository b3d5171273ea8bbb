"""Who is asking, and in which language; a login is needed as soon as one user exists."""

import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Final
from urllib.parse import quote

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import MutableHeaders
from starlette.requests import HTTPConnection
from starlette.responses import RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from thoracle.core.errors import ThoracleError
from thoracle.core.languages import LANGUAGES, Language, language, preferred
from thoracle.web.guards import Refuse
from thoracle.web.services import Services

LANGUAGE_COOKIE: Final = "language"
SESSION_COOKIE: Final = "session"
GUEST_COOKIE: Final = "guest"
SESSION_LASTS: Final = timedelta(hours=12)
YEAR_S: Final = 31_536_000

_GUEST_BYTES: Final = 6
_OPEN: Final = (
    "/static/",
    "/login",
    "/language",
    "/about",
    "/api/v1/sessions",
    "/healthz",
    "/readyz",
)
_FOR_MONITORS: Final = frozenset({"/healthz", "/readyz", "/metrics"})

OnError = Callable[[Scope, ThoracleError], Response]
"""Make the answer to a request that failed before it was let in."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Visitor:
    """Who is asking: a user by name, or a guest of this browser."""

    name: str
    is_user: bool


def language_of(request: HTTPConnection) -> Language:
    """Return the language a visitor chose, else the one their browser prefers."""
    chosen = request.cookies.get(LANGUAGE_COOKIE, "")
    if chosen in LANGUAGES:
        return language(chosen)
    return language(preferred(request.headers.get("accept-language", "")))


def wants_json(request: HTTPConnection) -> bool:
    """Say whether an answer goes to a program."""
    path: str = request.scope.get("path", "")
    return path.startswith("/api/") or path.endswith(".json") or path in _FOR_MONITORS


def visitor_of(request: HTTPConnection) -> Visitor:
    """Return who is asking, as `Visitors` found out."""
    visitor: Visitor = request.scope["state"]["visitor"]
    return visitor


class Visitors:
    """Find out who is asking; send those who must sign in to do so.

    Parameters
    ----------
    app
        The app behind.
    services
        Where users and sessions are kept.
    refuse, text
        Make the answer to a program that is not signed in; people are led to the login.
    on_error
        Makes the answer where the store cannot be asked.
    """

    def __init__(
        self, app: ASGIApp, *, services: Services, refuse: Refuse, text: str, on_error: OnError
    ) -> None:
        self._app = app
        self._services = services
        self._refuse = refuse
        self._text = text
        self._on_error = on_error

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Put the visitor into the scope, or answer with the way to sign in."""
        if scope["type"] not in {"http", "websocket"}:
            await self._app(scope, receive, send)
            return
        request = HTTPConnection(scope)
        try:
            name = await _user(request, self._services)
            is_closed = name is None and not scope["path"].startswith(_OPEN)
            must_sign_in = is_closed and await run_in_threadpool(
                self._services.store.users.any_exist
            )
        except ThoracleError as error:
            await self._on_error(scope, error)(scope, receive, send)
            return
        if must_sign_in:
            await self._sign_in_first(request)(scope, receive, send)
            return
        guest = request.cookies.get(GUEST_COOKIE, "")
        fresh = "" if name or _is_guest(guest) else secrets.token_hex(_GUEST_BYTES)
        visitor = Visitor(name=name or f"guest-{fresh or guest}", is_user=name is not None)
        scope.setdefault("state", {})["visitor"] = visitor

        async def send_with_cookie(message: Message) -> None:
            if fresh and message["type"] == "http.response.start":
                cookie = f"{GUEST_COOKIE}={fresh}; Max-Age={YEAR_S}; Path=/; HttpOnly; SameSite=Lax"
                MutableHeaders(scope=message).append("set-cookie", cookie)
            await send(message)

        await self._app(scope, receive, send_with_cookie)

    def _sign_in_first(self, request: HTTPConnection) -> Response:
        if wants_json(request):
            answer = self._refuse(request.scope, 401, self._text)
            answer.headers["WWW-Authenticate"] = "Bearer"
            return answer
        return RedirectResponse(f"/login?next={quote(request.url.path)}", 303)


async def is_welcome(request: HTTPConnection, services: Services) -> bool:
    """Say whether a connection that was let in may go on: its session lasts, or needs none.

    Parameters
    ----------
    request
        With the cookie or header it came with.
    services
        Where users and sessions are kept.
    """
    if await _user(request, services) is not None:
        return True
    return not await run_in_threadpool(services.store.users.any_exist)


async def _user(request: HTTPConnection, services: Services) -> str | None:
    token = _token(request)
    if not token:
        return None
    return await run_in_threadpool(
        services.store.users.session_user, token, now=services.options.now()
    )


def _token(request: HTTPConnection) -> str:
    """Return a session's token, from the cookie of a browser or the header of a program."""
    scheme, _, value = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() == "bearer":
        return value.strip()
    return request.cookies.get(SESSION_COOKIE, "")


def _is_guest(value: str) -> bool:
    return len(value) == 2 * _GUEST_BYTES and set(value) <= set("0123456789abcdef")
