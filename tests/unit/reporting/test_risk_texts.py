"""Sentences on risks are those of the recipe."""

import tomllib
from pathlib import Path

from thoracle.reporting.risk_texts import RISK_TEXTS

RECIPES = Path(__file__).parents[3] / "recipes"


def test_the_recipe_says_what_the_catalogue_knows() -> None:
    table = tomllib.loads((RECIPES / "prognosis.toml").read_text(encoding="utf-8"))
    assert table["intended_use"] == RISK_TEXTS["intended"]
