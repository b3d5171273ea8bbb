"""The recipe of a network that tells risks from charts: one TOML file, every key known."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from thoracle.prognosis.types import EVENTS
from thoracle.prognosis.variables import VARIABLES
from thoracle.train.toml_tables import checked_recipe, recipe_text

CELLS: Final = ("gru", "lstm", "decay")


@dataclass(frozen=True, slots=True, kw_only=True)
class RiskNetworkRecipe:
    """Which network: attention over days and over variables, by the states of a cell.

    Attributes
    ----------
    cell
        "gru", "lstm", or "decay": a GRU to which a value that was carried forward fades with its
        age, each variable at a pace of its own, as in GRU-D.
    hidden
        Units of the cell, and of the embedding.
    dropout
        Share of the embedding that is hidden in training.
    """

    cell: str = "gru"
    hidden: int = 32
    dropout: float = 0.2


@dataclass(frozen=True, slots=True, kw_only=True)
class RiskTrainingRecipe:
    """How long: in each epoch each patient is shown once, at one index time drawn afresh.

    Attributes
    ----------
    members
        Networks of the ensemble, each of patients drawn with replacement.
    forecast_weight
        Of the forecasts' loss beside that of the risks.
    average
        Decay of the averaged weights.
    """

    epochs: int
    batch: int
    learning_rate: float
    members: int = 10
    weight_decay: float = 1e-2
    warmup_share: float = 0.1
    forecast_weight: float = 0.2
    average: float = 0.99
    clip: float = 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class DrawRecipe:
    """What is drawn in training, and what is hidden, so that a network works on what there is.

    Attributes
    ----------
    days_alike
        Each index time counts alike, as in a landmark supermodel (van Houwelingen 2007): then a
        risk is that of who is there on a day. Else each patient does, and who stays shortest
        counts most on each day.
    hidden_max
        Of each draw a share of the variables is hidden, from 0 to this.
    only_markers
        How often all but `markers` are.
    markers
        Names of variables.
    statics_hidden
        How often age and sex are.
    """

    days_alike: bool = True
    hidden_max: float = 0.9
    only_markers: float = 0.3
    markers: tuple[str, ...] = ("ldh", "hs_crp", "lymphocyte_percent")
    statics_hidden: float = 0.4


@dataclass(frozen=True, slots=True, kw_only=True)
class TuningRecipe:
    """What is chosen by cross-validation among the patients that are trained on, and nothing else.

    Attributes
    ----------
    cells, hidden, weight_decays
        Every combination is tried; one value of each is no choice.
    folds
        Of patients; each is left out in turn, and risks are calibrated on what is told of it.
    members
        Networks of each trial and fold.
    """

    cells: tuple[str, ...] = ()
    hidden: tuple[int, ...] = ()
    weight_decays: tuple[float, ...] = ()
    folds: int = 5
    members: int = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class RiskRecipe:
    """All that makes a run repeat: network, training, what is hidden, tuning, seed.

    Attributes
    ----------
    event
        What is predicted: "death" or "icu".
    patients_min
        A variable is an input where so many of the patients that are trained on have it.
    left_out
        Names of variables that are no input: they would say how a hospital works, not how ill
        somebody is.
    """

    name: str
    version: str
    seed: int
    training: RiskTrainingRecipe
    network: RiskNetworkRecipe = field(default_factory=RiskNetworkRecipe)
    draws: DrawRecipe = field(default_factory=DrawRecipe)
    tuning: TuningRecipe = field(default_factory=TuningRecipe)
    event: str = "death"
    patients_min: int = 20
    left_out: tuple[str, ...] = ()
    intended_use: str = ""
    population: str = "adults"
    text: str = field(default="", repr=False)


def read_risk_recipe(path: Path) -> RiskRecipe:
    """Read and check a recipe.

    Parameters
    ----------
    path
        A TOML file.

    Returns
    -------
    RiskRecipe
        With the file's own text.
    """
    return parse_risk_recipe(recipe_text(path))


def parse_risk_recipe(text: str) -> RiskRecipe:
    """Check a recipe's text.

    Parameters
    ----------
    text
        TOML. An unknown or missing key, a value of another type, or one that no run can be
        made with is a RecipeError.

    Returns
    -------
    RiskRecipe
        With the text itself.
    """
    return checked_recipe(RiskRecipe, text, problem=_problem)


def _problem(recipe: RiskRecipe) -> str | None:
    cells = (recipe.network.cell, *recipe.tuning.cells)
    shares = {
        "hidden_max": recipe.draws.hidden_max,
        "only_markers": recipe.draws.only_markers,
        "statics_hidden": recipe.draws.statics_hidden,
        "dropout": recipe.network.dropout,
        "average": recipe.training.average,
    }
    outside = [name for name, share in shares.items() if not 0.0 <= share <= 1.0]
    counts = {
        "hidden": min(recipe.network.hidden, *recipe.tuning.hidden, 1 << 20),
        "epochs": recipe.training.epochs,
        "batch": recipe.training.batch,
        "members": min(recipe.training.members, recipe.tuning.members),
    }
    none = [name for name, count in counts.items() if count < 1]
    folds = recipe.tuning.folds
    unknown = set(recipe.left_out) - {one.name for one in VARIABLES}
    checks = (
        (set(cells) <= set(CELLS), f"cells {cells} – expected some of {CELLS}"),
        (recipe.event in EVENTS, f"event = {recipe.event!r} – expected one of {EVENTS}"),
        (not unknown, f"left_out {sorted(unknown)} – expected names of variables"),
        (not outside, f"{outside} outside of 0 to 1 – expected shares"),
        (not none, f"{none} below 1 – expected at least one"),
        (folds > 1, f"{folds} folds – expected two or more"),
    )
    return next((text for is_right, text in checks if not is_right), None)
