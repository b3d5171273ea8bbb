"""The use case behind `thoracle train`: check the split, make the tables, run the stages."""

from dataclasses import dataclass
from pathlib import Path

from torch import nn

from thoracle.core.errors import RecipeError
from thoracle.datasets.collections import read_collections
from thoracle.train.loop import StageRun, run_stages
from thoracle.train.lung_finder import lung_finder
from thoracle.train.recipe import Recipe, StageRecipe
from thoracle.train.run_input import keep_run_input, run_input
from thoracle.train.severity import learn_severity
from thoracle.train.tables import (
    TaskTables,
    TrainingData,
    anomaly_tables,
    classifier_tables,
    frontal_arrays,
    gate_tables,
    lung_tables,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class TrainingPlaces:
    """Where a run reads and writes.

    `collections` is the folder below which the gate's collections lie; `lungs` names the lung
    bundle that cuts the classifier's films.
    """

    run: Path
    collections: Path | None = None
    lungs: str = "lungs"


def train(recipe: Recipe, data: TrainingData, places: TrainingPlaces) -> nn.Module:
    """Train a recipe on films whose split has been checked.

    A run in the folder that saw its films otherwise is refused (`keep_run_input`).

    Parameters
    ----------
    recipe
        From `read_recipe`.
    data
        Manifest and split; `thoracle.datasets.split.check_split` must have passed.
    places
        Folders.

    Returns
    -------
    torch.nn.Module
        The trained network in evaluation mode; its weights lie in the run's folder.

    Raises
    ------
    RecipeError
        The recipe needs a folder that was not given, or leaves no film to train on.
    """
    if recipe.task == "severity":
        keep_run_input(places.run, run_input(recipe, lungs=places.lungs))
        arrays = frontal_arrays(data, lung_finder(places.lungs), size=recipe.size)
        return learn_severity(recipe, data, arrays, places.run)
    runs = []
    for stage in recipe.stages:
        tables = stage_tables(recipe, stage, data, places)
        if not len(tables.train) or not len(tables.tune):
            raise RecipeError(
                f"found {len(tables.train)} train and {len(tables.tune)} tune films for stage "
                f"{stage.name!r} – expected some of each. Check its sources and the split."
            )
        runs.append(StageRun(stage=stage, tables=tables, folder=places.run))
    keep_run_input(places.run, run_input(recipe, lungs=places.lungs))
    return run_stages(recipe, runs)


def stage_tables(
    recipe: Recipe, stage: StageRecipe, data: TrainingData, places: TrainingPlaces
) -> TaskTables:
    """Return a stage's films.

    Parameters
    ----------
    recipe, stage
        The task, and which films.
    data
        Manifest, split, cache.
    places
        Where the gate's collections and the lung bundle lie.

    Returns
    -------
    TaskTables
        Train and tune films.

    Raises
    ------
    RecipeError
        The gate's collections have no folder.
    """
    if recipe.task == "lungs":
        return lung_tables(data, recipe, stage)
    if recipe.task == "classifier":
        return classifier_tables(data, recipe, stage, lung_finder(places.lungs))
    if recipe.task == "anomaly":
        return anomaly_tables(data, recipe, stage, lung_finder(places.lungs))
    if places.collections is None:
        raise RecipeError(
            "found no folder for the gate's collections – expected one. Give it with --collections."
        )
    collections = read_collections(recipe.collections, places.collections, seed=recipe.seed)
    return gate_tables(data, collections, untrained_kinds=set(recipe.untrained_kinds))
