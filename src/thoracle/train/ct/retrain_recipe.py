"""The recipe of a CT retraining: how long a network goes on learning, and how it is judged."""

import tomllib
from dataclasses import asdict, dataclass, field
from pathlib import Path

import tomli_w

from thoracle.core.errors import RecipeError
from thoracle.jobs.ct_challenge import CtMargins
from thoracle.train.ct.recipe import CtRecipe, parse_ct_recipe
from thoracle.train.retrain import raised_version
from thoracle.train.toml_tables import from_table, recipe_table, recipe_text

CORRECTIONS = "corrections"
"""What a version counts: "1.0.0+corrections.2" has learned from corrected masks twice."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CtContinuation:
    """How a trained network goes on: what takes the place of its recipe's own [training]."""

    epochs: int
    crops_per_epoch: int
    learning_rate: float


@dataclass(frozen=True, slots=True, kw_only=True)
class CtRetrainRecipe:
    """What a retraining adds to a champion's recipe, and how its challenger is judged.

    `held_out` is the share of new patients that judge instead of being learned from, drawn with
    `seed`; `text` is the file's own.
    """

    seed: int
    held_out: float
    margins: CtMargins
    training: CtContinuation
    text: str = field(default="", repr=False)


def read_ct_retrain_recipe(path: Path) -> CtRetrainRecipe:
    """Read a recipe of a retraining.

    Parameters
    ----------
    path
        A TOML file with seed, held_out, [margins] and [training]. An unknown or missing key is a
        RecipeError, margins that say nothing are an EvaluationError.

    Raises
    ------
    RecipeError
        No patient would judge, or none would be learned from.
    """
    recipe = from_table(CtRetrainRecipe, recipe_table(recipe_text(path)), where="recipe")
    if not 0.0 < recipe.held_out < 1.0:
        raise RecipeError(
            f"found held_out = {recipe.held_out:g} – expected a share between 0 and 1 of the new "
            "patients. Correct the value."
        )
    return recipe


def continued_recipe(recipe: CtRecipe, wanted: CtContinuation) -> CtRecipe:
    """Return the recipe by which a trained network goes on.

    Parameters
    ----------
    recipe
        It was trained by.
    wanted
        What changes.

    Returns
    -------
    CtRecipe
        Of the same network, grid and variations, its version raised.
    """
    table = tomllib.loads(recipe.text)
    table["training"] |= asdict(wanted)
    table["version"] = raised_version(recipe.version, CORRECTIONS)
    return parse_ct_recipe(tomli_w.dumps(table))
