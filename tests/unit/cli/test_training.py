"""`thoracle train` takes a recipe by default, and folders by name."""

from typer.testing import CliRunner

from thoracle.cli.main import app
from thoracle.core.errors import RecipeError


def test_a_recipe_needs_no_word_of_its_own() -> None:
    for words in (
        ["nowhere.toml"],
        ["recipe", "nowhere.toml"],
        ["--lungs", "lungs", "nowhere.toml"],
    ):
        result = CliRunner().invoke(app, ["train", *words])
        assert isinstance(result.exception, RecipeError)
        assert "found no recipe at nowhere.toml" in str(result.exception)


def test_help_lists_both_ways() -> None:
    told = CliRunner().invoke(app, ["train", "--help"]).output
    assert "recipe" in told
    assert "folder" in told
