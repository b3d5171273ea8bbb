"""The report holds every scan, the means by patient, and what they are compared with."""

import json
import math
from collections.abc import Callable
from pathlib import Path

import pytest

from thoracle.evaluation.label_maps import GroupAgreement
from thoracle.inference.bundle import open_bundle
from thoracle.jobs.evaluate_ct import GROUPS, JudgedCt, JudgedScan, UnlabeledScan
from thoracle.jobs.evaluate_ct_report import by_patient, ct_report


def _scan(case: str, patient: str, dice: float, poi: float, *, learned: int = 4) -> JudgedScan:
    agreement = GroupAgreement(dice=dice, hd95_mm=3.0, volume_ml=110.0, reference_ml=100.0)
    return JudgedScan(
        case=case,
        patient=patient,
        learned=learned,
        groups=dict.fromkeys(GROUPS, agreement),
        poi=poi,
        reference_poi=4.0,
    )


@pytest.fixture
def judged(ct_bundle: Callable[..., Path]) -> JudgedCt:
    """Two patients, one with two scans, judged by bundles of four patients and of one."""
    return JudgedCt(
        bundles=(open_bundle(str(ct_bundle())),),
        scans=(
            _scan("a", "p1", 0.8, 5.0),
            _scan("b", "p1", 0.9, 7.0),
            _scan("c", "p2", math.nan, 4.0),
            _scan("c", "p2", 0.5, 9.0, learned=1),
        ),
        noise={"p1": (2.74, 2.09)},
        unlabeled=(
            UnlabeledScan(
                name="normal",
                lung_parts=2,
                lungs_ml=4000.0,
                ground_glass_ml=1.0,
                consolidation_ml=0.0,
                poi=0.025,
            ),
        ),
        shown_by="p1, p2",
    )


def test_a_patient_counts_once_however_many_scans_they_have(judged: JudgedCt) -> None:
    assert by_patient(judged.scans[:3], lambda one: one.poi) == [6.0, 4.0]
    assert by_patient(judged.scans[:3], lambda one: one.groups["lungs"].dice) == [
        pytest.approx(0.85)
    ]


def test_the_tables_hold_what_was_measured_and_what_it_is_compared_with(judged: JudgedCt) -> None:
    text = ct_report(judged, name="Held-out patients").markdown
    assert "| a | p1 | 0.800 (3.0) |" in text
    assert "| c | p2 | – |" in text
    assert "| mean of patients (range) |  | 0.850 (0.850–0.850) |" in text
    assert "| a | 4.00 | 5.00 | 1.00 |" in text
    assert "| mean of patients (range) |  |  | 1.00 (0.00–2.00) |" in text
    assert "| always zero, mean of patients (range) |  | 0.00 | 4.00 (4.00–4.00) |" in text
    assert "| reference against itself, p1 | 2.74 | 2.09 | 0.65 |" in text
    assert "0.916 ± 0.100" in text
    assert "| a | 110.0 (+10.0) |" in text
    assert "| 1 | 0.500 (0.500–0.500) |" in text
    assert "| normal | 2 | 4000.0 | 1.0 | 0.0 | 0.03 |" in text


def test_json_and_html_say_the_same(judged: JudgedCt) -> None:
    report = ct_report(judged, name="Held-out patients")
    content = json.loads(report.json)
    assert content["scans"][1]["poi_error"] == 3.0
    assert content["scans"][2]["groups"]["lungs"]["dice"] is None
    assert content["reference_noise"] == {"p1": [2.74, 2.09]}
    assert report.html is not None
    assert "reference against itself, p1" in report.html


def test_without_labels_there_is_the_table_of_found_volumes_only(judged: JudgedCt) -> None:
    only = JudgedCt(
        bundles=judged.bundles, scans=(), noise={}, unlabeled=judged.unlabeled, shown_by="p1"
    )
    text = ct_report(only, name="HU").markdown
    assert text.startswith("Scans without a reference.")
    assert "Percentage of infection" not in text
