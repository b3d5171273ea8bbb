"""One self-contained page about one result: no script, no network, pictures inside."""

import base64
from datetime import datetime
from functools import lru_cache
from importlib import resources

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from thoracle.core.arrays import BoolArray, FloatArray
from thoracle.core.results import FileResult
from thoracle.reporting.analysis_texts import PAGE
from thoracle.reporting.analysis_view import PictureAddresses, shown_maps, view_of
from thoracle.reporting.overlay import backdrop, color_bar_png, film_png, overlay_png


def analysis_html(
    result: FileResult,
    *,
    pixels: FloatArray | None,
    lung_mask: BoolArray | None = None,
    made_at: datetime | None = None,
) -> str:
    """Write one self-contained page about one result.

    Parameters
    ----------
    result
        Of any status; a refusal and a failure get a page as well.
    pixels : (rows, columns) float32
        The film's display grey, 0 to 1; None where the file could not be read.
    lung_mask : (rows, columns) bool
        Lungs on the film's grid, drawn as an outline; None draws none.
    made_at
        When the analysis was made; None leaves the time out.

    Returns
    -------
    str
        An HTML document that asks for nothing from outside itself.
    """
    view = view_of(
        result,
        addresses=_pictures_inside(result, pixels, lung_mask),
        made_at=None if made_at is None else made_at.strftime("%Y-%m-%d %H:%M %Z").strip(),
    )
    template = _environment().get_template("analysis_page.html")
    return template.render(view=view, t=PAGE, css=Markup(analysis_css()))  # noqa: S704  (our own file)


@lru_cache(maxsize=1)
def analysis_css() -> str:
    """Return the style sheet of a result's parts, which the web app serves as well."""
    folder = resources.files("thoracle.reporting") / "templates"
    return (folder / "analysis.css").read_text("utf-8")


@lru_cache(maxsize=1)
def _environment() -> Environment:
    return Environment(
        loader=PackageLoader("thoracle.reporting"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


def _pictures_inside(
    result: FileResult, pixels: FloatArray | None, lung_mask: BoolArray | None
) -> PictureAddresses:
    if pixels is None:
        return PictureAddresses()
    film = backdrop(pixels)
    overlays = {
        place: _data_address(overlay_png(film, result.maps[place], lung_mask=lung_mask))
        for place in shown_maps(result.maps)
    }
    return PictureAddresses(
        film=_data_address(film_png(film)),
        overlays=overlays,
        color_bar=_data_address(color_bar_png()),
    )


def _data_address(png: bytes) -> str:
    return "data:image/png;base64," + base64.b64encode(png).decode("ascii")
