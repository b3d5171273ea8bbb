"""Averages, seeds, curves and the bar around each epoch."""

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import torch
from torch import nn

from thoracle.train.callbacks import EpochSeed, LearningCurve, StageProgress, WeightAverage
from thoracle.train.recipe import StageRecipe


@pytest.fixture
def module() -> SimpleNamespace:
    return SimpleNamespace(network=nn.BatchNorm1d(1))


def weight(module: SimpleNamespace) -> float:
    return float(module.network.weight.detach())


def set_weight(module: SimpleNamespace, value: float) -> None:
    with torch.no_grad():
        module.network.weight.fill_(value)
        module.network.num_batches_tracked.fill_(int(value))


def test_the_average_starts_fast_and_ends_at_its_decay(module: SimpleNamespace) -> None:
    average = WeightAverage(0.5)
    expected = 0.0
    for step, value in enumerate((4.0, 8.0, 2.0, 6.0), start=1):
        set_weight(module, value)
        average.on_train_batch_end(None, module)
        decay = min(0.5, (1 + step) / (10 + step))
        expected = value if step == 1 else decay * expected + (1 - decay) * value
    assert float(average.average["weight"]) == pytest.approx(expected)
    assert int(average.average["num_batches_tracked"]) == 6


def test_validation_sees_the_average_and_training_goes_on_with_its_own(
    module: SimpleNamespace,
) -> None:
    average = WeightAverage(0.9)
    average.on_validation_start(None, module)
    average.on_validation_end(None, module)  # nothing was averaged yet
    for value in (1.0, 3.0):
        set_weight(module, value)
        average.on_train_batch_end(None, module)
    average.on_validation_start(None, module)
    assert weight(module) == pytest.approx(float(average.average["weight"]))
    assert weight(module) != 3.0
    average.on_validation_end(None, module)
    assert weight(module) == 3.0


def test_an_average_goes_on_from_a_checkpoint(module: SimpleNamespace) -> None:
    first = WeightAverage(0.9)
    set_weight(module, 5.0)
    first.on_train_batch_end(None, module)
    second = WeightAverage(0.9)
    second.load_state_dict(first.state_dict())
    assert second.steps == 1
    assert float(second.average["weight"]) == 5.0


def draws(stage: int, epoch: int, *, batch: int = 0) -> list[float]:
    generator = torch.Generator()
    generator.manual_seed(0)
    torch.manual_seed(0)
    trainer = SimpleNamespace(current_epoch=epoch)
    EpochSeed(5, stage, generator).on_train_batch_start(trainer, None, None, batch)
    return [float(torch.rand(())), float(torch.rand((), generator=generator))]


def test_each_stage_and_epoch_draws_its_own_numbers_whatever_came_before() -> None:
    assert draws(0, 1) == draws(0, 1)
    both = [draws(stage, epoch) for stage in (0, 1) for epoch in (0, 1)]
    assert len({one for pair in both for one in pair}) == 8


def test_later_batches_are_not_seeded_again() -> None:
    assert draws(0, 1, batch=1) == draws(1, 4, batch=1) != draws(0, 1)


def test_without_mixstyle_only_torch_is_seeded() -> None:
    trainer = SimpleNamespace(current_epoch=1)
    EpochSeed(5, 0, None).on_train_batch_start(trainer, None, None, 0)
    assert float(torch.rand(())) == draws(0, 1)[0]


def trainer(epoch: int, **figures: float) -> Any:
    metrics = {name: torch.tensor(value) for name, value in figures.items()}
    return SimpleNamespace(current_epoch=epoch, callback_metrics=metrics)


def test_the_curve_is_a_row_per_epoch_and_goes_on_after_a_resume(tmp_path: Path) -> None:
    path = tmp_path / "curve.csv"
    first = LearningCurve(path)
    first.on_train_epoch_end(trainer(0, score=0.5), None)
    second = LearningCurve(path)
    second.load_state_dict(first.state_dict())
    second.on_train_epoch_end(trainer(1, score=0.75, dice_p5=0.25), None)
    assert path.read_text(encoding="utf-8") == ("epoch,score,dice_p5\n0.0,0.5,\n1.0,0.75,0.25\n")


def test_the_bar_names_stage_and_epoch(monkeypatch: pytest.MonkeyPatch) -> None:
    from lightning.pytorch.callbacks import TQDMProgressBar

    said: list[str] = []
    monkeypatch.setattr(TQDMProgressBar, "on_train_epoch_start", lambda *_: None)
    bar = StageProgress(StageRecipe(name="masks", epochs=13, learning_rate=1e-3))
    bar.train_progress_bar = SimpleNamespace(set_description=said.append)
    bar.on_train_epoch_start(SimpleNamespace(current_epoch=4))
    assert said == ["masks: epoch 5 of 13"]
    assert bar.init_validation_tqdm().disable
