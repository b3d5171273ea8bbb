"""A breathing recording out of a request – a form's file or the body itself – read and kept."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from fastapi import Request
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import UploadFile
from starlette.exceptions import HTTPException

from thoracle.core.errors import SignalError
from thoracle.core.files import sha256_of
from thoracle.jobs.breathing_records import Sender, keep_recording, tell_breathing
from thoracle.respiration.recording import Choice
from thoracle.web.services import Services, clean_name
from thoracle.web.texts import WEB

RECORDINGS: Final = "/api/v1/breathing/recordings"
FIELDS: Final = ("sensor", "channel", "rate_hz", "time_unit", "patient")

_FORMS: Final = ("multipart/form-data", "application/x-www-form-urlencoded")
_FIELD_BYTES: Final = 4096
_PATIENT_LENGTH: Final = 64


@dataclass(frozen=True, slots=True, kw_only=True)
class SentRecording:
    """A recording as it came, and what its sender says of it.

    `patient` is the patient's number, not yet a pseudonym.
    """

    name: str
    content: bytes = field(repr=False)
    said: Mapping[str, str]

    @property
    def choice(self) -> Choice:
        """What is said of the signal; a rate that is no number is a SignalError."""
        return Choice(
            channel=self.said.get("channel"),
            rate_hz=_number(self.said.get("rate_hz")),
            sensor=self.said.get("sensor"),
            time_unit=self.said.get("time_unit"),
        )

    @property
    def patient(self) -> str | None:
        """The patient's number; None where nobody gave one."""
        return self.said.get("patient")

    def digest(self) -> str:
        """Return the SHA-256 of all that was sent."""
        said = repr([self.name, sorted(self.said.items()), sha256_of(self.content)])
        return sha256_of(said.encode("utf-8", "replace"))


async def receive_recording(request: Request) -> SentRecording:
    """Take a recording out of a request.

    Parameters
    ----------
    request
        A multipart form with the part `file` and the fields of `FIELDS`, or a body that is the
        file, named by `?file=`, with the fields in the query.

    Returns
    -------
    SentRecording
        Unread.

    Raises
    ------
    HTTPException
        400 for a garbled form, 422 without a file.
    """
    kind = request.headers.get("content-type", "").split(";")[0].strip().lower()
    if kind in _FORMS:
        name, content, said = await _of_form(request)
    else:
        name, content = request.query_params.get("file", "recording"), await request.body()
        said = _said(request.query_params)
    if not content:
        raise HTTPException(422, WEB["br_upload_none"])
    return SentRecording(name=clean_name(name), content=content, said=said)


async def read_and_keep(
    sent: SentRecording, services: Services, *, owner: str, patient: str | None = None
) -> str:
    """Read a recording in a worker thread, in its turn, and keep what is told of it.

    Parameters
    ----------
    sent
        From `receive_recording`.
    services
        With the decoder, the network and the store.
    owner
        Who sent it.
    patient
        Whose it is, in place of what was sent.

    Returns
    -------
    str
        Its id. A file that cannot be read is an ImageError; what is missing or contradicts it a
        SignalError; a full line a BusyError.
    """
    return await run_in_threadpool(_read_and_keep, sent, services, owner, patient)


def _read_and_keep(sent: SentRecording, services: Services, owner: str, patient: str | None) -> str:
    choice = sent.choice
    with services.line.place():
        file = services.decode_recording(sent.content, name=sent.name, channel=choice.channel)
        told = tell_breathing(file, choice, services.patterns.classifier())
    whose = services.pseudonym(sent.patient) if patient is None else patient
    sender = Sender(file=sent.name, owner=owner, patient=whose)
    return keep_recording(services.store.recordings, told, sender, now=services.options.now())


async def _of_form(request: Request) -> tuple[str, bytes, dict[str, str]]:
    try:
        form = await request.form(max_files=1, max_fields=8, max_part_size=_FIELD_BYTES)
    except HTTPException as error:
        raise HTTPException(400, WEB["upload_broken"]) from error
    try:
        file = form.get("file")
        if not isinstance(file, UploadFile) or not file.filename:
            raise HTTPException(422, WEB["br_upload_none"])
        return file.filename, await file.read(), _said(form)
    finally:
        await form.close()


def _said(given: Mapping[str, Any]) -> dict[str, str]:
    """Return the fields that are filled in."""
    found = {name: str(given.get(name) or "").strip() for name in FIELDS}
    found["patient"] = found["patient"][:_PATIENT_LENGTH]
    return {name: value for name, value in found.items() if value}


def _number(said: str | None) -> float | None:
    if said is None:
        return None
    try:
        return float(said.replace(",", "."))
    except ValueError as error:
        raise SignalError(WEB["br_rate_number"], code="signal-rate") from error
