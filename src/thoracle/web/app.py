"""The web app: guards in front, pages and JSON behind, errors in one sentence."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final, cast

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import Response
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware

from thoracle.core.errors import ThoracleError
from thoracle.core.version import version
from thoracle.jobs.results import AnalyzerLike
from thoracle.store.results import ResultStore
from thoracle.web import api
from thoracle.web.guards import HostGuard, OriginGuard, SecurityHeaders, UploadLimit
from thoracle.web.housekeeping import housekeeping
from thoracle.web.options import WebOptions, options_from_settings
from thoracle.web.pages import (
    about,
    account,
    drift,
    examples,
    history,
    patients,
    readings,
    report,
    result,
    upload,
)
from thoracle.web.render import error_response
from thoracle.web.services import NO_EXTRAS, BusyError, Extras, Services
from thoracle.web.texts import WEB
from thoracle.web.visitors import Visitors

# An error's code first, then its class's: what is missing is 404, what is unreadable 422,
# what the server lacks 503.
STATUS_BY_CODE: Final[Mapping[str, int]] = MappingProxyType(
    {
        "unknown-result": 404,
        "unknown-picture": 404,
        "no-film": 404,
        "image": 422,
        "reading-empty": 422,
        "reading-marks": 422,
        "unknown-bundle": 404,
        "unknown-example": 404,
        "key-reused": 422,
        "busy": 429,
    }
)
_UNAVAILABLE: Final = 503


def create_app(
    analyzer: AnalyzerLike,
    store: ResultStore,
    *,
    options: WebOptions | None = None,
    extras: Extras = NO_EXTRAS,
) -> FastAPI:
    """Build the web app around an analyzer and a store.

    Parameters
    ----------
    analyzer, store
        Open; the caller closes them when the app has stopped.
    options
        Limits, address and clock; None takes them from the settings.
    extras
        What else the app knows; see `Extras`.

    Returns
    -------
    FastAPI
        An ASGI app that needs nothing from the network.
    """
    chosen = options_from_settings() if options is None else options
    services = Services(analyzer, store, chosen, extras=extras)
    app = FastAPI(
        title=WEB["name"],
        description=WEB["tagline"],
        version=version(),
        docs_url=None,  # its page loads scripts from elsewhere
        redoc_url=None,
        middleware=_guards(services),
        lifespan=housekeeping(services),
    )
    app.state.services = services
    for one in (
        api,
        report,
        upload,
        examples,
        result,
        history,
        patients,
        account,
        readings,
        drift,
        about,
    ):
        app.include_router(one.router)
    app.add_exception_handler(ThoracleError, _on_thoracle_error)
    app.add_exception_handler(HTTPException, _on_http_error)
    app.add_exception_handler(RequestValidationError, _on_invalid_form)
    app.add_exception_handler(Exception, _on_any_error)
    return app


def _guards(services: Services) -> list[Middleware]:
    options = services.options
    too_large = WEB["upload_too_large"].format(megabytes=f"{options.upload_limit_mb:g}")
    guards = [Middleware(SecurityHeaders)]
    if options.loopback_only:
        guards.append(Middleware(HostGuard, refuse=error_response, text=WEB["error_host"]))
    guards.append(Middleware(OriginGuard, refuse=error_response, text=WEB["error_origin"]))
    guards.append(
        Middleware(
            UploadLimit,
            limit_bytes=options.upload_limit_bytes,
            refuse=error_response,
            text=too_large,
        )
    )
    guards.append(
        Middleware(Visitors, services=services, refuse=error_response, text=WEB["error_sign_in"])
    )
    return guards


def _on_thoracle_error(request: Request, error: Exception) -> Response:
    known = cast("ThoracleError", error)  # registered for no other class
    status = STATUS_BY_CODE.get(known.code, STATUS_BY_CODE.get(type(known).code, _UNAVAILABLE))
    answer = error_response(request.scope, status, known.text, code=known.code)
    if isinstance(known, BusyError):
        answer.headers["Retry-After"] = str(known.seconds)
    return answer


def _on_http_error(request: Request, error: Exception) -> Response:
    known = cast("HTTPException", error)  # registered for no other class
    own = {404: WEB["error_missing"], 405: WEB["error_method"]}
    text = own.get(known.status_code, known.detail)
    answer = error_response(request.scope, known.status_code, text)
    answer.headers.update(known.headers or {})
    return answer


def _on_invalid_form(request: Request, _: Exception) -> Response:
    return error_response(request.scope, 422, WEB["error_form"])


def _on_any_error(request: Request, _: Exception) -> Response:
    """Say nothing of the cause: the server logs it with its trace."""
    return error_response(request.scope, 500, WEB["error_inside"], code="internal")
