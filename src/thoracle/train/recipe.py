"""A training recipe: one TOML file, every key known, nothing typed in code."""

import dataclasses
import tomllib
import types
import typing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

from thoracle.core.errors import RecipeError
from thoracle.datasets.collections import CollectionRecipe
from thoracle.radiograph.gate import GATE_CLASSES

T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class NetworkRecipe:
    """Which network, and where its first weights come from.

    `backbone` is "unet" for lungs, else a timm name. `pretrained` asks timm for its published
    weights (a download); `weights` names a local safetensors file.
    """

    backbone: str
    pretrained: bool = False
    weights: str | None = None
    mixstyle: float = 0.0
    dropout: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class AugmentRecipe:
    """How films are varied, afresh each time: probabilities 0…1, angles in degrees, shares of 1."""

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
    counts as other lung opacity.
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
    balance: bool = True
    weighting: str = "none"
    source_prior: float = 0.0
    source_prior_of_kind: float = 0.0
    label_smoothing: float = 0.1
    films_per_epoch: int = 0
    size: int = 0
    average: float = 0.0


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
    stages: tuple[StageRecipe, ...]
    intended_use: str = ""
    population: str = ""
    precision: str = "bf16"
    map_layers: tuple[str, ...] = ()
    augment: AugmentRecipe = field(default_factory=AugmentRecipe)
    collections: tuple[CollectionRecipe, ...] = ()
    untrained_kinds: tuple[str, ...] = ()
    text: str = field(default="", repr=False)


TASKS = ("gate", "lungs", "classifier")
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
        With the file's own text, so that a run keeps what made it.

    Raises
    ------
    RecipeError
        The file is missing or not TOML, a key is unknown or missing, a value has another type or
        is not one of those allowed.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except OSError as error:
        raise RecipeError(
            f"found no recipe at {path} – expected a TOML file ({error.strerror}). Correct it."
        ) from error
    return parse_recipe(text)


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
    try:
        table = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise RecipeError(f"found a recipe that is not TOML: {error}. Mend that line.") from error
    recipe = _build(Recipe, table | {"text": text}, where="recipe")
    if not recipe.stages:
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


def _build(cls: type[T], table: dict[str, Any], *, where: str) -> T:
    hints = typing.get_type_hints(cls)
    unknown = sorted(set(table) - set(hints))
    if unknown:
        raise RecipeError(
            f"found unknown key {unknown[0]!r} in {where} – expected one of "
            f"{', '.join(sorted(hints))}. Remove or correct it."
        )
    values = {key: _convert(hints[key], value, f"{where}.{key}") for key, value in table.items()}
    try:
        return cls(**values)
    except TypeError as error:
        fields = dataclasses.fields(cls)  # type: ignore[arg-type]  # every cls here is a dataclass
        missing = [f.name for f in fields if f.name not in table and _is_required(f)]
        raise RecipeError(
            f"found no {', '.join(missing)} in {where} – expected it. Add it."
        ) from error


def _is_required(one: dataclasses.Field[Any]) -> bool:
    return one.default is dataclasses.MISSING and one.default_factory is dataclasses.MISSING


def _convert(hint: Any, value: Any, where: str) -> Any:
    if isinstance(hint, types.UnionType):
        hint = next(one for one in typing.get_args(hint) if one is not type(None))
    if dataclasses.is_dataclass(hint) and isinstance(value, dict):
        return _build(typing.cast("type[Any]", hint), value, where=where)
    if typing.get_origin(hint) is tuple and isinstance(value, list):
        inner = typing.get_args(hint)[0]
        return tuple(_convert(inner, one, where) for one in value)
    if hint is float and type(value) is int:
        return float(value)
    if not isinstance(hint, type) or type(value) is not hint:
        name = getattr(hint, "__name__", str(hint))
        raise RecipeError(f"found {where} = {value!r} – expected {name}. Correct the value.")
    return value
