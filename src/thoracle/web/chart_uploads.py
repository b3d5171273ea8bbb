"""A patient's chart out of a request – a form's file or fields, or the body – read and kept."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from fastapi import Request
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import UploadFile
from starlette.exceptions import HTTPException

from thoracle.core.files import sha256_of
from thoracle.jobs.chart_files import MEASUREMENTS, ChartFile, read_chart_file, read_document
from thoracle.jobs.chart_measurements import ReadDocument, checked_admission
from thoracle.jobs.charts import SentChart, keep_chart
from thoracle.prognosis.variables import VARIABLES, place_of
from thoracle.web.services import Services, clean_name
from thoracle.web.texts import WEB

CHARTS: Final = "/api/v1/charts"
FIELDS: Final = ("layout", "admitted_at", "patient", "chart")
TYPED: Final = (
    "ldh",
    "hs_crp",
    "lymphocyte_percent",
    "temperature",
    "heart_rate",
    "respiratory_rate",
    "spo2",
    "supplemental_oxygen",
    "systolic_pressure",
    "diastolic_pressure",
    "consciousness",
)
"""What the form offers to type in: the three markers, and what NEWS2 is made of."""
TIMES: Final = 3
TYPED_NAME: Final = "typed-in"
"""What stands for a file's name where there is no file."""

_FORMS: Final = ("multipart/form-data", "application/x-www-form-urlencoded")
_FIELD_BYTES: Final = 4096
_FIELDS_MAX: Final = 64
_PATIENT_LENGTH: Final = 64


@dataclass(frozen=True, slots=True, kw_only=True)
class SentFile:
    """A chart as it came, and what its sender says of it.

    `said` holds those of `FIELDS` that were filled in; the patient's number is no pseudonym yet.
    `schema` declares a table's columns.
    """

    name: str
    content: bytes = field(repr=False)
    said: Mapping[str, str]
    schema: bytes = field(default=b"", repr=False)

    def digest(self) -> str:
        """Return the SHA-256 of all that was sent."""
        digests = [sha256_of(self.content), sha256_of(self.schema)]
        said = repr([self.name, sorted(self.said.items()), digests])
        return sha256_of(said.encode("utf-8", "replace"))


async def receive_chart(request: Request) -> SentFile:
    """Take a chart's file out of a request.

    Parameters
    ----------
    request
        A multipart form with the part `file`, perhaps `schema`, and the fields of `FIELDS`, or a
        body that is the file, named by `?file=`, with the fields in the query.

    Returns
    -------
    SentFile
        Unread.

    Raises
    ------
    HTTPException
        400 for a garbled form, 422 without a file.
    """
    kind = request.headers.get("content-type", "").split(";")[0].strip().lower()
    if kind in _FORMS:
        sent = await _of_form(request)
    else:
        name = clean_name(request.query_params.get("file", "chart"))
        content, said = await request.body(), said_of(request.query_params)
        sent = SentFile(name=name, content=content, said=said)
    if not sent.content:
        raise HTTPException(422, WEB["ch_upload_none"])
    return sent


async def read_and_keep(sent: SentFile, services: Services, *, owner: str) -> str:
    """Read a chart in a worker thread, in its turn, and keep it with what is told of it.

    Parameters
    ----------
    sent
        From `receive_chart`.
    services
        With the network and the store.
    owner
        Who sent it.

    Returns
    -------
    str
        The id of the chart. What cannot be read is a ChartError; a full line a BusyError.
    """
    return await run_in_threadpool(_read_and_keep, sent, services, owner)


def read_sent(sent: SentFile) -> ReadDocument:
    """Read a chart that was sent; what cannot be read is a ChartError."""
    return read_chart_file(
        ChartFile(
            name=sent.name,
            content=sent.content,
            layout=sent.said.get("layout", MEASUREMENTS),
            admitted_at=checked_admission(sent.said.get("admitted_at", "")),
            schema=sent.schema,
        )
    )


def keep_read(read: ReadDocument, sent: SentFile, services: Services, *, owner: str) -> str:
    """Keep a chart that was read, with what is told of it; blocks, so call it in a worker.

    Parameters
    ----------
    read
        From `read_sent`, or of what was typed in.
    sent
        The file, and what its sender says: a patient's number there goes before the file's own.
    services
        With the network and the store.
    owner
        Who sent it.

    Returns
    -------
    str
        The id of the chart.
    """
    chart = SentChart(
        noted=read.noted,
        file=sent.name,
        sha256=sha256_of(sent.content),
        owner=owner,
        patient=services.pseudonym(sent.said.get("patient") or read.patient),
        chart_id=sent.said.get("chart"),
    )
    store, now = services.store.charts, services.options.now()
    with services.line.place():
        return keep_chart(store, chart, services.prognosis.prognosis(), now=now)


def typed_document(form: Mapping[str, Any]) -> dict[str, Any]:
    """Return what was typed into the form as a document of measurements.

    Parameters
    ----------
    form
        Fields named by variable and number of the time, such as "ldh-1", and "time_h-1".

    Returns
    -------
    dict
        As `jobs.chart_measurements.read_measurements` takes it; empty fields are left out.
    """
    known = {name: str(said).strip() for name, said in form.items() if str(said).strip()}
    measured = [
        {
            "variable": name,
            "value": known[f"{name}-{place}"],
            "unit": VARIABLES[place_of(name)].unit,
            "time_h": known.get(f"time_h-{place}"),
        }
        for place in range(1, TIMES + 1)
        for name in TYPED
        if f"{name}-{place}" in known
    ]
    facts = {name: known.get(name) for name in ("age_years", "sex", "admitted_at")}
    return {**facts, "measurements": measured}


def read_typed(document: Mapping[str, Any]) -> ReadDocument:
    """Read what was typed in; what cannot be is a ChartError."""
    return read_document(document, ChartFile(name=TYPED_NAME, content=b""))


def _read_and_keep(sent: SentFile, services: Services, owner: str) -> str:
    return keep_read(read_sent(sent), sent, services, owner=owner)


async def _of_form(request: Request) -> SentFile:
    try:
        form = await request.form(max_files=2, max_fields=_FIELDS_MAX, max_part_size=_FIELD_BYTES)
    except HTTPException as error:
        raise HTTPException(400, WEB["upload_broken"]) from error
    try:
        file, schema = form.get("file"), form.get("schema")
        if not isinstance(file, UploadFile) or not file.filename:
            raise HTTPException(422, WEB["ch_upload_none"])
        return SentFile(
            name=clean_name(file.filename),
            content=await file.read(),
            said=said_of(form),
            schema=await schema.read() if isinstance(schema, UploadFile) else b"",
        )
    finally:
        await form.close()


def said_of(given: Mapping[str, Any]) -> dict[str, str]:
    """Return the fields of `FIELDS` that are filled in."""
    found = {name: str(given.get(name) or "").strip() for name in FIELDS}
    found["patient"] = found["patient"][:_PATIENT_LENGTH]
    return {name: value for name, value in found.items() if value}
