"""Chest CT: the list of scans, sending one, and the job that reads it."""

import re
from typing import Annotated, Any, Final

from fastapi import APIRouter, Query, Request
from fastapi.responses import RedirectResponse, Response
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException

from thoracle.core.errors import StoreError
from thoracle.core.languages import Language
from thoracle.jobs.ct_comparisons import COMPARE
from thoracle.jobs.ct_jobs import MEASURE, QUANTIFY
from thoracle.jobs.ct_queue import corrected_masks, learned_by, waiting
from thoracle.jobs.ct_tools import CT_BUNDLE, has_ct
from thoracle.jobs.job_worker import UPLOADS_KEPT
from thoracle.store.job_types import UNFINISHED, Job, JobState
from thoracle.store.scan_types import Scan
from thoracle.web.ct_comparing import compare_anyway
from thoracle.web.ct_uploads import NEW_PAGE, submit_scan, try_again, wishes_of
from thoracle.web.options import BYTES_PER_MB
from thoracle.web.pages.asking import SEE_OTHER, Asking, Spoken, Using
from thoracle.web.pages.ct_compare import comparing
from thoracle.web.pages.ct_numbers import course, headline
from thoracle.web.render import page
from thoracle.web.services import Services
from thoracle.web.texts import WEB
from thoracle.web.texts.ct import JOB_STAGES, JOB_STATES

router: Final = APIRouter(include_in_schema=False)

_LINES: Final = 50
_COURSE_LINES: Final = 100
# What a refusal names as a way out, as a command takes it.
_ASKS: Final = {
    "window": "--assume-window",
    "spacing": "--slice-spacing",
    "grey": "--grey-range",
    "series": "--series",
    "patient": "--same-patient",
}
# The same as the page's form calls it.
_FIELDS: Final = {
    "window": "ct_trust_window",
    "spacing": "ct_trust_spacing",
    "grey": "ct_trust_grey",
    "series": "ct_trust_series",
    "patient": "ct_compare_same",
}
_GIVEN: Final = ("assume_window", "slice_spacing_mm", "series_uid")


@router.get("/ct")
def ct_page(
    request: Request,
    services: Using,
    language: Spoken,
    before: Annotated[str | None, Query(max_length=36)] = None,
) -> Response:
    """List the kept scans, newest first, and the jobs that are not done."""
    scans = services.store.scans.list_scans(_LINES + 1, before=before)
    jobs = services.store.jobs.list_jobs(
        _LINES, states=(*UNFINISHED, JobState.FAILED), kind=QUANTIFY
    )
    since = services.options.now() - UPLOADS_KEPT
    return page(
        request,
        "ct.html",
        lines=[_line(one, language) for one in scans[:_LINES]],
        jobs=[_view(services, one, language) for one in jobs if one.created_at >= since],
        queue=_queue(services, language),
        older=scans[_LINES - 1].id if len(scans) > _LINES else None,
        before=before,
    )


@router.get(NEW_PAGE)
def new_page(request: Request, services: Using, language: Spoken) -> Response:
    """Show the form for one scan."""
    megabytes = services.options.ct_upload_limit_mb
    limit = language(WEB["ct_upload_limit"], megabytes=language.number(f"{megabytes:g}"))
    return page(
        request,
        "ct_new.html",
        limit=limit,
        megabytes=f"{megabytes:g}",
        bytes_max=int(megabytes * BYTES_PER_MB),
        has_ct=has_ct(),
    )


@router.post(NEW_PAGE)
async def send(request: Request, services: Using, visitor: Asking) -> Response:
    """Take a scan, and lead to its job."""
    job = await submit_scan(request, services, owner=visitor.name)
    return _to_job(job)


@router.get("/ct/jobs/{job_id}")
def job_page(request: Request, services: Using, language: Spoken, job_id: str) -> Response:
    """Show how far a job is; where it is done, lead to what it made."""
    job = services.store.jobs.get(job_id)
    is_asked_again = "hx-request" in request.headers
    if job.state is JobState.DONE and job.result_id is not None:
        kind = "comparisons" if job.kind == COMPARE else "scans"
        address = f"/ct/{kind}/{job.result_id}"
        if is_asked_again:
            return Response(headers={"HX-Redirect": address})
        return RedirectResponse(address, SEE_OTHER)
    if is_asked_again and job.is_finished:
        return Response(
            headers={"HX-Refresh": "true"}
        )  # what the page offers now is another matter
    return page(request, "ct_job.html", job=_view(services, job, language))


@router.post("/ct/jobs/{job_id}/cancel")
def cancel(services: Using, job_id: str) -> Response:
    """Cancel a job."""
    services.store.jobs.ask_cancel(job_id, now=services.options.now())
    job = services.store.jobs.get(job_id)
    if job.state is JobState.CANCELLED and "upload" in job.input:
        services.store.uploads.remove(job.input["upload"])
    return _to_job(job)


@router.post("/ct/jobs/{job_id}/trust")
async def trust(request: Request, services: Using, job_id: str) -> Response:
    """Read or compare refused scans again with what a user takes responsibility for."""
    form = await request.form(max_fields=12)
    job = services.store.jobs.get(job_id)
    if job.kind == COMPARE:
        again = await run_in_threadpool(compare_anyway, services, job, form)
    else:
        again = await run_in_threadpool(try_again, services, job, wishes_of(form))
    return _to_job(again)


@router.get("/ct/patients/{patient}")
def patient_page(request: Request, services: Using, language: Spoken, patient: str) -> Response:
    """Show the course of one patient's scans.

    Raises
    ------
    HTTPException
        404 for a patient without scans.
    """
    scans = services.store.scans.list_scans(_COURSE_LINES, patient=patient)
    if not scans:
        raise HTTPException(404, WEB["error_missing"])
    shown = course(scans, language)
    by_id = {one.id: one for one in scans}
    ordered = [by_id[line["id"]] for line in shown["lines"]]
    return page(
        request,
        "ct_patient.html",
        patient=patient,
        course=shown,
        compare=comparing(services, ordered, patient, language),
    )


def asks_for(text: str) -> tuple[str, ...]:
    """Return what a refusal says that a user may take responsibility for."""
    return tuple(name for name, option in _ASKS.items() if option in text)


def in_the_form(said: str, language: Language) -> str:
    """Return a refusal, in its language, with the form's fields in place of a command's options."""
    for name, option in _ASKS.items():
        field = language(WEB[_FIELDS[name]]).rstrip(".")
        said = re.sub(rf"{option}(?: [A-Z]{{2,}})*", f"“{field}”", said)
    return said


def _to_job(job: Job) -> Response:
    return RedirectResponse(f"/ct/jobs/{job.id}", SEE_OTHER)


def _line(scan: Scan, language: Language) -> dict[str, object]:
    return {
        "id": scan.id,
        "file": scan.file,
        "patient": scan.patient,
        "time": language.moment(scan.created_at),
        "versions": len(scan.masks),
        **headline(scan.newest, language),
    }


def _queue(services: Services, language: Language) -> dict[str, Any] | None:
    """Return what readers corrected and whether a network has learned from it; None without any."""
    masks = corrected_masks(services.store)
    if not masks:
        return None
    new = {one.mask_id for one in waiting(masks, learned_by(CT_BUNDLE))}
    minutes = sum(one.minutes or 0.0 for one in masks)
    said = language(
        WEB["ct_queue_said"],
        count=str(len(masks)),
        minutes=language.number(f"{minutes:.0f}"),
        waiting=str(len(new)),
    )
    lines = [
        {
            "scan": one.scan_id,
            "reader": one.reader,
            "minutes": None if one.minutes is None else language.number(f"{one.minutes:.1f}"),
            "versions": one.versions,
            "time": language.moment(one.created_at),
            "waits": one.mask_id in new,
        }
        for one in reversed(masks[-_LINES:])
    ]
    return {"said": said, "lines": lines}


def _view(services: Services, job: Job, language: Language) -> dict[str, Any]:
    """Return a job as its page prints it."""
    is_measuring = job.kind == MEASURE
    said = job.error_text or ""
    asks = asks_for(said) if _may_ask(services, job) else ()
    before = len(services.store.jobs.list_jobs(1000, states=UNFINISHED, kind=job.kind)) - 1
    return {
        "id": job.id,
        "state": str(job.state),
        "state_title": language(JOB_STATES[job.state]),
        "stage_title": language(JOB_STAGES.get(job.stage, "")),
        "percent": round(100 * job.progress),
        "before": before,
        "attempt": job.attempts,
        "is_finished": job.is_finished,
        "cancel_asked": job.cancel_asked,
        "is_measuring": is_measuring,
        "is_comparing": job.kind == COMPARE,
        "patient": job.input.get("patient"),
        "file": job.input.get("file", ""),
        "scan_id": job.input.get("scan"),
        "time": language.moment(job.created_at),
        "errors": in_the_form(language.sentence(said), language).splitlines(),
        "code": job.error_code,
        "asks": asks,
        "given": {name: job.input.get(name) for name in _GIVEN},
        "until": language.moment(job.created_at + UPLOADS_KEPT),
    }


def _may_ask(services: Services, job: Job) -> bool:
    """Say whether a job can be tried again: it was refused, and its upload is still there."""
    if job.state is not JobState.FAILED or job.kind == MEASURE:
        return False
    if job.kind == COMPARE:
        return True
    try:
        services.store.uploads.file(job.input["upload"])
    except StoreError:
        return False
    return True
