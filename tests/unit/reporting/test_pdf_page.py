"""What PDF reports share: pages with a foot, plain signs, and pictures that fit."""

import numpy as np
import pytest
from reportlab.lib.pagesizes import A4

from thoracle.imaging.encode import png_bytes
from thoracle.reporting.pdf_page import BODY, FOOT_SIGNS, picture, plain, text, write_pdf


def _document(foot: str) -> bytes:
    parts = [text("<b>Not bold</b> & so on", BODY)]
    return write_pdf(parts, title="Report", foot=foot, language_code="en", size=A4, margin=40.0)


def test_the_same_parts_give_the_same_bytes_and_a_long_foot_is_cut() -> None:
    assert _document("a" * FOOT_SIGNS) == _document("a" * (FOOT_SIGNS + 50))
    assert _document("a") != _document("b")


def test_markup_in_a_text_is_text() -> None:
    assert text("<b>x</b> & y", BODY).text == "&lt;b&gt;x&lt;/b&gt; &amp; y"


def test_signs_without_a_stand_in_become_a_question_mark() -> None:
    assert plain("−1 ≥ 2 ± ções → 3") == "-1 >= 2 ± ções ? 3"


@pytest.mark.parametrize(("rows", "columns", "size"), [(10, 20, (100, 50)), (40, 10, (15, 60))])
def test_a_picture_is_as_large_as_fits(rows: int, columns: int, size: tuple[int, int]) -> None:
    made = picture(png_bytes(np.zeros((rows, columns), np.uint8)), width=100.0, height=60.0)
    assert (made.drawWidth, made.drawHeight) == pytest.approx(size)
