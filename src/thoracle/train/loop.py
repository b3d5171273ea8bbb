"""Run a recipe stage by stage: checkpoints, resume, learning curves, weights as safetensors."""

import json
import logging
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import lightning
import numpy as np
import torch
from lightning.pytorch.callbacks import Callback, EarlyStopping, ModelCheckpoint
from safetensors.torch import save_file
from torch import nn
from torch.utils.data import DataLoader

from thoracle.core.errors import RecipeError
from thoracle.core.files import write_atomically
from thoracle.datasets.labels import COVID_19_FINDING, FINDINGS, OTHER_LUNG_OPACITY
from thoracle.radiograph.gate import GATE_CLASSES
from thoracle.train.callbacks import EpochSeed, LearningCurve, StageProgress, WeightAverage
from thoracle.train.losses import class_weights
from thoracle.train.modules import (
    AnomalyModule,
    ClassifierModule,
    GateModule,
    LungModule,
    TaskModule,
)
from thoracle.train.networks import PooledClassifier, add_mixstyle, build_network, check_layers
from thoracle.train.recipe import Recipe, StageRecipe
from thoracle.train.table import (
    BatchDraw,
    BatchSequence,
    FilmDataset,
    draw_weights,
    source_offsets,
)
from thoracle.train.tables import TaskTables, finding_counts
from thoracle.train.weights import read_weights

TUNE_BATCH = 64
OUTPUTS = {
    "lungs": 1,
    "anomaly": 1,
    "gate": len(GATE_CLASSES) + 1,
    "classifier": len(FINDINGS),
}
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


def run_stages(recipe: Recipe, runs: Sequence[StageRun]) -> nn.Module:
    """Train all stages in order, each from the weights of the one before.

    After a stage that counts COVID-19 as other opacity, COVID-19 begins as other opacity ended.
    A folder that holds a run of another recipe is a RecipeError.

    A stage whose weights file exists is not trained again; one that was interrupted goes on from
    its last checkpoint and ends as if it had not been.

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
    for folder in {run.folder for run in runs}:
        _claim(folder, recipe)
    lightning.seed_everything(recipe.seed, verbose=False)
    network = build_network(recipe.network, outputs=OUTPUTS[recipe.task])
    generator: torch.Generator | None = None
    if isinstance(network, PooledClassifier):
        check_layers(network, recipe.map_layers)
        if network.mixstyle:
            check_layers(network, MIXSTYLE_LAYERS)
            generator = torch.Generator().manual_seed(recipe.seed)
            add_mixstyle(network, MIXSTYLE_LAYERS, generator)
    for before, run in zip((None, *runs), runs, strict=False):
        if not run.weights.exists():
            if isinstance(network, PooledClassifier) and _parts_covid(recipe, before, run):
                network.copy_output(
                    source=FINDINGS.index(OTHER_LUNG_OPACITY),
                    target=FINDINGS.index(COVID_19_FINDING),
                )
            _train_stage(recipe, run, network, generator)
        network.load_state_dict(read_weights(run.weights))
    return network.eval()


def _parts_covid(recipe: Recipe, before: StageRun | None, run: StageRun) -> bool:
    if recipe.task != "classifier" or before is None:
        return False
    return before.stage.merge_covid and not run.stage.merge_covid


def module_for(
    recipe: Recipe, stage: StageRecipe, tables: TaskTables, network: nn.Module
) -> TaskModule:
    """Return the Lightning module of a recipe's task."""
    if recipe.task == "lungs":
        return LungModule(network, recipe, stage)
    if recipe.task == "gate":
        return GateModule(network, recipe, stage)
    if recipe.task == "anomaly":
        return AnomalyModule(network, recipe, stage)
    shares = draw_weights(tables.train, balance=stage.balance)
    counts = torch.tensor(
        np.bincount(tables.train.targets, weights=shares, minlength=len(FINDINGS)).round(6)
    ).float()
    offsets = source_offsets(
        tables.train,
        shares,
        classes=len(FINDINGS),
        strength=stage.source_prior,
        kind_strength=stage.source_prior_of_kind,
    )
    return ClassifierModule(
        network,
        recipe,
        stage,
        weights=class_weights(counts, form=stage.weighting),
        offsets=torch.from_numpy(offsets).float(),
    )


def _claim(folder: Path, recipe: Recipe) -> None:
    """Keep the recipe in the run's folder.

    Raises
    ------
    RecipeError
        Another recipe has begun a run there.
    """
    kept = folder / "recipe.toml"
    if kept.exists() and kept.read_text(encoding="utf-8") != recipe.text:
        raise RecipeError(
            f"found another recipe in {kept} – expected the one that began this run. Give another "
            "folder with --run, or the recipe as it was."
        )
    folder.mkdir(parents=True, exist_ok=True)
    write_atomically(kept, recipe.text.encode())


def _train_stage(
    recipe: Recipe, run: StageRun, network: nn.Module, generator: torch.Generator | None
) -> None:
    stage = run.stage
    average = WeightAverage(stage.average) if stage.average else None
    seeds = EpochSeed(recipe.seed, recipe.stages.index(stage), generator)
    last = run.folder / f"{stage.name}-last.ckpt"
    with only_the_bar():
        trainer = lightning.Trainer(
            max_epochs=stage.epochs,
            precision="bf16-mixed" if recipe.precision == "bf16" else "32-true",
            accelerator="auto",
            callbacks=[*([average] if average else []), seeds, *_callbacks(run)],
            logger=False,
            use_distributed_sampler=False,
            num_sanity_val_steps=0,
            enable_model_summary=False,
            default_root_dir=run.folder,
        )
        trainer.fit(
            module_for(recipe, stage, run.tables, network),
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


def _callbacks(run: StageRun) -> list[Callback]:
    stage = run.stage
    checkpoint = ModelCheckpoint(
        dirpath=run.folder,
        filename=f"{stage.name}-last",
        save_top_k=1,
        enable_version_counter=False,
    )
    stopping = EarlyStopping(monitor="score", mode="max", patience=stage.patience)
    return [
        LearningCurve(run.folder / f"{stage.name}.csv"),
        checkpoint,
        StageProgress(stage),
        *([stopping] if stage.patience else []),
    ]


@contextmanager
def only_the_bar() -> Iterator[None]:
    """Keep Lightning's log lines and warnings off the screen while it trains.

    They speak of hardware that is not there, of products, and of choices that are meant here.
    """
    logger = logging.getLogger("lightning.pytorch")
    level = logger.level
    logger.setLevel(logging.ERROR)
    try:
        with warnings.catch_warnings():
            # The run's folder holds the recipe, so it is never empty.
            warnings.filterwarnings("ignore", message="Checkpoint directory .* exists and is not")
            # Films are memory-mapped and varied in whole batches: workers would only copy them.
            warnings.filterwarnings("ignore", message="The '.*_dataloader' does not have many")
            # Lightning's own use of an old torch name.
            warnings.filterwarnings("ignore", message=".*isinstance.treespec, LeafSpec.")
            # A CPU is enough for this network; whoever has a GPU gets it through accelerator auto.
            warnings.filterwarnings("ignore", message="GPU available but not used")
            yield
    finally:
        logger.setLevel(level)


def _counts(run: StageRun) -> list[int]:
    return [int(one) for one in finding_counts(run.tables.train)]


def _train_loader(recipe: Recipe, run: StageRun) -> DataLoader[Any]:
    stage, table = run.stage, run.tables.train
    films = stage.films_per_epoch or len(table)
    if films < stage.batch:
        raise RecipeError(
            f"found {films} films per epoch in stage {stage.name!r} – expected at least one batch "
            f"of {stage.batch}. Lower batch, or set films_per_epoch."
        )
    draw = BatchDraw(
        draw_weights(table, balance=stage.balance), batch=stage.batch, films=films, seed=recipe.seed
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
