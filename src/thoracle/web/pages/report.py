"""One result as a PDF, in the language of whoever asks."""

from typing import TYPE_CHECKING, Final

from fastapi import APIRouter
from fastapi.responses import Response

from thoracle.core.languages import Language
from thoracle.core.results import FileResult
from thoracle.jobs.results import FILM_NAME, overlay_picture, show_result
from thoracle.reporting.analysis_texts import PAGE
from thoracle.reporting.analysis_view import AnalysisView, view_of
from thoracle.store.types import StoredResult
from thoracle.web.pages.asking import Spoken, Using
from thoracle.web.pages.readings import reading_lines
from thoracle.web.pages.result import counts_of, picture_addresses, trust_of
from thoracle.web.services import Services
from thoracle.web.texts import WEB

if TYPE_CHECKING:
    from thoracle.reporting.analysis_pdf import PdfPictures, PdfSection

router: Final = APIRouter()

PDF_TYPE: Final = "application/pdf"


@router.get(
    "/api/v1/analyses/{result_id}/report.pdf",
    response_class=Response,
    responses={200: {"content": {PDF_TYPE: {}}}},
)
def report(result_id: str, services: Using, language: Spoken) -> Response:
    """Return one result as a PDF, in the language that Accept-Language asks for."""
    from thoracle.reporting.analysis_pdf import analysis_pdf

    stored = services.told(show_result(services.store, result_id))
    view = view_of(
        stored.result,
        addresses=picture_addresses(stored),
        made_at=stored.summary.created_at,
        counts=counts_of(services.measured, stored),
        language=language,
    )
    content = analysis_pdf(
        view,
        trust_of(services.measured, stored, language),
        pictures=_pictures(services, stored, view, language),
        language=language,
        readings=_readings(services, result_id, language),
    )
    headers = {"Content-Disposition": f'inline; filename="thoracle-{result_id}.pdf"'}
    return Response(content, media_type=PDF_TYPE, headers=headers)


def _pictures(
    services: Services, stored: StoredResult, view: AnalysisView, language: Language
) -> "PdfPictures":
    from thoracle.reporting.analysis_pdf import PdfPictures

    if FILM_NAME not in stored.picture_names:
        return PdfPictures()
    film = services.store.picture(stored.summary.id, FILM_NAME)
    place = _likeliest_map(stored.result)
    if place is None:
        return PdfPictures(film=film)
    row, inside = view.maps[place], language(PAGE["map_share"])
    return PdfPictures(
        film=film,
        overlay=overlay_picture(services.store, stored.summary.id, place),
        caption=f"{row.label} · {row.method} · {row.layer} · {inside}: {row.lung_share}",
    )


def _readings(services: Services, result_id: str, language: Language) -> "PdfSection | None":
    from thoracle.reporting.analysis_pdf import PdfSection

    lines = tuple(_reading(one, language) for one in reading_lines(services, result_id, language))
    return PdfSection(title=language(WEB["reading_kept"]), lines=lines) if lines else None


def _reading(line: dict[str, object], language: Language) -> str:
    said = {True: WEB["reading_agreed"], False: WEB["reading_disagreed"]}
    agrees = said.get(line["agrees"] is True) if line["agrees"] is not None else None
    parts = (agrees and language(agrees), line["finding"], line["comment"])
    return f"{line['reader']}, {line['time']}: " + "; ".join(str(one) for one in parts if one)


def _likeliest_map(result: FileResult) -> int | None:
    """Return the place of the first map of the likeliest finding, None where there is none."""
    top = max(result.findings, key=lambda one: one.probability, default=None)
    places = (i for i, one in enumerate(result.maps) if top and one.label == top.label)
    return next(places, None)
