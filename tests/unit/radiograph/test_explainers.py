"""Explainers: the network's own maps in the film's frame, and the two frames of a map."""

from pathlib import Path

import numpy as np
import pytest

from thoracle.core.arrays import FloatArray
from thoracle.inference.bundle import open_bundle
from thoracle.radiograph.explainers import (
    Explainer,
    gradient_explainers,
    in_box,
    in_film,
)
from thoracle.radiograph.model import Classifier
from thoracle.radiograph.types import Lungs

ROWS, COLUMNS = 60, 80


@pytest.fixture
def classifier(bundles: Path) -> Classifier:
    return Classifier(open_bundle(str(bundles / "radiograph")))


def lungs_in(box: tuple[int, int, int, int]) -> Lungs:
    return Lungs(mask=np.ones((8, 8), bool), box=box, found=True)


def film() -> FloatArray:
    return np.random.default_rng(4).random((ROWS, COLUMNS)).astype(np.float32)


def test_every_map_of_the_graph_is_an_explainer(classifier: Classifier) -> None:
    explainers: tuple[Explainer, ...] = gradient_explainers(classifier)
    assert [one.name for one in explainers] == [
        "last/gradcam", "last/gradcam++", "early/gradcam", "early/gradcam++",
    ]  # fmt: skip


def test_a_map_lies_in_the_film_s_frame_and_says_nothing_outside_the_box(
    classifier: Classifier,
) -> None:
    pixels, lungs = film(), lungs_in((10, 20, 50, 60))
    scores = classifier.score(pixels, lungs.box, with_maps=True)
    for explainer in gradient_explainers(classifier):
        maps = explainer.explain(pixels, lungs)
        assert maps.shape == (3, ROWS, COLUMNS)
        outside = maps.copy()
        outside[:, 10:50, 20:60] = 0
        assert not outside.any()
        own = scores.maps[explainer.name]
        laid = [in_film(one, lungs.box, rows=ROWS, columns=COLUMNS) for one in own]
        assert (maps == np.stack(laid)).all()
        assert (
            np.corrcoef(maps[:, 10:50, 20:60].mean(axis=(1, 2)), own.mean(axis=(1, 2)))[0, 1] > 0.99
        )


def test_a_box_past_the_film_keeps_its_places() -> None:
    values = np.arange(4, dtype=np.float32).reshape(2, 2)
    laid = in_film(
        np.kron(values, np.ones((10, 10), np.float32)), (-10, -10, 10, 10), rows=30, columns=30
    )
    assert laid[5, 5] == 3
    assert not laid[10:].any()
    assert not laid[:, 10:].any()


def test_cutting_to_the_box_undoes_laying_on_the_film() -> None:
    values = np.random.default_rng(0).random((40, 40)).astype(np.float32)
    laid = in_film(values, (10, 20, 50, 60), rows=ROWS, columns=COLUMNS)
    assert in_box(laid, (10, 20, 50, 60), rows=40, columns=40) == pytest.approx(values)
