"""An ablation trains every variant with every seed and judges all on the same windows."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch

from thoracle.respiration.types import CLASSES
from thoracle.train.breathing import ablation
from thoracle.train.breathing.ablation import (
    RULE,
    VARIANTS,
    ablate,
    by_rule,
    fresh_windows,
    variant,
)
from thoracle.train.breathing.network import PatternNetwork
from thoracle.train.breathing.recipe import PatternRecipe, parse_pattern_recipe


def test_variants_share_windows_and_seeds(
    pattern_recipe_text: Callable[..., str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    trained: list[tuple[int, Path]] = []

    def fit(recipe: PatternRecipe, folder: Path) -> PatternNetwork:
        trained.append((recipe.seed, folder))
        torch.manual_seed(recipe.seed)
        return PatternNetwork(recipe.network).eval()

    monkeypatch.setattr(ablation, "fit_patterns", fit)
    monkeypatch.setattr(ablation, "TEST_WINDOWS", 24)
    told: list[str] = []
    recipe = parse_pattern_recipe(pattern_recipe_text())
    runs = ablate(recipe, tmp_path, seeds=2, told=told.append)
    assert [one.variant for one in runs] == [*VARIANTS, RULE] * 2
    assert [seed for seed, _ in trained] == [1] * 5 + [2] * 5
    assert len({folder for _, folder in trained}) == 10
    assert told[0] == "BI-AT-GRU, seed 1"
    for run in runs:
        assert run.matrix.shape == (7, 7)
        np.testing.assert_array_equal(run.matrix.sum(axis=1), [4] * 6 + [0])
    assert runs[0].parameters > runs[2].parameters


def test_a_variant_says_what_was_changed(pattern_recipe_text: Callable[..., str]) -> None:
    recipe = parse_pattern_recipe(pattern_recipe_text())
    changed = variant(recipe, {"cell": "lstm"}, seed=9)
    assert changed.text.startswith("# seed = 9\n# cell = lstm\n")
    assert (changed.network.cell, changed.network.hidden, changed.seed) == ("lstm", 4, 9)
    assert recipe.network.cell == "gru"


def test_the_rule_names_rates(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ablation, "TEST_WINDOWS", 60)
    signal, _inputs, kinds = fresh_windows(3)
    answers = by_rule(signal)
    rates = [CLASSES.index(one) for one in ("eupnea", "bradypnea", "tachypnea")]
    plain = np.isin(kinds, rates)
    assert (answers[plain] == kinds[plain]).mean() > 0.6
