"""The pages: upload, result, history. Handlers parse, call a job and render."""

from typing import Annotated, Final, Literal
from urllib.parse import urlsplit, urlunsplit

from fastapi import APIRouter, Depends, Form, Request
from fastapi.responses import RedirectResponse, Response

from thoracle.core.languages import Language
from thoracle.core.results import Status
from thoracle.jobs.results import (
    FILM_NAME,
    PIXELS_NAME,
    delete_result,
    list_results,
    overlay_picture,
    show_result,
)
from thoracle.reporting.analysis_texts import KIND_TITLES, STATUS_TITLES
from thoracle.reporting.analysis_view import PictureAddresses, view_of
from thoracle.store.types import ResultSummary, StoredResult
from thoracle.web.render import (
    COLOR_BAR_NAME,
    LANGUAGE_COOKIE,
    asset_address,
    asset_response,
    error_response,
    language_of,
    page,
)
from thoracle.web.services import Services, services_of
from thoracle.web.texts import WEB
from thoracle.web.uploads import analyze_uploads

router: Final = APIRouter(include_in_schema=False)
Using = Annotated[Services, Depends(services_of)]
Spoken = Annotated[Language, Depends(language_of)]

_PAGE_LINES: Final = 50
_SEE_OTHER: Final = 303
_YEAR_S: Final = 31_536_000


@router.get("/")
def upload_page(services: Using, language: Spoken) -> Response:
    """Show the form for one or several files."""
    limits = language(
        WEB["upload_limits"],
        files=services.options.files_max,
        megabytes=language.number(f"{services.options.upload_limit_mb:g}"),
    )
    return page("upload.html", language=language, limits=limits)


@router.post("/language")
def choose_language(request: Request, code: Annotated[Literal["en", "pt"], Form()]) -> Response:
    """Keep the language a visitor chose, and lead back to the page they were on."""
    before = urlsplit(request.headers.get("referer", ""))
    here = urlunsplit(("", "", "/" + before.path.lstrip("/"), before.query, ""))
    answer = RedirectResponse(here, _SEE_OTHER)
    answer.set_cookie(
        LANGUAGE_COOKIE,
        code,
        max_age=_YEAR_S,
        httponly=True,
        samesite="lax",
        secure=request.url.scheme == "https",
    )
    return answer


@router.post("/analyze")
async def analyze(request: Request, services: Using, language: Spoken) -> Response:
    """Analyze the uploaded files, then lead to the result, or to the list for several."""
    saved = await analyze_uploads(request, services)
    if len(saved) > 1:
        return RedirectResponse("/results", _SEE_OTHER)
    if saved[0].result.status is Status.FAILED:
        return _result_page(show_result(services.store, saved[0].id), language, status=422)
    return RedirectResponse(f"/results/{saved[0].id}", _SEE_OTHER)


@router.get("/results")
def history_page(services: Using, language: Spoken, before: str | None = None) -> Response:
    """List the kept results, newest first."""
    lines = list_results(services.store, limit=_PAGE_LINES + 1, before=before)
    shown = lines[:_PAGE_LINES]
    return page(
        "history.html",
        language=language,
        lines=[
            {
                "id": line.id,
                "time": language.moment(line.created_at),
                "file": line.file,
                "status": str(line.status),
                "status_title": language(STATUS_TITLES[line.status]),
                "says": language(_says(line)),
            }
            for line in shown
        ],
        older=shown[-1].id if len(lines) > _PAGE_LINES else None,
        is_first=before is None,
    )


@router.get("/results/{result_id}")
def result_page(result_id: str, services: Using, language: Spoken) -> Response:
    """Show one kept result."""
    return _result_page(show_result(services.store, result_id), language, status=200)


@router.get("/results/{result_id}/film.png")
def film(result_id: str, services: Using) -> Response:
    """Send the film of a result, as small as pages show it."""
    return Response(services.store.picture(result_id, FILM_NAME), media_type="image/png")


@router.get("/results/{result_id}/maps/{place}.png")
def overlay(result_id: str, place: int, services: Using) -> Response:
    """Send the film with one of the result's maps."""
    return Response(overlay_picture(services.store, result_id, place), media_type="image/png")


@router.post("/results/{result_id}/again")
def look_again(
    result_id: str,
    services: Using,
    turn_degrees: Annotated[Literal["0", "90", "180", "270"], Form()] = "0",
    override_gate: Annotated[Literal["true", "false"], Form()] = "false",
) -> Response:
    """Turn a kept film back, or override the gate, and lead to the new result."""
    new = services.look_again(
        result_id, turn_degrees=int(turn_degrees), override_gate=override_gate == "true"
    )
    return RedirectResponse(f"/results/{new}", _SEE_OTHER)


@router.post("/results/{result_id}/delete")
def delete(result_id: str, services: Using) -> Response:
    """Delete one result for good, then lead to the list."""
    delete_result(services.store, result_id)
    return RedirectResponse("/results", _SEE_OTHER)


@router.get("/static/{name}")
def static(name: str, request: Request) -> Response:
    """Send one of the app's own static files."""
    found = asset_response(name)
    return error_response(request.scope, 404, WEB["error_missing"]) if found is None else found


def _result_page(stored: StoredResult, language: Language, *, status: int) -> Response:
    summary = stored.summary
    address = f"/results/{summary.id}"
    has_film = FILM_NAME in stored.picture_names
    addresses = PictureAddresses(
        film=f"{address}/film.png" if has_film else None,
        overlays={i: f"{address}/maps/{i}.png" for i in range(len(stored.result.maps))},
        color_bar=asset_address(COLOR_BAR_NAME),
    )
    view = view_of(
        stored.result, addresses=addresses, made_at=summary.created_at, language=language
    )
    return page(
        "result.html",
        language=language,
        status=status,
        view=view,
        address=address,
        parent_id=summary.parent_id,
        may_look_again=(summary.status is Status.REFUSED and PIXELS_NAME in stored.picture_names),
    )


def _says(line: ResultSummary) -> str:
    if line.status is Status.ANALYZED and line.top_label is not None:
        return line.top_label
    return "" if line.gate_kind is None else KIND_TITLES[line.gate_kind]
