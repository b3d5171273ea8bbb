"""Patients' charts: the list, sending or typing in one, and those to try."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Annotated, Any, Final

from fastapi import APIRouter, Query, Request
from fastapi.responses import RedirectResponse, Response
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException

from thoracle.core.errors import ChartError
from thoracle.core.languages import Language
from thoracle.jobs.chart_documents import KeptOut
from thoracle.jobs.chart_examples import EXAMPLES, example_chart
from thoracle.jobs.chart_measurements import ReadDocument
from thoracle.jobs.charts import EmptyChartError, has_prognosis
from thoracle.prognosis.news2 import CONSCIOUSNESS, OXYGEN
from thoracle.prognosis.variables import VARIABLES, place_of
from thoracle.reporting.chart_words import ChartWords
from thoracle.store.chart_types import ChartLine
from thoracle.web.chart_uploads import (
    TIMES,
    TYPED,
    TYPED_NAME,
    SentFile,
    keep_read,
    read_and_keep,
    read_typed,
    receive_chart,
    said_of,
    typed_document,
)
from thoracle.web.pages.asking import SEE_OTHER, Asking, Spoken, Using
from thoracle.web.pages.chart_entry import typed_faults
from thoracle.web.pages.chart_lines import chart_address, chart_line, file_title
from thoracle.web.pages.chart_numbers import kept_out, not_read
from thoracle.web.render import page
from thoracle.web.services import Services
from thoracle.web.texts import WEB
from thoracle.web.texts.chart import LAYOUT_TITLES

router: Final = APIRouter(include_in_schema=False)

NEW_PAGE: Final = "/charts/new"
ENTRY: Final = "/charts/entry"

_LINES: Final = 50
_YES_NO: Final = (("", WEB["ch_unknown"]), ("0", WEB["ch_no"]), ("1", WEB["ch_yes"]))
_CHOICES: Final[Mapping[str, tuple[tuple[str, str], ...]]] = {
    OXYGEN: _YES_NO,
    CONSCIOUSNESS: (
        ("", WEB["ch_unknown"]),
        ("0", WEB["ch_alert"]),
        ("1", WEB["ch_not_alert"]),
    ),
}

ChartId = Annotated[str, Query(max_length=36)]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Refusal:
    """What was sent, and why it was not taken; nothing of it in a fresh form."""

    said: Mapping[str, Any] = field(default_factory=dict)
    text: str = ""
    code: str = ""
    typed: bool = False
    faults: Mapping[str, str] = field(default_factory=dict)
    kept_out: tuple[KeptOut, ...] = ()


@router.get("/charts")
def list_page(
    request: Request,
    services: Using,
    language: Spoken,
    before: Annotated[str | None, Query(max_length=36)] = None,
) -> Response:
    """List the kept charts, newest first."""
    lines = services.store.charts.list_charts(_LINES + 1, before=before)
    return page(
        request,
        "charts.html",
        lines=[chart_line(one, language) for one in lines[:_LINES]],
        older=lines[_LINES - 1].id if len(lines) > _LINES else None,
        before=before,
        examples=tuple(EXAMPLES),
    )


@router.get(NEW_PAGE)
def new_page(request: Request, services: Using, language: Spoken, chart: ChartId = "") -> Response:
    """Show the form for one chart, or for more of one that is kept."""
    return _form(request, services, language, _Refusal(said={"chart": chart}))


@router.post(NEW_PAGE)
async def send(request: Request, services: Using, visitor: Asking, language: Spoken) -> Response:
    """Read a chart and lead to its page; a refusal comes back to the form."""
    said: Mapping[str, str] = {}
    try:
        sent = await receive_chart(request)
        said = sent.said
        kept = await read_and_keep(sent, services, owner=visitor.name)
    except ChartError as error:
        return _form(request, services, language, _refusal(error, said, language))
    except HTTPException as error:
        refusal = _Refusal(said=said, text=language.sentence(error.detail), code="request")
        return _form(request, services, language, refusal)
    return RedirectResponse(chart_address(kept), SEE_OTHER)


@router.post(ENTRY)
async def enter(request: Request, services: Using, visitor: Asking, language: Spoken) -> Response:
    """Read what was typed in and lead to its page; a refusal comes back to the form."""
    form = await request.form(max_files=0, max_fields=64)
    document, said = typed_document(form), said_of(form)
    faults = typed_faults(form, ChartWords(language))
    if faults:
        text = language(WEB["ch_fault_fields"], count=len(faults))
        refusal = _Refusal(said={**form, **said}, text=text, typed=True, faults=faults)
        return _form(request, services, language, refusal)
    sent = SentFile(name=TYPED_NAME, content=repr(document).encode(), said=said)
    try:
        read = _all_read(read_typed(document))
        kept = await run_in_threadpool(keep_read, read, sent, services, owner=visitor.name)
    except ChartError as error:
        refusal = replace(_refusal(error, {**form, **said}, language), typed=True)
        return _form(request, services, language, refusal)
    return RedirectResponse(chart_address(kept), SEE_OTHER)


@router.post("/charts/examples/{name}")
async def read_example(services: Using, visitor: Asking, name: str) -> Response:
    """Simulate a patient to try, read the chart, and lead to its page."""
    content, read = await run_in_threadpool(example_chart, name)
    sent = SentFile(name=name, content=content, said={})
    kept = await run_in_threadpool(keep_read, read, sent, services, owner=visitor.name)
    return RedirectResponse(chart_address(kept), SEE_OTHER)


def _all_read(read: ReadDocument) -> ReadDocument:
    """Return what was typed in, since all of it was read.

    Raises
    ------
    EmptyChartError
        Some of it was not: whoever typed it can correct it at once.
    """
    missing = not_read(read.noted.notes.kept_out)
    if missing:
        raise EmptyChartError(TYPED_NAME, missing)
    return read


def _refusal(error: ChartError, said: Mapping[str, Any], language: Language) -> _Refusal:
    """Return why a chart was not taken; what was kept out of it is listed, in the language."""
    if not isinstance(error, EmptyChartError):
        return _Refusal(said=said, text=language.sentence(error.text), code=error.code)
    text = language(WEB["ch_empty"], file=error.file)
    if error.file == TYPED_NAME:
        text = language(WEB["ch_typed_refused"])
    return _Refusal(said=said, text=text, code=error.code, kept_out=error.kept_out)


def _form(request: Request, services: Services, language: Language, refusal: _Refusal) -> Response:
    chart_id = str(refusal.said.get("chart") or "")
    kept = services.store.charts.get(chart_id).line if chart_id else None
    megabytes = language.number(f"{services.options.upload_limit_mb:g}")
    return page(
        request,
        "chart_new.html",
        status=422 if refusal.text else 200,
        heading=_heading(kept, language),
        chart=chart_id,
        said=refusal.said,
        refused=refusal.text,
        code=refusal.code,
        typed=refusal.typed,
        faults=refusal.faults,
        kept_out=kept_out(refusal.kept_out, ChartWords(language)),
        admitted=kept.facts.admitted_at if kept else "",
        limit=language(WEB["br_upload_limit"], megabytes=megabytes),
        has_network=has_prognosis(),
        layouts=[(name, language(title)) for name, title in LAYOUT_TITLES.items()],
        times=range(1, TIMES + 1),
        fields=_fields(language),
        examples=tuple(EXAMPLES),
    )


def _heading(kept: ChartLine | None, language: Language) -> str:
    if kept is None:
        return language(WEB["ch_new_title"])
    return language(
        WEB["ch_add_title"], patient=kept.facts.patient or file_title(kept.facts.file, language)
    )


def _fields(language: Language) -> list[dict[str, Any]]:
    words = ChartWords(language)
    return [
        {
            "name": name,
            "title": words.title(name),
            "unit": VARIABLES[place_of(name)].unit,
            "choices": [(value, language(text)) for value, text in _CHOICES.get(name, ())],
        }
        for name in TYPED
    ]
