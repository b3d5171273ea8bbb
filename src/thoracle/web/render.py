"""Templates and error answers of the web app."""

import gzip
import re
from collections.abc import Sequence
from functools import lru_cache
from typing import Final

from jinja2 import Environment
from starlette.requests import HTTPConnection
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.types import Scope

from thoracle.core.languages import LANGUAGES
from thoracle.reporting.analysis_texts import PAGE
from thoracle.reporting.pages import environment
from thoracle.web.assets import asset_address, takes_gzip
from thoracle.web.guards import SECURITY_HEADERS
from thoracle.web.texts import WEB
from thoracle.web.visitors import Visitor, language_of, wants_json

PROBLEM_TYPE: Final = "application/problem+json"

_EFFORT: Final = 5
_OF_A_RESULT: Final = re.compile(r"(/results/[0-9a-f-]{36})/.")
_SMALL: Final = 1000  # bytes that are not worth compressing


def page(
    request: HTTPConnection, template: str, *, status: int = 200, **values: object
) -> HTMLResponse:
    """Render a template into an answer, in the language of whoever asks.

    Parameters
    ----------
    request
        Whom the answer is for.
    template
        Name under `templates`.
    status
        HTTP status.
    **values
        What the template prints.

    Returns
    -------
    HTMLResponse
        With the texts and `asset` at hand in the template, compressed where that is taken.
    """
    language = language_of(request)
    visitor: Visitor | None = request.scope.get("state", {}).get("visitor")
    text = (
        _environment()
        .get_template(template)
        .render(
            w=language.table(WEB),
            t=language.table(PAGE),
            language=language.code,
            here=request.scope.get("path", ""),
            visitor=visitor,
            **values,
        )
    )
    headers = {**SECURITY_HEADERS, "Content-Language": language.code, "Vary": "Accept-Language"}
    content = text.encode("utf-8")
    if len(content) > _SMALL and takes_gzip(request):
        content = gzip.compress(content, _EFFORT)
        headers["Content-Encoding"] = "gzip"
    return HTMLResponse(content, status_code=status, headers=headers)


def error_response(
    scope: Scope, status: int, text: str, *, code: str = "request", fields: Sequence[str] = ()
) -> Response:
    """Answer an error in one sentence: as a problem for programs, as a page for people.

    Parameters
    ----------
    scope
        Of the request.
    status
        HTTP status.
    text
        The sentence, in English.
    code
        Stable identifier of the error.
    fields
        What did not fit in the request, for programs.

    Returns
    -------
    Response
        In the language of whoever asks, with all security headers.

    References
    ----------
    RFC 9457, Problem Details for HTTP APIs.
    """
    request = HTTPConnection(scope)
    said = language_of(request).sentence(text)
    if wants_json(request):
        problem = {
            "type": "about:blank",
            "title": code,
            "status": status,
            "detail": said,
            "code": code,
            **({"fields": list(fields)} if fields else {}),
        }
        return JSONResponse(
            problem,
            status_code=status,
            headers=dict(SECURITY_HEADERS),
            media_type=PROBLEM_TYPE,
        )
    found = _OF_A_RESULT.match(scope.get("path", ""))  # what failed there is tried again there
    return page(
        request,
        "error.html",
        status=status,
        text=said,
        code=code,
        result_address=None if found is None else found[1],
    )


@lru_cache(maxsize=1)
def _environment() -> Environment:
    made = environment("thoracle.web")
    made.globals.update(asset=asset_address, languages=LANGUAGES)
    return made
