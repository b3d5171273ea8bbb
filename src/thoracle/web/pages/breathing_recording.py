"""The page of one breathing recording, its tables and data, and its deletion."""

from typing import Annotated, Final

from fastapi import APIRouter, Query, Request
from fastapi.responses import JSONResponse, RedirectResponse, Response

from thoracle.core.languages import Language
from thoracle.jobs.breathing_records import ShownRecording, show_recording
from thoracle.jobs.breathing_tables import breaths_csv, windows_csv
from thoracle.reporting.breathing_plot import clock
from thoracle.reporting.pattern_texts import PATTERN_TEXTS
from thoracle.respiration.measures import TIMED_SENSORS
from thoracle.respiration.quality import QUALITY_MIN
from thoracle.respiration.result import breathing_json
from thoracle.respiration.types import WINDOW_S
from thoracle.web.pages.asking import SEE_OTHER, Spoken, Using
from thoracle.web.pages.breathing import address_of, in_the_form
from thoracle.web.pages.breathing_numbers import legend, overview, pauses, view, window_rows
from thoracle.web.render import page
from thoracle.web.texts import WEB
from thoracle.web.texts.breathing import SENSOR_TITLES

router: Final = APIRouter(include_in_schema=False)

PAGE: Final = "/breathing/recordings/{recording_id}"
CSV_TYPE: Final = "text/csv; charset=utf-8"

_DAY_S: Final = 7 * 86_400.0  # the longest recording that is read


@router.get(PAGE)
def recording_page(
    request: Request,
    services: Using,
    language: Spoken,
    recording_id: str,
    start_s: Annotated[float, Query(ge=0, le=_DAY_S)] = 0.0,
    length_s: Annotated[float, Query(gt=0, le=_DAY_S)] = WINDOW_S,
) -> Response:
    """Show one recording, and a range of it more closely."""
    shown = show_recording(services.store.recordings, recording_id)
    result = shown.result
    address = address_of(recording_id)
    untold = None
    if result.untold is not None:
        untold = in_the_form(language.sentence(result.untold.text), language)
    return page(
        request,
        "breathing_recording.html",
        address=address,
        line=shown.line.facts,
        time=language.moment(shown.line.created_at),
        said=_said(shown, language),
        untold=untold,
        limit=language(PATTERN_TEXTS["limit_simulated"]),
        attention_limit=language(PATTERN_TEXTS["limit_window"]),
        overview=overview(result, address, language),
        view=view(result, start_s, length_s, language),
        legend=legend(result, language),
        pauses=pauses(result, language),
        windows=window_rows(result, language),
        quality_note=language(WEB["br_quality_note"], limit=language.number(f"{QUALITY_MIN:g}")),
        tells_direction=result.sensor != "unknown",
        tells_timing=result.sensor in TIMED_SENSORS,
        made=_made(shown, language),
        duration_s=f"{result.duration_s:.3f}",
        unit=result.unit,
    )


@router.get(PAGE + "/windows.csv")
def windows(services: Using, recording_id: str) -> Response:
    """Send the numbers of all windows as a table."""
    shown = show_recording(services.store.recordings, recording_id)
    return _file(windows_csv(shown.result), CSV_TYPE, f"windows-{recording_id}.csv")


@router.get(PAGE + "/breaths.csv")
def breaths(services: Using, recording_id: str) -> Response:
    """Send all breaths as a table."""
    shown = show_recording(services.store.recordings, recording_id)
    return _file(breaths_csv(shown.result), CSV_TYPE, f"breaths-{recording_id}.csv")


@router.get(PAGE + "/recording.json")
def data(services: Using, recording_id: str) -> Response:
    """Send all that is told of a recording as JSON."""
    shown = show_recording(services.store.recordings, recording_id)
    headers = {"Content-Disposition": f'attachment; filename="breathing-{recording_id}.json"'}
    return JSONResponse(breathing_json(shown.result), headers=headers)


@router.post(PAGE + "/delete")
def delete(services: Using, recording_id: str) -> Response:
    """Delete a recording with its signal."""
    services.store.recordings.delete(recording_id)
    return RedirectResponse("/breathing", SEE_OTHER)


def _said(shown: ShownRecording, language: Language) -> dict[str, str]:
    """Return the sentences that a recording begins with."""
    result = shown.result
    rate = result.breaths_per_minute
    told = sum(one.measures is not None for one in result.windows)
    headline = language(WEB["br_headline_none"])
    if rate is not None:
        headline = language(
            WEB["br_headline"], rate=language.number(f"{rate:.1f}"), windows=str(told)
        )
    recorded = language(
        WEB["br_recorded"],
        sensor=language(SENSOR_TITLES[result.sensor]),
        length=clock(result.duration_s),
        rate=language.number(f"{result.rate_hz:g}"),
        channel=result.channel,
    )
    named = sum(one.pattern is not None for one in result.patterns)
    return {
        "headline": headline,
        "recorded": recorded,
        "breaths": language(WEB["br_breaths_found"], count=str(len(result.breaths))),
        "told": language(WEB["br_told_of"], told=str(named), all=str(len(result.patterns))),
    }


def _made(shown: ShownRecording, language: Language) -> list[str]:
    """Return what made the numbers: software, file, network."""
    made = shown.result.provenance
    software = language(WEB["br_software"], version=made.software_version, sha256=made.sha256)
    networks = [
        language(WEB["br_bundle"], name=one.name, version=one.version, digest=one.digest)
        for one in made.bundles
    ]
    return [software, *networks]


def _file(content: str, media_type: str, name: str) -> Response:
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return Response(content, media_type=media_type, headers=headers)
