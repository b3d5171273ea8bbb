"""The same for programs: JSON, with OpenAPI and problem documents (RFC 9457)."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from itertools import chain
from typing import Annotated, Any, Final, Literal

from fastapi import APIRouter, Depends, Header, Query, Request
from fastapi.responses import JSONResponse, PlainTextResponse, Response, StreamingResponse
from pydantic import BeforeValidator
from pydantic_core import PydanticCustomError
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException

from thoracle.core.languages import Language
from thoracle.core.results import Status
from thoracle.core.version import version
from thoracle.jobs.documents import history_json, in_language, result_document, summary_document
from thoracle.jobs.readings import marks_of, reading_document, save_reading
from thoracle.jobs.results import delete_result, list_results, overlay_picture, show_result
from thoracle.reporting.analysis_texts import STATUS_TITLES
from thoracle.store.ids import ID_PATTERN
from thoracle.store.types import NewReading, ResultSummary, Search
from thoracle.web.openapi import problems, reference_to
from thoracle.web.pages.account import begin_session
from thoracle.web.pages.asking import Asking, Spoken, Using
from thoracle.web.pages.history import Wanted
from thoracle.web.render import PROBLEM_TYPE
from thoracle.web.request_keys import RequestKey
from thoracle.web.schemas import (
    CredentialsSchema,
    ExportSchema,
    HealthSchema,
    HistorySchema,
    KeptSchema,
    NewReadingSchema,
    NewResultsSchema,
    ProblemSchema,
    ReadingsSchema,
    ReadySchema,
    ResultSchema,
    TokenSchema,
)
from thoracle.web.services import Services
from thoracle.web.texts import WEB
from thoracle.web.uploads import analyze_upload, read_upload

ANALYSES: Final = "/api/v1/analyses"
HISTORY: Final = "/results.json"
_PAGE_LINES: Final = 500

router: Final = APIRouter()


_BYTES: Final = {"schema": {"type": "string", "format": "binary"}}
_SWITCH: Final = {"type": "string", "enum": ["true", "false"]}
_UPLOAD_SCHEMA: Final[dict[str, Any]] = {
    "parameters": [
        {
            "name": "file",
            "in": "query",
            "description": "The film's name, where the body is the film.",
            "schema": {"type": "string", "default": "film"},
        },
        {
            "name": "override_gate",
            "in": "query",
            "description": "Whether to classify what the gate refuses, where the body is the film.",
            "schema": _SWITCH,
        },
    ],
    "requestBody": {
        "required": True,
        "content": {
            "application/dicom": _BYTES,
            "application/zip": _BYTES,
            "application/octet-stream": _BYTES,
            "multipart/form-data": {
                "schema": {
                    "type": "object",
                    "required": ["files"],
                    "properties": {
                        "files": {
                            "type": "array",
                            "items": {"type": "string", "format": "binary"},
                        },
                        "batch_id": {"type": "string", "pattern": f"^{ID_PATTERN}$"},
                        "override_gate": _SWITCH,
                    },
                }
            },
        },
    },
}


@router.post(
    ANALYSES,
    status_code=201,
    openapi_extra=_UPLOAD_SCHEMA,
    responses={
        200: {"model": NewResultsSchema, "description": "Answered before, under the same key."},
        201: {"model": NewResultsSchema, "description": "Analyzed and kept."},
        422: {
            "description": "No file could be read: results that say why, or a problem.",
            "content": {
                "application/json": {"schema": reference_to(NewResultsSchema)},
                PROBLEM_TYPE: {"schema": reference_to(ProblemSchema)},
            },
        },
    },
)
async def analyze(
    request: Request,
    services: Using,
    visitor: Asking,
    language: Spoken,
    idempotency_key: Annotated[str | None, Header(max_length=200)] = None,
) -> Response:
    """Analyze and keep films: a form's, or a body that is one film or ZIP, named by `?file=`.

    422 when every one of them failed. Sent again within a day with the same `Idempotency-Key`,
    a request is answered with the results of the first, and nothing is analyzed twice.
    """
    key = None
    async with read_upload(request, services) as upload:
        if idempotency_key is not None:
            digest = await run_in_threadpool(upload.digest)
            key = RequestKey.of(visitor.name, idempotency_key, digest)
        known = None if key is None else await run_in_threadpool(key.answered, services)
        if known is not None:
            return await run_in_threadpool(_answer, known, services, language, status=200)
        saved = await analyze_upload(upload, services, owner=visitor.name)
    ids = [one.id for one in saved]
    if key is not None:
        await run_in_threadpool(key.keep, services, ids)
    return await run_in_threadpool(_answer, ids, services, language, status=201)


def _answer(ids: Sequence[str], services: Services, language: Language, *, status: int) -> Response:
    stored = [show_result(services.store, one, with_values=False) for one in ids]
    documents = [
        {
            **in_language(result_document(one), language),
            "status_title": language(STATUS_TITLES[one.summary.status]),
        }
        for one in stored
    ]
    all_failed = all(one.summary.status is Status.FAILED for one in stored)
    headers = {"Location": f"{ANALYSES}/{ids[0]}"} if len(ids) == 1 else None
    return JSONResponse(
        {"results": documents}, status_code=422 if all_failed else status, headers=headers
    )


def _day(said: object) -> object:
    try:
        return date.fromisoformat(said) if isinstance(said, str) else said
    except ValueError as error:
        raise PydanticCustomError("day", "day") from error


Day = Annotated[date | None, BeforeValidator(_day)]  # else pydantic takes a number for a time


@dataclass(frozen=True, slots=True, kw_only=True)
class Sought:
    """What a program searches the history for; the names are those of the history's page."""

    text: Annotated[str, Query(max_length=200, description="Part of the file's name.")] = ""
    finding: Annotated[str, Query(max_length=200, description="The likeliest finding.")] = ""
    status: Status | None = None
    since: Annotated[Day, Query(description="First day, in UTC.")] = None
    until: Annotated[Day, Query(description="Last day, in UTC; included.")] = None
    whose: Annotated[Literal["mine"] | None, Query(description="Only one's own.")] = None
    batch_id: Annotated[str, Query(max_length=36, description="Of films sent together.")] = ""

    @property
    def wanted(self) -> Wanted:
        """The same as the page's form says it."""
        return Wanted(
            text=self.text,
            finding=self.finding,
            status=str(self.status or ""),
            since=str(self.since or ""),
            until=str(self.until or ""),
            whose=self.whose or "",
        )

    def search(self, visitor_name: str) -> Search:
        """Return what the store is asked."""
        return replace(self.wanted.search(visitor_name), batch_id=self.batch_id or None)


Seeking = Annotated[Sought, Depends(Sought)]


@router.get(ANALYSES, response_model=HistorySchema, responses=problems(404))
def results(
    services: Using,
    visitor: Asking,
    sought: Seeking,
    limit: Annotated[int, Query(ge=1, le=500)] = 50,
    before: str | None = None,
) -> Response:
    """List the kept results that are sought, newest first; `next` leads to the ones before them."""
    search = sought.search(visitor.name)
    lines = list_results(services.store, limit=limit + 1, before=before, search=search)
    shown = lines[:limit]
    query = {
        "limit": str(limit),
        "batch_id": sought.batch_id,
        "before": shown[-1].id if shown else "",
    }
    return JSONResponse(
        {
            "results": [summary_document(one) for one in shown],
            "next": f"{ANALYSES}?{sought.wanted.query(**query)}" if len(lines) > limit else None,
        }
    )


@router.get(HISTORY, response_model=ExportSchema)
def history(services: Using, visitor: Asking, sought: Seeking) -> Response:
    """Send all kept results that are sought as one file, newest first."""
    pages = _pages(services, sought.search(visitor.name))
    first = next(pages, ())  # a store that cannot be read is an error while one can still say so
    return StreamingResponse(
        history_json(chain([first], pages)),
        media_type="application/json",
        headers={"Content-Disposition": 'attachment; filename="results.json"'},
    )


def _pages(services: Services, search: Search) -> Iterator[tuple[ResultSummary, ...]]:
    before = None
    while lines := list_results(services.store, limit=_PAGE_LINES, before=before, search=search):
        yield lines
        before = lines[-1].id


@router.get(ANALYSES + "/{result_id}", response_model=ResultSchema)
def result(result_id: str, services: Using, language: Spoken) -> Response:
    """Return one kept result; its reasons in the language asked for."""
    kept = show_result(services.store, result_id, with_values=False)
    return JSONResponse(in_language(result_document(kept), language))


@router.delete(ANALYSES + "/{result_id}", status_code=204)
def delete(result_id: str, services: Using) -> None:
    """Delete one result with its pictures and readings, for good."""
    delete_result(services.store, result_id)


@router.get(
    ANALYSES + "/{result_id}/maps/{place}",
    response_class=Response,
    responses={
        200: {"content": {"image/png": {"schema": {"type": "string", "format": "binary"}}}},
    },
)
def overlay(result_id: str, place: int, services: Using) -> Response:
    """Return the film with one of the result's maps as PNG."""
    return Response(overlay_picture(services.store, result_id, place), media_type="image/png")


@router.get(
    ANALYSES + "/{result_id}/readings", response_model=ReadingsSchema, responses=problems(404)
)
def readings(result_id: str, services: Using) -> Response:
    """Return what readers said of one result, oldest first."""
    show_result(services.store, result_id, with_values=False)
    kept = services.store.readings.of_results([result_id])
    return JSONResponse({"readings": [reading_document(one) for one in kept]})


@router.post(
    ANALYSES + "/{result_id}/readings",
    status_code=201,
    response_model=KeptSchema,
)
def read(
    result_id: str, services: Using, visitor: Asking, said: NewReadingSchema
) -> dict[str, str]:
    """Keep what the one who asks says of one result."""
    new = NewReading(
        reader=visitor.name,
        agrees=said.agrees,
        finding=said.finding or None,
        comment=said.comment,
        marks=marks_of([one.model_dump(mode="json") for one in said.marks]),
    )
    return {"id": save_reading(services.store, result_id, new, now=services.options.now())}


@router.post("/api/v1/sessions", status_code=201, response_model=TokenSchema)
def sign_in(request: Request, services: Using, who: CredentialsSchema) -> dict[str, str]:
    """Begin a session; send its token as `Authorization: Bearer …` with every request.

    Raises
    ------
    HTTPException
        401 for a wrong password, 429 after too many.
    """
    token, seconds = begin_session(request, services, name=who.name, password=who.password)
    if token is None:
        headers = {"Retry-After": str(seconds)} if seconds else None
        text = WEB["login_wait"].format(seconds=seconds) if seconds else WEB["login_wrong"]
        raise HTTPException(429 if seconds else 401, text, headers=headers)
    return {"token": token}


@router.get("/readyz", response_model=ReadySchema, responses=problems(429))
def ready(services: Using) -> dict[str, str]:
    """Say that the next film would be analyzed at once; 429 while the line is full."""
    services.line.need_room()
    return {"status": "ready"}


@router.get("/metrics", response_class=PlainTextResponse)
def metrics(services: Using) -> Response:
    """Return counts for Prometheus."""
    return Response(services.counters.text(), media_type=services.counters.media_type)


@router.get("/healthz", response_model=HealthSchema)
def health(services: Using) -> dict[str, str]:
    """Say that the app answers and its store can be read."""
    list_results(services.store, limit=1)
    return {"status": "ok", "version": version()}
