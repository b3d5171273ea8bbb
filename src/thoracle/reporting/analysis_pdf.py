"""One result as a PDF to print or to file: picture, map, figures, and how far to trust them."""

import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from html import escape
from typing import Any, Final

from reportlab.lib import colors
from reportlab.lib.enums import TA_LEFT
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.lib.utils import ImageReader
from reportlab.platypus import (
    Flowable,
    Image,
    Paragraph,
    SimpleDocTemplate,
    Spacer,
    Table,
    TableStyle,
)

from thoracle.core.languages import Language
from thoracle.reporting.analysis_texts import PAGE
from thoracle.reporting.analysis_view import AnalysisView, Bar
from thoracle.reporting.trust_texts import TRUST
from thoracle.reporting.trust_view import TrustView

MARGIN: Final = 16 * mm
_FRAME: Final = 12  # points: what reportlab's frame keeps free at its sides
WIDTH: Final = A4[0] - 2 * MARGIN - _FRAME
PICTURE_HEIGHT: Final = 88 * mm
FOOT_SIGNS: Final = 130  # what fits beside the number of the page
_ENCODING: Final = "cp1252"  # of PDF's standard fonts, which need not be embedded
_TONES: Final = {
    "green": colors.HexColor("#1e8449"),
    "blue": colors.HexColor("#1f5fa8"),
    "red": colors.HexColor("#b3261e"),
    "grey": colors.HexColor("#6b7680"),
}
_GROUND: Final = colors.HexColor("#e3e8ec")
_INK: Final = colors.HexColor("#16232f")

_BODY: Final = ParagraphStyle("body", fontName="Helvetica", fontSize=9, leading=12, textColor=_INK)
_SMALL: Final = ParagraphStyle("small", parent=_BODY, fontSize=7.5, leading=9.5)
_TITLE: Final = ParagraphStyle(
    "title", parent=_BODY, fontName="Helvetica-Bold", fontSize=14, leading=18, alignment=TA_LEFT
)
_HEAD: Final = ParagraphStyle(
    "head", parent=_BODY, fontName="Helvetica-Bold", fontSize=10.5, leading=14, spaceBefore=6
)


@dataclass(frozen=True, slots=True, kw_only=True)
class PdfPictures:
    """PNG files for the page: the film, and the film with the likeliest finding's map."""

    film: bytes | None = None
    overlay: bytes | None = None
    caption: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class PdfSection:
    """Lines under a title, such as what readers said."""

    title: str
    lines: tuple[str, ...]


class _BarDrawing(Flowable):
    """One finding's bar with the mark of its threshold."""

    def __init__(self, bar: Bar, width: float) -> None:
        super().__init__()
        self._bar = bar
        self.width, self.height = width, 3.2 * mm

    def draw(self) -> None:
        """Draw ground, bar and mark."""
        pen: Any = self.canv
        pen.setFillColor(_GROUND)
        pen.rect(0, 0, self.width, self.height, stroke=0, fill=1)
        pen.setFillColor(_TONES[self._bar.tone])
        pen.rect(0, 0, self.width * self._bar.width_percent / 100, self.height, stroke=0, fill=1)
        pen.setFillColor(_INK)
        mark = self.width * min(self._bar.threshold_at_percent, 99.5) / 100
        pen.rect(mark, -0.6 * mm, 0.4 * mm, self.height + 1.2 * mm, stroke=0, fill=1)


def analysis_pdf(
    view: AnalysisView,
    trusted: TrustView | None,
    *,
    pictures: PdfPictures,
    language: Language,
    readings: PdfSection | None = None,
) -> bytes:
    """Write one result as a PDF of one or two pages.

    Parameters
    ----------
    view
        From `view_of`, in the same language.
    trusted
        From `trust_view`; None where nothing was computed.
    pictures
        What is shown of the film.
    language
        Of the texts that stand around.
    readings
        What readers said; None where nobody has.

    Returns
    -------
    bytes
        A PDF without scripts, links or embedded files. Signs that its fonts lack become "?".
    """
    stream = io.BytesIO()
    document = SimpleDocTemplate(
        stream,
        pagesize=A4,
        leftMargin=MARGIN,
        rightMargin=MARGIN,
        topMargin=MARGIN,
        bottomMargin=MARGIN,
        title=_plain(view.title),
        author="Thoracle",
        lang=language.code,
        invariant=1,
    )
    foot = _plain(f"{view.title} · {language(PAGE['disclaimer'])}")

    def at_the_foot(pen: Any, page: SimpleDocTemplate) -> None:
        pen.setFont(_SMALL.fontName, _SMALL.fontSize)
        pen.drawString(MARGIN + _FRAME / 2, MARGIN / 2, foot[:FOOT_SIGNS])
        pen.drawRightString(A4[0] - MARGIN - _FRAME / 2, MARGIN / 2, str(page.page))

    parts = list(_parts(view, trusted, pictures, language, readings))
    document.build(parts, onFirstPage=at_the_foot, onLaterPages=at_the_foot)
    return stream.getvalue()


def _parts(
    view: AnalysisView,
    trusted: TrustView | None,
    pictures: PdfPictures,
    language: Language,
    readings: PdfSection | None,
) -> Iterator[Flowable]:
    yield _text(view.title, _TITLE)
    yield _text(f"{view.status_title} · {view.made_at or ''}", _BODY)
    yield _text(language(PAGE["disclaimer"]), _HEAD)
    yield Spacer(0, 3 * mm)
    yield from _pictures(pictures)
    if pictures.caption:
        yield _text(pictures.caption, _SMALL)
    yield from _conclusion(view, trusted)
    yield from _bars(view, language)
    if trusted is not None:
        yield _text(language(TRUST["title"]), _HEAD)
        yield _rows([(line.title, line.sentence) for line in trusted.lines])
    warnings = tuple(f"{one.text} ({one.code})" for one in view.warnings)
    yield from _section(PdfSection(title=language(PAGE["warnings"]), lines=warnings))
    yield from _section(readings)
    yield _text(language(PAGE["provenance"]), _HEAD)
    yield _rows(view.provenance, style=_SMALL)
    if pictures.overlay is not None:
        yield Spacer(0, 2 * mm)
        yield _text(language(PAGE["map_note"]), _SMALL)


def _section(section: PdfSection | None) -> Iterator[Flowable]:
    if section is not None and section.lines:
        yield _text(section.title, _HEAD)
        yield from (_text(f"- {one}", _BODY) for one in section.lines)


def _pictures(pictures: PdfPictures) -> Iterator[Flowable]:
    shown = [one for one in (pictures.film, pictures.overlay) if one is not None]
    if shown:
        cells = [_picture(one, WIDTH / len(shown) - 2 * mm) for one in shown]
        yield Table([cells], colWidths=[WIDTH / len(shown)] * len(shown), style=_TOP)


def _picture(png: bytes, width: float) -> Image:
    columns, rows = ImageReader(io.BytesIO(png)).getSize()
    scale = min(width / columns, PICTURE_HEIGHT / rows)
    return Image(io.BytesIO(png), columns * scale, rows * scale)


def _conclusion(view: AnalysisView, trusted: TrustView | None) -> Iterator[Flowable]:
    if view.error is not None:
        yield _text(view.error.text, _BODY)
    if trusted is None:
        if view.gate_sentence:
            yield _text(view.gate_sentence, _BODY)
        yield from (_text(f"- {one.text} ({one.code})", _BODY) for one in view.reasons)
        return
    yield _text(trusted.title, _TITLE)
    yield _text(trusted.note, _BODY)
    yield from (_text(f"- {reason}", _BODY) for reason in trusted.reasons)


def _bars(view: AnalysisView, language: Language) -> Iterator[Flowable]:
    if not view.bars:
        return
    yield _text(language(PAGE["findings"]), _HEAD)
    widths = [42 * mm, 70 * mm, 18 * mm, WIDTH - 130 * mm]
    rows = [
        [
            _text(bar.label, _BODY),
            _BarDrawing(bar, 66 * mm),
            _text(f"{bar.percent} %", _BODY),
            _text(
                f"{language(PAGE['above'] if bar.is_positive else PAGE['below'])} "
                f"({bar.threshold})",
                _SMALL,
            ),
        ]
        for bar in view.bars
    ]
    yield Table(rows, colWidths=widths, style=_MIDDLE)
    yield _text(language(PAGE["how_to_read"]), _SMALL)


def _rows(rows: Sequence[tuple[str, str]], *, style: ParagraphStyle = _BODY) -> Table:
    cells = [[_text(name, style), _text(value, style)] for name, value in rows]
    return Table(cells, colWidths=[36 * mm, WIDTH - 36 * mm], style=_TOP)


_TOP: Final = TableStyle(
    [
        ("VALIGN", (0, 0), (-1, -1), "TOP"),
        ("LEFTPADDING", (0, 0), (-1, -1), 0),
        ("TOPPADDING", (0, 0), (-1, -1), 1),
        ("BOTTOMPADDING", (0, 0), (-1, -1), 1),
    ]
)
_MIDDLE: Final = TableStyle([*_TOP.getCommands(), ("VALIGN", (0, 0), (-1, -1), "MIDDLE")])


def _text(said: str, style: ParagraphStyle) -> Paragraph:
    """Return a paragraph; what looks like markup in it is text."""
    return Paragraph(escape(_plain(said), quote=False), style)


def _plain(said: str) -> str:
    return said.replace("≥", ">=").encode(_ENCODING, "replace").decode(_ENCODING)
