"""The page of one result, and the pictures and volumes that it loads."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Final, Literal

from fastapi import APIRouter, Form, Query, Request
from fastapi.responses import RedirectResponse, Response

from thoracle.core.languages import Language
from thoracle.core.results import Status
from thoracle.evaluation.confusion import BinaryCounts
from thoracle.evaluation.prevalence import predictive_values
from thoracle.imaging.nifti import NIFTI_TYPE
from thoracle.jobs.measured import Measured
from thoracle.jobs.results import (
    FILM_NAME,
    LUNGS_NAME,
    PIXELS_NAME,
    delete_result,
    film_thumbnail,
    overlay_picture,
    show_result,
)
from thoracle.jobs.second_look import SecondLook
from thoracle.jobs.viewer import film_nifti, film_size, map_nifti, rim_nifti
from thoracle.radiograph.trust import trust
from thoracle.reporting.analysis_texts import LABEL_TITLES
from thoracle.reporting.analysis_view import AnalysisView, PictureAddresses, view_of
from thoracle.reporting.odds import PREVALENCE_PERCENT, share_with_interval
from thoracle.reporting.trust_view import Calibrated, TrustView, trust_view
from thoracle.reporting.viewer_view import ViewerAddresses, ViewerView, viewer_view
from thoracle.store.types import StoredResult
from thoracle.web.assets import COLOR_BAR_NAME, asset_address
from thoracle.web.pages.asking import SEE_OTHER, Asking, Spoken, Using
from thoracle.web.pages.readings import reading_lines
from thoracle.web.pages.texture import region_titles
from thoracle.web.render import page
from thoracle.web.services import Services
from thoracle.web.visitors import language_of

router: Final = APIRouter(include_in_schema=False)

_KEPT_FOR_GOOD: Final = {"Cache-Control": "private, max-age=31536000, immutable"}


@router.get("/results/{result_id}")
def result_page(request: Request, result_id: str, services: Using) -> Response:
    """Show one kept result."""
    return result_response(request, services, show_result(services.store, result_id), status=200)


@router.get("/results/{result_id}/values")
def values_at(
    request: Request,
    result_id: str,
    services: Using,
    language: Spoken,
    prevalence: Annotated[int, Query(ge=1, le=99)] = PREVALENCE_PERCENT,
) -> Response:
    """Show the predictive values at another prevalence, for the slider."""
    stored = show_result(services.store, result_id)
    return page(
        request,
        "values.html",
        address=f"/results/{result_id}",
        values=values_of(services.measured, stored, prevalence, language),
    )


@router.get("/results/{result_id}/film.png")
def film(result_id: str, services: Using) -> Response:
    """Send the film of a result, as small as pages show it."""
    return _picture(services.store.picture(result_id, FILM_NAME))


@router.get("/results/{result_id}/thumb.png")
def thumbnail(result_id: str, services: Using) -> Response:
    """Send the film of a result as small as lists show it."""
    return _picture(film_thumbnail(services.store, result_id))


@router.get("/results/{result_id}/film.nii")
def film_volume(result_id: str, services: Using) -> Response:
    """Send the film of a result for the viewer."""
    return _volume(film_nifti(services.store, result_id))


@router.get("/results/{result_id}/rim.nii")
def rim_volume(result_id: str, services: Using) -> Response:
    """Send the rim of a result's lungs for the viewer."""
    return _volume(rim_nifti(services.store, result_id))


@router.get("/results/{result_id}/maps/{place}.nii")
def map_volume(result_id: str, place: int, services: Using) -> Response:
    """Send one of a result's maps for the viewer."""
    return _volume(map_nifti(services.store, result_id, place))


@router.get("/results/{result_id}/maps/{place}.png")
def overlay(result_id: str, place: int, services: Using) -> Response:
    """Send the film with one of the result's maps."""
    return _picture(overlay_picture(services.store, result_id, place))


@router.post("/results/{result_id}/again")
def look_again(
    result_id: str,
    services: Using,
    visitor: Asking,
    turn_degrees: Annotated[Literal["0", "90", "180", "270"], Form()] = "0",
    override_gate: Annotated[Literal["true", "false"], Form()] = "false",
    reason: Annotated[str, Form(max_length=1000)] = "",
) -> Response:
    """Turn a kept film back, or override the gate, and lead to the new result."""
    look = SecondLook(
        turn_degrees=int(turn_degrees),
        override_gate=override_gate == "true",
        owner=visitor.name,
        override_reason=reason.strip() or None,
    )
    return RedirectResponse(f"/results/{services.look_again(result_id, look)}", SEE_OTHER)


@router.post("/results/{result_id}/delete")
def delete(result_id: str, services: Using) -> Response:
    """Delete one result for good, then lead to the list."""
    delete_result(services.store, result_id)
    return RedirectResponse("/results", SEE_OTHER)


def result_response(
    request: Request, services: Services, stored: StoredResult, *, status: int
) -> Response:
    """Render the page of one kept result."""
    language = language_of(request)
    stored = services.told(stored)
    summary = stored.summary
    address = f"/results/{summary.id}"
    view = view_of(
        stored.result,
        addresses=picture_addresses(stored),
        made_at=summary.created_at,
        counts=counts_of(services.measured, stored),
        language=language,
    )
    values = values_of(services.measured, stored, PREVALENCE_PERCENT, language)
    return page(
        request,
        "result.html",
        status=status,
        view=view,
        address=address,
        summary=summary,
        trust=trust_of(services.measured, stored, language),
        viewer=viewer_of(services, stored, view, language),
        values=values,
        labels=tuple((label, language(label)) for label in LABEL_TITLES),
        readings=reading_lines(services, summary.id, language),
        regions=region_titles(stored, language),
        chosen=None,  # no region has been measured yet
        texture=None,
        has_landscape=services.surroundings is not None and summary.status is Status.ANALYZED,
        may_look_again=(summary.status is Status.REFUSED and PIXELS_NAME in stored.picture_names),
    )


def picture_addresses(stored: StoredResult) -> PictureAddresses:
    """Return where a page finds the pictures of a kept result."""
    address = f"/results/{stored.summary.id}"
    has_film = FILM_NAME in stored.picture_names
    return PictureAddresses(
        film=f"{address}/film.png" if has_film else None,
        overlays={i: f"{address}/maps/{i}.png" for i in range(len(stored.result.drawn_maps))},
        color_bar=asset_address(COLOR_BAR_NAME),
    )


def viewer_of(
    services: Services, stored: StoredResult, view: AnalysisView, language: Language
) -> ViewerView | None:
    """Return what the viewer of a kept result is told; None where no film was kept."""
    size = film_size(services.store, stored)
    if size is None:
        return None
    address = f"/results/{stored.summary.id}"
    return viewer_view(
        stored.result,
        viewer_id=stored.summary.id[-8:],
        size=size,
        addresses=ViewerAddresses(
            film=f"{address}/film.nii",
            maps=tuple(f"{address}/maps/{i}.nii" for i in range(len(stored.result.drawn_maps))),
            rim=f"{address}/rim.nii" if LUNGS_NAME in stored.picture_names else None,
        ),
        pictures=view.pictures,
        language=language,
    )


def trust_of(
    measured: Measured | None, stored: StoredResult, language: Language
) -> TrustView | None:
    """Return what a page says about trust in a kept result."""
    calibrated = None
    if measured is not None and _is_of(measured, stored):
        calibrated = Calibrated(
            name=measured.calibration,
            films=measured.calibration_films,
            is_of_site=measured.is_of_site,
        )
    return trust_view(
        stored.result,
        trust(stored.result),
        distance=stored.summary.distance,
        calibrated=calibrated,
        language=language,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class ValueRow:
    """How often a positive and a negative answer about one finding are right, in words."""

    finding: str
    label: str
    is_positive: bool
    ppv: str
    npv: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ValueTable:
    """The predictive values of all findings at a prevalence in percent, from so many films."""

    prevalence: int
    films: int
    rows: tuple[ValueRow, ...]


def values_of(
    measured: Measured | None, stored: StoredResult, prevalence_percent: int, language: Language
) -> ValueTable | None:
    """Return the predictive values at a prevalence; None where nothing was measured."""
    known = counts_of(measured, stored)
    if measured is None or not known:
        return None
    rows = []
    for finding in stored.result.findings:
        counts = known.get(finding.label)
        if counts is not None:
            at = predictive_values(counts, prevalence=prevalence_percent / 100)
            rows.append(
                ValueRow(
                    finding=finding.label,
                    label=language(finding.label),
                    is_positive=finding.is_positive,
                    ppv=share_with_interval(at.ppv),
                    npv=share_with_interval(at.npv),
                )
            )
    return ValueTable(prevalence=prevalence_percent, films=measured.films, rows=tuple(rows))


def counts_of(measured: Measured | None, stored: StoredResult) -> Mapping[str, BinaryCounts]:
    """Return what was measured of the bundle that made a result; nothing of another's."""
    return measured.counts if measured is not None and _is_of(measured, stored) else {}


def _is_of(measured: Measured, stored: StoredResult) -> bool:
    provenance = stored.result.provenance
    return provenance is not None and any(
        one.digest == measured.digest for one in provenance.bundles
    )


def _picture(content: bytes) -> Response:
    return Response(content, media_type="image/png", headers=_KEPT_FOR_GOOD)


def _volume(content: bytes) -> Response:
    return Response(content, media_type=NIFTI_TYPE, headers=_KEPT_FOR_GOOD)
