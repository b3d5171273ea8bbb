"""The PDF says what the page says, bars and pictures in it, and signs it cannot print replaced."""

import io
import re
import zlib
from base64 import a85decode
from dataclasses import replace
from datetime import UTC, datetime

import numpy as np
import pytest

from thoracle.core.languages import language
from thoracle.core.results import FileResult, Finding, GateDecision, GateKind, Reason, Status
from thoracle.evaluation.confusion import BinaryCounts
from thoracle.imaging.encode import png_bytes
from thoracle.radiograph.trust import trust
from thoracle.reporting.analysis_pdf import PdfPictures, PdfSection, analysis_pdf
from thoracle.reporting.analysis_view import PictureAddresses, view_of
from thoracle.reporting.trust_view import trust_view

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
FILM = png_bytes(np.full((40, 30), 120, np.uint8))


def _result() -> FileResult:
    finding = Finding(
        label="COVID-19", logit=1, probability=0.831, threshold=0.31, is_positive=True
    )
    return FileResult(
        file="日本 & <b>film</b>.png",
        sha256="ab" * 32,
        status=Status.ANALYZED,
        gate=GateDecision(
            accepted=True, kind=GateKind.FRONTAL_CHEST, probability=0.99, rotation_degrees=0
        ),
        findings=(finding,),
        warnings=(Reason(code="too-dark", text="The film is very dark (mean grey 0.05 of 1)."),),
    )


def _pdf(code: str, pictures: PdfPictures, readings: PdfSection | None = None) -> bytes:
    spoken, result = language(code), _result()
    view = view_of(result, addresses=PictureAddresses(), made_at=NOON, language=spoken)
    trusted = trust_view(result, trust(result), distance=20.0, calibrated=None, language=spoken)
    return analysis_pdf(view, trusted, pictures=pictures, language=spoken, readings=readings)


def _words(pdf: bytes) -> str:
    """Return the text of all pages: reportlab writes it in Latin-1 between brackets."""
    found = []
    for stream in re.findall(rb"stream\r?\n(.*?)endstream", pdf, re.DOTALL):
        try:
            page = zlib.decompress(a85decode(stream.strip(), adobe=False))
        except ValueError:
            try:
                page = zlib.decompress(a85decode(b"<~" + stream.strip(), adobe=True))
            except (ValueError, zlib.error):
                continue
        except zlib.error:
            continue
        found += re.findall(rb"\((.*?)(?<!\\)\) Tj", page)
    text = b" ".join(found).decode("cp1252")
    return re.sub(r"\\(\d{3})", lambda sign: bytes([int(sign[1], 8)]).decode("cp1252"), text)


@pytest.mark.parametrize(
    ("code", "expected"),
    [("en", ("83.1 %", "COVID-19", "very dark")), ("pt", ("83,1 %", "muito escura", "Achados"))],
)
def test_it_says_what_the_page_says(code: str, expected: tuple[str, ...]) -> None:
    words = _words(_pdf(code, PdfPictures(film=FILM)))
    for one in expected:
        assert one in words
    assert "<b>film</b>" in words.replace(" ", "")
    assert "?? &" in words


def test_a_training_film_is_told_first_and_the_odds_with_the_conclusion() -> None:
    spoken = language("en")
    learned = Reason(code="training-film", text="The network learned from it.")
    result = replace(_result(), warnings=(*_result().warnings, learned))
    counts = {"COVID-19": BinaryCounts(tp=90, fp=40, fn=10, tn=160)}
    view = view_of(result, addresses=PictureAddresses(), counts=counts, language=spoken)
    trusted = trust_view(result, trust(result), distance=20.0, calibrated=None, language=spoken)
    words = _words(analysis_pdf(view, trusted, pictures=PdfPictures(), language=spoken))
    assert words.count("The network learned from it. \\(training-film\\)") == 1
    assert words.index("The network learned") < words.index("Likeliest")
    assert words.index("right in 33 %") < words.index("Findings")


def test_caption_readings_and_foot_are_printed() -> None:
    section = PdfSection(title="Readings", lines=("ana, today: disagrees; Left base.",))
    words = _words(_pdf("en", PdfPictures(film=FILM, overlay=FILM, caption="Last layer"), section))
    assert "Last layer" in words
    assert "Left base." in words
    assert words.count("Not a medical device") >= 2  # under the title, and at the foot


def test_the_same_result_makes_the_same_bytes() -> None:
    assert _pdf("en", PdfPictures()) == _pdf("en", PdfPictures())


def test_pictures_stand_in_it() -> None:
    without, with_two = (
        _pdf("en", one) for one in (PdfPictures(), PdfPictures(film=FILM, overlay=FILM))
    )
    assert without.count(b"/Subtype /Image") == 0
    assert with_two.count(b"/Subtype /Image") >= 1
    assert io.BytesIO(with_two).read(5) == b"%PDF-"
