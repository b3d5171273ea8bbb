"""Train one step of an arm with Lightning: loss, rate, early stopping, curves."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import lightning
import numpy as np
import torch
from lightning.pytorch.callbacks import Callback, EarlyStopping
from torch import Tensor, nn
from torch.nn import functional
from torch.utils.data import DataLoader, IterableDataset

from thoracle.core.arrays import DoubleArray, FloatArray, IntArray
from thoracle.train.augment import Augmenter
from thoracle.train.callbacks import LearningCurve
from thoracle.train.loop import only_the_bar
from thoracle.train.losses import class_weights, two_sided_loss
from thoracle.train.protocols.protocol import Step
from thoracle.train.table import BatchDraw

JUDGED_BATCH = 64


@dataclass(frozen=True, slots=True, kw_only=True)
class Examples:
    """What a network learns from: inputs and classes.

    Attributes
    ----------
    inputs : (n, size, size) uint8 or (n, numbers) float32
        Films 0 to 255, or vectors of a frozen backbone.
    rows : (n,) int64
        Which row of `inputs` each example reads.
    targets : (n,) int64
        Class of each.
    """

    inputs: Any
    rows: IntArray
    targets: IntArray

    def __len__(self) -> int:
        """Return the number of examples."""
        return len(self.rows)

    def batch(self, indices: IntArray) -> tuple[Tensor, Tensor]:
        """Return inputs (films (n, 1, size, size) in 0 to 1) and targets of some examples."""
        given = np.asarray(self.inputs[self.rows[indices]])
        if given.dtype == np.uint8:
            given = given[:, None].astype(np.float32) / 255.0
        return torch.from_numpy(given), torch.from_numpy(self.targets[indices])


def nothing() -> None:
    """Do nothing at the end of an epoch."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fit:
    """One step's numbers that are not the network: classes, weights of drawing, seed, places."""

    step: Step
    classes: int
    times: tuple[float, ...]
    seed: int
    curve: Path
    augmenter: Augmenter | None = None
    on_epoch: Callable[[], None] = nothing
    precision: str = "bf16-mixed"


class StepModule(lightning.LightningModule):  # type: ignore[misc]  # lightning has no types
    """Adam on the loss of a step; figures of training and tune examples at each epoch."""

    def __init__(self, learner: nn.Module, fit: Fit, *, weights: Tensor) -> None:
        super().__init__()
        self.learner, self.fit_plan = learner, fit
        self.register_buffer("weights", weights, persistent=False)

    def configure_optimizers(self) -> Any:
        """Return Adam, with a rate that is halved where the step says so."""
        step = self.fit_plan.step
        learned = [p for p in self.learner.parameters() if p.requires_grad]
        optimizer = torch.optim.Adam(learned, lr=step.learning_rate)
        if step.halve_every:
            schedule: Any = torch.optim.lr_scheduler.StepLR(optimizer, step.halve_every, 0.5)
            return {"optimizer": optimizer, "lr_scheduler": schedule}
        if step.halve_patience:
            schedule = torch.optim.lr_scheduler.ReduceLROnPlateau(
                optimizer, factor=0.5, patience=step.halve_patience
            )
            plan = {"scheduler": schedule, "monitor": "tune_loss"}
            return {"optimizer": optimizer, "lr_scheduler": plan}
        return optimizer

    def on_train_epoch_start(self) -> None:
        """Reseed variations and dropout by epoch."""
        seed = self.fit_plan.seed * 1000 + self.current_epoch
        torch.manual_seed(seed)
        if self.fit_plan.augmenter is not None:
            self.fit_plan.augmenter.generator.manual_seed(seed)

    def training_step(self, batch: tuple[Tensor, Tensor], _index: int) -> Tensor:
        """Return the loss of one batch, varied where the arm varies films."""
        given, targets = batch
        augmenter = self.fit_plan.augmenter
        if augmenter is not None:
            with torch.autocast(given.device.type, enabled=False):
                given, _ = augmenter(given, torch.zeros_like(given), size=given.shape[-1])
        logits = self.learner(given).float()
        loss = self._loss(logits, targets)
        self._log("train", loss, logits, targets)
        return loss

    def validation_step(self, batch: tuple[Tensor, Tensor], _index: int) -> None:
        """Log the figures of one batch of tune examples."""
        logits = self.learner(batch[0]).float()
        self._log("tune", self._loss(logits, batch[1]), logits, batch[1])

    def _loss(self, logits: Tensor, targets: Tensor) -> Tensor:
        step, weights = self.fit_plan.step, self.get_buffer("weights")
        if step.loss == "two-sided":
            return two_sided_loss(logits, targets, weights=weights, smoothing=step.label_smoothing)
        return functional.cross_entropy(
            logits, targets, weight=weights, label_smoothing=step.label_smoothing
        )

    def _log(self, part: str, loss: Tensor, logits: Tensor, targets: Tensor) -> None:
        right = (logits.argmax(dim=1) == targets).float().mean()
        figures = {f"{part}_loss": loss, f"{part}_accuracy": right}
        self.log_dict(figures, on_epoch=True, on_step=False, batch_size=len(targets))


class EpochTold(Callback):  # type: ignore[misc]  # lightning has no types
    """Tell somebody of each epoch that has ended."""

    def __init__(self, on_epoch: Callable[[], None]) -> None:
        self.on_epoch = on_epoch

    def on_train_epoch_end(self, _trainer: Any, _module: Any) -> None:
        """Tell."""
        self.on_epoch()


class BestWeights(Callback):  # type: ignore[misc]  # lightning has no types
    """Keep the weights of the lowest tune loss, and put them back at the end."""

    def __init__(self) -> None:
        self.lowest = float("inf")
        self.best: dict[str, Tensor] = {}

    def on_validation_end(self, trainer: Any, module: Any) -> None:
        """Keep a copy where the loss is the lowest so far."""
        loss = float(trainer.callback_metrics["tune_loss"])
        if loss < self.lowest:
            self.lowest = loss
            self.best = {k: v.detach().clone() for k, v in module.learner.state_dict().items()}

    def on_fit_end(self, _trainer: Any, module: Any) -> None:
        """Put the best weights back."""
        if self.best:
            module.learner.load_state_dict(self.best)


class _Batches(IterableDataset[tuple[Tensor, Tensor]]):
    """Batches of examples, drawn by weight each epoch, or all in order."""

    def __init__(self, examples: Examples, draw: BatchDraw | None) -> None:
        self.examples, self.draw = examples, draw
        self.epoch = 0

    def __iter__(self) -> Iterator[tuple[Tensor, Tensor]]:
        """Yield batches of one epoch."""
        if self.draw is None:
            everything = np.arange(len(self.examples))
            for start in range(0, len(everything), JUDGED_BATCH):
                yield self.examples.batch(everything[start : start + JUDGED_BATCH])
            return
        self.draw.set_epoch(self.epoch)
        self.epoch += 1
        for indices in self.draw:
            yield self.examples.batch(np.array(indices))


def fit(learner: nn.Module, train: Examples, tune: Examples, plan: Fit) -> int:
    """Train a network, or the head of one, and leave its best weights in place.

    Parameters
    ----------
    learner
        Sees a batch of inputs, returns logits.
    train, tune
        What it learns from, and what chooses the epoch.
    plan
        The step and its numbers.

    Returns
    -------
    int
        Epochs run.
    """
    step = plan.step
    shares = np.array(plan.times)[train.targets]
    drawn = np.bincount(train.targets, weights=shares, minlength=plan.classes)
    weights = class_weights(torch.from_numpy(drawn).float(), form=step.weighting)
    films = max(step.batch, min(step.films_per_epoch or int(shares.sum()), int(shares.sum())))
    draw = BatchDraw(_normal(shares), batch=step.batch, films=films, seed=plan.seed)
    callbacks: list[Callback] = [LearningCurve(plan.curve), EpochTold(plan.on_epoch)]
    if step.patience:
        callbacks += [BestWeights(), EarlyStopping(monitor="tune_loss", patience=step.patience)]
    learner.train()
    with only_the_bar():
        trainer = lightning.Trainer(
            max_epochs=step.epochs,
            precision=plan.precision,
            accelerator="auto",
            callbacks=callbacks,
            logger=False,
            enable_checkpointing=False,
            enable_progress_bar=False,
            enable_model_summary=False,
            num_sanity_val_steps=0,
        )
        trainer.fit(
            StepModule(learner, plan, weights=weights),
            DataLoader(_Batches(train, draw), batch_size=None),
            DataLoader(_Batches(tune, None), batch_size=None),
        )
    learner.eval()
    return int(trainer.current_epoch)


def logits_of(learner: nn.Module, examples: Examples) -> FloatArray:
    """Return the logits of examples, (n, classes) float32, in full precision."""
    rows = []
    with torch.inference_mode():
        for given, _ in _Batches(examples, None):
            rows.append(learner(given).float().numpy())
    return np.concatenate(rows)


def _normal(shares: DoubleArray) -> DoubleArray:
    return np.asarray(shares / shares.sum(), dtype=np.float64)
