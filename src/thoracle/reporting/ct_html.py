"""The report of a CT scan as one self-contained page: no script, no network, pictures inside."""

from importlib import resources
from typing import Final

from markupsafe import Markup

from thoracle.core.languages import Language
from thoracle.reporting.analysis_html import analysis_css
from thoracle.reporting.ct_pictures import COLORS, RIM, CtPictures
from thoracle.reporting.ct_texts import CT_PAGE
from thoracle.reporting.ct_view import CtView, Histogram
from thoracle.reporting.pages import png_uri, report_environment

PLOT: Final = (560, 150)  # the histogram's size, in the drawing's own unit
CURVE_COLORS: Final = {
    "lung": RIM,
    "ground_glass": COLORS[2],
    "consolidation": COLORS[3],
}


def ct_html(
    view: CtView, *, pictures: CtPictures, shape: tuple[int, int, int], language: Language
) -> str:
    """Write the report as a page.

    Parameters
    ----------
    view
        From `ct_view`, in the same language.
    pictures
        From `ct_pictures`.
    shape
        Slices, rows and columns of the scan.
    language
        Of the texts that stand around.

    Returns
    -------
    str
        An HTML document that asks for nothing from outside itself.
    """
    t = language.table(CT_PAGE)
    captions = picture_captions(pictures, shape, language)
    template = report_environment().get_template("ct_report.html")
    return template.render(
        view=view,
        t=t,
        language=language.code,
        css=Markup(analysis_css() + _own_css()),  # noqa: S704  (our own files)
        rows=list(zip(captions, (pictures.axial, pictures.coronal), strict=True)),
        sheet=png_uri(pictures.sheet),
        plot=PLOT,
        curves=[(one.name, _rgb(one.compartment), _points(one)) for one in view.histogram],
        legend=[
            (t["legend_lung"], _rgb("lung")),
            (t["legend_ground_glass"], _rgb("ground_glass")),
            (t["legend_consolidation"], _rgb("consolidation")),
        ],
        ticks=list(range(-1000, view.histogram_hu[1] + 1, 200)),
    )


def picture_captions(
    pictures: CtPictures, shape: tuple[int, int, int], language: Language
) -> tuple[str, str]:
    """Return what stands below the axial and the coronal picture."""
    return (
        language(CT_PAGE["axial"], number=pictures.axial_index + 1, count=shape[0]),
        language(CT_PAGE["coronal"], number=pictures.coronal_index + 1, count=shape[1]),
    )


def steps_of(curve: Histogram, size: tuple[float, float]) -> list[tuple[float, float]]:
    """Return the corners of a histogram's outline, y upwards."""
    width, height = size
    bins = len(curve.heights)
    return [
        (width * (index + end) / bins, height * tall)
        for index, tall in enumerate(curve.heights)
        for end in (0, 1)
    ]


def _points(curve: Histogram) -> str:
    height = PLOT[1]
    return " ".join(f"{x:.1f},{height - y:.1f}" for x, y in steps_of(curve, (PLOT[0], height - 4)))


def _rgb(name: str) -> str:
    red, green, blue = CURVE_COLORS[name]
    return f"rgb({red} {green} {blue})"


def _own_css() -> str:
    folder = resources.files("thoracle.reporting") / "templates"
    return (folder / "ct_report.css").read_text("utf-8")
