"""The same for programs: JSON in the form of the command line."""

from typing import Annotated, Any, Final

from fastapi import APIRouter, Depends, Request
from fastapi.responses import JSONResponse, Response

from thoracle.core.results import Status, to_json
from thoracle.core.version import version
from thoracle.jobs.results import list_results, result_document, show_result
from thoracle.web.services import Services, services_of
from thoracle.web.uploads import analyze_uploads

router: Final = APIRouter()
Using = Annotated[Services, Depends(services_of)]

IDS_HEADER: Final = "Thoracle-Result-Ids"

_UPLOAD_SCHEMA: Final[dict[str, Any]] = {
    "requestBody": {
        "required": True,
        "content": {
            "multipart/form-data": {
                "schema": {
                    "type": "object",
                    "required": ["files"],
                    "properties": {
                        "files": {
                            "type": "array",
                            "items": {"type": "string", "format": "binary"},
                        },
                        "override_gate": {"type": "string", "enum": ["true", "false"]},
                    },
                }
            }
        },
    }
}


@router.post("/api/analyze", openapi_extra=_UPLOAD_SCHEMA)
async def analyze(request: Request, services: Using) -> Response:
    """Analyze and keep files; answer with the array that `thoracle analyze --json` prints.

    422 when every file failed. The header `Thoracle-Result-Ids` names the kept results.
    """
    saved = await analyze_uploads(request, services)
    all_failed = all(one.result.status is Status.FAILED for one in saved)
    return JSONResponse(
        [to_json(one.result) for one in saved],
        status_code=422 if all_failed else 200,
        headers={IDS_HEADER: ", ".join(one.id for one in saved)},
    )


@router.get("/results/{result_id}.json")
def result(result_id: str, services: Using) -> Response:
    """Return one kept result."""
    return JSONResponse(result_document(show_result(services.store, result_id)))


@router.get("/healthz")
def health(services: Using) -> dict[str, str]:
    """Say that the app answers and its store can be read."""
    list_results(services.store, limit=1)
    return {"status": "ok", "version": version()}
