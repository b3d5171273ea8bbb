"""A challenger's recipe is the champion's with one more stage; its weights are proved first."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import save_file

from thoracle.core.errors import BundleError, EvaluationError, RecipeError
from thoracle.datasets.film import Film, Population
from thoracle.datasets.manifest import Manifest
from thoracle.inference.bundle import Bundle, open_bundle
from thoracle.inference.description import read_description, write_description
from thoracle.train.networks import build_network
from thoracle.train.recipe import parse_recipe, read_recipe
from thoracle.train.retrain import (
    _needed,
    challenger_recipe,
    raised_version,
    read_retrain_recipe,
    take_over,
)

Text = Callable[..., str]
SHIPPED = Path(__file__).parents[3] / "recipes"
MARGINS = "[margins]\nauroc = 0.05\nbrier = 0.05\nsource_brier = 0.1\n"
SHARES = "[fractions]\ntrain = 0.6\ntest = 0.4\n"
STAGE = '[[stages]]\nname = "only"\nepochs = 1\nlearning_rate = 1e-4\n'
WHOLE = f"seed = 1\n{SHARES}{MARGINS}{STAGE}"


@pytest.fixture
def recipe(tmp_path: Path) -> Path:
    path = tmp_path / "retrain.toml"
    path.write_text(WHOLE, encoding="utf-8")
    return path


@pytest.fixture
def champion(bundles: Path, recipe_text: Text) -> Bundle:
    """The tiny classifier with a recipe, and films whose logits a run of it has given."""
    folder = bundles / "radiograph"
    text = recipe_text("classifier", network='weights = "somewhere.safetensors"')
    (folder / "recipe.toml").write_text(text, encoding="utf-8")
    table = read_description(folder)
    del table["files"]
    write_description(folder, table)
    return open_bundle("radiograph")


def run_of(champion: Bundle, folder: Path, recipe_text: Text) -> Path:
    """Write a run whose network gave the logits that the champion's bundle then keeps."""
    torch.manual_seed(0)
    plain = parse_recipe(recipe_text("classifier"))
    network = build_network(plain.network, outputs=3).eval()
    folder.mkdir()
    save_file(network.state_dict(), folder / "only.safetensors")
    text = recipe_text("classifier")
    for place in (folder, champion.folder):
        (place / "recipe.toml").write_text(text, encoding="utf-8")
    films = np.random.default_rng(1).uniform(-1, 1, (2, 1, 32, 32)).astype(np.float16)
    with torch.no_grad():
        logits = network(torch.from_numpy(films.astype(np.float32))).numpy()
    np.savez_compressed(champion.folder / "parity.npz", films=films, logits=logits)
    return folder


def test_the_recipe_in_use_parses_and_declares_its_margins() -> None:
    found = read_retrain_recipe(SHIPPED / "retrain" / "radiograph.toml")
    assert found.margins.auroc == found.margins.brier == 0.05
    assert sum(found.fractions.values()) == 1
    champion = read_recipe(SHIPPED / "radiograph.toml")
    assert found.stages[0]["name"] not in {stage.name for stage in champion.stages}


@pytest.mark.parametrize(
    ("text", "error"),
    [
        ("seed = [", RecipeError),
        (WHOLE.replace("seed = 1", ""), RecipeError),
        (WHOLE.replace("seed = 1", "seed = 1\nsurprise = 2"), RecipeError),
        (WHOLE.replace("auroc = 0.05", "acc = 0.05"), RecipeError),
        (f"seed = 1\nstages = []\n{SHARES}{MARGINS}", RecipeError),
        (WHOLE.replace("auroc = 0.05", "auroc = 0.0"), EvaluationError),
    ],
)
def test_a_wrong_recipe_is_refused(recipe: Path, text: str, error: type[Exception]) -> None:
    recipe.write_text(text, encoding="utf-8")
    with pytest.raises(error):
        read_retrain_recipe(recipe)
    with pytest.raises(RecipeError, match="found no recipe"):
        read_retrain_recipe(recipe.with_name("none.toml"))


def test_versions_of_a_site_count_up() -> None:
    assert raised_version("1.3.0") == "1.3.0+readings.1"
    assert raised_version("1.3.0+readings.9") == "1.3.0+readings.10"


def test_a_challenger_repeats_the_champions_recipe_and_goes_on(
    champion: Bundle, recipe: Path
) -> None:
    wanted = read_retrain_recipe(recipe)
    found = challenger_recipe(champion, wanted, takes_over_weights=True)
    assert [stage.name for stage in found.stages] == ["only", "only-2"]
    assert (found.name, found.version) == ("radiograph", "1.2.3+readings.1")
    assert found.stages[0].epochs == 2
    assert found.network.weights is None
    assert parse_recipe(found.text) == found
    whole = challenger_recipe(champion, wanted, takes_over_weights=False)
    assert whole.network.weights == "somewhere.safetensors"


def test_a_bundle_without_a_recipe_cannot_be_retrained(bundles: Path, recipe: Path) -> None:
    with pytest.raises(BundleError, match="no recipe") as raised:
        challenger_recipe(
            open_bundle("radiograph"), read_retrain_recipe(recipe), takes_over_weights=True
        )
    assert raised.value.code == "champion-recipe"


def test_weights_are_taken_over_once_they_gave_the_champions_answers(
    champion: Bundle, recipe_text: Text, tmp_path: Path
) -> None:
    run = run_of(champion, tmp_path / "run", recipe_text)
    take_over(champion, run, tmp_path / "new")
    taken = (tmp_path / "new" / "only.safetensors").read_bytes()
    assert taken == (run / "only.safetensors").read_bytes()
    assert [path.name for path in (tmp_path / "new").iterdir()] == ["only.safetensors"]


@pytest.mark.parametrize("lacks", ["films", "answers"])
def test_weights_of_another_network_are_refused(
    champion: Bundle, recipe_text: Text, tmp_path: Path, lacks: str
) -> None:
    run = run_of(champion, tmp_path / "run", recipe_text)
    path = champion.folder / "parity.npz"
    if lacks == "films":
        path.unlink()
    else:
        with np.load(path) as kept:
            films, logits = kept["films"], kept["logits"]
        np.savez_compressed(path, films=films, logits=logits + np.float32(1e-3))
    with pytest.raises(RecipeError, match="of another network") as raised:
        take_over(champion, run, tmp_path / "new")
    assert raised.value.code == "champion-run"
    assert not (tmp_path / "new").exists()


def test_only_films_of_the_new_stages_are_prepared_where_every_stage_has_some(
    recipe_text: Text,
) -> None:
    films = tuple(
        Film(path=path, source="s", label="normal", view="PA", population=population)
        for path, population in (("a", Population.ADULT), ("c", Population.CHILD))
    )
    manifest = Manifest(films=films, root=Path())
    second = '[[stages]]\nname = "b"\nepochs = 1\nlearning_rate = 1e-4\npopulations = ["adult"]\n'
    recipe = parse_recipe(recipe_text("classifier", stage=second))
    assert [one.path for one in _needed(manifest, recipe, new=1, whole=False).films] == ["a"]
    assert _needed(manifest, recipe, new=1, whole=True) is manifest
    of_children = recipe_text("classifier", stage='populations = ["child"]\n' + second)
    assert _needed(manifest, parse_recipe(of_children), new=1, whole=False) is manifest
