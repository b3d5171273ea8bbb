"""Comparing kept CT scans, for programs: ask for it, follow its job, fetch what changed."""

from dataclasses import asdict
from typing import Annotated, Any, Final

from fastapi import APIRouter, Query
from fastapi.encoders import jsonable_encoder
from fastapi.responses import JSONResponse, Response

from thoracle.jobs.ct_kept_visits import Wanted
from thoracle.store.comparison_types import Comparison
from thoracle.web.api_ct import queued
from thoracle.web.ct_comparing import COMPARISONS, begin_comparison, comparison_file
from thoracle.web.openapi import problems
from thoracle.web.pages.asking import Asking, Spoken, Using
from thoracle.web.schemas_ct import (
    AskedComparisonSchema,
    ComparisonSchema,
    ComparisonsSchema,
    JobSchema,
)

router: Final = APIRouter()

_BYTES: Final = {"schema": {"type": "string", "format": "binary"}}
_FILES: Final[dict[int | str, dict[str, Any]]] = {
    200: {
        "description": "The file.",
        "content": dict.fromkeys(
            ("image/png", "image/svg+xml", "text/html", "application/pdf", "text/csv"), _BYTES
        ),
    }
}


@router.post(
    COMPARISONS,
    status_code=202,
    responses={
        202: {"model": JobSchema, "description": "Queued; `Location` is its job."},
        **problems(404),
    },
)
def send(
    services: Using, visitor: Asking, language: Spoken, said: AskedComparisonSchema
) -> Response:
    """Queue the comparison of kept scans of one patient; needs the extra `ct`."""
    wanted = [Wanted(**one.model_dump()) for one in said.scans]
    job = begin_comparison(services, wanted, same_patient=said.same_patient, owner=visitor.name)
    return queued(job, language)


@router.get(COMPARISONS, response_model=ComparisonsSchema, responses=problems(404))
def comparisons(
    services: Using,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
    before: str | None = None,
    patient: Annotated[str | None, Query(max_length=64)] = None,
) -> Response:
    """List the kept comparisons, newest first; `next` leads to the ones before them."""
    found = services.store.comparisons.list_comparisons(limit + 1, before=before, patient=patient)
    shown = found[:limit]
    more = f"{COMPARISONS}?limit={limit}&before={shown[-1].id}" if len(found) > limit else None
    if more is not None and patient is not None:
        more += f"&patient={patient}"
    return JSONResponse({"comparisons": [_document(one) for one in shown], "next": more})


@router.get(COMPARISONS + "/{comparison_id}", response_model=ComparisonSchema)
def comparison(comparison_id: str, services: Using) -> Response:
    """Return what changed between scans."""
    return JSONResponse(_document(services.store.comparisons.get(comparison_id)))


@router.get(
    COMPARISONS + "/{comparison_id}/files/{name}", response_class=Response, responses=_FILES
)
def file(comparison_id: str, name: str, services: Using) -> Response:
    """Return a picture or a report, such as `report-en.pdf` or `timeline-pt.svg`."""
    content, headers = comparison_file(services, comparison_id, name)
    return Response(content, headers=headers)


@router.delete(COMPARISONS + "/{comparison_id}", status_code=204)
def delete(comparison_id: str, services: Using) -> None:
    """Delete a comparison for good; its scans stay."""
    services.store.comparisons.delete(comparison_id)


def _document(found: Comparison) -> dict[str, Any]:
    known = asdict(found)
    document = known.pop("document")
    encoded: dict[str, Any] = jsonable_encoder(
        {**known, "changes": document["changes"], "pictures": document["pictures"]}
    )
    return encoded
