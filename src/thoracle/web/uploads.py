"""Films out of a request – a form's files, archives, or the body itself – analyzed in turn."""

import asyncio
import hashlib
import secrets
import threading
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import SpooledTemporaryFile, TemporaryDirectory
from types import MappingProxyType
from typing import IO, Final

from fastapi import Request
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import FormData, UploadFile
from starlette.exceptions import HTTPException

from thoracle.core.errors import ImageError, StoreError
from thoracle.imaging.archive import is_archive
from thoracle.jobs.results import Asked
from thoracle.store.ids import ENTROPY_BYTES, checked_id, new_id
from thoracle.web.line import Turn
from thoracle.web.services import Saved, Services, clean_name
from thoracle.web.texts import WEB

_FIELDS_MAX: Final = 8  # the form has a few fields beside its files
_FIELD_BYTES: Final = 4096
_CHUNK_BYTES: Final = 2**20
_IN_MEMORY_BYTES: Final = 2**20  # what is larger waits on disk, as the files of a form do
_NO_ROOM: Final = "zip-no-room"
_SWITCH: Final[Mapping[object, bool]] = MappingProxyType(
    {"true": True, "false": False, None: False}
)
_FORMS: Final = ("multipart/form-data", "application/x-www-form-urlencoded")


@dataclass(frozen=True, slots=True, kw_only=True)
class Upload:
    """The films of one request, still unread, and what was asked with them.

    `is_gone` says, to any thread, whether the sender has hung up.
    """

    files: Sequence[tuple[str, IO[bytes]]]
    batch_id: str
    overrides_gate: bool
    is_gone: Callable[[], bool]

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
        A multipart form with one or several parts `files` (`override_gate` may be "true", there or
        in the query, and `batch_id` names the batch that they belong to), or a body that is one
        film, named by `?file=`.
    services
        With the limits.

    Yields
    ------
    Upload
        At least one film. None is an HTTPException of 422, too many and a garbled form one of 400.
    """
    overrides = _is_true(request.query_params.get("override_gate"))
    kind = request.headers.get("content-type", "").split(";")[0].strip().lower()
    if kind in _FORMS:
        form = await _read_form(request, files_max=services.options.files_max)
        try:
            async with _watched(request) as is_gone:
                yield _of_form(form, services, is_gone, overrides_gate=overrides)
        finally:
            await form.close()
        return
    with SpooledTemporaryFile(max_size=_IN_MEMORY_BYTES) as body:
        await _read_body(request, body)
        async with _watched(request) as is_gone:
            yield Upload(
                files=[(request.query_params.get("file", "film"), body)],
                batch_id=_new_batch(services),
                overrides_gate=overrides,
                is_gone=is_gone,
            )


async def analyze_upload(upload: Upload, services: Services, *, owner: str) -> list[Saved]:
    """Analyze each film of an upload in a worker thread and keep the results, in its order.

    Films whose turn has not come when the sender hangs up are dropped with a GoneError.

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


@asynccontextmanager
async def _watched(request: Request) -> AsyncIterator[Callable[[], bool]]:
    """Give a function for threads that says whether the sender has hung up."""
    gone = threading.Event()

    async def watch() -> None:
        while (await request.receive())["type"] != "http.disconnect":
            pass
        gone.set()

    watching = asyncio.create_task(watch())
    try:
        yield gone.is_set
    finally:
        watching.cancel()
        with suppress(asyncio.CancelledError):
            await watching


def _of_form(
    form: FormData, services: Services, is_gone: Callable[[], bool], *, overrides_gate: bool
) -> Upload:
    parts = [part for part in form.getlist("files") if isinstance(part, UploadFile)]
    files = [(part.filename, part.file) for part in parts if part.filename]
    if not files:
        raise HTTPException(422, WEB["upload_none"])
    batch = form.get("batch_id")
    return Upload(
        files=files,
        batch_id=_new_batch(services) if batch is None else _checked_batch(batch),
        overrides_gate=_is_true(form.get("override_gate")) or overrides_gate,
        is_gone=is_gone,
    )


def _is_true(said: object) -> bool:
    if said not in _SWITCH:
        raise HTTPException(422, WEB["error_form"])
    return _SWITCH[said]


def _checked_batch(said: object) -> str:
    try:
        return checked_id(str(said))
    except StoreError as error:  # it speaks of results
        raise HTTPException(422, WEB["error_form"]) from error


async def _read_form(request: Request, *, files_max: int) -> FormData:
    try:
        return await request.form(
            max_files=files_max, max_fields=_FIELDS_MAX, max_part_size=_FIELD_BYTES
        )
    except HTTPException as error:
        too_many = error.detail.startswith("Too many files")
        text = WEB["upload_too_many"].format(files=files_max) if too_many else WEB["upload_broken"]
        raise HTTPException(400, text) from error


async def _read_body(request: Request, into: IO[bytes]) -> None:
    async for chunk in request.stream():
        if into.tell() + len(chunk) > _IN_MEMORY_BYTES:
            await run_in_threadpool(into.write, chunk)  # to disk
        else:
            into.write(chunk)
    if not into.tell():
        raise HTTPException(422, WEB["upload_none"])
    into.seek(0)


def _new_batch(services: Services) -> str:
    return new_id(services.options.now(), secrets.token_bytes(ENTROPY_BYTES))


def _analyze_all(upload: Upload, services: Services, asked: Asked) -> list[Saved]:
    """Read and analyze one film at a time, so that only one is whole in memory."""
    work = _Work(services, asked, upload)
    for name, stream in upload.files:
        content = stream.read()
        if is_archive(content):
            work.archive(content, name)
        else:
            work.film(content, name)
    return work.saved


class _Work:
    """The films of one request, in turn: once the first is let in, the others wait their turn."""

    def __init__(self, services: Services, asked: Asked, upload: Upload) -> None:
        self.saved: list[Saved] = []
        self._services = services
        self._asked = asked
        self._overrides_gate = upload.overrides_gate
        self._turn = Turn(is_gone=upload.is_gone)

    def film(self, content: bytes, name: str) -> None:
        one = self._services.analyze(
            content,
            name=name,
            asked=self._asked,
            override_gate=self._overrides_gate,
            turn=self._turn,
        )
        self._is_let_in()
        self.saved.append(one)

    def archive(self, content: bytes, name: str) -> None:
        with TemporaryDirectory(prefix="thoracle-") as folder:
            try:
                members = self._services.unpack(content, Path(folder), turn=self._turn)
            except ImageError as error:
                if error.code == _NO_ROOM:
                    raise  # the server's lack, not the archive's
                self.saved.append(self._services.fail(content, error, name=name, asked=self._asked))
                return
            self._is_let_in()
            for one in members:
                self.film(one.path.read_bytes(), f"{one.name} ({clean_name(name)})")

    def _is_let_in(self) -> None:
        self._turn = replace(self._turn, insists=True)
