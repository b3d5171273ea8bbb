"""The report of one analysis: one file, nothing from outside, everything said."""

import base64
import io
import re
from dataclasses import replace
from datetime import UTC, datetime
from html.parser import HTMLParser

import numpy as np
import pytest
from PIL import Image

from thoracle.core.results import (
    DISCLAIMER,
    ContributionMap,
    FileResult,
    Finding,
    GateDecision,
    GateKind,
    Provenance,
    Reason,
    Status,
)
from thoracle.evaluation.confusion import BinaryCounts
from thoracle.reporting.analysis_html import analysis_css, analysis_html

ROWS, COLUMNS = 48, 36
PIXELS = np.linspace(0, 1, ROWS * COLUMNS, dtype=np.float32).reshape(ROWS, COLUMNS)
LABELS = ("No finding", "Other lung opacity", "COVID-19")


def _result(file: str = "film.png") -> FileResult:
    return FileResult(
        file=file,
        sha256="a" * 64,
        status=Status.ANALYZED,
        gate=GateDecision(
            accepted=True,
            kind=GateKind.FRONTAL_CHEST,
            probability=0.99,
            rotation_degrees=0,
            reasons=(Reason(code="borderline", text="Just accepted."),),
        ),
        findings=tuple(
            Finding(
                label=label,
                logit=0.0,
                probability=probability,
                threshold=0.3,
                is_positive=probability >= 0.3,
            )
            for label, probability in zip(LABELS, (0.05, 0.15, 0.8), strict=True)
        ),
        maps=tuple(
            ContributionMap(
                label=label,
                layer="features",
                method="Grad-CAM",
                values=np.ones((2, 2), np.float32),
                scale_max=2.5,
                box=(0, 0, ROWS, COLUMNS),
                lung_share=0.5,
            )
            for label in LABELS
        ),
        warnings=(Reason(code="too-dark", text="The film is very dark."),),
        provenance=Provenance(
            sha256="a" * 64, software_version="0.1.0", bundles=(), runtime="fake", precision="fp32"
        ),
    )


class _Addresses(HTMLParser):
    """Collects everything that a page would fetch, and whether its tags match."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []
        self.open: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found += [value or "" for name, value in attrs if name in {"src", "href", "action"}]
        if tag not in {"meta", "img", "input", "rect"}:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag != "rect":  # it closes itself
            assert self.open.pop() == tag


def test_the_page_holds_its_pictures_and_asks_for_nothing() -> None:
    page = analysis_html(_result(), pixels=PIXELS)
    parser = _Addresses()
    parser.feed(page)
    assert parser.open == []
    assert len(parser.found) == 5  # the film, three overlays, the color bar
    assert all(address.startswith("data:image/png;base64,") for address in parser.found)
    assert "<script" not in page
    assert "default-src 'none'" in page


def test_the_pictures_decode_to_the_film_and_its_overlays() -> None:
    page = analysis_html(_result(), pixels=PIXELS, lung_mask=np.ones((ROWS, COLUMNS), bool))
    encoded = re.findall(r'src="data:image/png;base64,([^"]+)"', page)
    pictures = [np.asarray(Image.open(io.BytesIO(base64.b64decode(one)))) for one in encoded]
    assert [picture.shape for picture in pictures] == [
        (ROWS, COLUMNS),
        *[(ROWS, COLUMNS, 3)] * 3,
        (1, 256, 3),
    ]
    np.testing.assert_array_equal(pictures[0], np.round(PIXELS * 255))
    assert pictures[1][0, 0].tolist() == [120, 220, 255]  # the rim of the lungs


def test_a_training_film_is_told_first_and_the_odds_with_the_findings() -> None:
    learned = Reason(code="training-film", text="The network learned from it.")
    result = replace(_result(), warnings=(*_result().warnings, learned))
    counts = {"COVID-19": BinaryCounts(tp=90, fp=40, fn=10, tn=160)}
    page = analysis_html(result, pixels=PIXELS, counts=counts)
    assert page.count("The network learned from it.") == 1
    assert page.index("The network learned from it.") < page.index("The film is very dark.")
    assert "the answer COVID-19 is right in 33 % (27–40)" in page


def test_everything_that_was_found_is_said() -> None:
    page = analysis_html(_result(), pixels=PIXELS, made_at=datetime(2026, 3, 1, 12, tzinfo=UTC))
    for text in (
        "80.0 %",
        "threshold 30.0 %",
        "at or above the threshold of 30.0 %, so it is called positive",
        "a frontal chest radiograph (99.0 %) and accepts it",
        "Just accepted.",
        "The film is very dark.",
        "50 % of this map lies inside the lungs.",
        "Each bar is a calibrated probability",
        "≥ 2.5",
        "a" * 64,
        "on 2026-03-01 12:00 UTC",
        DISCLAIMER,
    ):
        assert text in page, text


def test_the_styles_are_not_escaped() -> None:
    assert ".stage .pick-1:checked ~ .panes .pane-1" in analysis_css()
    assert analysis_css() in analysis_html(_result(), pixels=PIXELS)


@pytest.mark.parametrize("file", ["<img src=x>.png", '"><script>alert(1)</script>'])
def test_a_file_name_is_printed_never_run(file: str) -> None:
    page = analysis_html(_result(file), pixels=PIXELS)
    assert "<script" not in page
    assert "<img src=x" not in page
    assert "&lt;" in page


def test_a_refusal_says_why_and_shows_no_bar() -> None:
    refused = FileResult(
        file="knee.png",
        sha256="b" * 64,
        status=Status.REFUSED,
        gate=GateDecision(
            accepted=False,
            kind=GateKind.OTHER_RADIOGRAPH,
            probability=0.97,
            rotation_degrees=0,
            reasons=(Reason(code="gate-other-radiograph", text="This is not a chest."),),
        ),
    )
    page = analysis_html(refused, pixels=PIXELS)
    assert "This is not a chest." in page
    assert "No finding was computed" in page
    assert 'class="finding' not in page
    assert page.count("<img") == 1  # the film; without a map there is no scale
    parser = _Addresses()
    parser.feed(page)


def test_a_failure_shows_its_sentence_alone() -> None:
    failed = FileResult(
        file="torn.png",
        sha256="c" * 64,
        status=Status.FAILED,
        error=Reason(code="image", text="found a torn file – expected a whole one."),
    )
    page = analysis_html(failed, pixels=None)
    assert "found a torn file" in page
    assert "<img" not in page
    assert "Findings" not in page


def test_an_override_is_said_first() -> None:
    result = _result()
    assert result.provenance is not None
    gate = GateDecision(
        accepted=False, kind=GateKind.CT, probability=0.9, rotation_degrees=0, reasons=()
    )
    overridden = replace(
        result, gate=gate, provenance=replace(result.provenance, gate_overridden=True)
    )
    page = analysis_html(overridden, pixels=PIXELS)
    assert page.index("a user overrode it") < page.index('class="finding')


def test_a_refusal_without_reasons_quotes_the_gate() -> None:
    gate = GateDecision(accepted=False, kind=GateKind.CT, probability=0.9, rotation_degrees=0)
    refused = FileResult(file="ct.png", sha256="d" * 64, status=Status.REFUSED, gate=gate)
    lead = analysis_html(refused, pixels=None).split('<div class="columns">')[0]
    assert "a CT or another scan (90.0 %) and refuses it" in lead
