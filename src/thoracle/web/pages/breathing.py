"""Breathing recordings: the list, sending one, and those to try."""

import re
from collections.abc import Mapping
from typing import Annotated, Final

from fastapi import APIRouter, Query, Request
from fastapi.responses import RedirectResponse, Response
from starlette.exceptions import HTTPException

from thoracle.core.errors import ImageError, SignalError
from thoracle.core.languages import Language
from thoracle.jobs.breathing_examples import EXAMPLES, example_recording
from thoracle.jobs.breathing_records import has_patterns
from thoracle.reporting.breathing_plot import clock
from thoracle.reporting.pattern_texts import PATTERN_TITLES
from thoracle.respiration.types import SENSORS
from thoracle.store.recording_types import RecordingLine
from thoracle.web.options import BYTES_PER_MB
from thoracle.web.pages.asking import SEE_OTHER, Asking, Spoken, Using
from thoracle.web.recording_uploads import SentRecording, read_and_keep, receive_recording
from thoracle.web.render import page
from thoracle.web.services import Services
from thoracle.web.texts import WEB
from thoracle.web.texts.breathing import SENSOR_TITLES, TIME_UNIT_TITLES

router: Final = APIRouter(include_in_schema=False)

NEW_PAGE: Final = "/breathing/new"

_LINES: Final = 50
# What a refusal names as a way out, as a command takes it, and what the form calls it.
_FIELDS: Final[Mapping[str, str]] = {
    "--sensor": "br_sensor",
    "--channel": "br_channel",
    "--rate-hz": "br_rate_hz",
    "--time-unit": "br_time_unit",
}


@router.get("/breathing")
def list_page(
    request: Request,
    services: Using,
    language: Spoken,
    before: Annotated[str | None, Query(max_length=36)] = None,
) -> Response:
    """List the kept recordings, newest first."""
    lines = services.store.recordings.list_recordings(_LINES + 1, before=before)
    return page(
        request,
        "breathing.html",
        lines=[recording_line(one, language) for one in lines[:_LINES]],
        older=lines[_LINES - 1].id if len(lines) > _LINES else None,
        before=before,
        examples=tuple(EXAMPLES),
    )


@router.get(NEW_PAGE)
def new_page(request: Request, services: Using, language: Spoken) -> Response:
    """Show the form for one recording."""
    return _form(request, services, language, said={})


@router.post(NEW_PAGE)
async def send(request: Request, services: Using, visitor: Asking, language: Spoken) -> Response:
    """Read a recording and lead to its page; a refusal comes back to the form."""
    said: Mapping[str, str] = {}
    try:
        sent = await receive_recording(request)
        said = sent.said
        kept = await read_and_keep(sent, services, owner=visitor.name)
    except (ImageError, SignalError) as error:
        reason = in_the_form(language.sentence(error.text), language)
        return _form(request, services, language, said=said, refused=reason, code=error.code)
    except HTTPException as error:
        reason = language.sentence(error.detail)
        return _form(request, services, language, said=said, refused=reason, code="request")
    return RedirectResponse(address_of(kept), SEE_OTHER)


@router.post("/breathing/examples/{name}")
async def read_example(services: Using, visitor: Asking, name: str) -> Response:
    """Simulate a recording to try, read it, and lead to its page."""
    content, choice = example_recording(name)
    sent = SentRecording(name=name, content=content, said={"sensor": choice.sensor or ""})
    kept = await read_and_keep(sent, services, owner=visitor.name)
    return RedirectResponse(address_of(kept), SEE_OTHER)


def address_of(recording_id: str) -> str:
    """Return the address of a recording's page."""
    return f"/breathing/recordings/{recording_id}"


def in_the_form(said: str, language: Language) -> str:
    """Return a refusal, in its language, with the form's fields in place of a command's options."""
    for option, field in _FIELDS.items():
        said = re.sub(rf"{option}\b", f"“{language(WEB[field])}”", said)
    return said


def recording_line(one: RecordingLine, language: Language) -> dict[str, object]:
    """Return one recording as lists print it."""
    facts = one.facts
    rate = facts.breaths_per_minute
    return {
        "id": one.id,
        "file": facts.file,
        "patient": facts.patient,
        "time": language.moment(one.created_at),
        "sensor": language(SENSOR_TITLES[facts.sensor]),
        "length": clock(facts.duration_s),
        "rate": "–" if rate is None else language.number(f"{rate:.1f}"),
        "apneas": facts.apneas,
        "pattern": "–" if facts.pattern is None else language(PATTERN_TITLES[facts.pattern]),
    }


def _form(
    request: Request,
    services: Services,
    language: Language,
    *,
    said: Mapping[str, str],
    refused: str = "",
    code: str = "",
) -> Response:
    megabytes = language.number(f"{services.options.upload_limit_mb:g}")
    return page(
        request,
        "breathing_new.html",
        status=422 if refused else 200,
        said=said,
        refused=refused,
        code=code,
        limit=language(WEB["br_upload_limit"], megabytes=megabytes),
        bytes_max=int(services.options.upload_limit_mb * BYTES_PER_MB),
        too_large=language(WEB["upload_too_large"], megabytes=megabytes),
        has_patterns=has_patterns(),
        sensors=[(name, language(SENSOR_TITLES[name])) for name in SENSORS],
        units=[(name, language(title)) for name, title in TIME_UNIT_TITLES.items()],
        examples=tuple(EXAMPLES),
    )
