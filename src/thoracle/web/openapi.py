"""The description of the JSON interface (OpenAPI): what each address may answer, errors too."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Final

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from pydantic import BaseModel

from thoracle.web.guards import CHANGING_METHODS
from thoracle.web.render import PROBLEM_TYPE
from thoracle.web.schemas import ProblemSchema

_SCHEMES: Final = MappingProxyType(
    {
        "session": {
            "type": "http",
            "scheme": "bearer",
            "description": "A token of `POST /api/v1/sessions`; needed as soon as a user exists.",
        }
    }
)
_WHEN: Final[Mapping[int, str]] = MappingProxyType(
    {
        400: "The request is garbled, or names a host that this server is not.",
        401: "Nobody is signed in, and users exist; or name and password do not fit.",
        403: "The request comes from another site's page.",
        404: "There is no such thing.",
        409: "Somebody else changed it meanwhile.",
        413: "The upload is larger than the setting upload_limit_mb.",
        422: "A value does not fit, or no file could be read.",
        429: "Too many films wait, or too many requests came; `Retry-After` says when to return.",
        503: "The server lacks something for now, such as its database.",
        507: "The server's disk is full.",
    }
)
_EVERYWHERE: Final = (400, 401, 503)
_FOR_CHANGES: Final = (403, 413, 422, 429, 507)
_WITH_TIME: Final = frozenset({429, 503})


def problems(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """Describe the errors of one address, for its `responses`.

    Parameters
    ----------
    *statuses
        Of its own; those that any address may answer are added by `describe`.

    Returns
    -------
    dict
        One entry for each status.
    """
    return {status: _problem(status) for status in statuses}


def reference_to(model: type[BaseModel]) -> dict[str, str]:
    """Return the reference by which a description names one of its schemas."""
    return {"$ref": f"#/components/schemas/{model.__name__}"}


def describe(app: FastAPI) -> None:
    """Let an app describe itself with its errors and the way to sign in.

    Parameters
    ----------
    app
        With all its addresses; `/openapi.json` is made once, when it is first asked for.
    """

    def openapi() -> dict[str, Any]:
        if app.openapi_schema is None:
            app.openapi_schema = _description(app)
        return app.openapi_schema

    app.openapi = openapi  # type: ignore[method-assign]  # FastAPI's own way to extend it


def _description(app: FastAPI) -> dict[str, Any]:
    made = get_openapi(
        title=app.title, version=app.version, description=app.description, routes=app.routes
    )
    for path, operations in made["paths"].items():
        for method, operation in operations.items():
            _complete(operation, changes=method.upper() in CHANGING_METHODS, is_of_one="{" in path)
    components = made["components"]
    for framework_only in ("HTTPValidationError", "ValidationError"):
        components["schemas"].pop(framework_only, None)
    components["schemas"][ProblemSchema.__name__] = ProblemSchema.model_json_schema()
    components["securitySchemes"] = dict(_SCHEMES)
    made["security"] = [{}, {"session": []}]
    return made


def _complete(operation: dict[str, Any], *, changes: bool, is_of_one: bool) -> None:
    responses = operation["responses"]
    if "HTTPValidationError" in str(responses.get("422")):
        responses["422"] = _problem(422)  # the framework's own, which is not what we answer
    added = {*_EVERYWHERE, *(_FOR_CHANGES if changes else ()), *((404,) if is_of_one else ())}
    for status in sorted(added):
        responses.setdefault(str(status), _problem(status))


def _problem(status: int) -> dict[str, Any]:
    said: dict[str, Any] = {
        "description": _WHEN[status],
        "content": {PROBLEM_TYPE: {"schema": reference_to(ProblemSchema)}},
    }
    if status in _WITH_TIME:
        said["headers"] = {
            "Retry-After": {
                "description": "Seconds after which to come back.",
                "schema": {"type": "integer", "minimum": 1},
            }
        }
    return said
