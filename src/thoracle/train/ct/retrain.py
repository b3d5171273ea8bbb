"""Train a CT challenger: the champion goes on with corrected masks, or its recipe starts afresh."""

import tomllib
from dataclasses import dataclass
from pathlib import Path

import tomli_w

from thoracle.core.errors import BundleError, RecipeError
from thoracle.inference.bundle import Bundle
from thoracle.inference.parity import LOGIT_TOLERANCE
from thoracle.jobs.ct_retraining import CtRetrainingCases
from thoracle.train.ct.fit import RECIPE, WEIGHTS, CtRun
from thoracle.train.ct.network import CtNetwork
from thoracle.train.ct.recipe import CtRecipe, parse_ct_recipe
from thoracle.train.ct.retrain_recipe import CORRECTIONS, CtRetrainRecipe, continued_recipe
from thoracle.train.ct.study import BUNDLE, fit_and_pack
from thoracle.train.retrain import difference_from_kept, is_exported, raised_version
from thoracle.train.weights import read_weights


@dataclass(frozen=True, slots=True, kw_only=True)
class CtChallengerPlaces:
    """Where a challenger is trained, and the folder of the run its champion was exported from.

    Without that folder, None, the champion's recipe is trained afresh.
    """

    run: Path
    champion_run: Path | None


def champion_recipe(champion: Bundle) -> CtRecipe:
    """Return the recipe that a champion was trained by.

    Parameters
    ----------
    champion
        Its recipe lies in its bundle; one that is wrong is a RecipeError.

    Raises
    ------
    BundleError
        The bundle has none.
    """
    path = champion.folder / RECIPE
    if not path.is_file():
        raise BundleError(
            f"found no {RECIPE} in the bundle {champion.name} – expected the recipe it was trained "
            "by. Retrain from a bundle that thoracle train ct wrote.",
            code="champion-recipe",
        )
    return parse_ct_recipe(path.read_text(encoding="utf-8"))


def champion_weights(champion: Bundle, champion_run: Path) -> Path:
    """Return the weights of a champion's run, once they are proved to be its own.

    Parameters
    ----------
    champion
        Its bundle keeps a made-up volume, and what torch said of it.
    champion_run
        Folder of the run; one without weights is a RecipeError.

    Raises
    ------
    RecipeError
        They are of another network, or give other answers than the bundle's.
    """
    path = champion_run / WEIGHTS
    network = CtNetwork(champion_recipe(champion).network)
    try:
        network.load_state_dict(read_weights(path))
        apart = difference_from_kept(network.eval(), champion)
    except RuntimeError:  # of torch: names or shapes of another network
        apart = float("inf")
    if apart > LOGIT_TOLERANCE:
        raise RecipeError(
            f"found weights in {champion_run} whose logits differ by {apart:.1e} from those kept "
            f"with {champion.name} {champion.version} – expected at most {LOGIT_TOLERANCE:.0e}. "
            "They are of another network: give its own run's folder, or --from-start.",
            code="champion-run",
        )
    return path


def challenger_recipe(champion: Bundle, wanted: CtRetrainRecipe, *, goes_on: bool) -> CtRecipe:
    """Return the recipe of a challenger.

    Parameters
    ----------
    champion
        In use.
    wanted
        How it goes on.
    goes_on
        Whether it does; otherwise the champion's own recipe is trained afresh.

    Returns
    -------
    CtRecipe
        Of the champion's name, its version raised.
    """
    recipe = champion_recipe(champion)
    if goes_on:
        return continued_recipe(recipe, wanted.training)
    table = tomllib.loads(recipe.text)
    table["version"] = raised_version(recipe.version, CORRECTIONS)
    return parse_ct_recipe(tomli_w.dumps(table))


def train_ct_challenger(
    champion: Bundle,
    wanted: CtRetrainRecipe,
    cases: CtRetrainingCases,
    places: CtChallengerPlaces,
) -> Path:
    """Train and export a challenger, or go on where an earlier start was interrupted.

    Parameters
    ----------
    champion
        In use.
    wanted
        From `read_ct_retrain_recipe`.
    cases
        The champion's scans and the corrected ones.
    places
        Folders.

    Returns
    -------
    Path
        Folder of the exported bundle, which says whom it learned from and who was held out.
    """
    goes_on = places.champion_run is not None
    recipe = challenger_recipe(champion, wanted, goes_on=goes_on)
    start = None
    if places.champion_run is not None:
        start = champion_weights(champion, places.champion_run)
    run = CtRun(
        recipe=recipe, cases=cases.learn, left_out=cases.judges, folder=places.run, start=start
    )
    corrected = [one.name for one in cases.learn if one.name in cases.corrected]
    told = {"retrained_from": champion.digest, "corrected_masks": str(len(corrected))}
    bundle = run.folder / BUNDLE
    if not is_exported(bundle, recipe.text, told):
        fit_and_pack(run, told=told)
    return bundle
