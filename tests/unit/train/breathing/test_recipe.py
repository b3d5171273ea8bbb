"""A recipe of pattern networks is read whole, or refused with what is wrong."""

from pathlib import Path

import pytest

from thoracle.core.errors import RecipeError
from thoracle.train.breathing.recipe import parse_pattern_recipe, read_pattern_recipe

RECIPES = Path(__file__).parents[4] / "recipes"
SMALL = """
name = "small"
version = "1.0.0"
seed = 1
[network]
hidden = 4
[training]
epochs = 2
batches_per_epoch = 2
batch = 14
learning_rate = 0.01
"""


@pytest.mark.parametrize("name", ["breathing.toml", "breathing-published.toml"])
def test_the_recipes_at_hand_are_read(name: str) -> None:
    recipe = read_pattern_recipe(RECIPES / name)
    assert recipe.name == name.removesuffix(".toml")
    assert recipe.text == (RECIPES / name).read_text(encoding="utf-8")


def test_what_is_not_said_is_as_published() -> None:
    recipe = parse_pattern_recipe(SMALL)
    assert recipe.windows.published_rate == 1.0
    assert recipe.windows.snr_db == (20.0, 20.0)
    assert (recipe.network.cell, recipe.network.is_bidirectional) == ("gru", True)


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ('[network]\ncell = "rnn"', "cell = 'rnn' – expected one of"),
        ("[network]\nhidden = 0", "hidden = 0"),
        ("[windows]\nsnr_db = [20, 10]", "snr_db"),
        ("[windows]\nrates_hz = [2]", "rates_hz"),
        ("[windows]\npublished_rate = 0.5", "no rates_hz"),
        ("[windows]\nsensor = 1.5", "sensor"),
        ("[windows]\nunknown = 1", "unknown"),
    ],
)
def test_a_value_that_cannot_be_is_named(wrong: str, said: str) -> None:
    text = SMALL.replace("[network]\nhidden = 4", wrong) if "network" in wrong else SMALL + wrong
    with pytest.raises(RecipeError, match=said.replace("[", r"\[")):
        parse_pattern_recipe(text)
