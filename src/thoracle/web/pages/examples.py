"""Films to try, offered on the first page."""

from pathlib import PurePath
from typing import Final

from fastapi import APIRouter
from fastapi.responses import RedirectResponse, Response
from starlette.exceptions import HTTPException

from thoracle.jobs.example_films import SHOWN
from thoracle.jobs.results import Asked
from thoracle.web.pages.asking import SEE_OTHER, Asking, Using
from thoracle.web.services import Services
from thoracle.web.texts import WEB

router: Final = APIRouter(include_in_schema=False)


@router.get("/examples/{name}")
def picture(name: str, services: Using) -> Response:
    """Send a film to try, as it is, for a browser that shows its kind.

    Raises
    ------
    HTTPException
        404 for a kind that no browser shows.
    """
    media_type = SHOWN.get(PurePath(name).suffix.lower())
    if media_type is None:
        raise HTTPException(404, WEB["error_missing"])
    return Response(_film(services, name), media_type=media_type)


@router.post("/examples/{name}")
def analyze(name: str, services: Using, visitor: Asking) -> Response:
    """Analyze a film to try and lead to its result."""
    content = _film(services, name)
    saved = services.analyze(content, name=name, asked=Asked(owner=visitor.name))
    return RedirectResponse(f"/results/{saved.id}", SEE_OTHER)


def example_lines(services: Services) -> list[dict[str, object]]:
    """Return the films to try as the first page lists them, each with what is owed for it."""
    films = services.examples
    if films is None:
        return []
    owed = films.credits()
    return [
        {
            "name": name,
            "is_shown": PurePath(name).suffix.lower() in SHOWN,
            "credit": owed.get(name),
        }
        for name in films.names()
    ]


def _film(services: Services, name: str) -> bytes:
    if services.examples is None:
        raise HTTPException(404, WEB["error_missing"])
    return services.examples.read(name)
