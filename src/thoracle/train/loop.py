"""Run a recipe stage by stage: checkpoints, resume, learning curves, weights as safetensors."""

import csv
import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import lightning as L
import numpy as np
import torch
from lightning.pytorch.callbacks import Callback, EarlyStopping, ModelCheckpoint, TQDMProgressBar
from safetensors.torch import load_file, save_file
from torch import Tensor, nn
from torch.utils.data import DataLoader

from thoracle.core.files import write_atomically
from thoracle.datasets.labels import FINDINGS
from thoracle.radiograph.gate import GATE_CLASSES
from thoracle.train.losses import class_weights
from thoracle.train.modules import ClassifierModule, GateModule, LungModule, TaskModule
from thoracle.train.networks import PooledClassifier, add_mixstyle, build_network
from thoracle.train.recipe import Recipe, StageRecipe
from thoracle.train.table import BatchDraw, BatchSequence, FilmDataset, draw_weights
from thoracle.train.tables import TaskTables, finding_counts

TUNE_BATCH = 64
OUTPUTS = {"lungs": 1, "gate": len(GATE_CLASSES) + 1, "classifier": len(FINDINGS)}
MIXSTYLE_LAYERS = ("features.denseblock1", "features.denseblock2")


@dataclass(frozen=True, slots=True, kw_only=True)
class StageRun:
    """One stage of a run: its recipe, its films, and where its files lie."""

    stage: StageRecipe
    tables: TaskTables
    folder: Path

    @property
    def weights(self) -> Path:
        """The finished stage's weights."""
        return self.folder / f"{self.stage.name}.safetensors"


class WeightAverage(Callback):
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


class LearningCurve(Callback):
    """Write one row per epoch to a CSV file, so that curves are data before they are pictures."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.rows: list[dict[str, float]] = []

    def on_train_epoch_end(self, trainer: Any, _module: Any) -> None:
        """Add the epoch's figures and rewrite the file."""
        figures = {k: float(v) for k, v in trainer.callback_metrics.items()}
        self.rows.append({"epoch": float(trainer.current_epoch), **figures})
        names = list(dict.fromkeys(name for row in self.rows for name in row))
        lines: list[str] = []
        writer = csv.DictWriter(_Lines(lines), names, lineterminator="\n")
        writer.writeheader()
        writer.writerows(self.rows)
        write_atomically(self.path, "".join(lines).encode())

    def state_dict(self) -> dict[str, Any]:
        """Return what a checkpoint keeps."""
        return {"rows": self.rows}

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        """Take up where a checkpoint left off."""
        self.rows = state_dict["rows"]


class _Lines:
    """A file-like object that keeps what csv writes."""

    def __init__(self, lines: list[str]) -> None:
        self.lines = lines

    def write(self, line: str) -> None:
        """Keep one line."""
        self.lines.append(line)


def run_stages(recipe: Recipe, runs: Sequence[StageRun]) -> nn.Module:
    """Train all stages in order, each from the weights of the one before.

    A stage whose weights file exists is not trained again; one that was interrupted goes on from
    its last checkpoint.

    Parameters
    ----------
    recipe
        The whole recipe; its seed makes the run repeat.
    runs
        One per stage.

    Returns
    -------
    torch.nn.Module
        In evaluation mode, with the last stage's weights.
    """
    L.seed_everything(recipe.seed, verbose=False)
    network = build_network(recipe.network, outputs=OUTPUTS[recipe.task])
    if isinstance(network, PooledClassifier) and network.mixstyle:
        add_mixstyle(network, MIXSTYLE_LAYERS, torch.Generator().manual_seed(recipe.seed))
    for run in runs:
        if not run.weights.exists():
            _train_stage(recipe, run, network)
        network.load_state_dict(load_file(run.weights))
    return network.eval()


def module_for(recipe: Recipe, stage: StageRecipe, tables: TaskTables, network: nn.Module) -> TaskModule:
    """Return the Lightning module of a recipe's task."""
    if recipe.task == "lungs":
        return LungModule(network, recipe, stage)
    if recipe.task == "gate":
        return GateModule(network, recipe, stage)
    shares = draw_weights(tables.train, balance=stage.balance)
    counts = torch.tensor(
        np.bincount(tables.train.targets, weights=shares, minlength=len(FINDINGS)).round(6)
    ).float()
    return ClassifierModule(
        network, recipe, stage, weights=class_weights(counts, form=stage.weighting)
    )


def _train_stage(recipe: Recipe, run: StageRun, network: nn.Module) -> None:
    stage = run.stage
    run.folder.mkdir(parents=True, exist_ok=True)
    write_atomically(run.folder / "recipe.toml", recipe.text.encode())
    module = module_for(recipe, stage, run.tables, network)
    average = WeightAverage(stage.average) if stage.average else None
    checkpoint = ModelCheckpoint(
        dirpath=run.folder, filename=f"{stage.name}-last", save_top_k=1, enable_version_counter=False
    )
    callbacks: list[Callback] = [
        *([average] if average else []),
        LearningCurve(run.folder / f"{stage.name}.csv"),
        checkpoint,
        TQDMProgressBar(refresh_rate=20),
    ]
    if stage.patience:
        callbacks.append(EarlyStopping(monitor="score", mode="max", patience=stage.patience))
    trainer = L.Trainer(
        max_epochs=stage.epochs,
        precision="bf16-mixed" if recipe.precision == "bf16" else "32-true",
        accelerator="auto",
        callbacks=callbacks,
        logger=False,
        use_distributed_sampler=False,
        num_sanity_val_steps=0,
        default_root_dir=run.folder,
    )
    last = run.folder / f"{stage.name}-last.ckpt"
    trainer.fit(
        module,
        _train_loader(recipe, run),
        _tune_loader(run),
        ckpt_path=str(last) if last.exists() else None,
        weights_only=True,
    )
    if average is not None:
        network.load_state_dict(average.average)
    _save_weights(network, run.weights)
    summary = {"train": len(run.tables.train), "tune": len(run.tables.tune), "films": _counts(run)}
    write_atomically(run.folder / f"{stage.name}.json", json.dumps(summary, indent=1).encode())
    last.unlink(missing_ok=True)


def _counts(run: StageRun) -> list[int]:
    return [int(one) for one in finding_counts(run.tables.train)]


def _train_loader(recipe: Recipe, run: StageRun) -> DataLoader[Any]:
    stage, table = run.stage, run.tables.train
    draw = BatchDraw(
        draw_weights(table, balance=stage.balance),
        batch=stage.batch,
        films=stage.films_per_epoch or len(table),
        seed=recipe.seed,
    )
    return DataLoader(FilmDataset(table), sampler=draw, batch_size=None)


def _tune_loader(run: StageRun) -> DataLoader[Any]:
    table = run.tables.tune
    order = BatchSequence(len(table), batch=TUNE_BATCH)
    return DataLoader(FilmDataset(table), sampler=order, batch_size=None)


def _save_weights(network: nn.Module, path: Path) -> None:
    partial = path.with_suffix(".partial")
    save_file({k: v.contiguous() for k, v in network.state_dict().items()}, partial)
    partial.replace(path)
