"""The JSON form of a result is the contract of `thoracle analyze --json`."""

import dataclasses
import json

import numpy as np
import pytest

from thoracle.core.results import (
    DISCLAIMER,
    Analysis,
    AnomalyMap,
    BundleReference,
    ContributionMap,
    FileResult,
    Finding,
    GateDecision,
    GateKind,
    Provenance,
    Reason,
    Status,
    to_json,
)

DIGEST = "ab" * 32


@pytest.fixture
def whole() -> FileResult:
    """Return a result in which every field is filled."""
    return FileResult(
        file="film.png",
        sha256=DIGEST,
        status=Status.ANALYZED,
        gate=GateDecision(
            accepted=False,
            kind=GateKind.ROTATED_CHEST,
            probability=0.75,
            rotation_degrees=90,
            reasons=(Reason(code="rotated", text="The film is turned by 90 degrees."),),
        ),
        findings=(
            Finding(label="COVID-19", logit=1.5, probability=0.8, threshold=0.5, is_positive=True),
        ),
        maps=(
            ContributionMap(
                label="COVID-19",
                layer="last",
                method="grad-cam",
                values=np.ones((2, 3), np.float32),
                scale_max=1.0,
                box=(0, 0, 2, 3),
                lung_share=None,
                path="maps/1.png",
            ),
        ),
        anomaly=AnomalyMap(
            values=np.ones((2, 3), np.float32),
            scale_max=4.0,
            box=(0, 0, 2, 3),
            lung_share=0.5,
            lung_mean=1.25,
            path="maps/2.png",
        ),
        warnings=(Reason(code="too-dark", text="The film is dark."),),
        provenance=Provenance(
            sha256=DIGEST,
            software_version="0.1.0",
            bundles=(BundleReference(name="gate", version="1", digest=DIGEST),),
            runtime="ONNX Runtime",
            precision="fp32",
            gate_overridden=True,
        ),
        error=Reason(code="image", text="Cut short."),
    )


def test_a_whole_result_has_exactly_the_published_keys(whole: FileResult) -> None:
    found = to_json(whole)
    assert found == {
        "file": "film.png",
        "sha256": DIGEST,
        "status": "analyzed",
        "gate": {
            "accepted": False,
            "kind": "rotated_chest",
            "probability": 0.75,
            "rotation_degrees": 90,
            "reasons": [{"code": "rotated", "text": "The film is turned by 90 degrees."}],
        },
        "findings": [
            {
                "label": "COVID-19",
                "logit": 1.5,
                "probability": 0.8,
                "threshold": 0.5,
                "is_positive": True,
            }
        ],
        "maps": [
            {
                "label": "COVID-19",
                "layer": "last",
                "method": "grad-cam",
                "path": "maps/1.png",
                "lung_share": None,
            }
        ],
        "warnings": [{"code": "too-dark", "text": "The film is dark."}],
        "provenance": {
            "sha256": DIGEST,
            "software_version": "0.1.0",
            "bundles": [{"name": "gate", "version": "1", "digest": DIGEST}],
            "runtime": "ONNX Runtime",
            "precision": "fp32",
            "gate_overridden": True,
            "disclaimer": DISCLAIMER,
        },
        "error": {"code": "image", "text": "Cut short."},
        "severity": None,
        "anomaly": {"path": "maps/2.png", "lung_share": 0.5, "lung_mean": 1.25},
    }


def test_a_failure_has_the_same_keys_with_nothing_in_them(whole: FileResult) -> None:
    failed = to_json(FileResult(file="film.png", sha256=DIGEST, status=Status.FAILED))
    assert list(failed) == list(to_json(whole))
    assert failed["gate"] is None
    assert failed["provenance"] is None
    assert failed["error"] is None
    assert failed["findings"] == failed["maps"] == failed["warnings"] == []


def test_the_json_form_is_plain_json(whole: FileResult) -> None:
    assert json.loads(json.dumps(to_json(whole), allow_nan=False)) == to_json(whole)


def test_the_kinds_and_states_are_the_published_words() -> None:
    assert [str(kind) for kind in GateKind] == [
        "frontal_chest",
        "rotated_chest",
        "lateral_chest",
        "ct",
        "other_radiograph",
        "not_radiograph",
    ]
    assert [str(status) for status in Status] == ["analyzed", "refused", "failed"]


def test_a_result_cannot_be_changed(whole: FileResult) -> None:
    with pytest.raises(dataclasses.FrozenInstanceError):
        whole.status = Status.FAILED  # type: ignore[misc]


def test_a_refusal_carries_no_findings_by_default(whole: FileResult) -> None:
    assert whole.gate is not None
    refused = Analysis(gate=whole.gate)
    assert [*refused.findings, *refused.maps, *refused.warnings] == []
    assert refused.lung_mask is None


def test_pixels_stay_out_of_what_is_logged(whole: FileResult) -> None:
    assert "array" not in repr(whole)


def test_the_anomaly_map_is_the_last_of_the_drawn_ones_and_none_of_the_findings(
    whole: FileResult,
) -> None:
    assert whole.drawn_maps == (*whole.maps, whole.anomaly)
    assert dataclasses.replace(whole, anomaly=None).drawn_maps == whole.maps
    assert not isinstance(whole.anomaly, ContributionMap)
