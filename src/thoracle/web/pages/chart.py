"""The page of one patient's chart over time, its data, and its deletion."""

from typing import Annotated, Any, Final
from urllib.parse import urlencode

from fastapi import APIRouter, Query, Request
from fastapi.responses import JSONResponse, RedirectResponse, Response

from thoracle.core.languages import Language
from thoracle.jobs.chart_documents import measurements_csv
from thoracle.jobs.chart_prior import film_at, newest_film, prevalences
from thoracle.jobs.charts import ShownChart, show_chart
from thoracle.prognosis.analyze import STAY
from thoracle.prognosis.prior import LocalDiagnosis
from thoracle.prognosis.reading import reading_json
from thoracle.reporting.chart_view import chart_view
from thoracle.reporting.chart_words import ChartWords
from thoracle.web.chart_uploads import TYPED_NAME
from thoracle.web.pages.asking import SEE_OTHER, Spoken, Using
from thoracle.web.pages.chart_events import Event, events_of
from thoracle.web.pages.chart_lines import chart_address, file_title
from thoracle.web.pages.chart_numbers import (
    added,
    attention,
    corrections,
    headline,
    horizon_title,
    kept_out,
    lost,
    next_rows,
)
from thoracle.web.pages.chart_pictures import SHOWN_FIRST, courses, timeline
from thoracle.web.render import page
from thoracle.web.services import Services
from thoracle.web.texts import WEB

router: Final = APIRouter(include_in_schema=False)

PAGE: Final = "/charts/{chart_id}"
CSV_TYPE: Final = "text/csv; charset=utf-8"
AT_SEPARATOR: Final = "|"

Version = Annotated[int | None, Query(ge=1)]
Horizon = Annotated[int, Query(ge=0, le=STAY)]
At = Annotated[str, Query(max_length=200)]


@router.get(PAGE)
def chart_page(
    request: Request,
    services: Using,
    language: Spoken,
    chart_id: str,
    version: Version = None,
    horizon: Horizon = STAY,
    at: At = "",
) -> Response:
    """Show one patient over time, as known in one version of the chart."""
    shown = show_chart(services.store.charts, chart_id, version=version)
    words, facts = ChartWords(language), shown.line.facts
    events = events_of(services, facts.patient, facts.admitted_at, language)
    is_newest = shown.version == shown.line.versions
    asked = {} if is_newest else {"version": str(shown.version)}
    return page(
        request,
        "chart.html",
        address=chart_address(chart_id),
        horizon_address=f"{chart_address(chart_id)}?{urlencode({**asked, 'horizon': ''})}",
        line={"id": chart_id, "file": file_title(facts.file, language), "patient": facts.patient},
        c=words.t,
        horizon=horizon,
        events=[_event(one, words) for one in events],
        has_admission=bool(facts.admitted_at),
        timeline=timeline(shown.reading, events, horizon, words),
        prior=_prior(services, shown, at, words),
        is_old=None if is_newest else _is_old(shown, language),
        version=shown.version,
        history=_history(shown, language),
        **_told(shown, horizon, words),
    )


@router.get(PAGE + "/measurements.csv")
def measurements(services: Using, chart_id: str, version: Version = None) -> Response:
    """Send all measurements as a table."""
    shown = show_chart(services.store.charts, chart_id, version=version)
    headers = {"Content-Disposition": f'attachment; filename="chart-{chart_id}.csv"'}
    content = measurements_csv(shown.noted.chart)
    return Response(content, media_type=CSV_TYPE, headers=headers)


@router.get(PAGE + "/reading.json")
def reading(services: Using, chart_id: str, version: Version = None) -> Response:
    """Send all that is told of a chart as JSON."""
    shown = show_chart(services.store.charts, chart_id, version=version)
    headers = {"Content-Disposition": f'attachment; filename="chart-{chart_id}.json"'}
    return JSONResponse(reading_json(shown.reading), headers=headers)


@router.post(PAGE + "/delete")
def delete(services: Using, chart_id: str) -> Response:
    """Delete a chart with all its versions."""
    services.store.charts.delete(chart_id)
    return RedirectResponse("/charts", SEE_OTHER)


def _told(shown: ShownChart, horizon: int, words: ChartWords) -> dict[str, Any]:
    """Return what the page says of the reading and of the chart."""
    told, notes = shown.reading, shown.noted.notes
    (file,) = {one.file for one in shown.history if one.version == shown.version}
    view = chart_view(told, words.language)
    first = [] if told.added is None else [one.name for one in told.added.parts]
    title = horizon_title(horizon, words)
    return {
        "view": view,
        "headline": headline(told, horizon, words),
        "risks": [
            {"place": place, "title": row[0], "risk": row[1], "interval": row[2]}
            for place, row in enumerate(view.risks)
        ],
        "added": added(told, horizon, words),
        "attention": attention(told.attention, words),
        "next": next_rows(told.next_tests, horizon, words),
        "next_note": words.language(WEB["ch_next_note"], horizon=title),
        "courses": courses(told, first, words),
        "shown_first": SHOWN_FIRST,
        "lost": lost(notes.kept_out, file_title(file, words.language), words),
        "kept_out": kept_out(notes.kept_out, words, has_rows=file != TYPED_NAME),
        "corrected": corrections(notes.corrected, words),
    }


def _event(one: Event, words: ChartWords) -> dict[str, str]:
    when = "" if one.hours is None else words.time(one.hours)
    return {"title": one.title, "address": one.address, "time": one.time, "when": when}


def _is_old(shown: ShownChart, language: Language) -> str:
    told = {"version": str(shown.version), "versions": str(shown.line.versions)}
    return language(WEB["ch_is_old"], **told)


def _history(shown: ShownChart, language: Language) -> list[dict[str, object]]:
    return [
        {
            "version": one.version,
            "file": file_title(one.file, language),
            "measurements": one.measurements,
            "sender": one.sender or "–",
            "time": language.moment(one.created_at),
        }
        for one in reversed(shown.history)
    ]


def _prior(
    services: Services, shown: ShownChart, at: str, words: ChartWords
) -> dict[str, Any] | None:
    """Return what is shown of the local prevalence; None where the installation has no table."""
    table = prevalences()
    if not table:
        return None
    measured, patient = services.measured, shown.line.facts.patient
    film = None if measured is None else newest_film(services.store, patient, measured)
    choices = [(one.place, one.week) for one in table]
    told = {
        "has_film": film is not None,
        "at": at,
        "said": "",
        "choices": [
            {"value": f"{place}{AT_SEPARATOR}{week}", "title": f"{place}, {week}"}
            for place, week in choices
        ],
    }
    chosen = tuple(at.rsplit(AT_SEPARATOR, 1))
    if film is None or measured is None or chosen not in choices:
        return told
    found = film_at(film, measured, place=chosen[0], week=chosen[1])
    if found is None:
        return {**told, "has_film": False}
    return {**told, "film": f"/results/{film.result_id}", **_diagnosis(found, words)}


def _diagnosis(one: LocalDiagnosis, words: ChartWords) -> dict[str, str]:
    shares = {
        "film": one.film_probability,
        "probability": one.probability,
        "low": one.low,
        "high": one.high,
        "prevalence": one.prevalence,
        "prevalence_low": one.prevalence_low,
        "prevalence_high": one.prevalence_high,
    }
    said = words.t["prior_said"].format(
        label=words.language(one.label),
        place=one.place,
        week=one.week,
        **{name: words.percent(share) for name, share in shares.items()},
    )
    note = words.t["prior_note"].format(calibrated=words.percent(one.calibrated_at))
    return {"said": said, "note": note}
