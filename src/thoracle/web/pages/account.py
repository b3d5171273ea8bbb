"""Signing in and out."""

from typing import Annotated, Final

from fastapi import APIRouter, Form, Request
from fastapi.responses import RedirectResponse, Response

from thoracle.jobs.users import is_password
from thoracle.web.pages.asking import SEE_OTHER, Using
from thoracle.web.render import page
from thoracle.web.services import Services
from thoracle.web.texts import WEB
from thoracle.web.visitors import SESSION_COOKIE, SESSION_LASTS, language_of

router: Final = APIRouter(include_in_schema=False)

Text = Annotated[str, Form(max_length=1024)]


@router.get("/login")
def login_page(request: Request) -> Response:
    """Show the form to sign in."""
    return page(request, "login.html", error=None, name="", leads_to=_inside(request))


@router.post("/login")
def login(request: Request, services: Using, name: Text = "", password: Text = "") -> Response:
    """Begin a session and lead to where the visitor wanted to go."""
    token, seconds = begin_session(request, services, name=name, password=password)
    if token is None:
        language = language_of(request)
        if seconds:
            error = language(WEB["login_wait"], seconds=seconds)
        else:
            error = language(WEB["login_wrong"])
        return page(
            request,
            "login.html",
            status=429 if seconds else 401,
            error=error,
            name=name,
            leads_to=_inside(request),
        )
    answer = RedirectResponse(_inside(request), SEE_OTHER)
    answer.set_cookie(
        SESSION_COOKIE,
        token,
        max_age=int(SESSION_LASTS.total_seconds()),
        httponly=True,
        samesite="strict",
        secure=request.url.scheme == "https",
    )
    return answer


@router.post("/logout")
def logout(request: Request, services: Using) -> Response:
    """End the session."""
    services.store.users.end_session(request.cookies.get(SESSION_COOKIE, ""))
    answer = RedirectResponse("/", SEE_OTHER)
    answer.delete_cookie(SESSION_COOKIE)
    return answer


def begin_session(
    request: Request, services: Services, *, name: str, password: str
) -> tuple[str | None, int]:
    """Check a password and begin a session.

    Parameters
    ----------
    request
        Whose address is counted.
    services
        With the users.
    name, password
        As they were given.

    Returns
    -------
    token, wait_s : str or None, int
        No token for a wrong password; `wait_s` is above 0 where too many were wrong.
    """
    now = services.options.now()
    address = request.client.host if request.client else ""
    seconds = services.attempts.wait_s(address, now=now)
    if seconds:
        return None, seconds
    if not is_password(services.store.users, name, password):
        services.attempts.failed(address, now=now)
        return None, 0
    return services.store.users.begin_session(name, now=now, lasts=SESSION_LASTS), 0


def _inside(request: Request) -> str:
    """Return the page of ours that was asked for, never one elsewhere."""
    wanted = request.query_params.get("next", "/")
    return "/" + wanted.lstrip("/\\") if wanted.isprintable() else "/"
