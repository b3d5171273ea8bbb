"""A recipe's training step, all variations included, beside a plain loop of timm and PyTorch."""

import statistics
import time
from pathlib import Path
from typing import Any

import numpy as np

from timing import Figure, declare_operators, seconds

RECIPE = Path(__file__).parents[1] / "recipes" / "radiograph.toml"
TRAINING_STEPS = 6


def training_speed(*, threads: int) -> list[Figure]:
    """Time steps at the served size in which every weight learns, and of a plain loop."""
    declare_operators()
    import torch

    from thoracle.train.recipe import read_recipe

    torch.set_num_threads(threads)
    recipe = read_recipe(RECIPE)
    batch = _served_stage(recipe).batch
    ours = batch / _recipe_step_s(recipe)
    plain = batch / _plain_step_s(batch, recipe.size)
    name = "training, {} films a step of {} px"
    size = name.format(batch, recipe.size)
    return [
        Figure(
            name=f"{size}: `thoracle train`, all of the recipe's variations, {recipe.precision}",
            value=f"{ours:.2f} films per second",
        ),
        Figure(
            name=f"{size}: plain timm and PyTorch loop, random data, no variation, fp32",
            value=f"{plain:.2f} films per second",
        ),
        Figure(name="the first / the second", value=f"{ours / plain:.2f}", target="≥ 1"),
    ]


def _served_stage(recipe: Any) -> Any:
    """Return the last stage at the served size in which the whole network learns."""
    return [one for one in recipe.stages if one.size == 0 and not one.kind_only][-1]


def _recipe_step_s(recipe: Any) -> float:
    """Return the median time of a step as Lightning runs it, from batch to batch."""
    import lightning
    import torch
    from torch.utils.data import DataLoader

    from thoracle.datasets.labels import FINDINGS
    from thoracle.radiograph.preprocess import classifier_margin
    from thoracle.train.callbacks import WeightAverage
    from thoracle.train.films import FilmArrays
    from thoracle.train.loop import MIXSTYLE_LAYERS, module_for
    from thoracle.train.networks import add_mixstyle, build_network
    from thoracle.train.table import BatchDraw, FilmDataset, FilmTable
    from thoracle.train.tables import TaskTables

    class Clock(lightning.Callback):  # type: ignore[misc]  # lightning is read as Any
        def __init__(self) -> None:
            self.at_s: list[float] = []

        def on_train_batch_end(self, *_arguments: Any, **_options: Any) -> None:
            self.at_s.append(time.perf_counter())

    stage, side = _served_stage(recipe), recipe.size + 2 * classifier_margin(recipe.size)
    films = 4 * stage.batch
    rng = np.random.default_rng(recipe.seed)
    shape = (films, side, side)
    table = FilmTable(
        arrays=FilmArrays(
            films=rng.integers(0, 256, shape, np.uint8),
            masks=rng.integers(0, 2, shape, np.uint8) * np.uint8(255),
        ),
        rows=np.arange(films),
        targets=np.arange(films) % len(FINDINGS),
        sources=np.zeros(films, np.int64),
    )
    network: Any = build_network(recipe.network, outputs=len(FINDINGS))
    if network.mixstyle:
        add_mixstyle(network, MIXSTYLE_LAYERS, torch.Generator().manual_seed(recipe.seed))
    tables = TaskTables(train=table, tune=table, sources=("noise",))
    module = module_for(recipe, stage, tables, network)
    steps = TRAINING_STEPS + 1
    draw = BatchDraw(
        np.full(films, 1 / films), batch=stage.batch, films=steps * stage.batch, seed=0
    )
    clock = Clock()
    trainer = lightning.Trainer(
        max_epochs=1,
        precision="bf16-mixed" if recipe.precision == "bf16" else "32-true",
        accelerator="cpu",
        callbacks=[clock, *([WeightAverage(stage.average)] if stage.average else [])],
        logger=False,
        enable_checkpointing=False,
        enable_progress_bar=False,
        enable_model_summary=False,
    )
    trainer.fit(module, DataLoader(FilmDataset(table), sampler=draw, batch_size=None))
    return statistics.median(np.diff(clock.at_s))


def _plain_step_s(batch: int, side: int) -> float:
    """Return the median time of a step that anybody would write first."""
    import timm
    import torch

    model = timm.create_model("densenet121", in_chans=1, num_classes=3).train()
    optimizer = torch.optim.AdamW(model.parameters(), lr=1e-3)
    films = torch.randn(batch, 1, side, side)
    targets = torch.arange(batch) % 3

    def step() -> None:
        optimizer.zero_grad()
        loss: Any = torch.nn.functional.cross_entropy(model(films), targets)
        loss.backward()
        optimizer.step()

    step()
    return statistics.median(seconds(step) for _ in range(TRAINING_STEPS))
