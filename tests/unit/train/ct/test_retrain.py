"""A challenger goes on from the champion's own weights, proved to be its own, or starts afresh."""

import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import load_file, save_file

from thoracle.core.errors import BundleError, RecipeError
from thoracle.ct.types import LABELS
from thoracle.datasets.ct_cases import CtCase
from thoracle.inference.bundle import Bundle, open_bundle
from thoracle.inference.description import read_description, write_description
from thoracle.jobs.ct_retraining import CtRetrainingCases
from thoracle.train.ct import retrain as module
from thoracle.train.ct.fit import CtRun
from thoracle.train.ct.network import CtNetwork
from thoracle.train.ct.packing import made_up_volumes
from thoracle.train.ct.recipe import parse_ct_recipe
from thoracle.train.ct.retrain import (
    CtChallengerPlaces,
    challenger_recipe,
    champion_weights,
    train_ct_challenger,
)
from thoracle.train.ct.retrain_recipe import CtRetrainRecipe, read_ct_retrain_recipe

WANTED = Path(__file__).parents[4] / "recipes" / "retrain" / "ct-quick.toml"


@pytest.fixture
def champion(
    ct_bundle: Callable[..., Path], ct_recipe_text: Callable[..., str], tmp_path: Path
) -> Bundle:
    """A bundle with a recipe, torch's answers to a made-up volume, and a run with its weights."""
    folder = ct_bundle(patients="p1, p2")
    text = ct_recipe_text()
    torch.manual_seed(7)
    network = CtNetwork(parse_ct_recipe(text).network).eval()
    (tmp_path / "run").mkdir()
    save_file(network.state_dict(), tmp_path / "run" / "ct.safetensors")
    volumes = made_up_volumes()
    with torch.no_grad():
        logits = network(torch.from_numpy(volumes)).numpy()
    assert logits.shape[1] == len(LABELS)
    np.savez(folder / "parity.npz", films=volumes.astype(np.float16), logits=logits)
    (folder / "recipe.toml").write_text(text, encoding="utf-8")
    table = read_description(folder)
    table.pop("files")
    table["training"]["cases"] = "a, c"
    write_description(folder, table)
    return open_bundle(str(folder))


@pytest.fixture
def wanted() -> CtRetrainRecipe:
    return read_ct_retrain_recipe(WANTED)


def test_the_weights_of_its_own_run_are_taken(champion: Bundle, tmp_path: Path) -> None:
    assert champion_weights(champion, tmp_path / "run") == tmp_path / "run" / "ct.safetensors"


@pytest.mark.parametrize("tampered", ["weights", "network", "missing"])
def test_other_weights_are_refused(champion: Bundle, tmp_path: Path, tampered: str) -> None:
    path = tmp_path / "run" / "ct.safetensors"
    weights = load_file(path)
    if tampered == "weights":
        weights["head.bias"] = weights["head.bias"] + 0.01
        save_file(weights, path)
    elif tampered == "network":
        save_file({"head.bias": weights["head.bias"]}, path)
    else:
        path.unlink()
    with pytest.raises(RecipeError) as raised:
        champion_weights(champion, tmp_path / "run")
    assert raised.value.code == ("weights-missing" if tampered == "missing" else "champion-run")


def test_a_champion_without_recipe_is_refused(
    ct_bundle: Callable[..., Path], wanted: CtRetrainRecipe
) -> None:
    bundle = open_bundle(str(ct_bundle(place="bare")))
    with pytest.raises(BundleError) as raised:
        challenger_recipe(bundle, wanted, goes_on=True)
    assert raised.value.code == "champion-recipe"


def test_from_the_start_the_champions_own_recipe_is_trained(
    champion: Bundle, wanted: CtRetrainRecipe
) -> None:
    afresh = challenger_recipe(champion, wanted, goes_on=False)
    assert (afresh.training.epochs, afresh.version) == (2, "0.0.1+corrections.1")
    goes_on = challenger_recipe(champion, wanted, goes_on=True)
    assert (goes_on.training.epochs, goes_on.version) == (12, "0.0.1+corrections.1")


@pytest.mark.parametrize("goes_on", [True, False])
def test_a_challenger_learns_from_all_who_do_not_judge_and_says_so(
    champion: Bundle,
    wanted: CtRetrainRecipe,
    cases: tuple[CtCase, ...],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    goes_on: bool,
) -> None:
    seen: list[tuple[CtRun, dict[str, str]]] = []

    def fit_and_pack(run: CtRun, *, told: dict[str, str]) -> None:
        seen.append((run, told))
        shutil.copytree(champion.folder, run.folder / "bundle")
        table = read_description(run.folder / "bundle")
        table.pop("files")
        table["training"] |= told
        (run.folder / "bundle" / "recipe.toml").write_text(run.recipe.text, encoding="utf-8")
        write_description(run.folder / "bundle", table)

    monkeypatch.setattr(module, "fit_and_pack", fit_and_pack)
    parted = CtRetrainingCases(
        learn=cases[:3], held_out=cases[3:], corrected=frozenset("bd"), left_out={}
    )
    champion_run = tmp_path / "run" if goes_on else None
    places = CtChallengerPlaces(run=tmp_path / "new", champion_run=champion_run)
    for _ in range(2):  # the second time all is done
        assert train_ct_challenger(champion, wanted, parted, places) == tmp_path / "new" / "bundle"
    ((run, told),) = seen
    assert ([one.name for one in run.cases], run.left_out) == (["a", "b", "c"], ("p3",))
    assert run.start == (tmp_path / "run" / "ct.safetensors" if goes_on else None)
    assert told == {"retrained_from": champion.digest, "corrected_masks": "1"}
