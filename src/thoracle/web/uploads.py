"""Files out of a multipart request, analyzed one after the other."""

import secrets
from collections.abc import Sequence
from typing import Final

from fastapi import Request
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import FormData, UploadFile
from starlette.exceptions import HTTPException

from thoracle.jobs.results import Asked
from thoracle.store.ids import ENTROPY_BYTES, checked_id, new_id
from thoracle.web.services import Saved, Services
from thoracle.web.texts import WEB

_FIELDS_MAX: Final = 8  # the form has a few fields beside its files
_FIELD_BYTES: Final = 4096


async def analyze_uploads(
    request: Request, services: Services, *, owner: str
) -> tuple[str, list[Saved]]:
    """Read the files of a form, analyze each in a worker thread, and keep the results.

    Parameters
    ----------
    request
        A multipart form with one or several parts `files`; `override_gate` may be "true", and
        `batch_id` names the batch that they belong to.
    services
        The analyzer and the store.
    owner
        Who sends them.

    Returns
    -------
    batch_id, saved : str, list of Saved
        In the order of the form.

    Raises
    ------
    HTTPException
        422 without a file, 400 for too many files and for a garbled form.
    """
    limit = services.options.files_max
    form = await _read_form(request, files_max=limit)
    try:
        files = [part for part in form.getlist("files") if isinstance(part, UploadFile)]
        named = [part for part in files if part.filename]
        if not named:
            raise HTTPException(422, WEB["upload_none"])
        asked = Asked(owner=owner, batch_id=_batch_id(form, services))
        override = form.get("override_gate") == "true"
        saved = await run_in_threadpool(_analyze_all, services, named, asked, override=override)
        return str(asked.batch_id), saved
    finally:
        await form.close()  # removes the temporary files


async def _read_form(request: Request, *, files_max: int) -> FormData:
    try:
        return await request.form(
            max_files=files_max, max_fields=_FIELDS_MAX, max_part_size=_FIELD_BYTES
        )
    except HTTPException as error:
        too_many = error.detail.startswith("Too many files")
        text = WEB["upload_too_many"].format(files=files_max) if too_many else WEB["upload_broken"]
        raise HTTPException(400, text) from error


def _batch_id(form: FormData, services: Services) -> str:
    given = form.get("batch_id")
    if isinstance(given, str) and given:
        return checked_id(given)
    return new_id(services.options.now(), secrets.token_bytes(ENTROPY_BYTES))


def _analyze_all(
    services: Services, files: Sequence[UploadFile], asked: Asked, *, override: bool
) -> list[Saved]:
    """Read and analyze one file at a time, so that only one is whole in memory."""
    return [
        services.analyze(
            part.file.read(),
            name=part.filename or "",
            asked=asked,
            override_gate=override,
            insists=place > 0,
        )
        for place, part in enumerate(files)
    ]
