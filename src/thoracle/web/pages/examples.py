"""Films to try, offered on the first page."""

from typing import Final

from fastapi import APIRouter
from fastapi.responses import RedirectResponse, Response
from starlette.exceptions import HTTPException

from thoracle.jobs.example_films import ExampleFilms
from thoracle.jobs.results import Asked
from thoracle.web.pages.asking import SEE_OTHER, Asking, Using
from thoracle.web.services import Services
from thoracle.web.texts import WEB

router: Final = APIRouter(include_in_schema=False)


@router.get("/examples/{name}")
def picture(name: str, services: Using) -> Response:
    """Send a film to try as small as the first page shows it."""
    return Response(_offered(services).thumbnail(name), media_type="image/png")


@router.post("/examples/{name}")
def analyze(name: str, services: Using, visitor: Asking) -> Response:
    """Analyze a film to try and lead to its result."""
    content = _offered(services).read(name)
    saved = services.analyze(content, name=name, asked=Asked(owner=visitor.name))
    return RedirectResponse(f"/results/{saved.id}", SEE_OTHER)


def example_lines(services: Services) -> list[dict[str, object]]:
    """Return the films to try as the first page lists them, each with what is owed for it."""
    films = services.examples
    if films is None:
        return []
    owed = films.credits()
    return [{"name": name, "credit": owed.get(name)} for name in films.names()]


def _offered(services: Services) -> ExampleFilms:
    if services.examples is None:
        raise HTTPException(404, WEB["error_missing"])
    return services.examples
