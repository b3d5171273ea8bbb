"""A TOML table becomes a dataclass, or an error names the key that is wrong."""

from dataclasses import dataclass

import pytest

from thoracle.core.errors import RecipeError
from thoracle.train.toml_tables import from_table


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
