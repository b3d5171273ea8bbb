"""A CT recipe is read whole, and what no network can be made with is refused."""

from collections.abc import Callable
from pathlib import Path

import pytest

from thoracle.core.errors import RecipeError
from thoracle.train.ct.recipe import parse_ct_recipe, read_ct_recipe

ROOT = Path(__file__).parents[4]


@pytest.mark.parametrize(
    ("name", "dimensions", "pixel_mm"),
    [("ct-3d.toml", 3, 2.0), ("ct-2d.toml", 2, 2.0), ("ct-quick.toml", 3, 3.0)],
)
def test_the_recipes_that_come_with_it_are_right(
    name: str, dimensions: int, pixel_mm: float
) -> None:
    recipe = read_ct_recipe(ROOT / "recipes" / name)
    assert recipe.network.dimensions == dimensions
    assert recipe.spacing_mm == (5.0, pixel_mm, pixel_mm)


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("dimensions = 3", "dimensions = 4", "dimensions = 4"),
        ("[4, 6, 8, 10]", "[4, 6, 8]", "expected 4 even numbers"),
        ("[4, 6, 8, 10]", "[4, 5, 8, 10]", "expected 4 even numbers"),
        ("[5, 6, 6]", "[5, 0, 6]", "expected three numbers above 0"),
        ("[8, 32, 48]", "[8, 30, 48]", "expected multiples"),
        ('"fp32"', '"int8"', "expected bf16 or fp32"),
        ("epochs = 2", "epoch = 2", "unknown key 'epoch'"),
    ],
)
def test_what_no_network_can_be_made_with_is_refused(
    ct_recipe_text: Callable[..., str], old: str, new: str, said: str
) -> None:
    with pytest.raises(RecipeError, match=said.replace("[", r"\[")):
        parse_ct_recipe(ct_recipe_text().replace(old, new))


def test_a_missing_file_and_one_that_is_not_toml_are_named(tmp_path: Path) -> None:
    with pytest.raises(RecipeError, match="found no recipe at"):
        read_ct_recipe(tmp_path / "none.toml")
    (tmp_path / "broken.toml").write_text("name =", encoding="utf-8")
    with pytest.raises(RecipeError, match="not TOML"):
        read_ct_recipe(tmp_path / "broken.toml")
