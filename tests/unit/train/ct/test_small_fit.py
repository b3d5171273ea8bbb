"""A small fit learns what is plain, keeps its result, and refuses another run's folder."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from thoracle.core.errors import RecipeError
from thoracle.train.ct.small_fit import (
    WEIGHTS,
    FitPlan,
    Pictures,
    chances_of,
    draw_weights,
    fit_small,
    vary_grey,
)

PLAN = FitPlan(epochs=40, batch=16, learning_rate=0.1, weight_decay=0.0)


class _Mean(nn.Module):
    """Two logits from the mean grey."""

    def __init__(self) -> None:
        super().__init__()
        self.layer = nn.Linear(1, 2)

    def forward(self, pictures: Tensor) -> Tensor:
        """Return (n, 2)."""
        logits: Tensor = self.layer(pictures[:, 0].mean(dim=(1, 2))[:, None])
        return logits


@pytest.fixture
def examples() -> Pictures:
    """Dark ones of one kind, bright ones of the other."""
    inputs = np.concatenate([np.full((16, 1, 4, 4), -0.6), np.full((16, 1, 4, 4), 0.6)])
    targets = np.repeat([0, 1], 16)
    return Pictures(inputs=inputs.astype(np.float32), targets=targets, groups=("a", "b") * 16)


def test_dark_and_bright_are_told_apart_and_the_result_is_kept(
    examples: Pictures, tmp_path: Path
) -> None:
    torch.manual_seed(0)
    fitted = fit_small(_Mean(), examples, PLAN, tmp_path)
    chances = chances_of(fitted, examples.inputs)
    assert chances.sum(axis=1) == pytest.approx(np.ones(32))
    assert (chances.argmax(axis=1) == examples.targets).all()
    written = (tmp_path / WEIGHTS).stat().st_mtime_ns
    again = fit_small(_Mean(), examples, PLAN, tmp_path)
    assert chances_of(again, examples.inputs) == pytest.approx(chances)
    assert (tmp_path / WEIGHTS).stat().st_mtime_ns == written


def test_a_folder_of_another_plan_or_of_other_pictures_is_refused(
    examples: Pictures, tmp_path: Path
) -> None:
    fit_small(_Mean(), examples, replace(PLAN, epochs=1), tmp_path)
    with pytest.raises(RecipeError, match="found another run"):
        fit_small(_Mean(), examples, PLAN, tmp_path)
    with pytest.raises(RecipeError, match="found another run"):
        fit_small(_Mean(), examples.take(np.arange(20)), replace(PLAN, epochs=1), tmp_path)


def test_kinds_are_drawn_equally_often_and_in_a_kind_its_patients() -> None:
    targets = np.array([0, 0, 0, 0, 1])
    weights = draw_weights(targets, ["a", "a", "a", "b", "b"])
    assert weights == pytest.approx([1 / 12, 1 / 12, 1 / 12, 1 / 4, 1 / 2])


def test_variation_leaves_the_place_alone_and_stays_in_range() -> None:
    pictures = torch.zeros(8, 2, 4, 4)
    pictures[:, 0, :, 0], pictures[:, 1] = 0.9, 0.07
    varied = vary_grey(pictures, PLAN, generator=torch.Generator().manual_seed(1))
    assert (varied[:, 1] == 0.07).all()
    assert varied[:, 0].abs().max() <= 1.0
    assert not torch.equal(varied[:, 0], pictures[:, 0])
    left = varied[:, 0, :, 0].mean(dim=1) > varied[:, 0, :, 3].mean(dim=1)
    assert left.any()
    assert not left.all()
