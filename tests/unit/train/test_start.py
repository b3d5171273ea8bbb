"""What a recipe needs is there before training starts."""

from collections.abc import Callable, Sequence
from pathlib import Path

import pytest
from torch import nn

from thoracle.core.arrays import FloatArray
from thoracle.core.errors import RecipeError
from thoracle.datasets.film import Film
from thoracle.datasets.manifest import Manifest
from thoracle.train import start
from thoracle.train.autoencoder import AutoEncoder
from thoracle.train.loop import StageRun
from thoracle.train.recipe import Recipe, parse_recipe
from thoracle.train.start import TrainingPlaces, stage_tables, train
from thoracle.train.tables import TrainingData

Text = Callable[..., str]


@pytest.fixture
def data(
    tmp_path: Path, draw: Callable[..., FloatArray], as_png: Callable[[FloatArray], bytes]
) -> TrainingData:
    films = []
    for number in range(3):
        (tmp_path / f"{number}.png").write_bytes(as_png(draw(rows=40, columns=40)))
        films.append(Film(path=f"{number}.png", source="here", label="normal", view="PA"))
    splits = {"0.png": "train", "1.png": "train", "2.png": "tune"}
    return TrainingData(
        manifest=Manifest(films=tuple(films), root=tmp_path), splits=splits, cache=tmp_path / "c"
    )


@pytest.mark.usefixtures("bundles")
def test_every_stage_gets_its_films_and_the_runs_folder(
    recipe_text: Text, data: TrainingData, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[StageRun] = []

    def remember(_recipe: Recipe, runs: Sequence[StageRun]) -> nn.Module:
        seen.extend(runs)
        return nn.Identity()

    monkeypatch.setattr(start, "run_stages", remember)
    recipe = parse_recipe(recipe_text("classifier"))
    train(recipe, data, TrainingPlaces(run=tmp_path / "run"))
    (run,) = seen
    assert (len(run.tables.train), len(run.tables.tune)) == (2, 1)
    assert run.weights == tmp_path / "run" / "only.safetensors"


def test_a_stage_without_films_is_refused(
    recipe_text: Text, data: TrainingData, tmp_path: Path
) -> None:
    recipe = parse_recipe(recipe_text("lungs"))
    with pytest.raises(RecipeError, match="found 0 train and 0 tune films for stage 'only'"):
        train(recipe, data, TrainingPlaces(run=tmp_path))
    assert not (tmp_path / "input.toml").exists()  # a run that has not begun may begin otherwise


def test_the_gate_needs_the_folder_of_its_collections(
    recipe_text: Text, data: TrainingData, tmp_path: Path
) -> None:
    recipe = parse_recipe(recipe_text("gate"))
    with pytest.raises(RecipeError, match="--collections"):
        stage_tables(recipe, recipe.stages[0], data, TrainingPlaces(run=tmp_path))


def test_the_gate_reads_its_collections(
    recipe_text: Text,
    data: TrainingData,
    tmp_path: Path,
    draw: Callable[..., FloatArray],
    as_png: Callable[[FloatArray], bytes],
) -> None:
    (tmp_path / "knees").mkdir()
    for number in range(12):
        (tmp_path / "knees" / f"{number}.png").write_bytes(as_png(draw(rows=40, columns=40)))
    more = '[[collections]]\nkind = "other_radiograph"\nfolder = "knees"\n'
    recipe = parse_recipe(recipe_text("gate") + more)
    places = TrainingPlaces(run=tmp_path, collections=tmp_path)
    tables = stage_tables(recipe, recipe.stages[0], data, places)
    assert tables.sources == ("here", "knees")
    assert set(tables.train.targets.tolist()) == {0, 6}


@pytest.mark.usefixtures("bundles")
def test_an_auto_encoder_is_trained_in_two_epochs_and_gives_films_back(
    recipe_text: Text, data: TrainingData, tmp_path: Path
) -> None:
    text = recipe_text("anomaly", stage="films_per_epoch = 4\ncoarse_noise = 0.1")
    recipe = parse_recipe(text.replace('"test_resnet"', '"autoencoder"'))
    network = train(recipe, data, TrainingPlaces(run=tmp_path / "run"))
    assert isinstance(network, AutoEncoder)
    assert (tmp_path / "run" / "only.safetensors").is_file()
    curve = (tmp_path / "run" / "only.csv").read_text().splitlines()
    assert "tune_difference" in curve[0]
    assert len(curve) == 3
    assert 'lungs_network = "' in (tmp_path / "run" / "input.toml").read_text()
