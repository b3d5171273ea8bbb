"""Chest CT for programs: send a scan, follow its job, fetch volume, masks and numbers."""

from dataclasses import asdict
from typing import Annotated, Any, Final

from fastapi import APIRouter, Query, Request
from fastapi.encoders import jsonable_encoder
from fastapi.responses import JSONResponse, Response
from starlette.concurrency import run_in_threadpool

from thoracle.core.languages import Language
from thoracle.jobs.ct_comparisons import COMPARE
from thoracle.jobs.ct_corrections import MINUTES_MAX, Correction, keep_correction
from thoracle.jobs.ct_scan_report import scan_pdf
from thoracle.store.job_types import Job, JobState
from thoracle.store.scan_types import Scan
from thoracle.web.ct_comparing import compare_anyway
from thoracle.web.ct_uploads import SCANS, submit_scan, try_again, wishes_of
from thoracle.web.openapi import problems, reference_to
from thoracle.web.pages.asking import Asking, Spoken, Using
from thoracle.web.pages.ct import asks_for
from thoracle.web.pages.report import PDF_TYPE
from thoracle.web.render import PROBLEM_TYPE
from thoracle.web.schemas import ProblemSchema
from thoracle.web.schemas_ct import (
    JobSchema,
    KeptMaskSchema,
    ScanSchema,
    ScansSchema,
    TrustSchema,
)

router: Final = APIRouter()

JOBS: Final = "/api/v1/ct/jobs"
GZIP_TYPE: Final = "application/gzip"

_BYTES: Final = {"schema": {"type": "string", "format": "binary"}}
_GZIP: Final[dict[int | str, dict[str, Any]]] = {
    200: {"description": "NIfTI, compressed.", "content": {GZIP_TYPE: _BYTES}}
}
_SCAN_BODY: Final[dict[str, Any]] = {
    "parameters": [
        {
            "name": "file",
            "in": "query",
            "description": "The scan's name, where the body is the scan.",
            "schema": {"type": "string", "default": "scan"},
        }
    ],
    "requestBody": {
        "required": True,
        "content": {
            "application/zip": _BYTES,
            "application/gzip": _BYTES,
            "application/octet-stream": _BYTES,
            "multipart/form-data": {
                "schema": {
                    "type": "object",
                    "required": ["file"],
                    "properties": {"file": {"type": "string", "format": "binary"}},
                }
            },
        },
    },
}
_MASK_BODY: Final[dict[str, Any]] = {
    "requestBody": {
        "required": True,
        "content": {"application/octet-stream": _BYTES, GZIP_TYPE: _BYTES},
    }
}


@router.post(
    SCANS,
    status_code=202,
    openapi_extra=_SCAN_BODY,
    responses={
        202: {"model": JobSchema, "description": "Queued; `Location` is its job."},
        422: {
            "description": "It is neither a ZIP archive nor a NIfTI volume.",
            "content": {PROBLEM_TYPE: {"schema": reference_to(ProblemSchema)}},
        },
    },
)
async def send(request: Request, services: Using, visitor: Asking, language: Spoken) -> Response:
    """Send a CT series, a form's file or the body itself, and queue its reading."""
    return queued(await submit_scan(request, services, owner=visitor.name), language)


@router.get(JOBS + "/{job_id}", response_model=JobSchema)
def job(job_id: str, services: Using, language: Spoken) -> Response:
    """Say how far a job is; once it is done, `result_id` is its scan or comparison."""
    return JSONResponse(_job_document(services.store.jobs.get(job_id), language))


@router.post(
    JOBS + "/{job_id}/cancel",
    status_code=202,
    responses={202: {"model": JobSchema, "description": "Asked; a running one ends in seconds."}},
)
def cancel(job_id: str, services: Using, language: Spoken) -> Response:
    """Cancel a job; one that has ended stays as it is."""
    services.store.jobs.ask_cancel(job_id, now=services.options.now())
    found = services.store.jobs.get(job_id)
    if found.state is JobState.CANCELLED and "upload" in found.input:
        services.store.uploads.remove(found.input["upload"])
    return JSONResponse(_job_document(found, language), status_code=202)


@router.post(
    JOBS + "/{job_id}/trust",
    status_code=202,
    responses={202: {"model": JobSchema, "description": "Queued again, as a new job."}},
)
def trust(job_id: str, services: Using, language: Spoken, said: TrustSchema) -> Response:
    """Read or compare refused scans again; who asks takes responsibility for what they say."""
    failed = services.store.jobs.get(job_id)
    if failed.kind == COMPARE:
        return queued(compare_anyway(services, failed, said.model_dump()), language)
    return queued(try_again(services, failed, wishes_of(said.model_dump())), language)


@router.get(SCANS, response_model=ScansSchema, responses=problems(404))
def scans(
    services: Using,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
    before: str | None = None,
    patient: Annotated[str | None, Query(max_length=64)] = None,
) -> Response:
    """List the kept scans, newest first; `next` leads to the ones before them."""
    found = services.store.scans.list_scans(limit + 1, before=before, patient=patient)
    shown = found[:limit]
    more = f"{SCANS}?limit={limit}&before={shown[-1].id}" if len(found) > limit else None
    if more is not None and patient is not None:
        more += f"&patient={patient}"
    return JSONResponse({"scans": [_scan_document(one) for one in shown], "next": more})


@router.get(SCANS + "/{scan_id}", response_model=ScanSchema)
def scan(scan_id: str, services: Using) -> Response:
    """Return one scan with the numbers of all versions of its mask."""
    return JSONResponse(_scan_document(services.store.scans.get(scan_id)))


@router.delete(SCANS + "/{scan_id}", status_code=204)
def delete(scan_id: str, services: Using) -> None:
    """Delete a scan with its volume, masks, numbers and comparisons, for good."""
    services.store.scans.delete(scan_id)


@router.get(SCANS + "/{scan_id}/volume", response_class=Response, responses=_GZIP)
def volume(scan_id: str, services: Using) -> Response:
    """Return the scan's HU as .nii.gz."""
    return _file(services.store.scans.volume(scan_id), f"{scan_id}.nii.gz")


@router.get(SCANS + "/{scan_id}/masks/{mask_id}", response_class=Response, responses=_GZIP)
def mask(scan_id: str, mask_id: str, services: Using) -> Response:
    """Return one version of the mask as .nii.gz.

    0 is background, 1 lung, 2 ground glass, 3 consolidation.
    """
    return _file(services.store.scans.mask(scan_id, mask_id), f"{scan_id}-{mask_id}.nii.gz")


@router.post(
    SCANS + "/{scan_id}/masks",
    status_code=201,
    response_model=KeptMaskSchema,
    openapi_extra=_MASK_BODY,
    responses=problems(422),
)
async def send_mask(
    request: Request,
    scan_id: str,
    services: Using,
    visitor: Asking,
    parent_id: Annotated[str | None, Query(max_length=36)] = None,
    minutes: Annotated[float | None, Query(ge=0, le=MINUTES_MAX)] = None,
) -> Response:
    """Keep a mask as a new version, and queue its measuring.

    The body is a NIfTI file on the scan's grid with labels 0 to 3, stored in any order of axes.
    """
    content = await request.body()
    said = Correction(content=content, reader=visitor.name, parent_id=parent_id, minutes=minutes)
    mask_id, job_id = await run_in_threadpool(
        keep_correction, services.store, scan_id, said, now=services.options.now()
    )
    headers = {"Location": f"{SCANS}/{scan_id}/masks/{mask_id}"}
    return JSONResponse({"id": mask_id, "job_id": job_id}, status_code=201, headers=headers)


@router.get(
    SCANS + "/{scan_id}/report.pdf",
    response_class=Response,
    responses={200: {"content": {PDF_TYPE: {}}}, **problems(422)},
)
def report(
    scan_id: str,
    services: Using,
    language: Spoken,
    mask_id: Annotated[str | None, Query(max_length=36)] = None,
) -> Response:
    """Return the report of a scan as PDF, by one version of its mask or the newest measured."""
    content = scan_pdf(
        services.store, scan_id, mask_id, language=language, now=services.options.now()
    )
    headers = {"Content-Disposition": f'inline; filename="thoracle-ct-{scan_id}.pdf"'}
    return Response(content, media_type=PDF_TYPE, headers=headers)


def queued(found: Job, language: Language) -> Response:
    """Answer with a job that was just queued."""
    headers = {"Location": f"{JOBS}/{found.id}"}
    return JSONResponse(_job_document(found, language), status_code=202, headers=headers)


def _job_document(found: Job, language: Language) -> dict[str, Any]:
    error = None
    if found.error_text is not None:
        error = {"code": found.error_code, "text": language.sentence(found.error_text)}
    known = asdict(found)
    document = {name: known[name] for name in JobSchema.model_fields if name in known}
    asks = list(asks_for(found.error_text or ""))
    encoded: dict[str, Any] = jsonable_encoder({**document, "error": error, "asks": asks})
    return encoded


def _scan_document(found: Scan) -> dict[str, Any]:
    encoded: dict[str, Any] = jsonable_encoder(asdict(found))
    return encoded


def _file(content: bytes, name: str) -> Response:
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return Response(content, media_type=GZIP_TYPE, headers=headers)
