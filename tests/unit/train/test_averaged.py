"""A training that was stopped ends as if it had not been, with the averaged weights."""

from pathlib import Path
from typing import Any

import lightning
import pytest
import torch
from safetensors.torch import load_file
from torch import Tensor, nn
from torch.utils.data import Dataset

from thoracle.train.averaged import AveragedFit, BatchDraw, fit_averaged


class _Lines(Dataset[Tensor]):
    """Points on a line, other ones for each batch."""

    def __getitem__(self, key: tuple[int, int]) -> Tensor:
        generator = torch.Generator().manual_seed(1000 * key[0] + key[1])
        x = torch.rand(8, 1, generator=generator)
        return torch.cat([x, 3 * x - 1], dim=1)


class _Module(lightning.LightningModule):  # type: ignore[misc]  # lightning has no types
    def __init__(self) -> None:
        super().__init__()
        torch.manual_seed(0)
        self.network = nn.Linear(1, 1)

    def training_step(self, batch: Tensor, _index: int) -> Tensor:
        loss: Tensor = ((self.network(batch[:, :1]) - batch[:, 1:]) ** 2).mean()
        self.log("train_loss", loss, on_epoch=True, on_step=False, batch_size=8)
        return loss

    def configure_optimizers(self) -> Any:
        return torch.optim.SGD(self.parameters(), lr=0.2)


class _Failing(_Module):
    def on_train_epoch_start(self) -> None:
        if self.current_epoch == 2:
            raise RuntimeError("the power failed")


def _plan(folder: Path, *, average: float = 0.5) -> AveragedFit:
    return AveragedFit(
        name="line",
        epochs=4,
        batches=5,
        learning_rate=0.2,
        average=average,
        weights=folder / "line.safetensors",
    )


def test_a_stopped_training_ends_as_if_it_had_not_been(tmp_path: Path) -> None:
    whole, stopped = tmp_path / "whole", tmp_path / "stopped"
    fit_averaged(_Module(), _Lines(), _plan(whole))
    with pytest.raises(RuntimeError, match="the power failed"):
        fit_averaged(_Failing(), _Lines(), _plan(stopped))
    assert (stopped / "line-last.ckpt").exists()
    assert not (stopped / "line.safetensors").exists()
    fit_averaged(_Module(), _Lines(), _plan(stopped))
    first, second = (load_file(one / "line.safetensors") for one in (whole, stopped))
    for name, value in first.items():
        torch.testing.assert_close(second[name], value, rtol=0, atol=0)
    assert sorted(one.name for one in whole.iterdir()) == ["line.csv", "line.safetensors"]
    assert (whole / "line.csv").read_text(encoding="utf-8").count("\n") == 5


def test_the_weights_are_the_average_and_not_the_last(tmp_path: Path) -> None:
    module = _Module()
    fit_averaged(module, _Lines(), _plan(tmp_path, average=0.99))
    kept = load_file(tmp_path / "line.safetensors")["weight"]
    assert float((module.network.weight.detach() - kept).abs()) > 0.01


def test_an_epoch_names_its_batches() -> None:
    draw = BatchDraw(3)
    draw.set_epoch(7)
    assert list(draw) == [(7, 0), (7, 1), (7, 2)]
    assert len(draw) == 3
