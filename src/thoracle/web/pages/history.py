"""The list of results."""

from typing import Final

from fastapi import APIRouter, Request
from fastapi.responses import Response

from thoracle.core.results import Status
from thoracle.jobs.results import list_results
from thoracle.reporting.analysis_texts import KIND_TITLES, STATUS_TITLES
from thoracle.store.types import ResultSummary, Search
from thoracle.web.pages.asking import Spoken, Using
from thoracle.web.render import page

router: Final = APIRouter(include_in_schema=False)

_PAGE_LINES: Final = 50


@router.get("/results")
def history_page(
    request: Request,
    services: Using,
    language: Spoken,
    before: str | None = None,
    batch_id: str | None = None,
) -> Response:
    """List the kept results, newest first."""
    search = Search(batch_id=batch_id)
    lines = list_results(services.store, limit=_PAGE_LINES + 1, before=before, search=search)
    shown = lines[:_PAGE_LINES]
    return page(
        request,
        "history.html",
        lines=[
            {
                "id": line.id,
                "time": language.moment(line.created_at),
                "file": line.file,
                "status": str(line.status),
                "status_title": language(STATUS_TITLES[line.status]),
                "says": language(says(line)),
            }
            for line in shown
        ],
        older=shown[-1].id if len(lines) > _PAGE_LINES else None,
        is_first=before is None,
    )


def says(line: ResultSummary) -> str:
    """Return what a line of the list says: the likeliest finding, or what the picture is."""
    if line.status is Status.ANALYZED and line.top_label is not None:
        return line.top_label
    return "" if line.gate_kind is None else KIND_TITLES[line.gate_kind]
