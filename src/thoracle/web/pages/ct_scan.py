"""The page of one CT scan: its volume, masks and numbers, and what a reader draws."""

from typing import Annotated, Any, Final

from fastapi import APIRouter, Query, Request
from fastapi.responses import RedirectResponse, Response
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import UploadFile
from starlette.exceptions import HTTPException

from thoracle.core.languages import Language
from thoracle.ct.measures import measures_from_json
from thoracle.imaging.nifti import NIFTI_TYPE
from thoracle.jobs.ct_corrections import Correction, keep_correction
from thoracle.jobs.ct_jobs import MEASURE
from thoracle.store.job_types import UNFINISHED
from thoracle.store.scan_types import Mask, Scan
from thoracle.web.ct_uploads import SCANS
from thoracle.web.pages.asking import SEE_OTHER, Asking, Spoken, Using
from thoracle.web.pages.ct_numbers import counted_lesions, number_rows, who
from thoracle.web.render import page
from thoracle.web.texts import WEB

router: Final = APIRouter(include_in_schema=False)

_KEPT_FOR_GOOD: Final = {"Cache-Control": "private, max-age=31536000, immutable"}


@router.get("/ct/scans/{scan_id}")
def scan_page(
    request: Request,
    services: Using,
    language: Spoken,
    scan_id: str,
    mask: Annotated[str | None, Query(max_length=36)] = None,
) -> Response:
    """Show one scan with one version of its mask: that asked for, or the newest with numbers.

    Raises
    ------
    HTTPException
        404 for a mask that is none of this scan's.
    """
    scan = services.store.scans.get(scan_id)
    shown = next((one for one in scan.masks if one.id == mask), None)
    if mask is not None and shown is None:
        raise HTTPException(404, WEB["error_missing"])
    shown = shown or scan.newest or scan.masks[0]
    waiting = services.store.jobs.list_jobs(100, states=UNFINISHED, kind=MEASURE)
    return page(
        request,
        "ct_scan.html",
        scan=scan,
        address=f"/ct/scans/{scan_id}",
        api=f"{SCANS}/{scan_id}",
        time=language.moment(scan.created_at),
        shown=shown,
        shown_who=who(shown, language),
        numbers=_numbers(shown, language),
        masks=_masks(scan, language),
        assumptions=_reasons(scan.document["assumptions"], language),
        warnings=_reasons(scan.document["warnings"], language),
        config=_config(scan, shown),
        geometry=_geometry(scan, language),
        provenance=_provenance(scan),
        measuring=next((one.id for one in waiting if one.input.get("mask") == shown.id), None),
    )


@router.get("/ct/scans/{scan_id}/view.nii.gz")
def volume(services: Using, scan_id: str) -> Response:
    """Send the volume as viewers get it."""
    return _nifti(services.store.scans.volume(scan_id, as_view=True))


@router.get("/ct/scans/{scan_id}/masks/{mask_id}/view.nii.gz")
def mask_view(services: Using, scan_id: str, mask_id: str) -> Response:
    """Send one version of the mask as viewers get it."""
    return _nifti(services.store.scans.mask(scan_id, mask_id, as_view=True))


@router.post("/ct/scans/{scan_id}/masks")
async def send_mask(request: Request, services: Using, visitor: Asking, scan_id: str) -> Response:
    """Keep a mask that was drawn elsewhere, and show it.

    Raises
    ------
    HTTPException
        422 without a file.
    """
    async with request.form(max_files=1, max_fields=2) as form:
        file = form.get("file")
        if not isinstance(file, UploadFile) or not file.filename:
            raise HTTPException(422, WEB["upload_none"])
        minutes = str(form.get("minutes") or "").strip().replace(",", ".")
        said = Correction(
            content=await file.read(),
            reader=visitor.name,
            minutes=_minutes(minutes) if minutes else None,
        )
    mask_id, _ = await run_in_threadpool(
        keep_correction, services.store, scan_id, said, now=services.options.now()
    )
    return RedirectResponse(f"/ct/scans/{scan_id}?mask={mask_id}", SEE_OTHER)


@router.post("/ct/scans/{scan_id}/delete")
def delete(services: Using, scan_id: str) -> Response:
    """Delete a scan with all that belongs to it."""
    services.store.scans.delete(scan_id)
    return RedirectResponse("/ct", SEE_OTHER)


def _minutes(said: str) -> float:
    """Read a time that a user wrote.

    Raises
    ------
    HTTPException
        It is no number.
    """
    try:
        return float(said)
    except ValueError as error:
        raise HTTPException(422, WEB["ct_trust_number"]) from error


def _nifti(content: bytes) -> Response:
    return Response(content, media_type=NIFTI_TYPE, headers=_KEPT_FOR_GOOD)


def _config(scan: Scan, shown: Mask) -> dict[str, Any]:
    """Return what the script of the viewer needs."""
    window = scan.document["window_hu"]
    return {
        "volume": f"/ct/scans/{scan.id}/view.nii.gz",
        "mask": f"/ct/scans/{scan.id}/masks/{shown.id}/view.nii.gz",
        "mask_id": shown.id,
        "save": f"{SCANS}/{scan.id}/masks",
        "page": f"/ct/scans/{scan.id}",
        "window": window or [-1350.0, 150.0],
    }


def _numbers(mask: Mask, language: Language) -> dict[str, Any] | None:
    if mask.measures is None:
        return None
    measures = measures_from_json(mask.measures)
    return {
        "rows": number_rows(measures, language),
        "lesions": counted_lesions(measures, language),
        "variants": measures.variants,
        "warnings": [
            {"code": one.code, "text": language.sentence(one.text)} for one in measures.warnings
        ],
    }


def _masks(scan: Scan, language: Language) -> list[dict[str, object]]:
    by_id = {one.id: one for one in scan.masks}
    lines = []
    for one in reversed(scan.masks):
        minutes = None if one.minutes is None else language.number(f"{one.minutes:.1f}")
        parent = by_id.get(one.parent_id or "")
        lines.append(
            {
                "id": one.id,
                "who": who(one, language),
                "is_reader": one.reader is not None,
                "minutes": minutes,
                "parent": None if parent is None else who(parent, language),
            }
        )
    return lines


def _reasons(said: list[dict[str, str]], language: Language) -> list[dict[str, str]]:
    return [{"code": one["code"], "text": language.sentence(one["text"])} for one in said]


def _geometry(scan: Scan, language: Language) -> str:
    slices, rows, columns = scan.document["shape"]
    spacing = [language.number(f"{one:.3g}") for one in reversed(scan.document["spacing_mm"])]
    return f"{columns} × {rows} × {slices}; {' × '.join(spacing)} mm"


def _provenance(scan: Scan) -> list[tuple[str, str]]:
    said = scan.document["provenance"]
    bundles = [
        (one["name"], f"{one['version']} ({one['digest'][:12]})") for one in said.get("bundles", ())
    ]
    known = [(name, str(said[name])) for name in ("runtime", "precision") if name in said]
    return [
        ("SHA-256", scan.sha256),
        ("Thoracle", str(said["software_version"])),
        *bundles,
        *known,
    ]
