"""The gate's bounds come from pictures that it was not trained on."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from thoracle.core.arrays import FloatArray
from thoracle.core.errors import ManifestError
from thoracle.datasets.gate_films import GateFilm
from thoracle.datasets.manifest import Manifest
from thoracle.inference.bundle import open_bundle
from thoracle.jobs.calibrate_gate import _reference_films, calibrate_gate, score_gate_films
from thoracle.radiograph.gate import Gate

RECIPE = """
seed = 1
[[collections]]
kind = "other_radiograph"
folder = "knees"
"""


@pytest.fixture
def gate_folder(gate_with_recipe: Callable[[str], Path]) -> Path:
    return gate_with_recipe(RECIPE)


@pytest.fixture
def knees(
    tmp_path: Path, draw: Callable[..., FloatArray], as_png: Callable[[FloatArray], bytes]
) -> Path:
    (tmp_path / "knees").mkdir()
    for number in range(30):
        content = as_png(draw("other_radiograph"))
        (tmp_path / "knees" / f"{number}.png").write_bytes(content)
    return tmp_path


def test_temperature_acceptance_and_distance_are_set(
    gate_folder: Path, collection: Manifest, knees: Path
) -> None:
    names = ("train", "tune", "calibrate")
    splits = {film.path: names[number % 3] for number, film in enumerate(collection.films)}
    calibrate_gate(gate_folder, collection, splits, collections=knees)
    bundle = open_bundle(str(gate_folder))
    assert 0.5 <= bundle.numbers["accept_probability"] <= 0.95
    assert bundle.numbers["distance_limit"] > 0
    gate = Gate(bundle)
    assert gate.reference is not None
    last = float(gate.reference.distances[-1])
    assert bundle.numbers["distance_limit"] == pytest.approx(last, rel=0.05)


def test_without_collections_it_says_what_to_give(gate_folder: Path, collection: Manifest) -> None:
    with pytest.raises(ManifestError, match="--collections"):
        calibrate_gate(gate_folder, collection, {}, collections=None)


def test_frontal_films_are_also_scored_photographed_and_each_third_turned(
    bundles: Path, collection: Manifest
) -> None:
    films = [
        GateFilm(file=collection.resolve(film), kind="frontal_chest", source="x", split="tune")
        for film in collection.films[:9]
    ]
    gate = Gate(open_bundle("gate"))
    logits, embeddings, classes = score_gate_films(gate, films)
    assert classes.tolist() == [0, 0, 1, 0, 0, 0, 0, 0, 0, 2, 0, 0, 0, 0, 0, 0, 3, 0, 0, 0, 0]
    assert logits.shape == (21, 8)
    assert len(embeddings) == 21
    photographed = [1, 4, 6, 8, 11, 13, 15, 18, 20]
    as_filmed = np.delete(np.arange(21), photographed)
    assert np.array_equal(logits[as_filmed].argmax(axis=1), classes[as_filmed])
    assert not np.allclose(embeddings[1], embeddings[0])


def test_reference_films_are_spread_over_each_collections_training_films() -> None:
    films = [
        GateFilm(file=Path(f"{number}.png"), kind=kind, source=source, split=split)
        for source, count in (("large", 1500), ("small", 3))
        for number in range(count)
        for kind, split in (("frontal_chest", "train"), ("frontal_chest", "tune"), ("ct", "train"))
    ]
    chosen = _reference_films(films)
    assert [one.source for one in chosen].count("large") == 750
    assert [one.file.name for one in chosen if one.source == "small"] == ["0.png", "1.png", "2.png"]
    assert {(one.kind, one.split) for one in chosen} == {("frontal_chest", "train")}
    large = [int(one.file.stem) for one in chosen if one.source == "large"]
    assert large == list(range(0, 1500, 2))
