"""Films out of a request – a form's files, archives, or the body itself – analyzed in turn."""

import hashlib
import io
import secrets
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import BinaryIO, Final

from fastapi import Request
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import FormData, UploadFile
from starlette.exceptions import HTTPException

from thoracle.core.errors import ImageError
from thoracle.imaging.archive import is_archive
from thoracle.jobs.results import Asked
from thoracle.store.ids import ENTROPY_BYTES, checked_id, new_id
from thoracle.web.services import Saved, Services, clean_name
from thoracle.web.texts import WEB

_FIELDS_MAX: Final = 8  # the form has a few fields beside its files
_FIELD_BYTES: Final = 4096
_CHUNK_BYTES: Final = 2**20
_FORMS: Final = ("multipart/form-data", "application/x-www-form-urlencoded")


@dataclass(frozen=True, slots=True, kw_only=True)
class Upload:
    """The films of one request, still unread, and what was asked with them."""

    files: Sequence[tuple[str, BinaryIO]]
    batch_id: str
    overrides_gate: bool

    def digest(self) -> str:
        """Return the SHA-256 of all names and bytes; the files are rewound."""
        found = hashlib.sha256(str(self.overrides_gate).encode())
        for name, stream in self.files:
            found.update(f"\0{name}\0".encode("utf-8", "replace"))
            while chunk := stream.read(_CHUNK_BYTES):
                found.update(chunk)
            stream.seek(0)
        return found.hexdigest()


@asynccontextmanager
async def read_upload(request: Request, services: Services) -> AsyncIterator[Upload]:
    """Read the films of a request, and remove their temporary files afterwards.

    Parameters
    ----------
    request
        A multipart form with one or several parts `files` (`override_gate` may be "true", and
        `batch_id` names the batch that they belong to), or a body that is one film, named by
        `?file=`.
    services
        With the limits.

    Yields
    ------
    Upload
        At least one film.

    Raises
    ------
    HTTPException
        422 without a film, 400 for too many of them and for a garbled form.
    """
    kind = request.headers.get("content-type", "").split(";")[0].strip().lower()
    if kind in _FORMS:
        form = await _read_form(request, files_max=services.options.files_max)
        try:
            yield _of_form(form, services)
        finally:
            await form.close()
        return
    body = await request.body()
    if not body:
        raise HTTPException(422, WEB["upload_none"])
    override = request.query_params.get("override_gate") == "true"
    named = (request.query_params.get("file", "film"), io.BytesIO(body))
    yield Upload(files=[named], batch_id=_new_batch(services), overrides_gate=override)


async def analyze_upload(upload: Upload, services: Services, *, owner: str) -> list[Saved]:
    """Analyze each film of an upload in a worker thread and keep the results, in its order.

    Parameters
    ----------
    upload
        From `read_upload`, still open.
    services
        The analyzer and the store.
    owner
        Who sends them.

    Returns
    -------
    list of Saved
        One for each film; those of an archive bear its name after their own.
    """
    asked = Asked(owner=owner, batch_id=upload.batch_id)
    return await run_in_threadpool(_analyze_all, upload, services, asked)


def _of_form(form: FormData, services: Services) -> Upload:
    parts = [part for part in form.getlist("files") if isinstance(part, UploadFile)]
    files = [(part.filename, part.file) for part in parts if part.filename]
    if not files:
        raise HTTPException(422, WEB["upload_none"])
    batch = form.get("batch_id")
    return Upload(
        files=files,
        batch_id=checked_id(batch) if isinstance(batch, str) and batch else _new_batch(services),
        overrides_gate=form.get("override_gate") == "true",
    )


async def _read_form(request: Request, *, files_max: int) -> FormData:
    try:
        return await request.form(
            max_files=files_max, max_fields=_FIELDS_MAX, max_part_size=_FIELD_BYTES
        )
    except HTTPException as error:
        too_many = error.detail.startswith("Too many files")
        text = WEB["upload_too_many"].format(files=files_max) if too_many else WEB["upload_broken"]
        raise HTTPException(400, text) from error


def _new_batch(services: Services) -> str:
    return new_id(services.options.now(), secrets.token_bytes(ENTROPY_BYTES))


def _analyze_all(upload: Upload, services: Services, asked: Asked) -> list[Saved]:
    """Read and analyze one film at a time, so that only one is whole in memory."""
    work = _Work(services, asked, overrides_gate=upload.overrides_gate)
    for name, stream in upload.files:
        content = stream.read()
        if is_archive(content):
            work.archive(content, name)
        else:
            work.film(content, name)
    return work.saved


class _Work:
    """The films of one request, in turn: once the first is let in, the others wait their turn."""

    def __init__(self, services: Services, asked: Asked, *, overrides_gate: bool) -> None:
        self.saved: list[Saved] = []
        self._services = services
        self._asked = asked
        self._overrides_gate = overrides_gate
        self._is_let_in = False

    def film(self, content: bytes, name: str) -> None:
        one = self._services.analyze(
            content,
            name=name,
            asked=self._asked,
            override_gate=self._overrides_gate,
            insists=self._is_let_in,
        )
        self._is_let_in = True
        self.saved.append(one)

    def archive(self, content: bytes, name: str) -> None:
        with TemporaryDirectory(prefix="thoracle-") as folder:
            try:
                members = self._services.unpack(content, Path(folder), insists=self._is_let_in)
            except ImageError as error:
                self.saved.append(self._services.fail(content, error, name=name, asked=self._asked))
                return
            self._is_let_in = True
            for one in members:
                self.film(one.path.read_bytes(), f"{one.name} ({clean_name(name)})")
