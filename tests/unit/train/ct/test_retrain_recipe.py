"""A retraining's recipe says how a network goes on, and nothing else changes."""

from collections.abc import Callable
from pathlib import Path

import pytest

from thoracle.core.errors import EvaluationError, RecipeError
from thoracle.train.ct.recipe import parse_ct_recipe, read_ct_recipe
from thoracle.train.ct.retrain_recipe import (
    CtContinuation,
    continued_recipe,
    read_ct_retrain_recipe,
)

RECIPES = Path(__file__).parents[4] / "recipes"


def test_the_shipped_recipes_are_read_and_go_on_with_the_shipped_networks() -> None:
    for name, base in (("ct", "ct-3d"), ("ct", "ct-2d"), ("ct-quick", "ct-quick")):
        wanted = read_ct_retrain_recipe(RECIPES / "retrain" / f"{name}.toml")
        assert 0 < wanted.margins.lungs < wanted.margins.infection
        made = continued_recipe(read_ct_recipe(RECIPES / f"{base}.toml"), wanted.training)
        assert made.training.epochs == wanted.training.epochs


def test_only_the_training_and_the_version_change(ct_recipe_text: Callable[..., str]) -> None:
    recipe = parse_ct_recipe(ct_recipe_text())
    wanted = CtContinuation(epochs=1, crops_per_epoch=2, learning_rate=1e-4)
    made = continued_recipe(recipe, wanted)
    assert (made.network, made.spacing_mm, made.augment) == (
        recipe.network, recipe.spacing_mm, recipe.augment,
    )  # fmt: skip
    assert (made.training.epochs, made.training.crops_per_epoch) == (1, 2)
    assert (made.training.learning_rate, made.training.crop) == (1e-4, recipe.training.crop)
    assert made.version == "0.0.1+corrections.1"
    again = continued_recipe(made, wanted)
    assert again.version == "0.0.1+corrections.2"
    assert parse_ct_recipe(again.text) == again


@pytest.mark.parametrize(
    ("old", "new", "error", "said"),
    [
        ("held_out = 0.5", "held_out = 1.0", RecipeError, "expected a share between 0 and 1"),
        ("lungs = 0.01", "lungs = 0", EvaluationError, "expected each above 0"),
        ("epochs = 15", "epoch = 15", RecipeError, "unknown key 'epoch'"),
    ],
)
def test_a_recipe_that_says_nothing_is_refused(
    tmp_path: Path, old: str, new: str, error: type[Exception], said: str
) -> None:
    text = (RECIPES / "retrain" / "ct.toml").read_text(encoding="utf-8")
    assert old in text
    (tmp_path / "odd.toml").write_text(text.replace(old, new), encoding="utf-8")
    with pytest.raises(error, match=said):
        read_ct_retrain_recipe(tmp_path / "odd.toml")
