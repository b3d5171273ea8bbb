"""A training recipe: one TOML file, every key known, nothing typed in code."""

from dataclasses import dataclass, field
from pathlib import Path

from thoracle.core.errors import RecipeError
from thoracle.datasets.collections import CollectionRecipe
from thoracle.radiograph.gate import GATE_CLASSES
from thoracle.train.toml_tables import from_table, recipe_table, recipe_text


@dataclass(frozen=True, slots=True, kw_only=True)
class NetworkRecipe:
    """Which network, and where its first weights come from.

    `backbone` is "unet" for lungs, "autoencoder" or "autoencoder-skips" for anomalies, else a
    timm name. `pretrained` asks timm for its published weights (a download); `weights` names a
    local safetensors file.
    """

    backbone: str
    pretrained: bool = False
    weights: str | None = None
    mixstyle: float = 0.0
    dropout: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class AugmentRecipe:
    """How films are varied, afresh each time: probabilities 0…1, angles in degrees, shares of 1.

    `salt_pepper` is the largest share of a film's pixels that turn black or white.
    """

    flip: float = 0.0
    rotation_degrees: float = 0.0
    zoom: float = 0.0
    aspect: float = 0.0
    shift: float = 0.0
    gamma: float = 0.0
    contrast: float = 0.0
    invert: float = 0.0
    blur: float = 0.0
    sharpen: float = 0.0
    pixelate: float = 0.0
    noise: float = 0.0
    salt_pepper: float = 0.0
    shade: float = 0.0
    border: float = 0.0
    occlude_top: float = 0.0
    occlude_box: float = 0.0
    amplitude_mix: float = 0.0
    background_swap: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class StageRecipe:
    """One stage of training.

    `sources` empty means all; `populations` keeps films of those populations (unknown ones count
    as adults); `merge_covid` counts COVID-19 as other opacity (the first of two stages).
    `inserted_opacity` is the probability that a film without a finding is given an opacity and
    counts as other lung opacity; an auto-encoder has to take it away again. So it has with
    `coarse_noise`, smooth noise of that standard deviation in grey.
    `hidden_lungs` is the share of films that a classifier sees once more with their lungs hidden,
    of which it learns to say nothing.
    `balance` draws classes, and sources within a class, equally often. `weighting` is the class
    weight inside the loss: "authors" N_max/N_c, "printed" N_c/N_max, or "none". `source_prior`,
    0…1 but not 1, offsets logits in training by how frequent no finding is in the film's source,
    and `source_prior_of_kind` by how frequent each finding is among the others there. `kind_only`
    learns which finding it is and nothing else: the backbone rests, films without a finding are
    left out, and no finding against any finding stays as the stage before left it.
    """

    name: str
    epochs: int
    learning_rate: float
    batch: int = 16
    weight_decay: float = 0.01
    warmup_share: float = 0.05
    patience: int = 0
    sources: tuple[str, ...] = ()
    populations: tuple[str, ...] = ()
    merge_covid: bool = False
    kind_only: bool = False
    inserted_opacity: float = 0.0
    hidden_lungs: float = 0.0
    coarse_noise: float = 0.0
    balance: bool = True
    weighting: str = "none"
    source_prior: float = 0.0
    source_prior_of_kind: float = 0.0
    label_smoothing: float = 0.1
    films_per_epoch: int = 0
    size: int = 0
    average: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class SeverityRecipe:
    """How a severity network's head is learned.

    `layer` of the backbone, which rests, is what the head sees; its `weights` must have been
    learned without the scored films. `folds` is how often patients are left out in turn;
    `strengths` are the ridge penalties to choose from, inside; `normals` counts films without a
    finding that are learned as 0; `coverage` is the share of films, 0…1, that the intervals shall
    cover.
    """

    layer: str = ""
    folds: int = 10
    strengths: tuple[float, ...] = (0.01, 0.03, 0.1, 0.3, 1.0, 3.0, 10.0)
    normals: int = 0
    coverage: float = 0.9


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipe:
    """All that makes a run repeat: network, stages, augmentation, seed.

    A gate's `collections` hold what is no chest radiograph; its `untrained_kinds` are kept for
    testing, to see how an unseen kind fares.
    """

    name: str
    version: str
    task: str
    size: int
    seed: int
    network: NetworkRecipe
    stages: tuple[StageRecipe, ...] = ()
    intended_use: str = ""
    population: str = ""
    precision: str = "bf16"
    map_layers: tuple[str, ...] = ()
    augment: AugmentRecipe = field(default_factory=AugmentRecipe)
    collections: tuple[CollectionRecipe, ...] = ()
    untrained_kinds: tuple[str, ...] = ()
    severity: SeverityRecipe = field(default_factory=SeverityRecipe)
    text: str = field(default="", repr=False)


TASKS = ("gate", "lungs", "classifier", "anomaly", "severity")
PRECISIONS = ("bf16", "fp32")
WEIGHTINGS = ("authors", "printed", "none")
SMALLEST_SIZE = 16  # below, a network that halves a film four times has nothing left.


def read_recipe(path: Path) -> Recipe:
    """Read and check a recipe.

    Parameters
    ----------
    path
        A TOML file.

    Returns
    -------
    Recipe
        With the file's own text, so that a run keeps what made it. A file that is missing or not
        TOML, an unknown or missing key, and a value of another type or not allowed are
        RecipeErrors.
    """
    return parse_recipe(recipe_text(path))


def parse_recipe(text: str) -> Recipe:
    """Check a recipe's text; see `read_recipe`.

    Parameters
    ----------
    text
        TOML.

    Returns
    -------
    Recipe
        With the text itself.

    Raises
    ------
    RecipeError
        As `read_recipe`.
    """
    recipe = from_table(Recipe, recipe_table(text), where="recipe")
    if not recipe.stages and recipe.task != "severity":
        raise RecipeError("found no [[stages]] – expected at least one. Add a stage with epochs.")
    _check_choice("task", recipe.task, TASKS)
    _check_choice("precision", recipe.precision, PRECISIONS)
    _check_size(recipe.size, "recipe")
    for stage in recipe.stages:
        _check_size(stage.size or recipe.size, f"stage {stage.name!r}")
        _check_choice(f"weighting of stage {stage.name!r}", stage.weighting, WEIGHTINGS)
        _check_kind_only(stage, is_first=stage is recipe.stages[0])
        _check_prior("source_prior", stage.source_prior, stage.name)
        _check_prior("source_prior_of_kind", stage.source_prior_of_kind, stage.name)
    for kind in recipe.untrained_kinds:
        _check_choice("one of untrained_kinds", kind, GATE_CLASSES)
    for collection in recipe.collections:
        _check_choice(f"kind of collection {collection.folder!r}", collection.kind, GATE_CLASSES)
    return recipe


def _check_size(size: int, where: str) -> None:
    if size < SMALLEST_SIZE:
        raise RecipeError(
            f"found size = {size} in {where} – expected at least {SMALLEST_SIZE} pixels. Correct "
            "the value."
        )


def _check_kind_only(stage: StageRecipe, *, is_first: bool) -> None:
    if stage.kind_only and (is_first or stage.merge_covid or stage.weight_decay):
        raise RecipeError(
            f"found kind_only = true in stage {stage.name!r} – expected a later stage without "
            "merge_covid and with weight_decay = 0. Correct the stage."
        )


def _check_prior(key: str, value: float, stage: str) -> None:
    if not 0 <= value < 1:
        raise RecipeError(
            f"found {key} = {value} in stage {stage!r} – expected at least 0 and below 1. Correct "
            "the value."
        )


def _check_choice(what: str, value: str, allowed: tuple[str, ...]) -> None:
    if value not in allowed:
        raise RecipeError(
            f"found {what} = {value!r} – expected one of {', '.join(allowed)}. Correct the value."
        )
