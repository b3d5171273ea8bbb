"""What happens around each epoch: averaged weights, seeds, learning curve, progress bar."""

import csv
import io
from pathlib import Path
from typing import Any

import numpy as np
import torch
from lightning.pytorch.callbacks import Callback, TQDMProgressBar
from lightning.pytorch.callbacks.progress.tqdm_progress import Tqdm
from torch import Tensor

from thoracle.core.files import write_atomically
from thoracle.train.recipe import StageRecipe


class WeightAverage(Callback):  # type: ignore[misc]  # lightning has no types
    """Keep an exponential average of the weights and validate, and finish, with it."""

    def __init__(self, decay: float) -> None:
        self.decay = decay
        self.average: dict[str, Tensor] = {}
        self.own: dict[str, Tensor] = {}
        self.steps = 0

    def on_train_batch_end(self, _trainer: Any, module: Any, *_rest: Any) -> None:
        """Move the average towards the new weights."""
        self.steps += 1
        decay = min(self.decay, (1 + self.steps) / (10 + self.steps))
        with torch.no_grad():
            for name, value in module.network.state_dict().items():
                if name not in self.average or not value.is_floating_point():
                    self.average[name] = value.detach().clone()
                else:
                    self.average[name].lerp_(value.detach(), 1 - decay)

    def on_validation_start(self, _trainer: Any, module: Any) -> None:
        """Put the average in the network's place."""
        if self.average:
            self.own = {k: v.detach().clone() for k, v in module.network.state_dict().items()}
            module.network.load_state_dict(self.average)

    def on_validation_end(self, _trainer: Any, module: Any) -> None:
        """Put the network's own weights back."""
        if self.own:
            module.network.load_state_dict(self.own)
            self.own = {}

    def state_dict(self) -> dict[str, Any]:
        """Return what a checkpoint keeps."""
        return {"average": self.average, "steps": self.steps}

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        """Take up where a checkpoint left off."""
        self.average, self.steps = state_dict["average"], state_dict["steps"]


class EpochSeed(Callback):  # type: ignore[misc]  # lightning has no types
    """Seed dropout and MixStyle by epoch, so that a resumed run draws what it would have drawn.

    Parameters
    ----------
    seed, stage
        Of the recipe, and the stage's place in it.
    generator
        MixStyle's, None without it.
    """

    def __init__(self, seed: int, stage: int, generator: torch.Generator | None) -> None:
        self.seed, self.stage, self.generator = seed, stage, generator

    def on_train_batch_start(self, trainer: Any, _module: Any, _batch: Any, index: int) -> None:
        """Seed at the first batch, since making the loader's iterator draws a number as well."""
        if index:
            return
        sequence = np.random.SeedSequence((self.seed, self.stage, trainer.current_epoch))
        torch.manual_seed(int(sequence.generate_state(1)[0]))
        if self.generator is not None:
            self.generator.manual_seed(int(sequence.generate_state(2)[1]))


class LearningCurve(Callback):  # type: ignore[misc]  # lightning has no types
    """Write one row per epoch to a CSV file, so that curves are data before they are pictures."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.rows: list[dict[str, float]] = []

    def on_train_epoch_end(self, trainer: Any, _module: Any) -> None:
        """Add the epoch's figures and rewrite the file."""
        figures = {k: float(v) for k, v in trainer.callback_metrics.items()}
        self.rows.append({"epoch": float(trainer.current_epoch), **figures})
        names = list(dict.fromkeys(name for row in self.rows for name in row))
        stream = io.StringIO()
        writer = csv.DictWriter(stream, names, lineterminator="\n")
        writer.writeheader()
        writer.writerows(self.rows)
        write_atomically(self.path, stream.getvalue().encode())

    def state_dict(self) -> dict[str, Any]:
        """Return what a checkpoint keeps."""
        return {"rows": self.rows}

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        """Take up where a checkpoint left off."""
        self.rows = state_dict["rows"]


class StageProgress(TQDMProgressBar):  # type: ignore[misc]  # lightning has no types
    """Lightning's bar, with the stage's name and how many epochs there are."""

    def __init__(self, stage: StageRecipe) -> None:
        super().__init__(refresh_rate=20)
        self.stage = stage

    def on_train_epoch_start(self, trainer: Any, *rest: Any) -> None:
        """Name stage and epoch before the bar."""
        super().on_train_epoch_start(trainer, *rest)
        self.train_progress_bar.set_description(
            f"{self.stage.name}: epoch {trainer.current_epoch + 1} of {self.stage.epochs}"
        )

    def init_validation_tqdm(self) -> Tqdm:
        """Show no bar of its own for the tune films: their figures stand in the first."""
        return Tqdm(disable=True)
