"""The recipe of a network that tells breathing patterns apart: one TOML file, every key known."""

from dataclasses import dataclass, field
from pathlib import Path

from thoracle.respiration.network_input import RATE_MIN_HZ
from thoracle.train.toml_tables import checked_recipe, recipe_text

CELLS = ("gru", "lstm")


@dataclass(frozen=True, slots=True, kw_only=True)
class PatternNetworkRecipe:
    """Which network: `cell` "gru" or "lstm" of `hidden` units a direction.

    `is_bidirectional` reads a window both ways. `has_attention` weighs all instants, else the last
    state answers. `has_stem` shows the cells four samples at a time, by two convolutions; else
    each sample is a step.
    """

    cell: str = "gru"
    hidden: int = 48
    is_bidirectional: bool = True
    has_attention: bool = True
    has_stem: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class PatternTrainingRecipe:
    """How long: windows are drawn afresh for every batch, so that none is seen twice."""

    epochs: int
    batches_per_epoch: int
    batch: int
    learning_rate: float
    weight_decay: float = 1e-3
    warmup_share: float = 0.1
    average: float = 0.99
    clip: float = 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class WindowRecipe:
    """What windows a network learns from. Shares and probabilities are from 0 to 1.

    Attributes
    ----------
    rates_hz
        Sampling rates, each batch of one; the published 10 Hz is drawn with `published_rate`.
    published_rate
        How often.
    snr_db
        Least and greatest ratio of signal to noise.
    noise_free
        How often there is no noise.
    authors_slips
        How often the slips of the authors' script are followed, so that the lack of noise in its
        bradypnea says nothing.
    physiological
        How often a window is of the physiological generator instead of the published model.
    sensor
        How often a sensor's faults come on top: drift, dropped samples, ripple, motion, clipping.
    """

    rates_hz: tuple[float, ...] = ()
    published_rate: float = 1.0
    snr_db: tuple[float, ...] = (20.0, 20.0)
    noise_free: float = 0.0
    authors_slips: float = 0.0
    physiological: float = 0.0
    sensor: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class PatternRecipe:
    """All that makes a run repeat: network, training, windows, seed."""

    name: str
    version: str
    seed: int
    network: PatternNetworkRecipe
    training: PatternTrainingRecipe
    windows: WindowRecipe = field(default_factory=WindowRecipe)
    intended_use: str = ""
    population: str = "adults"
    text: str = field(default="", repr=False)


def read_pattern_recipe(path: Path) -> PatternRecipe:
    """Read and check a recipe.

    Parameters
    ----------
    path
        A TOML file.

    Returns
    -------
    PatternRecipe
        With the file's own text.
    """
    return parse_pattern_recipe(recipe_text(path))


def parse_pattern_recipe(text: str) -> PatternRecipe:
    """Check a recipe's text.

    Parameters
    ----------
    text
        TOML. An unknown or missing key, a value of another type, or one that no run can be
        made with is a RecipeError.

    Returns
    -------
    PatternRecipe
        With the text itself.
    """
    return checked_recipe(PatternRecipe, text, problem=_problem)


def _problem(recipe: PatternRecipe) -> str | None:
    network, windows = recipe.network, recipe.windows
    shares = ("published_rate", "noise_free", "authors_slips", "physiological", "sensor")
    outside = [name for name in shares if not 0.0 <= getattr(windows, name) <= 1.0]
    checks = (
        (network.cell in CELLS, f"cell = {network.cell!r} – expected one of {CELLS}"),
        (network.hidden > 0, f"hidden = {network.hidden} – expected a number above 0"),
        (
            len(windows.snr_db) == 2 and windows.snr_db[0] <= windows.snr_db[-1],
            f"snr_db = {windows.snr_db} – expected the least and the greatest",
        ),
        (
            all(rate >= RATE_MIN_HZ for rate in windows.rates_hz),
            f"rates_hz = {windows.rates_hz} – expected {RATE_MIN_HZ:g} Hz or more",
        ),
        (
            bool(windows.rates_hz) or windows.published_rate == 1.0,
            "no rates_hz – expected some where published_rate is below 1",
        ),
        (not outside, f"{outside} outside of 0 to 1 – expected shares"),
    )
    return next((text for is_right, text in checks if not is_right), None)
