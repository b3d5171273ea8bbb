"""A scan out of a request – a form's file or the body itself – streamed to disk for its job."""

import math
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from fastapi import Request
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import UploadFile
from starlette.exceptions import HTTPException

from thoracle.core.errors import ImageError
from thoracle.imaging.trust import Trust
from thoracle.jobs.ct_jobs import QUANTIFY, trust_wishes
from thoracle.store.job_types import UNFINISHED, Job, JobState
from thoracle.web.line import BusyError
from thoracle.web.services import Services, clean_name
from thoracle.web.texts import WEB

NEW_PAGE: Final = "/ct/new"
SCANS: Final = "/api/v1/ct/scans"

_CHUNK_BYTES: Final = 2**20
_HEAD_BYTES: Final = 4
_KINDS: Final[Mapping[bytes, str]] = {
    b"PK\x03\x04": "scan.zip",
    b"\x5c\x01\x00\x00": "scan.nii",  # NIfTI-1: 348, and NIfTI-2: 540, in either order of bytes
    b"\x00\x00\x01\x5c": "scan.nii",
    b"\x1c\x02\x00\x00": "scan.nii",
    b"\x00\x00\x02\x1c": "scan.nii",
}
_GZIP: Final = b"\x1f\x8b"
_SECONDS_EACH: Final = 60  # a guess: a scan takes one to a few minutes
_UID_LENGTH: Final = 64  # PS3.5, 9.1
_RESPONSIBLE: Final = "true"


@dataclass(frozen=True, slots=True, kw_only=True)
class Wishes:
    """What a user takes responsibility for, and which series is meant."""

    trust: Trust
    series_uid: str | None = None

    def as_input(self) -> dict[str, Any]:
        """Return it as part of a job's input."""
        return {**trust_wishes(self.trust), "series_uid": self.series_uid}


def takes_scans(path: str) -> bool:
    """Say whether an address takes scans and masks, which are larger than films."""
    return path == NEW_PAGE or path.startswith(SCANS)


async def submit_scan(request: Request, services: Services, *, owner: str) -> Job:
    """Stream the scan of a request to disk, and queue its reading.

    Parameters
    ----------
    request
        A multipart form with one part `file`, or a body that is the file, named by `?file=`.
    services
        With the store and the limits.
    owner
        Who asks.

    Returns
    -------
    Job
        Queued. Anything but a ZIP archive or a NIfTI file is an ImageError; a long line of jobs a
        BusyError.
    """
    need_room(services)
    uploads = services.store.uploads
    upload_id = uploads.begin(now=services.options.now())
    part = uploads.folder(upload_id) / "part"
    try:
        name = await _receive(request, part)
        kind = _kind_of(part)
        await run_in_threadpool(uploads.name, upload_id, part, kind)
    except BaseException:
        uploads.remove(upload_id)
        raise
    wishes = {"upload": upload_id, "file": clean_name(name), **Wishes(trust=Trust()).as_input()}
    return await run_in_threadpool(_submit, services, wishes, owner)


def try_again(services: Services, job: Job, wishes: Wishes) -> Job:
    """Queue the reading of a refused scan again, with what a user takes responsibility for.

    Parameters
    ----------
    services
        With the store.
    job
        One that failed.
    wishes
        What is said of the scan.

    Returns
    -------
    Job
        A new one; a job that did not fail, or whose upload is gone, is an error.

    Raises
    ------
    ImageError
        There is nothing to try again.
    """
    if job.kind != QUANTIFY or job.state is not JobState.FAILED:
        raise ImageError(
            f"found a job that is {job.state} – expected one that failed. Send the scan again.",
            code="job-not-failed",
        )
    need_room(services)
    services.store.uploads.file(job.input["upload"])
    return _submit(services, {**job.input, **wishes.as_input()}, job.owner)


def need_room(services: Services) -> None:
    """Refuse while too many jobs wait.

    Raises
    ------
    BusyError
        With the time to come back.
    """
    most = services.options.jobs_max
    waiting = services.store.jobs.list_jobs(most, states=UNFINISHED)
    if len(waiting) >= most:
        raise BusyError(_SECONDS_EACH)


def wishes_of(said: Mapping[str, Any]) -> Wishes:
    """Read what a user takes responsibility for, as a form or a program says it.

    Parameters
    ----------
    said
        `window_low` and `window_high`, `slice_spacing_mm`, `grey_low` and `grey_high`,
        `series_uid`; what is missing or empty is not said. `responsible` must be "true".

    Returns
    -------
    Wishes
        At least one of them.

    Raises
    ------
    HTTPException
        A value is no number, half of a pair is missing, nothing is said, or nobody is responsible.
    """
    trust = Trust(
        assume_window=_pair(said, "window_low", "window_high"),
        slice_spacing_mm=_number(said, "slice_spacing_mm"),
        grey_range=_pair(said, "grey_low", "grey_high"),
    )
    series = str(said.get("series_uid") or "").strip()[:_UID_LENGTH] or None
    if trust == Trust() and series is None:
        raise HTTPException(422, WEB["ct_trust_nothing"])
    if trust != Trust() and str(said.get("responsible")).lower() != _RESPONSIBLE:
        raise HTTPException(422, WEB["ct_trust_responsible"])
    return Wishes(trust=trust, series_uid=series)


def _submit(services: Services, wishes: Mapping[str, Any], owner: str | None) -> Job:
    jobs = services.store.jobs
    return jobs.get(jobs.submit(QUANTIFY, wishes, owner=owner, now=services.options.now()))


async def _receive(request: Request, part: Path) -> str:
    """Write the file of a request to disk, and return its own name.

    Raises
    ------
    HTTPException
        There is none, or the form is garbled.
    """
    kind = request.headers.get("content-type", "").split(";")[0].strip().lower()
    if kind != "multipart/form-data":
        await _write(request.stream(), part)
        return request.query_params.get("file", "scan")
    try:
        form = await request.form(max_files=1, max_fields=1)
    except HTTPException as error:
        raise HTTPException(400, WEB["upload_broken"]) from error
    try:
        file = form.get("file")
        if not isinstance(file, UploadFile) or not file.filename:
            raise HTTPException(422, WEB["upload_none"])
        await _write(_chunks(file), part)
        return file.filename
    finally:
        await form.close()


async def _chunks(file: UploadFile) -> AsyncIterator[bytes]:
    while chunk := await file.read(_CHUNK_BYTES):
        yield chunk


async def _write(chunks: AsyncIterator[bytes], part: Path) -> None:
    with part.open("wb") as stream:
        async for chunk in chunks:
            await run_in_threadpool(stream.write, chunk)


def _kind_of(part: Path) -> str:
    """Tell by its first bytes what a file is.

    Raises
    ------
    HTTPException
        It is empty.
    ImageError
        It is neither a ZIP archive nor a NIfTI file.
    """
    with part.open("rb") as stream:
        head = stream.read(_HEAD_BYTES)
    if not head:
        raise HTTPException(422, WEB["upload_none"])
    if head.startswith(_GZIP):
        return "scan.nii.gz"
    if head in _KINDS:
        return _KINDS[head]
    raise ImageError(
        "found a file that is neither a ZIP archive nor a NIfTI volume – expected one CT series: a "
        "ZIP archive of its DICOM files, .nii or .nii.gz. Pack the folder of the series, and send "
        "that.",
        code="ct-upload-kind",
    )


def _pair(said: Mapping[str, Any], low: str, high: str) -> tuple[float, float] | None:
    first, second = _number(said, low), _number(said, high)
    if first is None and second is None:
        return None
    if first is None or second is None:
        raise HTTPException(422, WEB["ct_trust_pair"])
    return first, second


def _number(said: Mapping[str, Any], name: str) -> float | None:
    text = str(said.get(name) if said.get(name) is not None else "").strip().replace(",", ".")
    if not text:
        return None
    try:
        number = float(text)
    except ValueError:
        number = math.nan
    if not math.isfinite(number):
        raise HTTPException(422, WEB["ct_trust_number"])
    return number
