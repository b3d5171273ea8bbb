"""One result as a PDF, in the language of whoever asks."""

from typing import Final

from fastapi import APIRouter
from fastapi.responses import Response

from thoracle.core.results import FileResult
from thoracle.jobs.results import FILM_NAME, overlay_picture, show_result
from thoracle.reporting.analysis_view import view_of
from thoracle.store.types import StoredResult
from thoracle.web.pages.asking import Spoken, Using
from thoracle.web.pages.result import picture_addresses, trust_of
from thoracle.web.services import Services

router: Final = APIRouter()

PDF_TYPE: Final = "application/pdf"


@router.get(
    "/api/v1/analyses/{result_id}/report.pdf",
    response_class=Response,
    responses={200: {"content": {PDF_TYPE: {}}}},
)
def report(result_id: str, services: Using, language: Spoken) -> Response:
    """Return one result as a PDF, in the language that Accept-Language asks for."""
    from thoracle.reporting.analysis_pdf import PdfPictures, analysis_pdf

    stored = show_result(services.store, result_id)
    view = view_of(
        stored.result,
        addresses=picture_addresses(stored),
        made_at=stored.summary.created_at,
        language=language,
    )
    film, overlay = _pictures(services, stored)
    content = analysis_pdf(
        view,
        trust_of(services.measured, stored, language),
        pictures=PdfPictures(film=film, overlay=overlay),
        language=language,
    )
    headers = {"Content-Disposition": f'inline; filename="thoracle-{result_id}.pdf"'}
    return Response(content, media_type=PDF_TYPE, headers=headers)


def _pictures(services: Services, stored: StoredResult) -> tuple[bytes | None, bytes | None]:
    if FILM_NAME not in stored.picture_names:
        return None, None
    film = services.store.picture(stored.summary.id, FILM_NAME)
    place = _likeliest_map(stored.result)
    if place is None:
        return film, None
    return film, overlay_picture(services.store, stored.summary.id, place)


def _likeliest_map(result: FileResult) -> int | None:
    """Return the place of the first map of the likeliest finding, None where there is none."""
    top = max(result.findings, key=lambda one: one.probability, default=None)
    places = (i for i, one in enumerate(result.maps) if top and one.label == top.label)
    return next(places, None)
