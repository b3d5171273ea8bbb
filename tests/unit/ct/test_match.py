"""Two scans are compared only where nothing speaks against one patient seen twice."""

from dataclasses import replace

import numpy as np
import pytest
from tests.unit.ct.chest import chest

from thoracle.ct.match import Fit, contradictions, match_of
from thoracle.ct.overlap import Overlap
from thoracle.ct.register import Registration


def _registration(dice: float, correlation: float, mirrored: int | None = None) -> Registration:
    over = Overlap(dice=dice, surface_mm=1.0, surface_p95_mm=3.0, correlation=correlation)
    return Registration(
        matrix=np.eye(4),
        before=over,
        after=over,
        volume_ratio=1.0,
        stretch=(1.0, 1.0),
        rotation_degrees=0.0,
        mirrored=mirrored,
    )


@pytest.mark.parametrize(
    ("dice", "correlation", "fit", "code"),
    [
        (0.97, 0.97, Fit.GOOD, ""),
        (0.97, 0.91, Fit.DOUBTFUL, "ct-match-doubtful"),
        (0.93, 0.97, Fit.DOUBTFUL, "ct-match-doubtful"),
        (0.89, 0.97, Fit.FAILED, "ct-match-failed"),
        (0.97, 0.84, Fit.FAILED, "ct-match-failed"),
    ],
)
def test_the_worse_of_both_measures_decides(
    dice: float, correlation: float, fit: Fit, code: str
) -> None:
    found = match_of(_registration(dice, correlation))
    assert found.fit is fit
    assert [one.code for one in found.reasons] == ([code] if code else [])


def test_a_mirrored_scan_is_named_with_its_axis() -> None:
    found = match_of(_registration(0.86, 0.83, mirrored=2))
    assert found.fit is Fit.FAILED
    assert "right and left exchanged" in found.reasons[0].text


def test_lungs_of_another_patient_are_not_called_mirrored() -> None:
    assert match_of(_registration(0.58, 0.35, mirrored=2)).reasons[0].code == "ct-match-failed"


def test_files_of_one_patient_speak_against_nothing() -> None:
    scan, _ = chest()
    known = replace(scan.facts, patient_id="7", sex="F")
    later = replace(scan, sha256="f" * 64, facts=known)
    assert contradictions(scan, later) == ()
    assert contradictions(replace(scan, facts=known), later) == ()


def test_another_patient_another_sex_and_the_same_files_are_told_without_names() -> None:
    scan, _ = chest()
    first = replace(scan, facts=replace(scan.facts, patient_id="Maria 7", sex="F"))
    second = replace(scan, facts=replace(scan.facts, patient_id="João 8", sex="M"))
    found = contradictions(first, second)
    assert [one.code for one in found] == [
        "ct-match-same-files",
        "ct-match-patient",
        "ct-match-sex",
    ]
    assert not any("Maria" in one.text or "João" in one.text for one in found)
