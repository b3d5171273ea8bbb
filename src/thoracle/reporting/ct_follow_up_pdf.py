"""The report on a follow-up as a PDF to print or to file."""

from collections.abc import Iterator, Sequence
from typing import Any, Final

from reportlab.lib import colors
from reportlab.lib.pagesizes import A4, landscape
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.platypus import Flowable, KeepTogether, Paragraph, Spacer, Table, TableStyle

from thoracle.core.languages import Language
from thoracle.ct.course import Course
from thoracle.reporting.ct_follow_up_pictures import COLORS, SlicePicture
from thoracle.reporting.ct_follow_up_texts import FOLLOW_UP, PLACES
from thoracle.reporting.ct_follow_up_timeline import timeline
from thoracle.reporting.ct_follow_up_view import Rows, StepView, course_view
from thoracle.reporting.pdf_page import (
    BODY,
    FRAME,
    HEAD,
    SMALL,
    lined,
    picture,
    plain,
    text,
    write_pdf,
)

PAGE: Final = landscape(A4)
MARGIN: Final = 14 * mm
WIDTH: Final = PAGE[0] - 2 * MARGIN - FRAME
PICTURE_HEIGHT: Final = 66 * mm
_RANGES: Final = str.maketrans({"→": "to", "…": "to"})  # in words: the fonts lack the arrow
_LINE: Final = colors.HexColor("#c4ccd3")
_TITLE: Final = ParagraphStyle("title", parent=HEAD, fontSize=15, leading=19)
_LINED: Final = lined(_LINE)


def follow_up_pdf(
    course: Course, pictures: Sequence[Sequence[SlicePicture]], language: Language
) -> bytes:
    """Write the report.

    Parameters
    ----------
    course
        What changed.
    pictures
        Of each step; none where nothing lies over each other.
    language
        Of all texts and numbers.

    Returns
    -------
    bytes
        A PDF without scripts, links or embedded files. Signs that its fonts lack become "?".
    """
    view = course_view(course, language)
    t = language.table(FOLLOW_UP)
    parts: list[Flowable] = [_text(view.title, _TITLE), _text(t["disclaimer"], HEAD)]
    parts += [timeline(course, language), _text(t["band"], SMALL)]
    if view.overall is not None:
        parts += [_text(t["overall"], HEAD), *_numbers(view.overall, t)]
    for one, drawn in zip(view.steps, pictures, strict=True):
        parts += [*_numbers(one, t), *_places(one, drawn, language)]
    parts += _ending(t, view.definitions, view.scans, view.provenance)
    return write_pdf(
        parts,
        title=_plain(view.title),
        foot=_plain(t["disclaimer"]),
        language_code=language.code,
        size=PAGE,
        margin=MARGIN,
    )


def _numbers(step: StepView, t: Any) -> Iterator[Flowable]:
    yield _text(step.title, _TITLE)
    yield from (_text(f"- {one}", BODY) for one in step.leads)
    yield from (_text(f"! {one.text} ({one.code})", BODY) for one in step.warnings)
    yield _text(t["numbers"], HEAD)
    yield _table((step.columns, *step.numbers), shares=(20, 12, 12, 12, 8, 10, 13, 20))
    if step.regions:
        yield _text(t["regions"], HEAD)
        yield _table((step.region_columns, *step.regions), shares=(18, 14, 14, 14, 14, 30))


def _places(
    step: StepView, pictures: Sequence[SlicePicture], language: Language
) -> Iterator[Flowable]:
    t = language.table(FOLLOW_UP)
    yield _text(t["places"], HEAD)
    if step.places:
        yield _table(((t["place"], t["volume"], t["range"]), *step.places), shares=(40, 20, 40))
    if step.places_note:
        yield _text(step.places_note, BODY)
    yield _text(t["fit"], HEAD)
    yield _table(step.fit, shares=(50, 50))
    if pictures:
        yield _text(t["pictures"], HEAD)
        yield _key(language)
        yield _text(t["picture_note"], SMALL)
    for one in pictures:
        said = t["picture"].format(slice=one.slice_number)
        yield KeepTogether(
            [
                picture(one.png, width=WIDTH, height=PICTURE_HEIGHT),
                _text(said, SMALL),
                Spacer(0, 2 * mm),
            ]
        )


def _key(language: Language) -> Table:
    cells: list[Any] = []
    style = TableStyle([("LEFTPADDING", (0, 0), (-1, -1), 4)])
    for index, (name, color) in enumerate(COLORS.items()):
        cells += ["", _text(language(PLACES[name]), SMALL)]
        at = (2 * index, 0)
        style.add("BACKGROUND", at, at, colors.Color(*(one / 255 for one in color)))
    widths = [4 * mm, WIDTH / len(COLORS) - 4 * mm] * len(COLORS)
    return Table([cells], colWidths=widths, style=style)


def _ending(t: Any, definitions: Sequence[str], scans: Rows, provenance: Rows) -> list[Flowable]:
    return [
        _text(t["definitions"], HEAD),
        *(_text(f"- {one}", SMALL) for one in definitions),
        _text(t["scans"], HEAD),
        _table(scans, shares=(30, 70)),
        _text(t["provenance"], HEAD),
        _table(provenance, shares=(30, 70)),
    ]


def _table(rows: Sequence[Sequence[str]], *, shares: Sequence[float]) -> Table:
    cells = [[_text(cell, SMALL) for cell in row] for row in rows]
    widths = [WIDTH * share / sum(shares) for share in shares]
    return Table(cells, colWidths=widths, style=_LINED)


def _text(said: str, style: ParagraphStyle) -> Paragraph:
    return text(_plain(said), style)


def _plain(said: str) -> str:
    return plain(said.translate(_RANGES))
