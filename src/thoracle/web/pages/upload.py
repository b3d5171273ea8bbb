"""The first page, and what its form sends."""

from typing import Annotated, Final, Literal
from urllib.parse import urlsplit, urlunsplit

from fastapi import APIRouter, Form, Request
from fastapi.responses import RedirectResponse, Response
from starlette.concurrency import run_in_threadpool

from thoracle.core.results import Status
from thoracle.jobs.results import show_result
from thoracle.web.assets import asset_response
from thoracle.web.pages.asking import SEE_OTHER, Asking, Spoken, Using
from thoracle.web.pages.examples import example_lines
from thoracle.web.pages.result import result_response
from thoracle.web.render import error_response, page
from thoracle.web.texts import WEB
from thoracle.web.uploads import analyze_upload, read_upload
from thoracle.web.visitors import LANGUAGE_COOKIE, YEAR_S

router: Final = APIRouter(include_in_schema=False)

SCRIPT_TEXTS: Final = (
    "remove",
    "no_preview",
    "waiting",
    "sending",
    "judging",
    "retry",
    "cancelled",
    "done",
    "open",
    "too_large_file",
    "too_many",
    "empty_file",
    "lost",
)


@router.get("/")
def upload_page(request: Request, services: Using, language: Spoken) -> Response:
    """Show the form for one or several files."""
    options = services.options
    limits = language(
        WEB["upload_limits"],
        files=options.files_max,
        megabytes=language.number(f"{options.upload_limit_mb:g}"),
    )
    return page(
        request,
        "upload.html",
        limits=limits,
        files_max=options.files_max,
        bytes_max=options.upload_limit_bytes,
        examples=example_lines(services),
        texts={key: language(WEB[f"upload_{key}"]) for key in SCRIPT_TEXTS},
    )


@router.post("/analyze")
async def analyze(request: Request, services: Using, visitor: Asking) -> Response:
    """Analyze the uploaded files, then lead to the result, or to the worklist for several."""
    async with read_upload(request, services) as upload:
        saved = await analyze_upload(upload, services, owner=visitor.name)
    if len(saved) > 1:
        return RedirectResponse(f"/worklist?batch_id={upload.batch_id}", SEE_OTHER)
    if saved[0].result.status is Status.FAILED:
        stored = await run_in_threadpool(show_result, services.store, saved[0].id)
        return result_response(request, services, stored, status=422)
    return RedirectResponse(f"/results/{saved[0].id}", SEE_OTHER)


@router.post("/language")
def choose_language(request: Request, code: Annotated[Literal["en", "pt"], Form()]) -> Response:
    """Keep the language a visitor chose, and lead back to the page they were on."""
    before = urlsplit(request.headers.get("referer", ""))
    here = urlunsplit(("", "", "/" + before.path.lstrip("/"), before.query, ""))
    answer = RedirectResponse(here, SEE_OTHER)
    answer.set_cookie(
        LANGUAGE_COOKIE,
        code,
        max_age=YEAR_S,
        httponly=True,
        samesite="lax",
        secure=request.url.scheme == "https",
    )
    return answer


@router.get("/static/{name:path}")
def static(request: Request, name: str) -> Response:
    """Send one of the app's own static files."""
    found = asset_response(name, request)
    if found is None:
        return error_response(request.scope, 404, WEB["error_missing"])
    return found
