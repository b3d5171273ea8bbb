"""A TOML table becomes a dataclass, or an error names the key that is wrong."""

from dataclasses import dataclass
from pathlib import Path

import pytest

from thoracle.core.errors import RecipeError
from thoracle.train.toml_tables import checked_recipe, from_table, recipe_table, recipe_text


@dataclass(frozen=True, slots=True, kw_only=True)
class Leaf:
    name: str
    share: float = 0.5


@dataclass(frozen=True, slots=True, kw_only=True)
class Branch:
    leaves: tuple[Leaf, ...]
    top: Leaf | None = None


def test_tables_inside_a_table_become_dataclasses_and_whole_numbers_become_floats() -> None:
    built = from_table(
        Branch, {"leaves": [{"name": "a", "share": 1}], "top": {"name": "b"}}, where="tree"
    )
    assert built == Branch(leaves=(Leaf(name="a", share=1.0),), top=Leaf(name="b"))


@pytest.mark.parametrize(
    ("table", "said"),
    [
        ({"leaves": [], "root": 1}, "unknown key 'root' in tree – expected one of leaves, top"),
        ({"leaves": [{"share": 1.0}]}, "found no name in tree.leaves"),
        ({"leaves": [{"name": 3}]}, "tree.leaves.name = 3 – expected str"),
        ({"leaves": 3}, "tree.leaves = 3"),
    ],
)
def test_what_does_not_fit_is_named(table: dict[str, object], said: str) -> None:
    with pytest.raises(RecipeError) as caught:
        from_table(Branch, table, where="tree")
    assert said in str(caught.value)


def test_a_recipe_is_read_with_its_own_text(tmp_path: Path) -> None:
    path = tmp_path / "recipe.toml"
    path.write_text("seed = 3  # três\n", encoding="utf-8")
    text = recipe_text(path)
    assert recipe_table(text) == {"seed": 3, "text": "seed = 3  # três\n"}


def test_a_recipe_that_is_missing_or_no_toml_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(RecipeError, match=r"no recipe at .*gone.toml – expected a TOML file"):
        recipe_text(tmp_path / "gone.toml")
    with pytest.raises(RecipeError, match=r"not TOML: .* line 1"):
        recipe_table("seed 3")


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    text: str
    rounds: int


def test_a_recipe_that_no_run_can_be_made_with_is_refused_with_what_was_found() -> None:
    def problem(plan: Plan) -> str | None:
        return None if plan.rounds > 0 else f"rounds = {plan.rounds} – expected one or more"

    assert checked_recipe(Plan, "rounds = 2", problem=problem).rounds == 2
    with pytest.raises(RecipeError, match="found rounds = 0 – expected one or more"):
        checked_recipe(Plan, "rounds = 0", problem=problem)
