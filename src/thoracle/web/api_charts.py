"""Patients' charts for programs: send measurements, fetch what is told, list and delete."""

from dataclasses import asdict
from typing import Annotated, Any, Final

from fastapi import APIRouter, Header, Query, Request
from fastapi.encoders import jsonable_encoder
from fastapi.responses import JSONResponse, Response
from starlette.concurrency import run_in_threadpool

from thoracle.core.files import sha256_of
from thoracle.jobs.chart_documents import measurements_csv
from thoracle.jobs.chart_files import LAYOUTS
from thoracle.jobs.charts import show_chart, tell_chart
from thoracle.prognosis.reading import reading_json
from thoracle.store.chart_types import ChartLine
from thoracle.store.types import Search
from thoracle.web.chart_uploads import CHARTS, SentFile, read_and_keep, read_sent, receive_chart
from thoracle.web.openapi import problems
from thoracle.web.pages.asking import Asking, Using
from thoracle.web.paging import paged
from thoracle.web.request_keys import RequestKey
from thoracle.web.schemas_charts import (
    ChartReadingSchema,
    ChartSchema,
    ChartsSchema,
    MeasurementsSchema,
    PredictedSchema,
)
from thoracle.web.services import Services

router: Final = APIRouter()

CSV_TYPE: Final = "text/csv"

_BYTES: Final = {"schema": {"type": "string", "format": "binary"}}
_SAID: Final[dict[str, tuple[str, dict[str, Any]]]] = {
    "layout": ("Of a table, how it is laid out.", {"type": "string", "enum": list(LAYOUTS)}),
    "admitted_at": (
        "When the patient was admitted (ISO 8601), where the file does not say it.",
        {"type": "string", "maxLength": 32},
    ),
    "patient": (
        "The patient's number; kept as a pseudonym unless the setting keep_identifiers is on.",
        {"type": "string", "maxLength": 64},
    ),
    "chart": (
        "The id of a kept chart to add to; without it, that of the same patient and admission.",
        {"type": "string", "maxLength": 36},
    ),
}


def _body(*, is_kept: bool) -> dict[str, Any]:
    said = {name: one for name, one in _SAID.items() if is_kept or name != "chart"}
    return {
        "parameters": [
            {
                "name": "file",
                "in": "query",
                "description": "The file's name, where the body is the file.",
                "schema": {"type": "string", "default": "chart"},
            },
            *(
                {
                    "name": name,
                    "in": "query",
                    "description": f"{text} Where the body is the file.",
                    "schema": schema,
                }
                for name, (text, schema) in said.items()
            ),
        ],
        "requestBody": {
            "required": True,
            "content": {
                "application/json": {"schema": MeasurementsSchema.model_json_schema()},
                "application/fhir+json": {"schema": {"type": "object"}},
                "text/csv": _BYTES,
                "application/octet-stream": _BYTES,
                "multipart/form-data": {
                    "schema": {
                        "type": "object",
                        "required": ["file"],
                        "properties": {
                            "file": {"type": "string", "format": "binary"},
                            "schema": {
                                "type": "string",
                                "format": "binary",
                                "description": "TOML, where the layout is declared.",
                            },
                            **{
                                name: {**schema, "description": text}
                                for name, (text, schema) in said.items()
                            },
                        },
                    }
                },
            },
        },
    }


_CSV: Final[dict[int | str, dict[str, Any]]] = {
    200: {
        "description": "One row for each measurement.",
        "content": {CSV_TYPE: {"schema": {"type": "string"}}},
    }
}
Version = Annotated[int | None, Query(ge=1, description="Without it, the newest.")]


@router.post(
    CHARTS,
    status_code=201,
    openapi_extra=_body(is_kept=True),
    responses={
        200: {"model": ChartSchema, "description": "Answered before, under the same key."},
        201: {"model": ChartSchema, "description": "Read and kept, or added to a kept chart."},
        **problems(409, 422),
    },
)
async def send(
    request: Request,
    services: Using,
    visitor: Asking,
    idempotency_key: Annotated[str | None, Header(max_length=200)] = None,
) -> Response:
    """Read and keep one patient's measurements: JSON, a FHIR bundle, or a table.

    Measurements of a stay that is kept already make another version of its chart; those before it
    stay. Sent again within a day with the same `Idempotency-Key`, a request is answered with the
    first one's chart.
    """
    sent = await receive_chart(request)
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


@router.post(
    CHARTS + "/predict",
    openapi_extra=_body(is_kept=False),
    responses={
        200: {"model": PredictedSchema, "description": "What is told; nothing is kept."},
        **problems(422),
    },
)
async def predict(request: Request, services: Using) -> Response:
    """Tell everything of one patient's measurements, and keep nothing of them."""
    sent = await receive_chart(request)
    return await run_in_threadpool(_predicted, services, sent)


@router.get(CHARTS, response_model=ChartsSchema, responses=problems(404))
def charts(
    services: Using,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
    before: str | None = None,
    patient: Annotated[str | None, Query(max_length=64)] = None,
    text: Annotated[str, Query(max_length=200, description="Part of the file's name.")] = "",
) -> Response:
    """List the kept charts, newest first; `next` leads to the ones before them."""
    search = Search(text=text, patient=patient)
    found = services.store.charts.list_charts(limit + 1, before=before, search=search)
    shown, more = paged(found, address=CHARTS, limit=limit, search=search)
    return JSONResponse({"charts": [_line(one) for one in shown], "next": more})


@router.get(CHARTS + "/{chart_id}", response_model=ChartSchema)
def chart(chart_id: str, services: Using, version: Version = None) -> Response:
    """Return one version of a chart with its measurements."""
    return _answer(services, chart_id, status=200, version=version)


@router.get(CHARTS + "/{chart_id}/reading", response_model=ChartReadingSchema)
def reading(chart_id: str, services: Using, version: Version = None) -> Response:
    """Return what was told of one version of a chart."""
    shown = show_chart(services.store.charts, chart_id, version=version)
    return JSONResponse({"reading": reading_json(shown.reading)})


@router.get(CHARTS + "/{chart_id}/measurements", response_class=Response, responses=_CSV)
def measurements(chart_id: str, services: Using, version: Version = None) -> Response:
    """Return the measurements of one version as CSV."""
    shown = show_chart(services.store.charts, chart_id, version=version)
    return Response(measurements_csv(shown.noted.chart), media_type=CSV_TYPE)


@router.delete(CHARTS + "/{chart_id}", status_code=204)
def delete(chart_id: str, services: Using) -> None:
    """Delete a chart with all its versions, for good."""
    services.store.charts.delete(chart_id)


def _predicted(services: Services, sent: SentFile) -> Response:
    read = read_sent(sent)
    with services.line.place():
        prognosis = services.prognosis.prognosis()
        told = tell_chart(read.noted.chart, prognosis, sha256=sha256_of(sent.content))
    out = [asdict(one) for one in read.noted.notes.kept_out]
    return JSONResponse({"reading": reading_json(told), "kept_out": out})


def _answer(
    services: Services, chart_id: str, *, status: int, version: int | None = None
) -> Response:
    stored = services.store.charts.get(chart_id, version=version)
    headers = {"Location": f"{CHARTS}/{chart_id}"} if status == 201 else None
    document = {
        **_line(stored.line),
        "version": stored.version,
        "history": jsonable_encoder([asdict(one) for one in stored.history]),
        "document": dict(stored.document),
    }
    return JSONResponse(document, status_code=status, headers=headers)


def _line(one: ChartLine) -> dict[str, Any]:
    known = {
        "id": one.id,
        "created_at": one.created_at,
        "changed_at": one.changed_at,
        "versions": one.versions,
        **asdict(one.facts),
    }
    encoded: dict[str, Any] = jsonable_encoder(known)
    return encoded
