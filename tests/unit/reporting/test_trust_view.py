"""What a page says about trust: each aspect for itself, and in either language."""

import numpy as np
import pytest

from thoracle.core.languages import ENGLISH_TEXTS, language
from thoracle.core.results import (
    ContributionMap,
    FileResult,
    Finding,
    GateDecision,
    GateKind,
    Reason,
    Status,
)
from thoracle.radiograph.trust import Trust, Verdict
from thoracle.reporting.trust_view import Calibrated, TrustView, trust_view

DECIDED = Trust(verdict=Verdict.DECIDED, label="COVID-19")
SHIPPED = Calibrated(name="shipped", films=296, is_of_site=False)


def _result(share: float | None = 0.8, *, accepted: bool = True) -> FileResult:
    gate = GateDecision(
        accepted=accepted, kind=GateKind.FRONTAL_CHEST, probability=0.987, rotation_degrees=0
    )
    finding = Finding(label="COVID-19", logit=1, probability=0.7, threshold=0.3, is_positive=True)
    maps = tuple(
        ContributionMap(
            label="COVID-19",
            layer=layer,
            method="gradcam",
            values=np.zeros((2, 2), np.float32),
            scale_max=1.0,
            box=(0, 0, 4, 4),
            lung_share=None if share is None else share + more,
        )
        for layer, more in (("last", 0.0), ("earlier", 0.1))
    )
    return FileResult(
        file="a.png",
        sha256="0" * 64,
        status=Status.ANALYZED,
        gate=gate,
        findings=(finding,),
        maps=maps,
    )


def _view(
    result: FileResult,
    said: Trust = DECIDED,
    distance: float | None = 40.0,
    calibrated: Calibrated | None = SHIPPED,
    code: str = "en",
) -> TrustView:
    view = trust_view(
        result, said, distance=distance, calibrated=calibrated, language=language(code)
    )
    assert view is not None
    return view


def test_a_trusted_result_says_so_line_by_line() -> None:
    view = _view(_result())
    assert (view.verdict, view.title) == ("decided", "Likeliest: COVID-19")
    assert [(one.title, one.tone) for one in view.lines] == [
        ("Gate", "good"),
        ("Distance", "good"),
        ("Maps", "good"),
        ("Calibration", "caution"),
    ]
    sentences = [one.sentence for one in view.lines]
    assert sentences[0] == "A frontal chest radiograph, 98.7 %: accepted."
    assert sentences[1].startswith("Like the films the bundle was trained on: 40 %")
    assert (
        sentences[2]
        == "85 % of what speaks for COVID-19 lies inside the lungs, on average over its maps."
    )
    assert sentences[3].startswith("On 296 films of the bundle's own collections")


@pytest.mark.parametrize(
    ("view", "line", "tone", "words"),
    [
        (_view(_result(accepted=False)), 0, "stop", "refused"),
        (_view(_result(), distance=99.0), 1, "caution", "Unlike the films"),
        (_view(_result(), distance=None), 1, "unknown", "Not known"),
        (_view(_result(0.3)), 2, "caution", "35 % of what speaks"),
        (_view(_result(None)), 2, "unknown", "Not known"),
        (_view(_result(), calibrated=None), 3, "unknown", "another bundle"),
        (
            _view(_result(), calibrated=Calibrated(name="ward 3", films=80, is_of_site=True)),
            3,
            "good",
            "On 80 films of this site (ward 3).",
        ),
    ],
)
def test_what_speaks_against_trust_is_said(
    view: TrustView, line: int, tone: str, words: str
) -> None:
    assert view.lines[line].tone == tone
    assert words in view.lines[line].sentence


def test_an_abstention_names_its_reasons_in_the_language_of_the_page() -> None:
    reason = Reason(
        code="under-18", text="The patient is under 18; this bundle was made for adults."
    )
    view = _view(_result(), Trust(verdict=Verdict.ABSTAINS, reasons=(reason,)), code="pt")
    assert view.title == "Thoracle se abstém"
    assert view.reasons == ("O paciente tem menos de 18 anos; este modelo foi feito para adultos.",)
    assert view.lines[0].sentence == "Uma radiografia frontal de tórax, 98,7 %: aceita."


def test_where_nothing_was_computed_there_is_nothing_to_trust() -> None:
    assert (
        trust_view(
            _result(),
            Trust(verdict=Verdict.NONE),
            distance=None,
            calibrated=None,
            language=ENGLISH_TEXTS,
        )
        is None
    )
