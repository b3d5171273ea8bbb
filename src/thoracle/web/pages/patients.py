"""All that is kept of one patient on one time, and two films side by side."""

from typing import Annotated, Any, Final

from fastapi import APIRouter, Query, Request
from fastapi.responses import Response
from starlette.exceptions import HTTPException

from thoracle.core.languages import Language
from thoracle.core.results import Status
from thoracle.jobs.change import changes, is_comparable
from thoracle.jobs.charts import show_chart
from thoracle.jobs.results import list_results, show_result
from thoracle.prognosis.analyze import STAY
from thoracle.reporting.analysis_view import view_of
from thoracle.reporting.chart_words import ChartWords
from thoracle.reporting.severity_texts import SEVERITY
from thoracle.reporting.severity_view import course_text
from thoracle.store.types import ResultSummary, Search, StoredResult
from thoracle.web.pages.asking import Spoken, Using
from thoracle.web.pages.chart_events import events_of
from thoracle.web.pages.chart_lines import chart_address
from thoracle.web.pages.chart_numbers import headline
from thoracle.web.pages.chart_pictures import timeline
from thoracle.web.pages.kept import CHART, RECORDING, SCAN, kept_lines, line_of
from thoracle.web.pages.result import picture_addresses, viewer_of
from thoracle.web.render import page
from thoracle.web.services import Services
from thoracle.web.texts import WEB

router: Final = APIRouter(include_in_schema=False)

_LINES: Final = 200


@router.get("/patients/{patient}")
def patient_page(request: Request, services: Using, language: Spoken, patient: str) -> Response:
    """List what is kept of one patient, and offer to compare two films.

    Raises
    ------
    HTTPException
        404 for a patient of whom nothing is kept.
    """
    search = Search(patient=patient)
    lines = list_results(services.store, limit=_LINES, search=search)
    others = [
        one
        for kind in (SCAN, RECORDING, CHART)
        for one in kept_lines(services, search, language, limit=_LINES, kind=kind)
    ]
    if not lines and not others:
        raise HTTPException(404, WEB["error_missing"])
    courses = [_course(services, line, language) for line in lines]
    return page(
        request,
        "patient.html",
        patient=patient,
        lines=[
            {**line_of(line, language), "course": course}
            for line, course in zip(lines, courses, strict=True)
        ],
        others=others,
        time=_time(services, search, language),
        has_course=any(courses),
        course_note=language(SEVERITY["course_note"]),
    )


@router.get("/compare")
def compare_page(
    request: Request,
    services: Using,
    language: Spoken,
    result_id: Annotated[list[str], Query(min_length=2, max_length=2)],
) -> Response:
    """Show two films side by side, the earlier first, with what has changed."""
    first, second = sorted(
        (show_result(services.store, one) for one in result_id),
        key=lambda one: (one.summary.created_at, one.summary.id),
    )
    return page(
        request,
        "compare.html",
        films=[_film(services, one, language) for one in (first, second)],
        rows=[
            {
                "label": language(one.label),
                "before": _percent(one.before, language),
                "after": _percent(one.after, language),
                "difference": language.number(f"{one.difference * 100:+.1f}"),
                "crosses": one.was_positive != one.is_positive,
            }
            for one in changes(first.result, second.result)
        ],
        is_comparable=is_comparable(first.result, second.result),
        is_one_patient=first.summary.patient is not None
        and first.summary.patient == second.summary.patient,
    )


def _time(services: Services, search: Search, language: Language) -> dict[str, Any] | None:
    """Return the newest chart's risk over time, with all else on it; None without a chart."""
    charts = services.store.charts.list_charts(1, search=search)
    if not charts:
        return None
    shown = show_chart(services.store.charts, charts[0].id)
    words, facts = ChartWords(language), shown.line.facts
    events = events_of(services, facts.patient, facts.admitted_at, language)
    return {
        "c": words.t,
        "address": chart_address(shown.line.id),
        "headline": headline(shown.reading, STAY, words),
        "picture": timeline(shown.reading, events, STAY, words),
    }


def _course(services: Services, line: ResultSummary, language: Language) -> str:
    """Return the estimated Brixia score of one film, "" where there is none."""
    if line.status is not Status.ANALYZED:
        return ""
    stored = show_result(services.store, line.id, with_values=False)
    return course_text(stored.result.severity, language)


def _film(services: Services, stored: StoredResult, language: Language) -> dict[str, object]:
    view = view_of(
        stored.result,
        addresses=picture_addresses(stored),
        made_at=stored.summary.created_at,
        language=language,
    )
    return {
        "id": stored.summary.id,
        "view": view,
        "viewer": viewer_of(services, stored, view, language),
    }


def _percent(probability: float, language: Language) -> str:
    return language.number(f"{probability * 100:.1f}")
