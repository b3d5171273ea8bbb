"""What was measured of the shipped bundles, read from their own metrics."""

from typing import Any

import pytest

from thoracle.core.errors import BundleError
from thoracle.jobs.about import PERCENT, PLAIN, _ct_figures, about_bundle, about_bundles
from thoracle.jobs.judge_patterns import CONDITIONS


def test_the_bundles_in_use_tell_their_figures_with_intervals() -> None:
    bundles = about_bundles("radiograph")
    assert [one.task for one in bundles] == [
        "classifier", "gate", "lungs", "anomaly", "severity", "ct_segmentation",
        "breathing_patterns", "prognosis",
    ]  # fmt: skip
    for one in bundles:
        assert one.figures
        assert one.card.startswith(f"# {one.name} {one.version}")
        for figure in one.figures:
            assert figure.films > 0
            assert figure.form in {PERCENT, PLAIN}
            if figure.low is not None and figure.high is not None:
                assert figure.low <= figure.value <= figure.high


def test_of_a_gate_trained_without_a_kind_only_that_kind_counts() -> None:
    gate = about_bundle(about_bundles("radiograph"), "gate")
    left_out = [one for one in gate.figures if one.evaluation.startswith("Trained without ")]
    assert left_out
    for one in left_out:
        assert one.labels == (one.evaluation.removeprefix("Trained without "),)


def test_a_bundle_that_is_not_in_use_is_an_error() -> None:
    with pytest.raises(BundleError, match="found no bundle other in use") as caught:
        about_bundle((), "other")
    assert caught.value.code == "unknown-bundle"


def test_a_figure_of_another_network_says_whose_it_is() -> None:
    classifier = about_bundles("radiograph")[0]
    judged = {one.evaluation: one.judged for one in classifier.figures}
    assert judged["Adults, held-out patients"] is None
    assert judged["Cohen left out of training"] == "radiograph-128 1.2.0"


def test_severity_stands_beside_the_readers_own_difference() -> None:
    severity = about_bundle(about_bundles("radiograph"), "severity")
    errors = {one.labels[0]: one for one in severity.figures if one.what == "mean error"}
    assert list(errors) == ["readers", "Brixia", "extent", "opacity", "days"]
    assert errors["readers"].value == pytest.approx(1.84, abs=0.01)
    assert errors["Brixia"].films == errors["readers"].films


def test_a_bundle_that_an_analysis_does_without_is_not_told_of(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("thoracle.jobs.about.list_bundles", tuple)

    assert [one.task for one in about_bundles("radiograph")] == ["classifier", "gate", "lungs"]


def test_breathing_is_told_of_by_condition_and_has_no_checklist_for_imaging() -> None:
    breathing = about_bundle(about_bundles("radiograph"), "breathing")
    assert breathing.claim == ""
    assert [one.labels for one in breathing.figures] == [(one.name,) for one in CONDITIONS]
    for one in breathing.figures:
        assert one.low is not None
        assert one.low < one.value


def test_ct_is_told_of_by_patient_and_without_an_interval() -> None:
    figures = about_bundle(about_bundles("radiograph"), "ct").figures
    assert [one.labels for one in figures] == [
        ("lungs",), ("infection",), ("percentage of infection",)
    ]  # fmt: skip
    assert {one.low for one in figures} == {None}
    assert figures[0].films == 5
    assert figures[0].value > 0.9


def test_ct_is_told_of_by_patient_without_an_interval_and_by_the_widest_learned() -> None:
    def scan(patient: str, dice: float | None, error: float, learned: int = 4) -> dict[str, Any]:
        groups = {"lungs": {"dice": 0.98}, "infection": {"dice": dice}}
        return {"patient": patient, "groups": groups, "poi_error": error, "learned": learned}

    scans = [
        scan("one", 0.5, -1.0),
        scan("two", 0.6, 0.5),
        scan("two", 0.8, 1.5),
        scan("three", None, 0.0),
        scan("one", 0.1, 9.0, learned=2),
    ]
    found = {one.labels[0]: one for one in _ct_figures("Held-out", {"scans": scans})}
    assert found["infection"].value == pytest.approx((0.5 + 0.7) / 2)
    assert found["infection"].films == 2
    assert found["percentage of infection"].value == pytest.approx((1.0 + 1.0 + 0.0) / 3)
    assert found["lungs"].films == 3
    assert {one.low for one in found.values()} == {None}
