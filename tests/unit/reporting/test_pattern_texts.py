"""Sentences on breathing patterns are those of the recipes and of the reports."""

import tomllib
from pathlib import Path

import pytest

from thoracle.reporting.pattern_texts import PATTERN_TEXTS

RECIPES = Path(__file__).parents[3] / "recipes"


@pytest.mark.parametrize(
    ("recipe", "key"),
    [("breathing.toml", "intended"), ("breathing-published.toml", "intended_published")],
)
def test_recipes_say_what_the_catalogue_knows(recipe: str, key: str) -> None:
    table = tomllib.loads((RECIPES / recipe).read_text(encoding="utf-8"))
    assert table["intended_use"] == PATTERN_TEXTS[key]
