"""Train on batches that are drawn afresh, keep the averaged weights, go on where it stopped."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import lightning
from lightning.pytorch.callbacks import ModelCheckpoint
from safetensors.torch import save_file
from torch.utils.data import DataLoader, Dataset, Sampler

from thoracle.train.callbacks import LearningCurve, StageProgress, WeightAverage
from thoracle.train.loop import only_the_bar
from thoracle.train.recipe import StageRecipe


@dataclass(frozen=True, slots=True, kw_only=True)
class AveragedFit:
    """How long, and where its files lie.

    Attributes
    ----------
    name
        On the progress bar.
    epochs, batches
        Batches of each epoch.
    average
        Decay of the averaged weights.
    weights
        Where these go at the end. Beside them lie the learning curve (.csv) while it trains and
        after, and a checkpoint (-last.ckpt) until the end.
    precision
        As Lightning names it.
    clip
        Largest norm of the gradient; None for any.
    """

    name: str
    epochs: int
    batches: int
    learning_rate: float
    average: float
    weights: Path
    precision: str = "32-true"
    clip: float | None = None


class BatchDraw(Sampler[tuple[int, int]]):
    """Name the batches of an epoch, so that a resumed run draws what it would have drawn."""

    def __init__(self, batches: int) -> None:
        self.batches = batches
        self.epoch = 0

    def set_epoch(self, epoch: int) -> None:
        """Choose the epoch that comes next."""
        self.epoch = epoch

    def __len__(self) -> int:
        """Return the number of batches."""
        return self.batches

    def __iter__(self) -> Iterator[tuple[int, int]]:
        """Yield epoch and number."""
        for number in range(self.batches):
            yield self.epoch, number


def fit_averaged(module: Any, batches: Dataset[Any], plan: AveragedFit) -> None:
    """Train a Lightning module, or take up its training where it stopped.

    Parameters
    ----------
    module
        With the attribute `network`.
    batches
        Gives the batch of an epoch and number.
    plan
        How. The folder of its weights holds a checkpoint after each epoch.
    """
    folder, stem = plan.weights.parent, plan.weights.stem
    average = WeightAverage(plan.average)
    last = folder / f"{stem}-last.ckpt"
    bar = StageRecipe(name=plan.name, epochs=plan.epochs, learning_rate=plan.learning_rate)
    checkpoint = ModelCheckpoint(
        dirpath=folder, filename=last.stem, save_top_k=1, enable_version_counter=False
    )
    with only_the_bar():
        trainer = lightning.Trainer(
            max_epochs=plan.epochs,
            precision=plan.precision,
            accelerator="auto",
            gradient_clip_val=plan.clip,
            callbacks=[
                average,
                LearningCurve(folder / f"{stem}.csv"),
                checkpoint,
                StageProgress(bar),
            ],
            logger=False,
            use_distributed_sampler=False,
            enable_model_summary=False,
            default_root_dir=folder,
        )
        trainer.fit(
            module,
            DataLoader(batches, sampler=BatchDraw(plan.batches), batch_size=None),
            ckpt_path=str(last) if last.exists() else None,
            weights_only=True,
        )
    partial = plan.weights.with_suffix(".partial")
    save_file({key: one.contiguous() for key, one in average.average.items()}, partial)
    partial.replace(plan.weights)
    last.unlink(missing_ok=True)
