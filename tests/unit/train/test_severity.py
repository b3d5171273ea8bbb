"""The severity head learns zones from readers' scores, and predicts patients it has not seen."""

import csv
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from thoracle.core.errors import BundleError, RecipeError
from thoracle.datasets.film import Film, Population
from thoracle.datasets.manifest import Manifest
from thoracle.datasets.readers.severity import BRIXIA_TABLE, EXTENT_TABLE, READERS, ZONES
from thoracle.radiograph.preprocess import classifier_margin
from thoracle.radiograph.severity import pooled_scores, zone_masks
from thoracle.train import severity
from thoracle.train.films import FilmArrays
from thoracle.train.networks import PooledClassifier
from thoracle.train.recipe import Recipe, parse_recipe
from thoracle.train.severity import learn_severity, severity_network
from thoracle.train.tables import TrainingData
from thoracle.train.zone_table import METHODS, shown_film

FILMS, SIZE = 40, 64
MARGIN = classifier_margin(SIZE)
SIDE = SIZE + 2 * MARGIN
RECIPE = """
name = "severity"
version = "1.0.0"
task = "severity"
size = 64
seed = 3
[network]
backbone = "resnet10t"
weights = "somewhere.safetensors"
[severity]
layer = "3"
folds = 4
strengths = [0.0001, 0.01, 1]
normals = 4
"""


@pytest.fixture
def recipe(small_network: PooledClassifier, monkeypatch: pytest.MonkeyPatch) -> Recipe:
    monkeypatch.setattr(severity, "build_network", lambda *_, **__: small_network)
    return parse_recipe(RECIPE)


@pytest.fixture
def scores() -> np.ndarray:
    """Brixia of each film, (films, 6); the two readers agree."""
    return np.random.default_rng(0).integers(0, 4, (FILMS, 6)).astype(float)


@pytest.fixture
def data(tmp_path: Path, scores: np.ndarray) -> TrainingData:
    folder = tmp_path / "cohen"
    folder.mkdir()
    names = [f"film{i:02d}" for i in range(FILMS)]
    head = ["filename", *(f"{reader}-{zone}" for reader in READERS for zone in ZONES)]
    lines = [",".join(head)]
    lines += [
        f"{name}.jpg,{','.join(f'{one:g}' for one in (*row, *row))}"
        for name, row in zip(names, scores, strict=True)
    ]
    (folder / BRIXIA_TABLE).write_text("\n".join(lines) + "\n", encoding="utf-8")
    extent = [f"{name}.jpg,{row.sum() / 18 * 8},{row.max()}" for name, row in
              zip(names[:20], scores, strict=False)]  # fmt: skip
    text = "\n".join(["## note", "filename,geographic_mean,opacity_mean", *extent]) + "\n"
    (folder / EXTENT_TABLE).write_text(text, encoding="utf-8")
    films = [
        Film(
            path=f"cohen/images/{name}.jpg",
            source="cohen",
            patient=f"cohen:{i // 2}",
            study_offset_days=float(i % 9),
            view="PA",
            label="covid-19",
        )
        for i, name in enumerate(names)
    ]
    films += [
        Film(
            path=f"nih/{i}.png",
            source="nih",
            view="PA",
            label="normal",
            population=Population.ADULT,
        )
        for i in range(12)
    ]
    splits = {film.path: ("train", "tune")[i % 2] for i, film in enumerate(films)}
    manifest = Manifest(films=tuple(films), root=tmp_path)
    return TrainingData(manifest=manifest, splits=splits, cache=tmp_path / "cache")


@pytest.fixture
def arrays(scores: np.ndarray) -> FilmArrays:
    """Films as bright in each zone as its score; films without a finding are black there."""
    rng = np.random.default_rng(1)
    mask = np.zeros((SIDE, SIDE), bool)
    mask[MARGIN + 6 : -MARGIN - 6, MARGIN + 6 : -MARGIN - 6] = True
    zones = zone_masks(mask)
    every = np.concatenate([scores, np.zeros((12, 6))])
    films = np.einsum("fz,zrc->frc", every * 60, zones) + rng.uniform(0, 20, (52, SIDE, SIDE))
    masks = np.broadcast_to(mask * 255, films.shape)
    return FilmArrays(films=films.astype(np.uint8), masks=masks.astype(np.uint8))


def rows_of(folder: Path, method: str) -> list[dict[str, str]]:
    with (folder / severity.PREDICTIONS).open(encoding="utf-8") as stream:
        return [row for row in csv.DictReader(stream) if row["method"] == method]


def test_unseen_patients_are_predicted_better_than_by_the_mean(
    recipe: Recipe, data: TrainingData, arrays: FilmArrays, scores: np.ndarray, tmp_path: Path
) -> None:
    learn_severity(recipe, data, arrays, tmp_path)
    errors = {}
    for method in METHODS:
        rows = rows_of(tmp_path, method)
        assert [row["path"] for row in rows] == [f.path for f in data.manifest.films[:FILMS]]
        found = np.array([[float(row[zone]) for zone in ZONES] for row in rows])
        assert found.min() >= 0
        assert found.max() <= 3
        errors[method] = np.abs(found - scores).mean()
    assert errors["network"] < 0.35 * errors["mean"]
    assert errors["grey statistics"] < 0.5 * errors["mean"]
    assert 0.6 < errors["mean"] < 1.2


def test_films_of_one_patient_are_left_out_together(
    recipe: Recipe, data: TrainingData, arrays: FilmArrays, tmp_path: Path
) -> None:
    learn_severity(recipe, data, arrays, tmp_path)
    groups = [row["group"] for row in rows_of(tmp_path, "network")]
    assert groups[0::2] == groups[1::2]
    assert len(set(groups)) == FILMS // 2


def test_a_film_cannot_help_to_predict_itself(
    recipe: Recipe, data: TrainingData, arrays: FilmArrays, tmp_path: Path
) -> None:
    learn_severity(recipe, data, arrays, tmp_path)
    before = rows_of(tmp_path, "network")[:2]
    table = tmp_path / "cohen" / BRIXIA_TABLE
    lines = table.read_text(encoding="utf-8").splitlines()
    for place in (1, 2):  # both films of the first patient
        lines[place] = f"film{place - 1:02d}.jpg," + ",".join(["3"] * 12)
    table.write_text("\n".join(lines) + "\n", encoding="utf-8")
    learn_severity(recipe, data, arrays, tmp_path)
    after = rows_of(tmp_path, "network")[:2]
    for zone in ZONES:
        assert [row[zone] for row in after] == [row[zone] for row in before]


def test_the_network_says_what_the_head_learned(
    recipe: Recipe, data: TrainingData, arrays: FilmArrays, scores: np.ndarray, tmp_path: Path
) -> None:
    learn_severity(recipe, data, arrays, tmp_path)
    network = severity_network(recipe, tmp_path)
    shown = shown_film(arrays, 0, size=SIZE)
    with torch.no_grad():
        maps = network(torch.from_numpy(shown.film)[None, None])[0].numpy()
    assert maps.shape[0] == 3
    np.testing.assert_allclose(pooled_scores(maps, shown.zones).zones, scores[0], atol=0.6)


def test_numbers_for_the_bundle_come_from_unseen_patients(
    recipe: Recipe, data: TrainingData, arrays: FilmArrays, scores: np.ndarray, tmp_path: Path
) -> None:
    learn_severity(recipe, data, arrays, tmp_path)
    numbers = severity.read_numbers(tmp_path)
    rows = rows_of(tmp_path, "network")
    totals = np.array([sum(float(row[zone]) for zone in ZONES) for row in rows])
    assert numbers["brixia_error"] == pytest.approx(
        np.abs(totals - scores.sum(axis=1)).mean(), rel=1e-3
    )
    assert (numbers["films"], numbers["patients"]) == (FILMS, FILMS / 2)
    assert numbers["reader_difference"] == 0
    assert numbers["coverage"] == 0.9
    assert numbers["brixia_interval"] >= numbers["brixia_error"]


def test_children_are_not_learned_from(
    recipe: Recipe, data: TrainingData, arrays: FilmArrays, tmp_path: Path
) -> None:
    films = list(data.manifest.films)
    films[0] = replace(films[0], population=Population.CHILD)
    fewer = replace(data, manifest=Manifest(films=tuple(films), root=data.manifest.root))
    learn_severity(recipe, fewer, arrays, tmp_path)
    assert len(rows_of(tmp_path, "network")) == FILMS - 1


def test_weights_layer_and_a_finished_run_are_needed(recipe: Recipe, tmp_path: Path) -> None:
    with pytest.raises(RecipeError, match="expected a timm backbone and the weights"):
        severity_network(replace(recipe, network=replace(recipe.network, weights=None)))
    other = replace(recipe, severity=replace(recipe.severity, layer="elsewhere"))
    with pytest.raises(RecipeError, match="found layer 'elsewhere'"):
        severity_network(other)
    with pytest.raises(BundleError, match="expected the weights of a finished run") as caught:
        severity_network(recipe, tmp_path)
    assert caught.value.code == "run-unfinished"
