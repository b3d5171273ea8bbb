"""The recipe of a CT segmentation network: one TOML file, every key known."""

from dataclasses import dataclass, field
from pathlib import Path

from thoracle.train.toml_tables import checked_recipe, recipe_text

TASK = "ct_segmentation"
DIMENSIONS = (2, 3)
LEVELS = 4  # of the network: its input is halved as often.
SLICES_STEP = 4  # slices are halved twice.


@dataclass(frozen=True, slots=True, kw_only=True)
class CtNetworkRecipe:
    """Which network: `dimensions` 2 or 3, `channels` of its four levels, `blocks` on each.

    `deep_heads` is how many coarser levels are supervised too.
    """

    dimensions: int
    channels: tuple[int, ...] = (24, 48, 96, 128)
    blocks: int = 2
    deep_heads: int = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class CtTrainingRecipe:
    """How long and on what crops.

    `crop` counts slices, rows and columns; `lesions` is the share of crops laid around a voxel of
    ground glass or consolidation, either as often. `average` is the decay of the averaged weights.
    """

    epochs: int
    crops_per_epoch: int
    batch: int
    crop: tuple[int, ...]
    learning_rate: float
    weight_decay: float = 0.01
    warmup_share: float = 0.05
    lesions: float = 0.5
    average: float = 0.99
    focal_gamma: float = 2.0


@dataclass(frozen=True, slots=True, kw_only=True)
class CtAugmentRecipe:
    """How crops are varied, afresh each time; grey counts from 0 to 1.

    Angles in degrees; `zoom`, `zoom_slices`, `gamma`, `window` and `level` are the largest change,
    `elastic_px` the largest shift. `noise` is the largest standard deviation. `blur`, `sharpen`
    and `thick_slices` are how often a crop is blurred, sharpened, or each slice mixed with its
    neighbors; `drawn_lesions` how often lesions are drawn into its lungs.
    """

    flip: float = 0.5
    rotation_degrees: float = 10.0
    zoom: float = 0.15
    zoom_slices: float = 0.2
    elastic_px: float = 4.0
    window: float = 0.15
    level: float = 0.06
    gamma: float = 0.25
    noise: float = 0.04
    blur: float = 0.2
    sharpen: float = 0.3
    thick_slices: float = 0.3
    drawn_lesions: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class CtRecipe:
    """All that makes a run repeat, beside the cases: grid, network, training, seed.

    `spacing_mm` is of slices, rows and columns.
    """

    name: str
    version: str
    seed: int
    spacing_mm: tuple[float, ...]
    network: CtNetworkRecipe
    training: CtTrainingRecipe
    augment: CtAugmentRecipe = field(default_factory=CtAugmentRecipe)
    intended_use: str = ""
    population: str = "adults"
    precision: str = "bf16"
    text: str = field(default="", repr=False)


def read_ct_recipe(path: Path) -> CtRecipe:
    """Read and check a recipe.

    Parameters
    ----------
    path
        A TOML file.

    Returns
    -------
    CtRecipe
        With the file's own text.
    """
    return parse_ct_recipe(recipe_text(path))


def parse_ct_recipe(text: str) -> CtRecipe:
    """Check a recipe's text.

    Parameters
    ----------
    text
        TOML. An unknown or missing key, a value of another type, or one that no run can be
        made with is a RecipeError.

    Returns
    -------
    CtRecipe
        With the text itself.
    """
    return checked_recipe(CtRecipe, text, problem=_problem)


def _problem(recipe: CtRecipe) -> str | None:
    crop, network = recipe.training.crop, recipe.network
    checks = (
        (
            network.dimensions in DIMENSIONS,
            f"dimensions = {network.dimensions} – expected one of {DIMENSIONS}",
        ),
        (
            len(network.channels) == LEVELS and all(one % 2 == 0 for one in network.channels),
            f"channels = {network.channels} – expected {LEVELS} even numbers",
        ),
        (
            len(recipe.spacing_mm) == 3 and all(one > 0 for one in recipe.spacing_mm),
            f"spacing_mm = {recipe.spacing_mm} – expected three numbers above 0",
        ),
        (
            len(crop) == 3 and not crop[0] % SLICES_STEP and not any(one % 16 for one in crop[1:]),
            f"crop = {crop} – expected multiples of {SLICES_STEP} slices, 16 rows and columns",
        ),
        (
            recipe.precision in {"bf16", "fp32"},
            f"precision = {recipe.precision!r} – expected bf16 or fp32",
        ),
    )
    return next((text for is_right, text in checks if not is_right), None)
