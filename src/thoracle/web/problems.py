"""Which status an error has, and how it is answered: one sentence, as a page or as a problem."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final, cast

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import Response
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect
from starlette.types import Scope

from thoracle.core.errors import ThoracleError
from thoracle.store.faults import is_full_disk
from thoracle.web.line import BusyError, GoneError
from thoracle.web.render import error_response
from thoracle.web.texts import WEB
from thoracle.web.unfit import unfit_value
from thoracle.web.visitors import wants_json

# An error's code first, then its classes': what is missing is 404, what is unreadable 422,
# what the server lacks 503, and room on its disk 507.
STATUS_BY_CODE: Final[Mapping[str, int]] = MappingProxyType(
    {
        "unknown-result": 404,
        "unknown-picture": 404,
        "no-film": 404,
        "image": 422,
        "signal": 422,
        "chart": 422,
        "stream-taken": 409,
        "streams-full": 503,
        "viewers-full": 503,
        "reading-empty": 422,
        "reading-marks": 422,
        "unknown-bundle": 404,
        "unknown-example": 404,
        "unknown-job": 404,
        "unknown-scan": 404,
        "unknown-mask": 404,
        "unknown-comparison": 404,
        "unknown-recording": 404,
        "unknown-chart": 404,
        "chart-changed": 409,
        "ct-compare": 422,
        "upload-gone": 422,
        "mask-unmeasured": 422,
        "texture-region": 422,
        "key-reused": 422,
        "busy": 429,
        "store-full": 507,
        "zip-no-room": 507,
    }
)
_UNAVAILABLE: Final = 503
_NO_ROOM: Final = 507
_NOBODY_READS: Final = 499  # nginx's word for it; the connection is gone
_RETRY_S: Final[Mapping[str, int]] = MappingProxyType({"store-locked": 5})


def add_error_answers(app: FastAPI) -> None:
    """Let an app answer each kind of error in one sentence."""
    app.add_exception_handler(ThoracleError, _on_thoracle_error)
    app.add_exception_handler(HTTPException, _on_http_error)
    app.add_exception_handler(RequestValidationError, _on_invalid_values)
    app.add_exception_handler(ClientDisconnect, _on_hang_up)
    app.add_exception_handler(GoneError, _on_hang_up)
    app.add_exception_handler(OSError, _on_system_error)
    app.add_exception_handler(Exception, _on_any_error)


def known_error_response(scope: Scope, error: ThoracleError) -> Response:
    """Answer an error that Thoracle raised on purpose.

    Parameters
    ----------
    scope
        Of the request.
    error
        Its code says the status, and after how long to come back.

    Returns
    -------
    Response
        A page or a problem.
    """
    codes = (error.code, *(getattr(kind, "code", "") for kind in type(error).__mro__))
    known = (STATUS_BY_CODE[code] for code in codes if code in STATUS_BY_CODE)
    status = next(known, _UNAVAILABLE)
    answer = error_response(scope, status, error.text, code=error.code)
    seconds = error.seconds if isinstance(error, BusyError) else _RETRY_S.get(error.code)
    if seconds is not None:
        answer.headers["Retry-After"] = str(seconds)
    return answer


def _on_thoracle_error(request: Request, error: Exception) -> Response:
    known = cast("ThoracleError", error)  # registered for no other class
    return known_error_response(request.scope, known)


def _on_http_error(request: Request, error: Exception) -> Response:
    known = cast("HTTPException", error)  # registered for no other class
    own = {404: WEB["error_missing"], 405: WEB["error_method"]}
    text = own.get(known.status_code, known.detail)
    answer = error_response(request.scope, known.status_code, text)
    answer.headers.update(known.headers or {})
    return answer


def _on_invalid_values(request: Request, error: Exception) -> Response:
    known = cast("RequestValidationError", error)  # registered for no other class
    wrong = known.errors()
    fields = [".".join(str(part) for part in one["loc"]) for one in wrong]
    text = unfit_value(wrong[0]) if wants_json(request) and wrong else WEB["error_form"]
    return error_response(request.scope, 422, text, fields=fields)


def _on_hang_up(_request: Request, _error: Exception) -> Response:
    """Say nothing: who asked has closed the connection, which is no error of ours."""
    return Response(status_code=_NOBODY_READS)


def _on_system_error(request: Request, error: Exception) -> Response:
    """Tell of a full disk; raise anything else again, for it is as unforeseen as any error."""
    known = cast("OSError", error)  # registered for no other class
    if not is_full_disk(known):
        raise known
    return error_response(request.scope, _NO_ROOM, WEB["error_no_room"], code="no-room")


def _on_any_error(request: Request, _: Exception) -> Response:
    """Say nothing of the cause: the server logs it with its trace."""
    return error_response(request.scope, 500, WEB["error_inside"], code="internal")
