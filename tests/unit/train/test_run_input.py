"""A run's films keep their form to its end, or the run is refused."""

from collections.abc import Callable
from pathlib import Path

import pytest

from thoracle.core.errors import RecipeError
from thoracle.core.files import sha256_of_file
from thoracle.radiograph.preprocess import CLASSIFIER_INPUT, LUNG_INPUT
from thoracle.train.recipe import parse_recipe
from thoracle.train.run_input import keep_run_input, run_input

SEEN = {"form": "whole", "lungs_network": "a" * 64}


def test_a_classifiers_input_names_the_lungs_that_cut_its_films(
    bundles: Path, recipe_text: Callable[..., str]
) -> None:
    digest = sha256_of_file(bundles / "lungs" / "network.onnx")
    recipe = parse_recipe(recipe_text("classifier"))
    found = run_input(recipe, lungs=str(bundles / "lungs"))
    assert found == {"form": CLASSIFIER_INPUT, "lungs_network": digest}
    assert run_input(parse_recipe(recipe_text("lungs")), lungs="none") == {"form": LUNG_INPUT}


def test_a_run_may_go_on_as_it_began(tmp_path: Path) -> None:
    keep_run_input(tmp_path / "run", SEEN)
    (tmp_path / "run" / "recipe.toml").touch()
    keep_run_input(tmp_path / "run", SEEN)


@pytest.mark.parametrize("name", list(SEEN))
def test_another_form_or_other_lungs_are_refused(tmp_path: Path, name: str) -> None:
    keep_run_input(tmp_path, SEEN)
    with pytest.raises(RecipeError, match=f"with {name} .* expected 'other'") as raised:
        keep_run_input(tmp_path, SEEN | {name: "other"})
    assert raised.value.code == "run-input"


def test_a_run_that_does_not_say_is_refused(tmp_path: Path) -> None:
    (tmp_path / "recipe.toml").touch()
    with pytest.raises(RecipeError, match="form 'unknown'"):
        keep_run_input(tmp_path, SEEN)
    assert not (tmp_path / "input.toml").exists()
