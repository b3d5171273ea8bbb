"""Train a challenger: the champion's recipe with one more stage, from the champion's weights."""

import re
import shutil
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, fields
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
import tomli_w
import torch
from torch import nn

from thoracle.core.errors import BundleError, RecipeError
from thoracle.datasets.gate_films import is_frontal
from thoracle.datasets.manifest import Manifest
from thoracle.inference.bundle import Bundle, open_bundle
from thoracle.inference.parity import LOGIT_TOLERANCE, PARITY, differences
from thoracle.jobs.challenge import Margins
from thoracle.jobs.retraining import RetrainingFilms
from thoracle.train.packing import pack, trained_network
from thoracle.train.recipe import Recipe, parse_recipe
from thoracle.train.run_input import RECIPE
from thoracle.train.start import TrainingPlaces, train
from thoracle.train.tables import TrainingData, stage_films

_ROUND = re.compile(r"(?P<base>.*)\+(?P<learned>[a-z]+)\.(?P<count>\d+)")


@dataclass(frozen=True, slots=True, kw_only=True)
class RetrainRecipe:
    """What a retraining adds to a champion's recipe, and how its challenger is judged.

    `stages` are tables as in a recipe; `fractions` part the readings of new patients; `text` is
    the file's own.
    """

    seed: int
    fractions: Mapping[str, float]
    margins: Margins
    stages: tuple[Mapping[str, Any], ...]
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ChallengerPlaces:
    """Where a challenger comes from and goes to.

    `champion_run` is the folder of the run that the champion was exported from, None to train all
    stages from the start.
    """

    run: Path
    out: Path
    cache: Path
    champion_run: Path | None
    lungs: str = "lungs"


def read_retrain_recipe(path: Path) -> RetrainRecipe:
    """Read a recipe of a retraining.

    Parameters
    ----------
    path
        A TOML file with seed, [fractions], [margins] and [[stages]]. Margins that say nothing are
        an EvaluationError.

    Raises
    ------
    RecipeError
        The file is missing or not TOML, or a key is unknown or missing.
    """
    try:
        text = path.read_text(encoding="utf-8")
        table = tomllib.loads(text)
    except (OSError, ValueError) as error:
        raise RecipeError(
            f"found no recipe of a retraining at {path} ({error}) – expected a TOML file. Correct "
            "--recipe; recipes/retrain/radiograph.toml is the one in use."
        ) from error
    wanted = {one.name for one in fields(RetrainRecipe)} - {"text"}
    margins = {one.name for one in fields(Margins)}
    odd = sorted(wanted ^ set(table)) or sorted(margins ^ set(table["margins"]))
    if odd or not table["stages"]:
        raise RecipeError(
            f"found {', '.join(odd) or 'no stage'} missing or unknown in {path} – expected "
            f"{', '.join(sorted(wanted))}, with margins {', '.join(sorted(margins))}. Correct it."
        )
    return RetrainRecipe(
        seed=table["seed"],
        fractions=table["fractions"],
        margins=Margins(**table["margins"]),
        stages=tuple(table["stages"]),
        text=text,
    )


def raised_version(version: str, learned: str = "readings") -> str:
    """Return the version of the next bundle that a site trains.

    Parameters
    ----------
    version
        Of the bundle in use.
    learned
        What it learns from, in one word.

    Examples
    --------
    >>> raised_version("1.3.0"), raised_version("1.3.0+readings.1")
    ('1.3.0+readings.1', '1.3.0+readings.2')
    >>> raised_version("1.0.0", "corrections")
    '1.0.0+corrections.1'
    """
    known = _ROUND.fullmatch(version)
    if known is None or known["learned"] != learned:
        return f"{version}+{learned}.1"
    return f"{known['base']}+{learned}.{int(known['count']) + 1}"


def challenger_recipe(
    champion: Bundle, wanted: RetrainRecipe, *, takes_over_weights: bool
) -> Recipe:
    """Return the champion's recipe with the stages of a retraining after its own.

    Parameters
    ----------
    champion
        Its recipe lies in its bundle.
    wanted
        The stages; one whose name is taken gets a number.
    takes_over_weights
        Then weights that the champion's own recipe began with are not asked for.

    Returns
    -------
    Recipe
        Of the champion's name and a raised version. A stage that is wrong is a RecipeError.

    Raises
    ------
    BundleError
        The bundle has no recipe.
    """
    path = champion.folder / RECIPE
    if not path.is_file():
        raise BundleError(
            f"found no {RECIPE} in the bundle {champion.name} – expected the recipe it was trained "
            "by. Retrain from a bundle that thoracle export wrote.",
            code="champion-recipe",
        )
    table = tomllib.loads(path.read_text(encoding="utf-8"))
    names = {stage["name"] for stage in table["stages"]}
    for stage in wanted.stages:
        name, count = stage.get("name", ""), 2
        while name in names:
            name, count = f"{stage['name']}-{count}", count + 1
        names.add(name)
        table["stages"].append({**stage, "name": name})
    if takes_over_weights:
        table["network"] = {
            key: one
            for key, one in table["network"].items()
            if key not in {"weights", "pretrained"}
        }
    table |= {"name": champion.name, "version": raised_version(champion.version)}
    return parse_recipe(tomli_w.dumps(table))


def take_over(champion: Bundle, champion_run: Path, run: Path) -> None:
    """Copy the weights of a champion's stages into a new run, once they are proved to be its own.

    Parameters
    ----------
    champion
        Its `parity.npz` holds films, and what torch said of them.
    champion_run
        Folder of the run it was exported from; one that is not finished is a BundleError.
    run
        Folder of the new run. Weights that are there already stay.

    Raises
    ------
    RecipeError
        The run was made by another recipe, or its network gives other answers than the bundle's.
    """
    text = (champion.folder / RECIPE).read_text(encoding="utf-8")
    kept = champion_run / RECIPE
    if not kept.is_file() or kept.read_text(encoding="utf-8") != text:
        raise RecipeError(
            f"found another recipe, or none, in {champion_run} – expected that of "
            f"{champion.name} {champion.version}. Give the folder of the run it was exported from, "
            "or train all stages with --from-start.",
            code="champion-run",
        )
    recipe = parse_recipe(text)
    apart = difference_from_kept(trained_network(recipe, champion_run), champion)
    if apart > LOGIT_TOLERANCE:
        raise RecipeError(
            f"found weights in {champion_run} whose logits differ by {apart:.1e} from those kept "
            f"with {champion.name} {champion.version} – expected at most {LOGIT_TOLERANCE:.0e}. "
            "They are of another network: give its own run's folder, or --from-start.",
            code="champion-run",
        )
    run.mkdir(parents=True, exist_ok=True)
    for stage in recipe.stages:
        source, target = (one / f"{stage.name}.safetensors" for one in (champion_run, run))
        if not target.exists():
            partial = target.with_suffix(".partial")
            shutil.copyfile(source, partial)
            partial.replace(target)


def difference_from_kept(network: nn.Module, champion: Bundle) -> float:
    """Return by how much a network's logits differ from those kept in a bundle.

    Parameters
    ----------
    network
        In evaluation mode.
    champion
        Its `parity.npz` holds inputs, and what torch said of them.

    Returns
    -------
    float
        Infinite where the bundle keeps none.
    """
    path = champion.folder / PARITY
    if not path.is_file():
        return float("inf")
    with np.load(BytesIO(path.read_bytes()), allow_pickle=False) as kept:
        films, logits = kept["films"].astype(np.float32), kept["logits"]
    with torch.no_grad():
        found = network(torch.from_numpy(films)).numpy()
    return differences({"logits": logits}, {"logits": found})[0]


def train_challenger(
    champion: Bundle, wanted: RetrainRecipe, films: RetrainingFilms, places: ChallengerPlaces
) -> Path:
    """Train and export a challenger, or go on where an earlier start was interrupted.

    Parameters
    ----------
    champion
        In use.
    wanted
        From `read_retrain_recipe`.
    films
        The champion's and the readers'.
    places
        Folders.

    Returns
    -------
    Path
        Folder of the exported bundle, calibrated on calibrate films of both. Films are cut by the
        lung bundle that serves now, for both networks.
    """
    recipe = challenger_recipe(champion, wanted, takes_over_weights=places.champion_run is not None)
    if places.champion_run is not None:
        take_over(champion, places.champion_run, places.run)
    manifest = _needed(
        films.manifest, recipe, new=len(wanted.stages), whole=not places.champion_run
    )
    data = TrainingData(manifest=manifest, splits=films.splits, cache=places.cache)
    told = dict(films.digests) | {
        "retrained_from": champion.digest,
        "films_of_readers": str(len(films.added) - sum(films.left_out.values())),
    }
    if not is_exported(places.out, recipe.text, told):
        ways = TrainingPlaces(run=places.run, lungs=places.lungs)
        train(recipe, data, ways)
        pack(places.run, data, ways, places.out, digests=told)
    return places.out


def _needed(manifest: Manifest, recipe: Recipe, *, new: int, whole: bool) -> Manifest:
    """Return the frontal films of the stages that are trained, where every stage has some."""
    if whole:
        return manifest
    paths = {
        film.path
        for stage in recipe.stages[-new:]
        for film in stage_films(manifest, stage)
        if is_frontal(film)
    }
    few = manifest.select(film for film in manifest.films if film.path in paths)
    return few if all(stage_films(few, stage) for stage in recipe.stages) else manifest


def is_exported(out: Path, recipe: str, told: Mapping[str, str]) -> bool:
    """Say whether a whole bundle of a recipe lies in a folder, and tells the same of its training.

    Parameters
    ----------
    out
        Of the bundle.
    recipe
        By its text.
    told
        What the bundle must say of its training.
    """
    try:
        found = open_bundle(str(out.resolve()))
    except BundleError:
        return False
    has_recipe = (found.folder / RECIPE).read_text(encoding="utf-8") == recipe
    return has_recipe and dict(found.training).items() >= told.items()
