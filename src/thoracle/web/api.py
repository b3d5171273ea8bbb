"""The same for programs: JSON, with OpenAPI and problem documents (RFC 9457)."""

from collections.abc import Sequence
from typing import Annotated, Any, Final, Literal

from fastapi import APIRouter, Header, Query, Request
from fastapi.responses import JSONResponse, PlainTextResponse, Response
from pydantic import BaseModel, Field
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException

from thoracle.core.files import sha256_of
from thoracle.core.languages import Language
from thoracle.core.results import Status
from thoracle.core.version import version
from thoracle.jobs.documents import result_document, summary_document
from thoracle.jobs.readings import marks_of, reading_document, save_reading
from thoracle.jobs.results import delete_result, list_results, overlay_picture, show_result
from thoracle.reporting.analysis_texts import STATUS_TITLES
from thoracle.store.types import NewReading
from thoracle.web.pages.account import begin_session
from thoracle.web.pages.asking import Asking, Spoken, Using
from thoracle.web.services import Services
from thoracle.web.texts import WEB
from thoracle.web.uploads import analyze_upload, read_upload

ANALYSES: Final = "/api/v1/analyses"

router: Final = APIRouter()

_UPLOAD_SCHEMA: Final[dict[str, Any]] = {
    "requestBody": {
        "required": True,
        "content": {
            "application/dicom": {"schema": {"type": "string", "format": "binary"}},
            "application/zip": {"schema": {"type": "string", "format": "binary"}},
            "application/octet-stream": {"schema": {"type": "string", "format": "binary"}},
            "multipart/form-data": {
                "schema": {
                    "type": "object",
                    "required": ["files"],
                    "properties": {
                        "files": {
                            "type": "array",
                            "items": {"type": "string", "format": "binary"},
                        },
                        "batch_id": {"type": "string", "format": "uuid"},
                        "override_gate": {"type": "string", "enum": ["true", "false"]},
                    },
                }
            },
        },
    }
}


@router.post(ANALYSES, status_code=201, openapi_extra=_UPLOAD_SCHEMA)
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
    async with read_upload(request, services) as upload:
        if idempotency_key is None:
            saved = await analyze_upload(upload, services, owner=visitor.name)
            return _answer([one.id for one in saved], services, language, status=201)
        key = sha256_of(f"{visitor.name}\0{idempotency_key}".encode())
        digest = await run_in_threadpool(upload.digest)
        known = services.store.requests.answered(key, digest)
        if known is not None:
            return _answer(known, services, language, status=200)
        saved = await analyze_upload(upload, services, owner=visitor.name)
    ids = [one.id for one in saved]
    services.store.requests.keep(key, digest, ids, now=services.options.now())
    return _answer(ids, services, language, status=201)


def _answer(ids: Sequence[str], services: Services, language: Language, *, status: int) -> Response:
    stored = [show_result(services.store, one) for one in ids]
    documents = [
        {
            **result_document(one),
            "status_title": language(STATUS_TITLES[one.summary.status]),
        }
        for one in stored
    ]
    all_failed = all(one.summary.status is Status.FAILED for one in stored)
    headers = {"Location": f"{ANALYSES}/{ids[0]}"} if len(ids) == 1 else None
    return JSONResponse(
        {"results": documents}, status_code=422 if all_failed else status, headers=headers
    )


@router.get(ANALYSES)
def results(
    services: Using,
    limit: Annotated[int, Query(ge=1, le=500)] = 50,
    before: str | None = None,
) -> Response:
    """List kept results, newest first; `before` is the last id of the page before."""
    lines = list_results(services.store, limit=limit, before=before)
    return JSONResponse({"results": [summary_document(one) for one in lines]})


@router.get(ANALYSES + "/{result_id}")
def result(result_id: str, services: Using) -> Response:
    """Return one kept result."""
    return JSONResponse(result_document(show_result(services.store, result_id)))


@router.delete(ANALYSES + "/{result_id}", status_code=204)
def delete(result_id: str, services: Using) -> None:
    """Delete one result with its pictures and readings, for good."""
    delete_result(services.store, result_id)


@router.get(
    ANALYSES + "/{result_id}/maps/{place}",
    response_class=Response,
    responses={200: {"content": {"image/png": {}}}},
)
def overlay(result_id: str, place: int, services: Using) -> Response:
    """Return the film with one of the result's maps as PNG."""
    return Response(overlay_picture(services.store, result_id, place), media_type="image/png")


class Mark(BaseModel):
    """A box (two corners) or a stroke, in shares of the film's sides from its top left."""

    kind: Literal["box", "stroke"]
    points: list[tuple[float, float]] = Field(min_length=2, max_length=5000)


class NewReadingBody(BaseModel):
    """What a reader says of a result; one of the four must be given."""

    agrees: bool | None = None
    finding: str | None = Field(default=None, max_length=200)
    comment: str = Field(default="", max_length=4000)
    marks: list[Mark] = Field(default_factory=list, max_length=200)


@router.get(ANALYSES + "/{result_id}/readings")
def readings(result_id: str, services: Using) -> Response:
    """Return what readers said of one result, oldest first."""
    show_result(services.store, result_id)
    kept = services.store.readings.of_results([result_id])
    return JSONResponse({"readings": [reading_document(one) for one in kept]})


@router.post(ANALYSES + "/{result_id}/readings", status_code=201)
def read(result_id: str, services: Using, visitor: Asking, said: NewReadingBody) -> dict[str, str]:
    """Keep what the one who asks says of one result."""
    new = NewReading(
        reader=visitor.name,
        agrees=said.agrees,
        finding=said.finding or None,
        comment=said.comment,
        marks=marks_of([one.model_dump(mode="json") for one in said.marks]),
    )
    return {"id": save_reading(services.store, result_id, new, now=services.options.now())}


class Credentials(BaseModel):
    """Who wants to sign in."""

    name: str = Field(max_length=64)
    password: str = Field(max_length=1024)


@router.post("/api/v1/sessions", status_code=201)
def sign_in(request: Request, services: Using, who: Credentials) -> dict[str, str]:
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


@router.get("/readyz")
def ready(services: Using) -> dict[str, str]:
    """Say that the next film would be analyzed at once; 429 while the line is full."""
    services.line.need_room()
    return {"status": "ready"}


@router.get("/metrics", response_class=PlainTextResponse)
def metrics(services: Using) -> Response:
    """Return counts for Prometheus."""
    return Response(services.counters.text(), media_type=services.counters.media_type)


@router.get("/healthz")
def health(services: Using) -> dict[str, str]:
    """Say that the app answers and its store can be read."""
    list_results(services.store, limit=1)
    return {"status": "ok", "version": version()}
