"""Comparisons of one patient's CT scans: the form, and the page of what changed."""

from collections.abc import Sequence
from typing import Any, Final

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response
from starlette.concurrency import run_in_threadpool

from thoracle.core.languages import Language
from thoracle.core.settings import settings
from thoracle.ct.register import missing_simpleitk
from thoracle.jobs.ct_comparisons import COMPARE, SCANS_MAX, can_compare
from thoracle.jobs.ct_kept_visits import Wanted
from thoracle.reporting.ct_follow_up_pictures import COLORS
from thoracle.reporting.ct_follow_up_texts import FOLLOW_UP, KINDS, PLACES
from thoracle.store.comparison_types import Comparison
from thoracle.store.job_types import UNFINISHED, Job, JobState
from thoracle.store.scan_types import Scan
from thoracle.web.ct_comparing import (
    COMPARISON_PAGES,
    COMPARISONS,
    begin_comparison,
    comparison_file,
    wanted_of,
)
from thoracle.web.pages.asking import SEE_OTHER, Asking, Spoken, Using
from thoracle.web.render import page
from thoracle.web.services import Services
from thoracle.web.texts.ct import JOB_STATES

router: Final = APIRouter(include_in_schema=False)

_LINES: Final = 50
_FIELDS_MAX: Final = 400  # a patient's scans, a box and a day each


@router.post(COMPARISON_PAGES)
async def send(request: Request, services: Using, visitor: Asking) -> Response:
    """Queue the comparison of the scans that were chosen, and lead to its job."""
    form = await request.form(max_fields=_FIELDS_MAX)
    wanted = wanted_of(form, [str(one) for one in form.getlist("scan")])
    job = await run_in_threadpool(
        begin_comparison,
        services,
        wanted,
        same_patient=form.get("same_patient") == "true",
        owner=visitor.name,
    )
    return RedirectResponse(f"/ct/jobs/{job.id}", SEE_OTHER)


@router.get("/ct/scans/{scan_id}/compare")
def compare_with(request: Request, services: Using, language: Spoken, scan_id: str) -> Response:
    """Offer to compare a scan with others, also where nobody knows whose they are."""
    scan = services.store.scans.get(scan_id)
    latest = services.store.scans.list_scans(_LINES)
    others = [one for one in latest if one.id != scan_id and one.newest is not None]
    able = [scan, *others] if scan.newest is not None else []
    kept = services.store.comparisons.list_comparisons(_LINES)
    compare = {
        **_choice(able, [scan], language),
        "asks_same": True,
        "jobs": [
            _job(one, language)
            for one in _jobs(services)
            if scan_id in {Wanted.of(each).scan_id for each in one.input["scans"]}
        ],
        "kept": [
            _kept(one, language)
            for one in kept
            if scan_id in {compared.scan_id for compared in one.scans}
        ],
    }
    return page(request, "ct_compare_with.html", scan=scan, compare=compare)


@router.get(COMPARISON_PAGES + "/{comparison_id}")
def comparison_page(
    request: Request, services: Using, language: Spoken, comparison_id: str
) -> Response:
    """Show what changed between scans."""
    found = services.store.comparisons.get(comparison_id)
    return page(
        request,
        "ct_comparison.html",
        view=found.document["views"][language.code],
        pictures=found.document["pictures"],
        f=language.table(FOLLOW_UP),
        percentage=language(KINDS["percentage_of_infection"]),
        colors=[(name, language(PLACES[name])) for name in COLORS],
        address=f"{COMPARISON_PAGES}/{comparison_id}",
        api=f"{COMPARISONS}/{comparison_id}",
        patient=found.patient,
        time=language.moment(found.created_at),
        scans=_compared(services, found),
    )


@router.get(COMPARISON_PAGES + "/{comparison_id}/files/{name}")
def file(services: Using, comparison_id: str, name: str) -> Response:
    """Send a picture or a report."""
    content, headers = comparison_file(services, comparison_id, name)
    return Response(content, headers=headers)


@router.post(COMPARISON_PAGES + "/{comparison_id}/delete")
def delete(services: Using, comparison_id: str) -> Response:
    """Delete a comparison; its scans stay."""
    patient = services.store.comparisons.get(comparison_id).patient
    services.store.comparisons.delete(comparison_id)
    return RedirectResponse("/ct" if patient is None else f"/ct/patients/{patient}", SEE_OTHER)


def comparing(
    services: Services, scans: Sequence[Scan], patient: str, language: Language
) -> dict[str, Any]:
    """Return what a patient's page says of comparing: the form, jobs, and what was compared.

    Parameters
    ----------
    services
        With the store.
    scans
        Of the patient, in the order that the page lists them.
    patient
        Whose they are.
    language
        Of the page.

    Returns
    -------
    dict
        `scans` is empty where there are fewer than two with numbers; `why_not` says which install
        is missing.
    """
    kept = services.store.comparisons.list_comparisons(_LINES, patient=patient)
    able = [one for one in scans if one.newest is not None]
    return {
        **_choice(able, [*able[:1], *able[-1:]], language),
        "asks_same": False,
        "jobs": [
            _job(one, language) for one in _jobs(services) if one.input.get("patient") == patient
        ],
        "kept": [_kept(one, language) for one in kept],
    }


def _choice(able: Sequence[Scan], chosen: Sequence[Scan], language: Language) -> dict[str, Any]:
    """Return the form that chooses among scans with numbers, some of them chosen already."""
    keeps = settings().keep_identifiers
    lacks = any(one.study_date is None for one in able)
    asks_numbers = lacks and not keeps
    return {
        "scans": [
            {
                "id": one.id,
                "file": one.file,
                "chosen": one in chosen,
                "asks": asks_numbers or one.study_date is None,
                "is_first": one is able[0],
                "sent": language.moment(one.created_at),
            }
            for one in able
        ]
        if len(able) > 1
        else [],
        "most": SCANS_MAX,
        "by_number": asks_numbers,
        "by_date": lacks and keeps,
        "why_not": None if can_compare() else language.sentence(missing_simpleitk().text),
    }


def _jobs(services: Services) -> tuple[Job, ...]:
    return services.store.jobs.list_jobs(
        _LINES, states=(*UNFINISHED, JobState.FAILED), kind=COMPARE
    )


def _job(job: Job, language: Language) -> dict[str, Any]:
    return {
        "id": job.id,
        "file": job.input["file"],
        "state": language(JOB_STATES[job.state]),
        "time": language.moment(job.created_at),
    }


def _kept(comparison: Comparison, language: Language) -> dict[str, Any]:
    view = comparison.document["views"][language.code]
    shown = view["overall"] or view["steps"][0]
    return {
        "id": comparison.id,
        "title": shown["title"],
        "lead": shown["leads"][0] if shown["leads"] else "",
        "time": language.moment(comparison.created_at),
    }


def _compared(services: Services, comparison: Comparison) -> list[dict[str, str]]:
    scans = [(services.store.scans.get(one.scan_id), one.mask_id) for one in comparison.scans]
    return [
        {"file": scan.file, "address": f"/ct/scans/{scan.id}?mask={mask_id}"}
        for scan, mask_id in scans
    ]
