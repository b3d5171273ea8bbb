"""A run trains, writes what it says, and ends the same whether or not it was interrupted."""

import csv
import json
import logging
import warnings
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from safetensors.torch import load_file, save_file
from torch import nn

from thoracle.core.errors import RecipeError
from thoracle.train import loop
from thoracle.train.loop import OUTPUTS, StageRun, module_for, run_stages
from thoracle.train.modules import (
    AnomalyModule,
    ClassifierModule,
    GateModule,
    LungModule,
    TaskModule,
)
from thoracle.train.networks import LungNetwork, PooledClassifier, build_network
from thoracle.train.recipe import Recipe, parse_recipe
from thoracle.train.table import FilmTable, draw_weights, source_offsets
from thoracle.train.tables import TaskTables

Table = Callable[..., FilmTable]
Text = Callable[..., str]
SECOND = """
[[stages]]
name = "second"
epochs = 1
learning_rate = 1e-3
batch = 4
"""


class StoppedError(Exception):
    """What stops a run in these tests."""


@pytest.fixture(autouse=True)
def _small(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(loop, "MIXSTYLE_LAYERS", ("layer1",))


@pytest.fixture
def tables(tiny_table: Table) -> TaskTables:
    return TaskTables(
        train=tiny_table(12, side=36), tune=tiny_table(5, side=36, seed=1), sources=("a", "b")
    )


def runs_of(recipe: Recipe, tables: TaskTables, folder: Path) -> list[StageRun]:
    return [StageRun(stage=stage, tables=tables, folder=folder) for stage in recipe.stages]


def difference(one: nn.Module, other: nn.Module) -> float:
    pairs = zip(one.state_dict().values(), other.state_dict().values(), strict=True)
    return max(float((a.float() - b.float()).abs().max()) for a, b in pairs)


def stop_at(monkeypatch: pytest.MonkeyPatch, *, epoch: int, batch: int, stage: str) -> None:
    step = TaskModule.training_step

    def stopping(module: Any, films: Any, index: int) -> Any:
        if (module.stage.name, module.current_epoch, index) == (stage, epoch, batch):
            raise StoppedError
        return step(module, films, index)

    monkeypatch.setattr(TaskModule, "training_step", stopping)


def test_a_folder_of_another_recipes_run_is_refused(
    recipe_text: Text, tables: TaskTables, tmp_path: Path
) -> None:
    (tmp_path / "recipe.toml").write_text("name = 'other'\n", encoding="utf-8")
    recipe = parse_recipe(recipe_text("classifier"))
    with pytest.raises(RecipeError, match=r"found another recipe in .* Give another folder"):
        run_stages(recipe, runs_of(recipe, tables, tmp_path))
    assert [one.name for one in tmp_path.iterdir()] == ["recipe.toml"]


def test_a_run_writes_weights_curve_summary_and_recipe_and_repeats(
    recipe_text: Text, tables: TaskTables, tmp_path: Path
) -> None:
    recipe = parse_recipe(recipe_text("classifier", stage="average = 0.9"))
    networks = [run_stages(recipe, runs_of(recipe, tables, tmp_path / name)) for name in ("a", "b")]
    assert difference(*networks) == 0
    assert not networks[0].training
    names = {"only.csv", "only.json", "only.safetensors", "recipe.toml"}
    assert {path.name for path in (tmp_path / "a").iterdir()} == names
    assert (tmp_path / "a" / "recipe.toml").read_text(encoding="utf-8") == recipe.text
    curve = (tmp_path / "a" / "only.csv").read_text(encoding="utf-8")
    rows = list(csv.DictReader(curve.splitlines()))
    assert [row["epoch"] for row in rows] == ["0.0", "1.0"]
    assert {"score", "tune_loss", "train_loss"} < set(rows[0])
    assert json.loads((tmp_path / "a" / "only.json").read_text(encoding="utf-8")) == {
        "train": 12, "tune": 5, "films": [4, 4, 4],
    }  # fmt: skip
    kept = load_file(tmp_path / "a" / "only.safetensors")
    assert torch.equal(kept["head.bias"], networks[0].state_dict()["head.bias"])
    fresh = build_network(recipe.network, outputs=OUTPUTS["classifier"])
    assert difference(fresh, networks[0]) > 0


@pytest.mark.parametrize(
    ("place", "steps_left"),
    [(("only", 1, 1), 3 + 3), (("only", 0, 2), 2 * 3 + 3), (("second", 0, 1), 3)],
)
def test_an_interrupted_run_ends_with_the_weights_of_an_uninterrupted_one(
    recipe_text: Text,
    tables: TaskTables,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    place: tuple[str, int, int],
    steps_left: int,
) -> None:
    stage, epoch, batch = place
    network = "dropout = 0.4\nmixstyle = 0.9"
    text = recipe_text("classifier", network=network, stage="average = 0.9" + SECOND)
    recipe = parse_recipe(text)
    whole = run_stages(recipe, runs_of(recipe, tables, tmp_path / "whole"))
    with monkeypatch.context() as patch:
        stop_at(patch, stage=stage, epoch=epoch, batch=batch)
        with pytest.raises(StoppedError):
            run_stages(recipe, runs_of(recipe, tables, tmp_path / "parts"))
    assert (tmp_path / "parts" / "only-last.ckpt").exists() == (stage == "only" and epoch == 1)
    torch.manual_seed(99)  # whatever happened in between
    step, taken = TaskModule.training_step, []

    def counting(module: Any, *given: Any) -> Any:
        taken.append(module.current_epoch)
        return step(module, *given)

    monkeypatch.setattr(TaskModule, "training_step", counting)
    resumed = run_stages(recipe, runs_of(recipe, tables, tmp_path / "parts"))
    assert len(taken) == steps_left
    assert difference(whole, resumed) == 0
    for name in ("only.csv", "second.csv"):
        curves = [(tmp_path / one / name).read_bytes() for one in ("whole", "parts")]
        assert curves[0] == curves[1]


def test_a_finished_stage_is_read_not_trained(
    recipe_text: Text, tables: TaskTables, tmp_path: Path
) -> None:
    recipe = parse_recipe(recipe_text("lungs"))
    weights = {key: value + 1 for key, value in LungNetwork().state_dict().items()}
    save_file(weights, tmp_path / "only.safetensors")
    network = run_stages(recipe, runs_of(recipe, tables, tmp_path))
    assert torch.equal(network.state_dict()["head.bias"], weights["head.bias"])
    assert {path.name for path in tmp_path.iterdir()} == {"only.safetensors", "recipe.toml"}


def test_training_stops_early_where_the_score_no_longer_rises(
    recipe_text: Text, tables: TaskTables, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    figures = {"score": torch.tensor(0.5), "tune_loss": torch.tensor(1.0)}
    monkeypatch.setattr(ClassifierModule, "figures", lambda *_: figures)
    recipe = parse_recipe(recipe_text("classifier", stage="patience = 1"))
    recipe = replace(recipe, stages=(replace(recipe.stages[0], epochs=5),))
    run_stages(recipe, runs_of(recipe, tables, tmp_path))
    rows = (tmp_path / "only.csv").read_text(encoding="utf-8").splitlines()
    assert len(rows) == 1 + 2  # the first score is the best, the second does not rise


def test_nothing_but_the_bar_is_shown_and_nothing_global_is_left_changed(
    recipe_text: Text, tables: TaskTables, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    recipe = parse_recipe(recipe_text("classifier"))
    logger = logging.getLogger("lightning.pytorch")
    before = logger.level, list(warnings.filters)
    run_stages(recipe, runs_of(recipe, tables, tmp_path))
    assert (logger.level, list(warnings.filters)) == before
    shown = "".join(capfd.readouterr())
    assert "only: epoch 2 of 2" in shown
    assert not [word for word in ("GPU", "Tip", "Checkpoint", "Params", "warn") if word in shown]


def test_each_task_has_its_module(recipe_text: Text, tables: TaskTables) -> None:
    recipe = parse_recipe(recipe_text("classifier", stage='weighting = "authors"'))
    (stage,) = recipe.stages
    for task, kind in (
        ("lungs", LungModule), ("gate", GateModule), ("classifier", ClassifierModule),
        ("anomaly", AnomalyModule),
    ):  # fmt: skip
        module = module_for(replace(recipe, task=task), stage, tables, nn.Identity())
        assert type(module) is kind


def test_class_weights_follow_what_is_drawn(recipe_text: Text, tiny_table: Table) -> None:
    table = replace(tiny_table(12), targets=torch.tensor([0] * 8 + [1] * 4).numpy())
    tables = TaskTables(train=table, tune=table, sources=("a", "b"))
    recipe = parse_recipe(recipe_text("classifier", stage='weighting = "authors"'))
    (balanced,) = recipe.stages
    weights = [
        module_for(recipe, stage, tables, nn.Identity()).get_buffer("weights").tolist()
        for stage in (balanced, replace(balanced, balance=False))
    ]
    assert weights[0] == pytest.approx([1, 1, 0])  # drawn equally often: nothing to weigh
    assert weights[1] == pytest.approx([1, 2, 0], rel=1e-5)


@pytest.mark.parametrize(("first", "is_copied"), [("merge_covid = true", True), ("", False)])
def test_covid_begins_as_other_opacity_where_it_was_counted_as_such(
    recipe_text: Text,
    tables: TaskTables,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    first: str,
    is_copied: bool,
) -> None:
    heads: list[torch.Tensor] = []

    def looked_at(recipe: Recipe, run: StageRun, network: PooledClassifier, _: Any) -> None:
        head = network.head
        heads.append(torch.cat((head.weight, head.bias[:, None]), dim=1).detach().clone())
        save_file(network.state_dict(), run.weights)

    monkeypatch.setattr(loop, "_train_stage", looked_at)
    recipe = parse_recipe(recipe_text("classifier", stage=first + SECOND))
    run_stages(recipe, runs_of(recipe, tables, tmp_path))
    begun, second = heads
    assert not torch.equal(begun[1], begun[2])
    assert torch.equal(second[1], begun[1])
    assert torch.equal(second[1], second[2]) is is_copied


def test_source_offsets_follow_the_recipe(recipe_text: Text, tiny_table: Table) -> None:
    table = replace(  # source 0 has class 0 only; eight films of class 0, two each of 1 and 2
        tiny_table(12),
        targets=np.array([0] * 8 + [1, 1, 2, 2]),
        sources=np.array([0, 1] + [1] * 10),
    )
    tables = TaskTables(train=table, tune=table, sources=("a", "b"))
    recipe = parse_recipe(
        recipe_text("classifier", stage="source_prior = 0.8\nsource_prior_of_kind = 0.3")
    )
    (stage,) = recipe.stages
    module = module_for(recipe, stage, tables, nn.Identity())
    shares = draw_weights(tables.train, balance=True)
    expected = source_offsets(tables.train, shares, classes=3, strength=0.8, kind_strength=0.3)
    np.testing.assert_allclose(module.get_buffer("offsets").numpy(), expected, rtol=1e-6)
    assert np.ptp(expected, axis=1).min() > 0.1


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"more": 'map_layers = ["norm5"]'}, "found layer 'norm5'"),
        ({"stage": "films_per_epoch = 3"}, "found 3 films per epoch .* Lower batch"),
    ],
)
def test_what_cannot_be_trained_is_refused_at_once(
    recipe_text: Text, tables: TaskTables, tmp_path: Path, changes: dict[str, str], said: str
) -> None:
    recipe = parse_recipe(recipe_text("classifier", **changes))
    with pytest.raises(RecipeError, match=said):
        run_stages(recipe, runs_of(recipe, tables, tmp_path))


def test_mixstyle_asks_for_its_own_layers(
    recipe_text: Text, tables: TaskTables, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(loop, "MIXSTYLE_LAYERS", ("features.denseblock1",))
    recipe = parse_recipe(recipe_text("classifier", network="mixstyle = 0.5"))
    with pytest.raises(RecipeError, match=r"denseblock1.* or set mixstyle = 0"):
        run_stages(recipe, runs_of(recipe, tables, tmp_path))
