"""What the PDF reports share: the page with its foot, styles, and text that its fonts can print."""

import io
from collections.abc import Iterable
from html import escape
from typing import Any, Final

from reportlab.lib import colors
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.utils import ImageReader
from reportlab.platypus import Flowable, Image, Paragraph, SimpleDocTemplate, TableStyle

FRAME: Final = 12  # points: what reportlab's frame keeps free at its sides
FOOT_SIGNS: Final = 130  # what fits beside the number of the page
_ENCODING: Final = "cp1252"  # of PDF's standard fonts, which need not be embedded
_INSTEAD: Final = {"≥": ">=", "−": "-"}  # signs that the standard fonts lack

INK: Final = colors.HexColor("#16232f")
BODY: Final = ParagraphStyle("body", fontName="Helvetica", fontSize=9, leading=12, textColor=INK)
SMALL: Final = ParagraphStyle("small", parent=BODY, fontSize=7.5, leading=9.5)
HEAD: Final = ParagraphStyle(
    "head", parent=BODY, fontName="Helvetica-Bold", fontSize=10.5, leading=14, spaceBefore=6
)
BARE: Final = TableStyle(
    [
        ("VALIGN", (0, 0), (-1, -1), "TOP"),
        ("LEFTPADDING", (0, 0), (-1, -1), 0),
        ("TOPPADDING", (0, 0), (-1, -1), 1),
        ("BOTTOMPADDING", (0, 0), (-1, -1), 1),
    ]
)
"""Cells without lines."""


def lined(color: colors.Color) -> TableStyle:
    """Return the style of a table with a line of a color below each row."""
    return TableStyle(
        [
            *BARE.getCommands(),
            ("TOPPADDING", (0, 0), (-1, -1), 1.5),
            ("BOTTOMPADDING", (0, 0), (-1, -1), 1.5),
            ("LINEBELOW", (0, 0), (-1, -1), 0.4, color),
        ]
    )


def write_pdf(
    parts: Iterable[Flowable],
    *,
    title: str,
    foot: str,
    language_code: str,
    size: tuple[float, float],
    margin: float,
) -> bytes:
    """Lay parts out on pages, with a foot and the page's number on each.

    Parameters
    ----------
    parts
        From top to bottom.
    title, foot
        Of the document; the foot is cut where the number stands.
    language_code
        BCP 47.
    size, margin
        Of a page, in points.

    Returns
    -------
    bytes
        A PDF without scripts, links or embedded files, the same for the same input. Signs that its
        fonts lack become "?".
    """
    stream = io.BytesIO()
    document = SimpleDocTemplate(
        stream,
        pagesize=size,
        leftMargin=margin,
        rightMargin=margin,
        topMargin=margin,
        bottomMargin=margin,
        title=plain(title),
        author="Thoracle",
        lang=language_code,
        invariant=1,
    )
    said = plain(foot)[:FOOT_SIGNS]

    def at_the_foot(pen: Any, page: SimpleDocTemplate) -> None:
        pen.setFont(SMALL.fontName, SMALL.fontSize)
        pen.drawString(margin + FRAME / 2, margin / 2, said)
        pen.drawRightString(size[0] - margin - FRAME / 2, margin / 2, str(page.page))

    document.build(list(parts), onFirstPage=at_the_foot, onLaterPages=at_the_foot)
    return stream.getvalue()


def text(said: str, style: ParagraphStyle) -> Paragraph:
    """Return a paragraph; what looks like markup in it is text."""
    return Paragraph(escape(plain(said), quote=False), style)


def plain(said: str) -> str:
    """Return a text in signs that the standard fonts have; a sign without a stand-in is "?"."""
    for sign, instead in _INSTEAD.items():
        said = said.replace(sign, instead)
    return said.encode(_ENCODING, "replace").decode(_ENCODING)


def picture(png: bytes, *, width: float, height: float) -> Image:
    """Return a PNG file's picture as large as fits, in points."""
    columns, rows = ImageReader(io.BytesIO(png)).getSize()
    scale = min(width / columns, height / rows)
    return Image(io.BytesIO(png), columns * scale, rows * scale)
