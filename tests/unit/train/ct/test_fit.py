"""A run learns, goes on where it stopped, and keeps who was left out."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file, save_file

from thoracle.core.errors import RecipeError
from thoracle.core.files import sha256_of_file
from thoracle.datasets.ct_cases import CtCase
from thoracle.train.ct import fit as module
from thoracle.train.ct.fit import CtRun, fit, run_without
from thoracle.train.ct.network import CtNetwork
from thoracle.train.ct.recipe import parse_ct_recipe


def test_every_scan_of_a_patient_is_left_out(
    cases: tuple[CtCase, ...], ct_recipe_text: Callable[..., str], tmp_path: Path
) -> None:
    recipe = parse_ct_recipe(ct_recipe_text())
    run = run_without(recipe, cases, left_out=["p1"], folder=tmp_path)
    assert [one.name for one in run.cases] == ["c", "d"]
    assert run.patients == ("p2", "p3")
    with pytest.raises(RecipeError, match="found no patient 'p9'"):
        run_without(recipe, cases, left_out=["p9"], folder=tmp_path)
    with pytest.raises(RecipeError, match="Leave out fewer"):
        run_without(recipe, cases, left_out=["p1", "p2", "p3"], folder=tmp_path)


def test_a_run_that_was_stopped_ends_as_if_it_had_not_been(
    cases: tuple[CtCase, ...],
    ct_recipe_text: Callable[..., str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    recipe = parse_ct_recipe(ct_recipe_text())
    whole, stopped = (
        CtRun(recipe=recipe, cases=cases[2:], left_out=("p1",), folder=tmp_path / name)
        for name in ("whole", "stopped")
    )
    fit(whole)
    with monkeypatch.context() as patch:
        patch.setattr(module.CtModule, "on_train_epoch_start", _stop_at_the_second, raising=False)
        with pytest.raises(RuntimeError, match="the power failed"):
            fit(stopped)
    assert not stopped.weights.exists()
    fit(stopped)
    first, second = load_file(whole.weights), load_file(stopped.weights)
    assert first.keys() == second.keys()
    for name, value in first.items():
        torch.testing.assert_close(second[name], value)
    described = json.loads((whole.folder / "cases.json").read_text(encoding="utf-8"))
    assert described["left_out"] == ["p1"]
    assert list(described["cases"]) == ["c", "d"]
    assert (whole.folder / "ct.csv").read_text(encoding="utf-8").count("\n") == 3
    assert not list(whole.folder.glob("*.ckpt"))


def _stop_at_the_second(self: module.CtModule) -> None:
    if self.current_epoch == 1:
        raise RuntimeError("the power failed")


def test_a_folder_of_another_run_is_refused(
    cases: tuple[CtCase, ...], ct_recipe_text: Callable[..., str], tmp_path: Path
) -> None:
    recipe = parse_ct_recipe(ct_recipe_text())
    module.claim(run_without(recipe, cases, left_out=["p1"], folder=tmp_path))
    module.claim(run_without(recipe, cases, left_out=["p1"], folder=tmp_path))
    with pytest.raises(RecipeError, match="found another run"):
        module.claim(run_without(recipe, cases, left_out=["p2"], folder=tmp_path))
    other = parse_ct_recipe(ct_recipe_text(dimensions=2))
    with pytest.raises(RecipeError, match="found another run"):
        module.claim(run_without(other, cases, left_out=["p1"], folder=tmp_path))


def test_a_run_that_goes_on_begins_with_the_weights_of_another(
    cases: tuple[CtCase, ...],
    ct_recipe_text: Callable[..., str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    recipe = parse_ct_recipe(ct_recipe_text())
    torch.manual_seed(99)
    weights = CtNetwork(recipe.network).state_dict()
    save_file(weights, tmp_path / "first.safetensors")

    def train(run: CtRun, network: CtNetwork) -> None:
        torch.testing.assert_close(network.state_dict(), weights)
        save_file(network.state_dict(), run.weights)

    monkeypatch.setattr(module, "_train", train)
    folder, start = tmp_path / "second", tmp_path / "first.safetensors"
    run = run_without(recipe, cases, left_out=["p1"], folder=folder, start=start)
    fit(run)
    described = json.loads((folder / "cases.json").read_text(encoding="utf-8"))
    assert described["start"] == sha256_of_file(start)
    save_file({**weights, "head.bias": weights["head.bias"] + 1}, start)
    with pytest.raises(RecipeError, match="found another run"):
        fit(run)
