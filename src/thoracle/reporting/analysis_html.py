"""One self-contained page about one result: no script, no network, pictures inside."""

from collections.abc import Mapping
from datetime import datetime
from functools import lru_cache
from importlib import resources
from types import MappingProxyType

from markupsafe import Markup

from thoracle.core.arrays import BoolArray, FloatArray
from thoracle.core.languages import ENGLISH_TEXTS, Language
from thoracle.core.results import FileResult
from thoracle.evaluation.confusion import BinaryCounts
from thoracle.reporting.analysis_texts import PAGE
from thoracle.reporting.analysis_view import PictureAddresses, shown_places, view_of
from thoracle.reporting.overlay import backdrop, color_bar_png, film_png, overlay_png
from thoracle.reporting.pages import png_uri, report_environment


def analysis_html(
    result: FileResult,
    *,
    pixels: FloatArray | None,
    lung_mask: BoolArray | None = None,
    made_at: datetime | None = None,
    counts: Mapping[str, BinaryCounts] = MappingProxyType({}),
    language: Language = ENGLISH_TEXTS,
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
        When the analysis was made, in UTC; None leaves the time out.
    counts
        What was measured of the bundle that made it, by finding.
    language
        Of all its texts.

    Returns
    -------
    str
        An HTML document that asks for nothing from outside itself.
    """
    view = view_of(
        result,
        addresses=_pictures_inside(result, pixels, lung_mask),
        made_at=made_at,
        counts=counts,
        language=language,
    )
    template = report_environment().get_template("analysis_page.html")
    return template.render(
        view=view,
        t=language.table(PAGE),
        language=language.code,
        css=Markup(analysis_css()),  # noqa: S704  (our own file)
    )


@lru_cache(maxsize=1)
def analysis_css() -> str:
    """Return the style sheet of a result's parts, which the web app serves as well."""
    folder = resources.files("thoracle.reporting") / "templates"
    return (folder / "analysis.css").read_text("utf-8")


def _pictures_inside(
    result: FileResult, pixels: FloatArray | None, lung_mask: BoolArray | None
) -> PictureAddresses:
    if pixels is None:
        return PictureAddresses()
    film = backdrop(pixels, lung_mask)
    overlays = {
        # The bar under the pictures is the contributions'; the anomaly map brings its own.
        place: png_uri(
            overlay_png(film, result.drawn_maps[place], color_bar=place == len(result.maps))
        )
        for place in shown_places(result)
    }
    return PictureAddresses(
        film=png_uri(film_png(film)),
        overlays=overlays,
        color_bar=png_uri(color_bar_png()),
    )
