"""Severity: zones as on film, scores within their ranges, shown only where they mean something."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper

from thoracle.core.arrays import BoolArray, FloatArray
from thoracle.core.errors import BundleError
from thoracle.core.results import Finding
from thoracle.imaging.types import Radiograph
from thoracle.inference.bundle import open_bundle
from thoracle.inference.description import write_description
from thoracle.radiograph.analyze import Models, analyze
from thoracle.radiograph.gate import Gate
from thoracle.radiograph.lungs import LungFinder
from thoracle.radiograph.model import Classifier
from thoracle.radiograph.preprocess import CLASSIFIER_INPUT
from thoracle.radiograph.severity import (
    MIRRORED,
    OUTPUTS,
    ZONES,
    SeverityScorer,
    pooled_scores,
    zone_masks,
    zone_weights,
)
from thoracle.radiograph.types import Lungs

Draw = Callable[..., FloatArray]
AsFilm = Callable[..., Radiograph]
SIDE = 64
SLOPES = np.array([1.5, 2.0, 1.5], np.float32)
NUMBERS = {
    "brixia_interval": 4.0,
    "extent_interval": 2.0,
    "opacity_interval": 1.0,
    "coverage": 0.9,
    "films": 171.0,
    "patients": 120.0,
    "brixia_error": 2.5,
    "reader_difference": 1.84,
}


def write_severity_bundle(folder: Path, **changes: Any) -> Path:
    """Write a bundle whose score at each place is how bright the film is there."""
    folder.mkdir(parents=True)
    weights = [
        numpy_helper.from_array(SLOPES.reshape(3, 1, 1, 1), "slopes"),
        numpy_helper.from_array(SLOPES, "levels"),
    ]
    nodes = [
        helper.make_node("AveragePool", ["films"], ["mean"], kernel_shape=[8, 8], strides=[8, 8]),
        helper.make_node("Conv", ["mean", "slopes", "levels"], ["logits"]),
    ]
    films = helper.make_tensor_value_info("films", TensorProto.FLOAT, ["n", 1, SIDE, SIDE])
    logits = helper.make_tensor_value_info("logits", TensorProto.FLOAT, ["n", 3, 8, 8])
    graph = helper.make_graph(nodes, "tiny", [films], [logits], weights)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)], ir_version=10)
    onnx.save_model(model, folder / "network.onnx")
    table: dict[str, Any] = {
        "name": folder.name,
        "version": "1.0.0",
        "task": "severity",
        "intended_use": "Tests.",
        "population": "adults",
        "input": {"size": SIDE, "channels": 1, "range": [-1.0, 1.0], "resize": CLASSIFIER_INPUT},
        "labels": [{"name": one} for one in OUTPUTS],
        "numbers": NUMBERS,
        "training": {},
    }
    write_description(folder, table | changes)
    return folder


@pytest.fixture(scope="module")
def scorer(tmp_path_factory: pytest.TempPathFactory) -> SeverityScorer:
    folder = write_severity_bundle(tmp_path_factory.mktemp("bundles") / "severity")
    return SeverityScorer(open_bundle(str(folder)))


def two_lungs() -> BoolArray:
    """Two rectangles: the lung at the left of the film 18 rows high, the other 12."""
    mask = np.zeros((30, 40), bool)
    mask[3:21, 5:15] = True
    mask[6:18, 25:35] = True
    return mask


def test_zones_are_the_thirds_of_each_lung_and_the_right_lung_lies_on_the_left() -> None:
    zones = dict(zip(ZONES, zone_masks(two_lungs()), strict=True))
    expected = {
        "A": (slice(3, 9), slice(5, 15)),
        "B": (slice(9, 15), slice(5, 15)),
        "C": (slice(15, 21), slice(5, 15)),
        "D": (slice(6, 10), slice(25, 35)),
        "E": (slice(10, 14), slice(25, 35)),
        "F": (slice(14, 18), slice(25, 35)),
    }
    for name, place in expected.items():
        wanted = np.zeros((30, 40), bool)
        wanted[place] = True
        np.testing.assert_array_equal(zones[name], wanted, err_msg=name)


def test_mirroring_a_film_exchanges_the_zones_of_both_lungs() -> None:
    mask = two_lungs()
    mirrored = zone_masks(mask[:, ::-1])
    np.testing.assert_array_equal(mirrored, zone_masks(mask)[list(MIRRORED), :, ::-1])


@pytest.mark.parametrize("kept", ["none", "one lung"])
def test_every_zone_has_pixels_also_where_a_lung_was_not_found(kept: str) -> None:
    mask = two_lungs()
    mask[:, 20 if kept == "one lung" else 0 :] = False
    zones = zone_masks(mask)
    assert zones.any(axis=(1, 2)).all()
    assert (zones.sum(axis=0) <= 1).all()  # no pixel counts twice


def test_each_zone_counts_alike_on_any_grid() -> None:
    weights = zone_weights(zone_masks(two_lungs()), side=7)
    assert weights.shape == (6, 7, 7)
    np.testing.assert_allclose(weights.sum(axis=(1, 2)), 1, rtol=1e-6)


def test_scores_are_the_means_of_the_maps_in_the_zones() -> None:
    grid = np.zeros((30, 30), bool)
    grid[:, :15], grid[:, 15:] = True, True
    maps = np.zeros((3, 30, 30), np.float32)
    maps[0, :10, :15] = 3.0  # upper third of the patient's right lung
    maps[0, 20:, 15:] = 2.0  # lower third of the left
    maps[1, :, :15] = 4.0
    maps[2, :, 15:] = 1.5
    found = pooled_scores(maps, zone_masks(grid))
    assert found.zones.tolist() == pytest.approx([3, 0, 0, 0, 0, 2])
    assert (found.brixia, found.extent, found.opacity) == pytest.approx((5, 4, 1.5))


def test_scores_stay_within_their_ranges() -> None:
    zones = zone_masks(np.ones((12, 12), bool))
    highest = pooled_scores(np.full((3, 6, 6), 50, np.float32), zones)
    lowest = pooled_scores(np.full((3, 6, 6), -50, np.float32), zones)
    assert (highest.brixia, highest.extent, highest.opacity) == (18, 8, 6)
    assert (lowest.brixia, lowest.extent, lowest.opacity) == (0, 0, 0)


def test_a_film_bright_in_one_zone_scores_there(scorer: SeverityScorer) -> None:
    mask = np.zeros((64, 64), bool)
    mask[14:50, 12:52] = True
    pixels = np.zeros((64, 64), np.float32)
    pixels[14:26, 12:32] = 1.0
    found = scorer.scores(pixels, Lungs(mask=mask, box=(0, 0, 64, 64), found=True))
    assert found.zones.argmax() == ZONES.index("A")
    assert found.zones[0] > 1.5
    assert found.zones[3] < 0.7


def test_intervals_end_where_the_scale_ends(scorer: SeverityScorer) -> None:
    dark = np.zeros((64, 64), np.float32)
    found = scorer.judge(dark, Lungs(mask=np.ones((64, 64), bool), box=(0, 0, 64, 64), found=True))
    assert (found.brixia.value, found.brixia.low, found.brixia.high) == (0, 0, 4)
    assert (found.extent.high, found.opacity.high) == (2, 1)
    assert (found.films, found.patients, found.reader_difference) == (171, 120, 1.84)


def models_with(scorer: SeverityScorer, folder: Path) -> Models:
    return Models(
        gate=Gate(open_bundle(str(folder / "gate"))),
        lungs=LungFinder(open_bundle(str(folder / "lungs"))),
        classifier=Classifier(open_bundle(str(folder / "radiograph"))),
        severity=scorer,
    )


def say(monkeypatch: pytest.MonkeyPatch, label: str) -> None:
    """Let the classifier find one label likeliest."""
    shares = {"No finding": 0.2, "Other lung opacity": 0.2, "COVID-19": 0.2} | {label: 0.6}
    findings = tuple(
        Finding(label=one, logit=0.0, probability=share, threshold=0.5, is_positive=share > 0.5)
        for one, share in shares.items()
    )
    monkeypatch.setattr(Classifier, "findings", lambda *_: findings)


@pytest.mark.parametrize("label", ["Other lung opacity", "COVID-19"])
def test_an_accepted_film_of_an_adult_gets_scores_where_an_opacity_is_likeliest(
    scorer: SeverityScorer,
    shared_bundles: Path,
    draw: Draw,
    as_film: AsFilm,
    monkeypatch: pytest.MonkeyPatch,
    label: str,
) -> None:
    models = models_with(scorer, shared_bundles)
    say(monkeypatch, label)
    found = analyze(as_film(draw()), models).severity
    assert found is not None
    assert found.brixia.value == pytest.approx(sum(found.zones), abs=1e-5)
    say(monkeypatch, "No finding")
    assert analyze(as_film(draw()), models).severity is None


def test_children_overridden_films_and_installations_without_the_bundle_get_none(
    scorer: SeverityScorer,
    shared_bundles: Path,
    draw: Draw,
    as_film: AsFilm,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    models = models_with(scorer, shared_bundles)
    say(monkeypatch, "COVID-19")
    assert analyze(as_film(draw(), age_years=17.0), models).severity is None
    assert analyze(as_film(draw(), age_years=18.0), models).severity is not None
    assert analyze(as_film(draw()), replace(models, severity=None)).severity is None
    refused = analyze(as_film(draw("ct")), models, override_gate=True)
    assert refused.findings
    assert refused.severity is None


def test_a_film_without_lungs_gets_none(
    scorer: SeverityScorer,
    shared_bundles: Path,
    draw: Draw,
    as_film: AsFilm,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    models = models_with(scorer, shared_bundles)
    say(monkeypatch, "COVID-19")
    nothing = Lungs(mask=np.zeros((64, 64), bool), box=(0, 0, 256, 240), found=False)
    monkeypatch.setattr(LungFinder, "locate", lambda *_: nothing)
    assert analyze(as_film(draw()), models).severity is None


def test_a_bundle_of_another_task_or_input_is_refused(shared_bundles: Path, tmp_path: Path) -> None:
    with pytest.raises(BundleError, match="expected task 'severity'"):
        SeverityScorer(open_bundle(str(shared_bundles / "lungs")))
    other = {"size": SIDE, "channels": 1, "range": [-1.0, 1.0], "resize": "whole film"}
    folder = write_severity_bundle(tmp_path / "severity", input=other)
    with pytest.raises(BundleError, match="trained on 'whole film'"):
        SeverityScorer(open_bundle(str(folder)))
