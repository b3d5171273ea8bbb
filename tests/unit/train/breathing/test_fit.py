"""A run learns, goes on where it stopped, and belongs to its recipe."""

from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file

from thoracle.core.errors import RecipeError
from thoracle.train.breathing import fit as module
from thoracle.train.breathing.fit import WEIGHTS, SimulatedBatches, fit_patterns
from thoracle.train.breathing.recipe import parse_pattern_recipe


def _stop_at_the_second(self: module.PatternModule) -> None:
    if self.current_epoch == 1:
        raise RuntimeError("the power failed")


def test_a_run_that_was_stopped_ends_as_if_it_had_not_been(
    pattern_recipe_text: Callable[..., str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    recipe = parse_pattern_recipe(pattern_recipe_text())
    network = fit_patterns(recipe, tmp_path / "whole")
    assert not network.training
    with monkeypatch.context() as patch:
        patch.setattr(
            module.PatternModule, "on_train_epoch_start", _stop_at_the_second, raising=False
        )
        with pytest.raises(RuntimeError, match="the power failed"):
            fit_patterns(recipe, tmp_path / "stopped")
    fit_patterns(recipe, tmp_path / "stopped")
    first, second = (load_file(tmp_path / one / WEIGHTS) for one in ("whole", "stopped"))
    for name, value in first.items():
        torch.testing.assert_close(second[name], value, rtol=0, atol=0)


def test_a_finished_run_is_opened_and_another_recipe_refused(
    pattern_recipe_text: Callable[..., str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    recipe = parse_pattern_recipe(pattern_recipe_text(epochs=1))
    once = fit_patterns(recipe, tmp_path)
    monkeypatch.setattr(module, "_train", None)
    again = fit_patterns(recipe, tmp_path)
    torch.testing.assert_close(again.state_dict(), once.state_dict())
    with pytest.raises(RecipeError, match="found another run") as caught:
        fit_patterns(parse_pattern_recipe(pattern_recipe_text(seed=2)), tmp_path)
    assert caught.value.code == "run-input"


def test_a_batch_is_the_same_for_its_epoch_and_number_only(
    pattern_recipe_text: Callable[..., str],
) -> None:
    batches = SimulatedBatches(parse_pattern_recipe(pattern_recipe_text()))
    once, again, other = batches[(0, 1)], batches[(0, 1)], batches[(1, 1)]
    assert torch.equal(once[0], again[0])
    assert not torch.equal(once[0], other[0])
    assert once[0].dtype == torch.float32
    assert once[0].shape == (14, 600)
