"""Templates, static files and error answers of the web app."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from importlib import resources
from typing import Final

from jinja2 import Environment
from starlette.requests import HTTPConnection
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.types import Scope

from thoracle.core.languages import LANGUAGES, Language, language, preferred
from thoracle.reporting.analysis_html import analysis_css
from thoracle.reporting.analysis_texts import PAGE
from thoracle.reporting.colormaps import DEFAULT_COLORMAP
from thoracle.reporting.overlay import color_bar_png
from thoracle.reporting.pages import environment
from thoracle.web.guards import SECURITY_HEADERS
from thoracle.web.texts import WEB

COLOR_BAR_NAME: Final = f"colorbar-{DEFAULT_COLORMAP}.png"

LANGUAGE_COOKIE: Final = "language"

_YEAR_S: Final = 31_536_000  # addresses carry a digest, so a changed file has another address


@dataclass(frozen=True, slots=True, kw_only=True)
class Asset:
    """One static file, whole in memory."""

    content: bytes
    media_type: str

    @property
    def digest(self) -> str:
        """The beginning of its SHA-256, enough to tell versions apart."""
        return hashlib.sha256(self.content).hexdigest()[:12]


@lru_cache(maxsize=1)
def assets() -> dict[str, Asset]:
    """Return the static files by name; nothing is fetched from elsewhere."""
    folder = resources.files("thoracle.web") / "static"

    def packaged(name: str, media_type: str) -> Asset:
        return Asset(content=(folder / name).read_bytes(), media_type=media_type)

    return {
        "analysis.css": Asset(content=analysis_css().encode("utf-8"), media_type="text/css"),
        "web.css": packaged("web.css", "text/css"),
        "upload.js": packaged("upload.js", "text/javascript"),
        "favicon.svg": packaged("favicon.svg", "image/svg+xml"),
        COLOR_BAR_NAME: Asset(content=color_bar_png(), media_type="image/png"),
    }


def asset_address(name: str) -> str:
    """Return the address of a static file, with its digest."""
    return f"/static/{name}?v={assets()[name].digest}"


def asset_response(name: str) -> Response | None:
    """Return a static file as an answer; None where there is no such file."""
    asset = assets().get(name)
    if asset is None:
        return None
    return Response(
        asset.content,
        media_type=asset.media_type,
        headers={"Cache-Control": f"public, max-age={_YEAR_S}, immutable"},
    )


def language_of(request: HTTPConnection) -> Language:
    """Return the language a visitor chose, else the one their browser prefers."""
    chosen = request.cookies.get(LANGUAGE_COOKIE, "")
    if chosen in LANGUAGES:
        return language(chosen)
    return language(preferred(request.headers.get("accept-language", "")))


def page(template: str, *, language: Language, status: int = 200, **values: object) -> HTMLResponse:
    """Render a template into an answer.

    Parameters
    ----------
    template
        Name under `templates`.
    language
        Of its texts.
    status
        HTTP status.
    **values
        What the template prints.

    Returns
    -------
    HTMLResponse
        With the texts and `asset` at hand in the template.
    """
    text = (
        _environment()
        .get_template(template)
        .render(w=language.table(WEB), t=language.table(PAGE), language=language.code, **values)
    )
    return HTMLResponse(text, status_code=status, headers=dict(SECURITY_HEADERS))


def error_response(scope: Scope, status: int, text: str, *, code: str = "request") -> Response:
    """Answer an error in one sentence: as JSON for programs, as a page for people."""
    request = HTTPConnection(scope)
    spoken = language_of(request)
    text, path = spoken.sentence(text), request.url.path
    if path.startswith("/api/") or path.endswith(".json"):
        return JSONResponse(
            {"error": {"code": code, "text": text}},
            status_code=status,
            headers=dict(SECURITY_HEADERS),
        )
    return page("error.html", language=spoken, status=status, text=text, code=code)


@lru_cache(maxsize=1)
def _environment() -> Environment:
    made = environment("thoracle.web")
    address: Callable[[str], str] = asset_address
    made.globals.update(asset=address, languages=LANGUAGES)
    return made
