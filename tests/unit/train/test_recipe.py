"""A recipe is read whole or refused with the key that is wrong."""

from collections.abc import Callable
from pathlib import Path

import pytest

from thoracle.core.errors import RecipeError
from thoracle.train.recipe import AugmentRecipe, parse_recipe, read_recipe

Text = Callable[..., str]
RECIPES = Path(__file__).parents[3] / "recipes"
SHIPPED = (
    "anomaly", "anomaly-feup", "gate", "lungs", "puc-rio", "radiograph", "radiograph-128",
)  # fmt: skip


@pytest.mark.parametrize("name", SHIPPED)
def test_the_shipped_recipes_parse(name: str) -> None:
    recipe = read_recipe(RECIPES / f"{name}.toml")
    assert recipe.name == name
    assert recipe.text == (RECIPES / f"{name}.toml").read_text(encoding="utf-8")
    assert recipe.stages[0].epochs > 0
    assert recipe.augment != AugmentRecipe()


def test_every_recipe_that_is_shipped_has_a_test() -> None:
    of_ct = {"ct-2d", "ct-3d", "ct-quick"}  # tests/unit/train/ct/test_recipe.py
    of_breathing = {"breathing", "breathing-published"}  # tests/unit/train/breathing
    of_charts = {"prognosis"}  # tests/unit/train/prognosis
    named = {*SHIPPED, "severity", *of_ct, *of_breathing, *of_charts}
    assert {path.stem for path in RECIPES.glob("*.toml")} == named


def test_the_severity_recipe_names_a_layer_and_weights_in_place_of_stages() -> None:
    recipe = read_recipe(RECIPES / "severity.toml")
    assert recipe.task == "severity"
    assert recipe.stages == ()
    assert recipe.network.weights is not None
    assert recipe.severity.layer.startswith("features.")
    assert recipe.severity.folds == 10


def test_values_are_kept_as_written_and_the_rest_has_defaults(recipe_text: Text) -> None:
    recipe = parse_recipe(recipe_text("gate", stage='sources = ["nih", "cohen"]\nweight_decay = 1'))
    (stage,) = recipe.stages
    assert (recipe.task, recipe.size, recipe.network.backbone) == ("gate", 32, "test_resnet")
    assert stage.sources == ("nih", "cohen")
    assert stage.weight_decay == 1.0
    assert isinstance(stage.weight_decay, float)
    assert (stage.weighting, stage.merge_covid, stage.balance) == ("none", False, True)
    assert recipe.network.weights is None
    assert recipe.augment.flip == 0.5


def test_collections_are_tables_of_their_own(recipe_text: Text) -> None:
    more = '[[collections]]\nkind = "ct"\nfolder = "slices"\n'
    (one,) = parse_recipe(recipe_text("gate") + more).collections
    assert (one.kind, one.folder, one.group) == ("ct", "slices", "")


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"more": "colour = 1"}, "unknown key 'colour' in recipe – expected one of augment, "),
        ({"stage": "epoch = 3"}, "unknown key 'epoch' in recipe.stages"),
        ({"network": "depth = 3"}, "unknown key 'depth' in recipe.network"),
        ({"network": "dropout = true"}, "recipe.network.dropout = True – expected float"),
        ({"network": "weights = 3"}, "recipe.network.weights = 3 – expected str"),
        ({"stage": "patience = 1.5"}, "recipe.stages.patience = 1.5 – expected int"),
        ({"stage": 'sources = "nih"'}, "recipe.stages.sources = 'nih' – expected"),
        ({"stage": "sources = [3]"}, "recipe.stages.sources = 3 – expected str"),
        ({"more": "map_layers = [['a']]"}, "recipe.map_layers = ['a'] – expected str"),
        (
            {"stage": "source_prior = 1.0"},
            "source_prior = 1.0 in stage 'only' – expected at least 0",
        ),
        (
            {"stage": "source_prior_of_kind = -0.1"},
            "source_prior_of_kind = -0.1 in stage 'only' – expected at least 0",
        ),
        (
            {"stage": "kind_only = true\nweight_decay = 0.0"},
            "kind_only = true in stage 'only' – expected a later stage",
        ),
        ({"stage": "size = 15"}, "size = 15 in stage 'only' – expected at least 16 pixels"),
        ({"stage": 'weighting = "author"'}, "weighting of stage 'only' = 'author' – expected"),
        ({"task": "heart"}, "task = 'heart' – expected one of gate, lungs, classifier"),
    ],
)
def test_a_wrong_line_is_named_with_what_was_expected(
    recipe_text: Text, changes: dict[str, str], said: str
) -> None:
    with pytest.raises(RecipeError) as raised:
        parse_recipe(recipe_text(**changes))
    assert said in raised.value.text


@pytest.mark.parametrize(
    ("line", "replacement", "said"),
    [
        ('name = "tiny"\n', "", "found no name in recipe – expected it. Add it."),
        ("seed = 5\n", "", "found no seed in recipe"),
        ("learning_rate = 1e-3\n", "", "found no learning_rate in recipe.stages"),
        ('backbone = "unet"\n', "", "found no backbone in recipe.network"),
        ('precision = "fp32"', 'precision = "fp16"', "precision = 'fp16' – expected one of bf16"),
        ("size = 32", "size = 32.0", "recipe.size = 32.0 – expected int"),
        ("size = 32", "size == 32", "found a recipe that is not TOML: "),
    ],
)
def test_a_missing_or_mistyped_line_is_named(
    recipe_text: Text, line: str, replacement: str, said: str
) -> None:
    text = recipe_text()
    assert line in text
    with pytest.raises(RecipeError) as raised:
        parse_recipe(text.replace(line, replacement, 1))
    assert said in raised.value.text
    assert raised.value.code == "recipe"


def test_a_recipe_without_stages_is_refused(recipe_text: Text) -> None:
    head, _, tail = recipe_text().partition("[[stages]]")
    text = "stages = []\n" + head + "[augment]" + tail.partition("[augment]")[2]
    with pytest.raises(RecipeError, match=r"found no \[\[stages\]\]"):
        parse_recipe(text)


def test_a_collection_of_an_unknown_kind_is_refused(recipe_text: Text) -> None:
    more = '[[collections]]\nkind = "knee"\nfolder = "knees"\n'
    with pytest.raises(RecipeError, match=r"kind of collection 'knees' = 'knee' – expected one of"):
        parse_recipe(recipe_text("gate") + more)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(RecipeError, match=r"no recipe at .*nowhere\.toml"):
        read_recipe(tmp_path / "nowhere.toml")
