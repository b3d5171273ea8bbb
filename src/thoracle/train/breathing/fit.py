"""Train a pattern network: checkpoints, resume, averaged weights, a folder that says all."""

from pathlib import Path
from typing import Any, Final

import lightning
import numpy as np
import torch
from torch import Tensor, nn
from torch.utils.data import Dataset

from thoracle.core.errors import RecipeError
from thoracle.core.files import write_atomically
from thoracle.train.averaged import AveragedFit, fit_averaged
from thoracle.train.breathing.network import PatternNetwork
from thoracle.train.breathing.recipe import PatternRecipe
from thoracle.train.breathing.windows import draw_windows
from thoracle.train.weights import read_weights

WEIGHTS: Final = "patterns.safetensors"
RECIPE: Final = "recipe.toml"

Batch = tuple[Tensor, Tensor]
"""Windows (n, 600) float32 and their classes (n,) int64."""


def fit_patterns(recipe: PatternRecipe, folder: Path) -> PatternNetwork:
    """Train, or take up a training where it stopped, or open its result.

    The folder gets the recipe, a checkpoint after each epoch, the learning curve, and the weights
    at the end.

    Parameters
    ----------
    recipe
        What to train.
    folder
        Of the run.

    Returns
    -------
    PatternNetwork
        In evaluation mode, with the averaged weights.

    Raises
    ------
    RecipeError
        The folder holds a run of another recipe.
    """
    kept = folder / RECIPE
    if kept.exists() and kept.read_text(encoding="utf-8") != recipe.text:
        raise RecipeError(
            f"found another run in {folder} – expected the recipe that began it. Give another "
            "folder with --run.",
            code="run-input",
        )
    write_atomically(kept, recipe.text.encode("utf-8"))
    torch.manual_seed(recipe.seed)
    network = PatternNetwork(recipe.network)
    if not (folder / WEIGHTS).exists():
        _train(recipe, network, folder)
    network.load_state_dict(read_weights(folder / WEIGHTS))
    return network.eval()


class SimulatedBatches(Dataset[Batch]):
    """Batches of fresh windows, each from a generator of its own."""

    def __init__(self, recipe: PatternRecipe) -> None:
        self.recipe = recipe

    def __getitem__(self, key: tuple[int, int]) -> Batch:
        """Return the batch of an epoch and number."""
        rng = np.random.default_rng((self.recipe.seed, *key))
        drawn = draw_windows(self.recipe.windows, self.recipe.training.batch, rng=rng)
        return torch.from_numpy(drawn.inputs), torch.from_numpy(drawn.kinds)


class PatternModule(lightning.LightningModule):  # type: ignore[misc]  # lightning has no types
    """Network, loss, optimizer and schedule."""

    def __init__(self, network: PatternNetwork, recipe: PatternRecipe) -> None:
        super().__init__()
        self.network = network
        self.recipe = recipe

    def training_step(self, batch: Batch, _index: int) -> Tensor:
        """Return the loss of one batch."""
        windows, kinds = batch
        loss = nn.functional.cross_entropy(self.network(windows), kinds)
        self.log("train_loss", loss, on_epoch=True, on_step=False, batch_size=len(windows))
        return loss

    def configure_optimizers(self) -> Any:
        """Return AdamW with one cycle of the learning rate, stepped at each batch."""
        plan = self.recipe.training
        optimizer = torch.optim.AdamW(
            self.network.parameters(), lr=plan.learning_rate, weight_decay=plan.weight_decay
        )
        schedule = torch.optim.lr_scheduler.OneCycleLR(
            optimizer,
            max_lr=plan.learning_rate,
            total_steps=plan.epochs * plan.batches_per_epoch,
            pct_start=plan.warmup_share,
        )
        return {"optimizer": optimizer, "lr_scheduler": {"scheduler": schedule, "interval": "step"}}


def _train(recipe: PatternRecipe, network: PatternNetwork, folder: Path) -> None:
    plan = recipe.training
    fit_averaged(
        PatternModule(network, recipe),
        SimulatedBatches(recipe),
        AveragedFit(
            name=recipe.name,
            epochs=plan.epochs,
            batches=plan.batches_per_epoch,
            learning_rate=plan.learning_rate,
            average=plan.average,
            weights=folder / WEIGHTS,
            clip=plan.clip,
        ),
    )
