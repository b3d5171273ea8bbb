"""Files out of a multipart request, analyzed one after the other."""

from collections.abc import Sequence
from typing import Final

from fastapi import Request
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import FormData, UploadFile
from starlette.exceptions import HTTPException

from thoracle.web.services import Saved, Services
from thoracle.web.texts import WEB

_FIELDS_MAX: Final = 8  # the form has one field beside its files
_FIELD_BYTES: Final = 1024


async def analyze_uploads(request: Request, services: Services) -> list[Saved]:
    """Read the files of a form, analyze each in a worker thread, and keep the results.

    Parameters
    ----------
    request
        A multipart form with one or several parts `files`; `override_gate` may be "true".
    services
        The analyzer and the store.

    Returns
    -------
    list of Saved
        In the order of the form.

    Notes
    -----
    No file is answered with 422, too many files and a garbled form with 400.
    """
    limit = services.options.files_max
    form = await _read_form(request)
    try:
        files = [part for part in form.getlist("files") if isinstance(part, UploadFile)]
        named = [part for part in files if part.filename]
        _check_number(len(named), limit)
        return await run_in_threadpool(_analyze_all, services, named, _override(form))
    finally:
        await form.close()  # removes the temporary files


async def _read_form(request: Request) -> FormData:
    try:
        return await request.form(max_fields=_FIELDS_MAX, max_part_size=_FIELD_BYTES)
    except HTTPException as error:
        raise HTTPException(400, WEB["upload_broken"]) from error


def _check_number(files: int, limit: int) -> None:
    if files == 0:
        raise HTTPException(422, WEB["upload_none"])
    if files > limit:
        raise HTTPException(400, WEB["upload_too_many"].format(files=limit))


def _override(form: FormData) -> bool:
    return form.get("override_gate") == "true"


def _analyze_all(services: Services, files: Sequence[UploadFile], override: bool) -> list[Saved]:
    """Read and analyze one file at a time, so that only one is whole in memory."""
    return [
        services.analyze(part.file.read(), name=part.filename or "", override_gate=override)
        for part in files
    ]
