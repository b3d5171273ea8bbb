"""One result as a PDF to print or to file: picture, map, figures, and how far to trust them."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

from reportlab.lib import colors
from reportlab.lib.enums import TA_LEFT
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.platypus import Flowable, Spacer, Table, TableStyle

from thoracle.core.languages import Language
from thoracle.reporting.analysis_texts import PAGE
from thoracle.reporting.analysis_view import AnalysisView, Bar
from thoracle.reporting.pdf_page import (
    BARE,
    BODY,
    FRAME,
    HEAD,
    INK,
    SMALL,
    picture,
    text,
    write_pdf,
)
from thoracle.reporting.severity_view import SeverityView
from thoracle.reporting.trust_texts import TRUST
from thoracle.reporting.trust_view import TrustView

MARGIN: Final = 16 * mm
WIDTH: Final = A4[0] - 2 * MARGIN - FRAME
PICTURE_HEIGHT: Final = 88 * mm
_TONES: Final = {
    "green": colors.HexColor("#1e8449"),
    "blue": colors.HexColor("#1f5fa8"),
    "red": colors.HexColor("#b3261e"),
    "grey": colors.HexColor("#6b7680"),
}
_GROUND: Final = colors.HexColor("#e3e8ec")

_TITLE: Final = ParagraphStyle(
    "title", parent=BODY, fontName="Helvetica-Bold", fontSize=14, leading=18, alignment=TA_LEFT
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
        pen.setFillColor(INK)
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
    return write_pdf(
        _parts(view, trusted, pictures, language, readings),
        title=view.title,
        foot=f"{view.title} · {language(PAGE['disclaimer'])}",
        language_code=language.code,
        size=A4,
        margin=MARGIN,
    )


def _parts(
    view: AnalysisView,
    trusted: TrustView | None,
    pictures: PdfPictures,
    language: Language,
    readings: PdfSection | None,
) -> Iterator[Flowable]:
    yield text(view.title, _TITLE)
    yield text(f"{view.status_title} · {view.made_at or ''}", BODY)
    yield text(language(PAGE["disclaimer"]), HEAD)
    yield from (text(f"{one.text} ({one.code})", HEAD) for one in view.foremost)
    yield Spacer(0, 3 * mm)
    yield from _pictures(pictures)
    if pictures.caption:
        yield text(pictures.caption, SMALL)
    yield from _conclusion(view, trusted)
    yield from _bars(view, language)
    yield from _severity(view.severity)
    if trusted is not None:
        yield text(language(TRUST["title"]), HEAD)
        yield _rows([(line.title, line.sentence) for line in trusted.lines])
    warnings = tuple(f"{one.text} ({one.code})" for one in view.warnings)
    yield from _section(PdfSection(title=language(PAGE["warnings"]), lines=warnings))
    yield from _section(readings)
    yield text(language(PAGE["provenance"]), HEAD)
    yield _rows(view.provenance, style=SMALL)
    if pictures.overlay is not None:
        yield Spacer(0, 2 * mm)
        yield text(language(PAGE["map_note"]), SMALL)


def _section(section: PdfSection | None) -> Iterator[Flowable]:
    if section is not None and section.lines:
        yield text(section.title, HEAD)
        yield from (text(f"- {one}", BODY) for one in section.lines)


def _pictures(pictures: PdfPictures) -> Iterator[Flowable]:
    shown = [one for one in (pictures.film, pictures.overlay) if one is not None]
    if shown:
        width = WIDTH / len(shown) - 2 * mm
        cells = [picture(one, width=width, height=PICTURE_HEIGHT) for one in shown]
        yield Table([cells], colWidths=[WIDTH / len(shown)] * len(shown), style=BARE)


def _conclusion(view: AnalysisView, trusted: TrustView | None) -> Iterator[Flowable]:
    if view.error is not None:
        yield text(view.error.text, BODY)
    if trusted is None:
        if view.gate_sentence:
            yield text(view.gate_sentence, BODY)
        yield from (text(f"- {one.text} ({one.code})", BODY) for one in view.reasons)
        return
    yield text(trusted.title, _TITLE)
    yield text(f"{trusted.note} {view.odds or ''}", BODY)
    yield from (text(f"- {reason}", BODY) for reason in trusted.reasons)


def _bars(view: AnalysisView, language: Language) -> Iterator[Flowable]:
    if not view.bars:
        return
    yield text(language(PAGE["findings"]), HEAD)
    widths = [42 * mm, 70 * mm, 18 * mm, WIDTH - 130 * mm]
    rows = [
        [
            text(bar.label, BODY),
            _BarDrawing(bar, 66 * mm),
            text(f"{bar.percent} %", BODY),
            text(
                f"{language(PAGE['above'] if bar.is_positive else PAGE['below'])} "
                f"({bar.threshold})",
                SMALL,
            ),
        ]
        for bar in view.bars
    ]
    yield Table(rows, colWidths=widths, style=_MIDDLE)
    yield text(language(PAGE["how_to_read"]), SMALL)


def _severity(severity: SeverityView | None) -> Iterator[Flowable]:
    """Yield the scores beside the six zones, the patient's right lung on the left as on film."""
    if severity is None:
        return
    yield text(severity.title, HEAD)
    lines = [[text(name, BODY), text(value, BODY)] for name, value in severity.scores]
    head = ["", text(severity.right, SMALL), text(severity.left, SMALL)]
    zones = [
        [text(cell, SMALL) for cell in (row.name, row.right, row.left)] for row in severity.rows
    ]
    scores = Table(lines, colWidths=[36 * mm, 62 * mm], style=BARE)
    beside = Table([head, *zones], colWidths=[18 * mm, 24 * mm, 24 * mm], style=BARE)
    yield Table([[scores, beside]], colWidths=[104 * mm, WIDTH - 104 * mm], style=BARE)
    yield from (text(one, SMALL) for one in (severity.zones_note, *severity.notes))


def _rows(rows: Sequence[tuple[str, str]], *, style: ParagraphStyle = BODY) -> Table:
    cells = [[text(name, style), text(value, style)] for name, value in rows]
    return Table(cells, colWidths=[36 * mm, WIDTH - 36 * mm], style=BARE)


_MIDDLE: Final = TableStyle([*BARE.getCommands(), ("VALIGN", (0, 0), (-1, -1), "MIDDLE")])
