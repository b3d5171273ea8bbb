"""A recipe of risk networks is read whole, or refused with what is wrong."""

from collections.abc import Callable
from pathlib import Path

import pytest

from thoracle.core.errors import RecipeError
from thoracle.train.prognosis.recipe import parse_risk_recipe, read_risk_recipe

RECIPES = Path(__file__).parents[4] / "recipes"


def test_the_recipe_at_hand_is_read() -> None:
    recipe = read_risk_recipe(RECIPES / "prognosis.toml")
    assert recipe.name == "prognosis"
    assert recipe.training.members >= 5
    assert recipe.draws.markers == ("ldh", "hs_crp", "lymphocyte_percent")
    assert recipe.text == (RECIPES / "prognosis.toml").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("right", "wrong", "said"),
    [
        ('cell = "gru"', 'cell = "rnn"', "cells .*rnn.* expected some of"),
        ("hidden = 4", "hidden = 0", "hidden.* below 1"),
        ("epochs = 1", "epochs = 0", "epochs.* below 1"),
        ("average = 0.8", "average = 1.8", "average.* outside of 0 to 1"),
        ("folds = 2", "folds = 1", "1 folds"),
        ("seed = 3", 'seed = 3\nevent = "cough"', "event = 'cough'"),
        ("seed = 3", "seed = 3\nfoo = 1", "unknown key 'foo'"),
        ("seed = 3", 'seed = 3\nleft_out = ["ldl"]', "left_out .*ldl.* names of variables"),
    ],
)
def test_a_value_that_cannot_be_is_named(
    risk_recipe_text: Callable[..., str], right: str, wrong: str, said: str
) -> None:
    with pytest.raises(RecipeError, match=said):
        parse_risk_recipe(risk_recipe_text().replace(right, wrong))
