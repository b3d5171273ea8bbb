"""Breathing recordings for programs: send one, fetch what is told of it, list and delete."""

from dataclasses import asdict
from typing import Annotated, Any, Final

from fastapi import APIRouter, Header, Query, Request
from fastapi.encoders import jsonable_encoder
from fastapi.responses import JSONResponse, Response
from starlette.concurrency import run_in_threadpool

from thoracle.imaging.recording_csv import TIME_UNITS_S
from thoracle.jobs.breathing_records import show_recording
from thoracle.jobs.breathing_tables import windows_csv
from thoracle.respiration.types import SENSORS
from thoracle.store.recording_types import RecordingLine
from thoracle.store.types import Search
from thoracle.web.openapi import problems, reference_to
from thoracle.web.pages.asking import Asking, Using
from thoracle.web.paging import paged
from thoracle.web.recording_uploads import (
    RECORDINGS,
    read_and_keep,
    receive_recording,
)
from thoracle.web.render import PROBLEM_TYPE
from thoracle.web.request_keys import RequestKey
from thoracle.web.schemas import ProblemSchema
from thoracle.web.schemas_breathing import RecordingSchema, RecordingsSchema
from thoracle.web.services import Services

router: Final = APIRouter()

CSV_TYPE: Final = "text/csv"

_BYTES: Final = {"schema": {"type": "string", "format": "binary"}}
_SAID: Final[dict[str, tuple[str, dict[str, Any]]]] = {
    "sensor": (
        "Which way inspiration goes; of an unknown one neither inspiration nor patterns are told.",
        {"type": "string", "enum": list(SENSORS)},
    ),
    "channel": ("Its name, where the file has several.", {"type": "string", "maxLength": 64}),
    "rate_hz": (
        "Samples per second, where the file does not say it.",
        {"type": "number", "exclusiveMinimum": 0, "maximum": 100_000},
    ),
    "time_unit": (
        "Of the column of time, where its name does not say it.",
        {"type": "string", "enum": list(TIME_UNITS_S)},
    ),
    "patient": (
        "The patient's number; kept as a pseudonym unless the setting keep_identifiers is on.",
        {"type": "string", "maxLength": 64},
    ),
}
_BODY: Final[dict[str, Any]] = {
    "parameters": [
        {
            "name": "file",
            "in": "query",
            "description": "The recording's name, where the body is the recording.",
            "schema": {"type": "string", "default": "recording"},
        },
        *(
            {
                "name": name,
                "in": "query",
                "description": f"{text} Where the body is the recording.",
                "schema": schema,
            }
            for name, (text, schema) in _SAID.items()
        ),
    ],
    "requestBody": {
        "required": True,
        "content": {
            "text/csv": _BYTES,
            "application/gzip": _BYTES,
            "application/zip": _BYTES,
            "application/octet-stream": _BYTES,
            "multipart/form-data": {
                "schema": {
                    "type": "object",
                    "required": ["file", "sensor"],
                    "properties": {
                        "file": {"type": "string", "format": "binary"},
                        **{
                            name: {**schema, "description": text}
                            for name, (text, schema) in _SAID.items()
                        },
                    },
                }
            },
        },
    },
}
_CSV: Final[dict[int | str, dict[str, Any]]] = {
    200: {
        "description": "One row for each window.",
        "content": {CSV_TYPE: {"schema": {"type": "string"}}},
    }
}


@router.post(
    RECORDINGS,
    status_code=201,
    openapi_extra=_BODY,
    responses={
        200: {"model": RecordingSchema, "description": "Answered before, under the same key."},
        201: {"model": RecordingSchema, "description": "Read and kept."},
        422: {
            "description": "It is no recording, or something is not said, or contradicts it.",
            "content": {PROBLEM_TYPE: {"schema": reference_to(ProblemSchema)}},
        },
    },
)
async def send(
    request: Request,
    services: Using,
    visitor: Asking,
    idempotency_key: Annotated[str | None, Header(max_length=200)] = None,
) -> Response:
    """Read and keep a recording: a form's file, or a body that is one, named by `?file=`.

    Sensor, and rate and channel where the file leaves them open, are never guessed. Sent again
    within a day with the same `Idempotency-Key`, a request is answered with the first one's
    recording.
    """
    sent = await receive_recording(request)
    key = None
    if idempotency_key is not None:
        key = RequestKey.of(visitor.name, idempotency_key, sent.digest())
    known = None if key is None else await run_in_threadpool(key.answered, services)
    if known is not None:
        return await run_in_threadpool(_answer, services, known[0], status=200)
    kept = await read_and_keep(sent, services, owner=visitor.name)
    if key is not None:
        await run_in_threadpool(key.keep, services, [kept])
    return await run_in_threadpool(_answer, services, kept, status=201)


@router.get(RECORDINGS, response_model=RecordingsSchema, responses=problems(404))
def recordings(
    services: Using,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
    before: str | None = None,
    patient: Annotated[str | None, Query(max_length=64)] = None,
    text: Annotated[str, Query(max_length=200, description="Part of the file's name.")] = "",
) -> Response:
    """List the kept recordings, newest first; `next` leads to the ones before them."""
    search = Search(text=text, patient=patient)
    found = services.store.recordings.list_recordings(limit + 1, before=before, search=search)
    shown, more = paged(found, address=RECORDINGS, limit=limit, search=search)
    return JSONResponse({"recordings": [_line(one) for one in shown], "next": more})


@router.get(RECORDINGS + "/{recording_id}", response_model=RecordingSchema)
def recording(recording_id: str, services: Using) -> Response:
    """Return one recording with its breaths, pauses, patterns and the numbers of its windows."""
    return _answer(services, recording_id, status=200)


@router.delete(RECORDINGS + "/{recording_id}", status_code=204)
def delete(recording_id: str, services: Using) -> None:
    """Delete a recording with its numbers and its signal, for good."""
    services.store.recordings.delete(recording_id)


@router.get(RECORDINGS + "/{recording_id}/windows", response_class=Response, responses=_CSV)
def windows(recording_id: str, services: Using) -> Response:
    """Return the numbers of all windows as CSV."""
    shown = show_recording(services.store.recordings, recording_id)
    return Response(windows_csv(shown.result), media_type=CSV_TYPE)


def _answer(services: Services, recording_id: str, *, status: int) -> Response:
    stored = services.store.recordings.get(recording_id)
    headers = {"Location": f"{RECORDINGS}/{recording_id}"} if status == 201 else None
    document = {**_line(stored.line), "document": dict(stored.document)}
    return JSONResponse(document, status_code=status, headers=headers)


def _line(one: RecordingLine) -> dict[str, Any]:
    known = {"id": one.id, "created_at": one.created_at, **asdict(one.facts)}
    encoded: dict[str, Any] = jsonable_encoder(known)
    return encoded
