"""What the films of a run looked like to its network: kept in its folder, the same to its end."""

import tomllib
from collections.abc import Mapping
from pathlib import Path

import tomli_w

from thoracle.core.errors import RecipeError
from thoracle.core.files import write_atomically
from thoracle.inference.bundle import open_bundle
from thoracle.radiograph.preprocess import INPUT_FORMS
from thoracle.train.recipe import Recipe

RUN_INPUT = "input.toml"
RECIPE = "recipe.toml"
LUNG_BOX_TASKS = ("classifier", "anomaly", "severity")
"""Tasks whose films are cut to their lungs."""


def run_input(recipe: Recipe, *, lungs: str) -> dict[str, str]:
    """Return the form of a task's films and, where they are cut to their lungs, what found these.

    Of the lung bundle only the network counts: figures added to its card change no film.

    Parameters
    ----------
    recipe
        Its task decides.
    lungs
        Name or folder of the lung bundle.
    """
    form = {"form": INPUT_FORMS[recipe.task]}
    if recipe.task not in LUNG_BOX_TASKS:
        return form
    return form | {"lungs_network": open_bundle(lungs).network_sha256}


def keep_run_input(folder: Path, wanted: Mapping[str, str]) -> None:
    """Write what a run's films look like into its folder, or check it against what is there.

    Parameters
    ----------
    folder
        Of the run; made if needed.
    wanted
        From `run_input`.

    Raises
    ------
    RecipeError
        The run in the folder saw its films in another form, or cut by another lung bundle.
    """
    path = folder / RUN_INPUT
    if not path.exists() and not (folder / RECIPE).exists():
        write_atomically(path, tomli_w.dumps(dict(wanted)).encode("utf-8"))
        return
    kept = tomllib.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
    for name, value in wanted.items():
        if kept.get(name) != value:
            raise RecipeError(
                f"found a run in {folder} with {name} {kept.get(name, 'unknown')!r} – expected "
                f"{value!r}. Give another folder with --run, or the lung bundle as it was.",
                code="run-input",
            )
