"""The folder of a run: what was asked for, what came of it, and weights that load nothing else."""

import json
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any, Final

from safetensors.torch import save_file

from thoracle.core.errors import RecipeError
from thoracle.core.files import write_atomically
from thoracle.prognosis.network import NetworkContent, read_content, write_content
from thoracle.train.prognosis.ensemble import Ensemble, Trial
from thoracle.train.prognosis.network import RiskNetworks
from thoracle.train.prognosis.recipe import RiskRecipe, read_risk_recipe
from thoracle.train.weights import read_weights

WEIGHTS: Final = "risks.safetensors"
RECIPE: Final = "recipe.toml"
FACTS: Final = "run.json"


def begin_run(folder: Path, recipe: RiskRecipe, facts: dict[str, Any]) -> None:
    """Say in a run's folder what is trained and on what.

    Parameters
    ----------
    folder
        New, or of the same run.
    recipe
        What is trained.
    facts
        What it is trained on.

    Raises
    ------
    RecipeError
        The folder holds another run.
    """
    text = json.dumps(facts, indent=1, ensure_ascii=False, sort_keys=True) + "\n"
    for name, content in ((RECIPE, recipe.text), (FACTS, text)):
        kept = folder / name
        if kept.exists() and kept.read_text(encoding="utf-8") != content:
            raise RecipeError(
                f"found another run in {folder} – expected the recipe and the patients that began "
                "it. Give another folder with --run.",
                code="run-input",
            )
        write_atomically(kept, content.encode("utf-8"))


def is_finished(folder: Path) -> bool:
    """Return whether a run's folder holds its ensemble."""
    return (folder / WEIGHTS).is_file()


def save_ensemble(ensemble: Ensemble, folder: Path) -> None:
    """Write an ensemble into its run's folder; the weights come last.

    Parameters
    ----------
    ensemble
        Trained.
    folder
        Of the run.
    """
    content = NetworkContent(
        scaling=ensemble.scaling,
        seen=ensemble.seen,
        calibration=ensemble.calibration,
        widening=ensemble.widening,
    )
    write_content(content, folder)
    chosen = {
        "cell": ensemble.recipe.network.cell,
        "hidden": ensemble.recipe.network.hidden,
        "weight_decay": ensemble.recipe.training.weight_decay,
        "trials": [asdict(one) for one in ensemble.trials],
    }
    write_atomically(folder / "chosen.json", (json.dumps(chosen, indent=1) + "\n").encode())
    partial = folder / f".{WEIGHTS}"
    save_file(ensemble.network.state_dict(), partial)
    partial.replace(folder / WEIGHTS)


def open_ensemble(folder: Path) -> Ensemble:
    """Open the ensemble of a finished run.

    Parameters
    ----------
    folder
        Of the run.

    Returns
    -------
    Ensemble
        As it was saved.

    Raises
    ------
    RecipeError
        The run is not finished.
    """
    if not is_finished(folder):
        raise RecipeError(
            f"found no {folder / WEIGHTS} – expected the weights of a finished run. Finish it with "
            "thoracle prognosis train.",
            code="run-unfinished",
        )
    chosen = json.loads((folder / "chosen.json").read_bytes())
    asked = read_risk_recipe(folder / RECIPE)
    recipe = replace(
        asked,
        network=replace(asked.network, cell=chosen["cell"], hidden=chosen["hidden"]),
        training=replace(asked.training, weight_decay=chosen["weight_decay"]),
    )
    content, weights = read_content(folder), read_weights(folder / WEIGHTS)
    network = RiskNetworks(
        recipe.network,
        members=len(weights["told"]),
        inputs=len(content.scaling.places),
        seed=recipe.seed,
    )
    network.load_state_dict(weights)
    return Ensemble(
        recipe=recipe,
        scaling=content.scaling,
        seen=content.seen,
        network=network.eval(),
        calibration=content.calibration,
        widening=content.widening,
        trials=tuple(Trial(**one) for one in chosen["trials"]),
    )
