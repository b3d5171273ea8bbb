"""The report of a CT scan as a PDF to print or to file."""

from collections.abc import Iterator, Sequence
from html import escape
from typing import Any, Final

from reportlab.lib import colors
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.platypus import Flowable, KeepTogether, Paragraph, Spacer, Table

from thoracle.core.languages import Language
from thoracle.reporting.analysis_pdf import MARGIN, WIDTH
from thoracle.reporting.ct_html import CURVE_COLORS, picture_captions, steps_of
from thoracle.reporting.ct_pictures import CtPictures
from thoracle.reporting.ct_texts import CT_PAGE
from thoracle.reporting.ct_view import CtView, Histogram
from thoracle.reporting.ct_view import Table as Rows
from thoracle.reporting.pdf_page import BARE, BODY, SMALL, lined, picture, plain, text, write_pdf
from thoracle.reporting.pdf_page import HEAD as CLOSE_HEAD

_LINE: Final = colors.HexColor("#d7dee5")
_CELL: Final = ParagraphStyle("cell", parent=SMALL, fontSize=8, leading=10)
_TITLE: Final = ParagraphStyle(
    "title", parent=BODY, fontName="Helvetica-Bold", fontSize=14, leading=18
)
_HEAD: Final = ParagraphStyle("head", parent=CLOSE_HEAD, spaceBefore=8)
_COLUMN_HEAD: Final = ParagraphStyle("column", parent=_CELL, fontName="Helvetica-Bold")
_GRID: Final = lined(_LINE)
PICTURE_HEIGHT: Final = 78 * mm
_LESION_WIDTHS: Final = (7, 38, 18, 22, 25, 20, 18, 18, 12)  # parts of the page's width


class _Histogram(Flowable):
    """Curves over HU, each by its own highest bin."""

    def __init__(self, curves: Sequence[Histogram], hu: tuple[int, int]) -> None:
        super().__init__()
        self._curves, self._hu = curves, hu
        self.width, self.height = 120 * mm, 34 * mm

    def draw(self) -> None:
        """Draw axis, marks and curves."""
        pen: Any = self.canv
        foot, (low, high) = 4 * mm, self._hu
        pen.setStrokeColor(_LINE)
        pen.line(0, foot, self.width, foot)
        pen.setFont(SMALL.fontName, 6.5)
        for tick in range(-1000, high + 1, 200):
            at = (tick - low) / (high - low) * self.width
            pen.drawCentredString(at, 0, str(tick))
        for curve in self._curves:
            pen.setStrokeColorRGB(*(one / 255 for one in CURVE_COLORS[curve.compartment]))
            corners = steps_of(curve, (self.width, self.height - foot))
            path = pen.beginPath()
            path.moveTo(corners[0][0], foot + corners[0][1])
            for x, y in corners[1:]:
                path.lineTo(x, foot + y)
            pen.drawPath(path)


def ct_pdf(
    view: CtView, *, pictures: CtPictures, shape: tuple[int, int, int], language: Language
) -> bytes:
    """Write the report as a PDF.

    Parameters
    ----------
    view, pictures, shape, language
        As for `ct_html`.

    Returns
    -------
    bytes
        A PDF without scripts, links or embedded files, the same for the same input. Signs that its
        fonts lack become "?".
    """
    return write_pdf(
        _parts(view, pictures, shape, language),
        title=view.title,
        foot=f"{view.title} · {view.disclaimer}",
        language_code=language.code,
        size=A4,
        margin=MARGIN,
    )


def _parts(
    view: CtView, pictures: CtPictures, shape: tuple[int, int, int], language: Language
) -> Iterator[Flowable]:
    t = language.table(CT_PAGE)
    yield text(view.title, _TITLE)
    if view.made_at:
        yield text(view.made_at, BODY)
    yield text(view.disclaimer, SMALL)
    yield Spacer(0, 3 * mm)
    yield text(view.headline, _TITLE)
    yield text(view.summary, BODY)
    yield from (text(one, SMALL) for one in view.notes)
    if view.warnings:
        yield text(t["know_first"], _HEAD)
        yield from (text(f"- {one.text} ({one.code})", BODY) for one in view.warnings)
    yield from _table(t["volumes"], view.volumes)
    yield from _pictures(pictures, picture_captions(pictures, shape, language), language)
    yield from _table(t["parts"], view.parts)
    yield text(t["parts_note"], SMALL)
    yield from _table(t["lesions"], view.lesions, widths=_LESION_WIDTHS)
    yield from (text(one, SMALL) for one in view.lesions_notes)
    yield from _table(t["density"], view.density)
    yield from _density_plot(view, language)
    yield text(t["definitions"], _HEAD)
    yield from (text(f"- {one}", SMALL) for one in view.definitions)
    yield _named(t["scan"], view.facts)
    yield _named(t["provenance"], view.provenance)


def _pictures(
    pictures: CtPictures, captions: tuple[str, str], language: Language
) -> Iterator[Flowable]:
    t = language.table(CT_PAGE)
    yield text(t["pictures"], _HEAD)
    for caption, pair in zip(captions, (pictures.axial, pictures.coronal), strict=True):
        cells = [picture(one, width=WIDTH / 2 - 2 * mm, height=PICTURE_HEIGHT) for one in pair]
        both = Table([cells], colWidths=[WIDTH / 2] * 2, style=BARE)
        said = text(f"{caption}: {t['plain']}, {t['labeled']}", SMALL)
        yield KeepTogether([both, said, Spacer(0, 2 * mm)])
    whole = picture(pictures.sheet, width=WIDTH - 2 * mm, height=PICTURE_HEIGHT)
    sheet = [whole, text(t["sheet"], SMALL)]
    names = ("lung", "ground_glass", "consolidation")
    legend = _legend([(t[f"legend_{name}"], name) for name in names])
    yield KeepTogether([*sheet, legend, text(t["window_note"], SMALL)])


def _density_plot(view: CtView, language: Language) -> Iterator[Flowable]:
    if not view.density:
        yield text(language(CT_PAGE["density"]), _HEAD)
        yield text(language(CT_PAGE["no_density"]), BODY)
        return
    legend = _legend([(one.name, one.compartment) for one in view.histogram])
    note = text(language(CT_PAGE["histogram"]), SMALL)
    plot = _Histogram(view.histogram, view.histogram_hu)
    yield KeepTogether([Spacer(0, 3 * mm), plot, Spacer(0, 1 * mm), legend, note])


def _legend(names: Sequence[tuple[str, str]]) -> Flowable:
    parts = []
    for said, name in names:
        red, green, blue = CURVE_COLORS[name]
        color = f"#{red:02x}{green:02x}{blue:02x}"
        square = f'<font face="ZapfDingbats" color="{color}">n</font>'
        parts.append(f"{square} {escape(plain(said), quote=False)}")
    return Paragraph("&nbsp;&nbsp;&nbsp;".join(parts), SMALL)


def _table(title: str, rows: Rows, *, widths: Sequence[float] = ()) -> Iterator[Flowable]:
    if not rows:
        return
    parts = widths or [1.0] * len(rows[0])
    columns = [WIDTH * one / sum(parts) for one in parts]
    cells = [
        [text(cell, _CELL if index else _COLUMN_HEAD) for cell in row]
        for index, row in enumerate(rows)
    ]
    made = Table(cells, colWidths=columns, style=_GRID, repeatRows=1)
    yield KeepTogether([text(title, _HEAD), made])


def _named(title: str, rows: Sequence[tuple[str, str]]) -> Flowable:
    cells = [[text(name, SMALL), text(value, SMALL)] for name, value in rows]
    made = Table(cells, colWidths=[36 * mm, WIDTH - 36 * mm], style=BARE)
    return KeepTogether([text(title, _HEAD), made])
