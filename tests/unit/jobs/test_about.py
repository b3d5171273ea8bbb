"""What was measured of the shipped bundles, read from their own metrics."""

import pytest

from thoracle.core.errors import BundleError
from thoracle.jobs.about import PERCENT, PLAIN, about_bundle, about_bundles


def test_the_bundles_in_use_tell_their_figures_with_intervals() -> None:
    bundles = about_bundles("radiograph")
    assert [one.task for one in bundles] == ["classifier", "gate", "lungs", "anomaly", "severity"]
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
