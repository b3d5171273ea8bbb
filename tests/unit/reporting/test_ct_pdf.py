"""The PDF of a CT report: the same bytes each time, and what it says can be read out of it."""

import base64
import re
import zlib

import pytest
from tests.unit.reporting.ct_case import Case, case, empty_case

from thoracle.core.languages import ENGLISH_TEXTS
from thoracle.reporting.ct_pdf import ct_pdf
from thoracle.reporting.ct_pictures import ct_pictures
from thoracle.reporting.ct_view import ct_view


def pdf(one: Case) -> bytes:
    pictures = ct_pictures(one.found.scan, one.segmentation)
    view = ct_view(one.found, made_at=None, language=ENGLISH_TEXTS)
    return ct_pdf(view, pictures=pictures, shape=one.shape, language=ENGLISH_TEXTS)


def words(document: bytes) -> str:
    """Return the words that are written on the pages."""
    streams = re.findall(rb"/Length \d+\s*>>\s*stream\r?\n(.*?)endstream", document, re.DOTALL)
    said = []
    for one in streams:
        try:
            raw = zlib.decompress(base64.a85decode(one.strip(), adobe=False))
        except (ValueError, zlib.error):
            try:
                raw = zlib.decompress(base64.a85decode(b"<~" + one.strip(), adobe=True))
            except (ValueError, zlib.error):
                continue
        said += re.findall(rb"\((.*?)(?<!\\)\) Tj", raw)
    return b" ".join(said).decode("cp1252", "replace")


@pytest.mark.parametrize("one", [case(), case(cut=True), case(window=True), empty_case()])
def test_a_pdf_is_made_of_every_kind_of_result(one: Case) -> None:
    document = pdf(one)
    assert document.startswith(b"%PDF-")
    assert b"/JavaScript" not in document
    assert pdf(one) == document


def test_the_pages_say_the_percentage_and_the_definitions() -> None:
    one = case()
    said = words(pdf(one))
    percent = one.found.measures.region("both").percentage_of_infection.value
    assert f"{percent:.1f} %" in said
    assert "Research use only." in said
    assert "Halves:" in said


def test_signs_that_fonts_lack_are_written_plainly() -> None:
    said = words(pdf(case(cut=True)))
    assert "> = marks volumes" in said  # drawn side by side
    assert "?" not in said
