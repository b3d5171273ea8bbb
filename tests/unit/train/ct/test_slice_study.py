"""What tells a class without showing disease is measured, group by group."""

from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image
from torch import Tensor, nn

from thoracle.core.progress import no_progress
from thoracle.datasets.ct_slices import CtSlice2d
from thoracle.train.ct import slice_study as module
from thoracle.train.ct.slice_study import SlicePlan, kept_groups, squares, study_slices
from thoracle.train.ct.small_fit import FitPlan, Pictures


@pytest.fixture
def slices(tmp_path: Path) -> tuple[CtSlice2d, ...]:
    """Sixty noisy pictures; those with COVID-19 are brighter, and two thirds of the others JPG."""
    rng = np.random.default_rng(0)
    made = []
    for number in range(60):
        is_covid = number % 2 == 0
        grey = rng.integers(60 if is_covid else 0, 200, (40, 48), np.uint8)
        path = tmp_path / f"{number}.png"
        Image.fromarray(grey).save(path)
        made.append(
            CtSlice2d(
                path=path, is_covid=is_covid, patient=f"{number % 2}/{number // 6}",
                publication=None, original_kind="png" if is_covid or number % 3 == 0 else "jpg",
            )
        )  # fmt: skip
    return tuple(made)


class _Bright(nn.Module):
    """Says COVID-19 where a picture is bright."""

    def forward(self, pictures: Tensor) -> Tensor:
        """Return (n, 2) logits."""
        bright = pictures.mean(dim=(1, 2, 3))
        return torch.stack([-bright, bright], dim=1)


def test_giveaways_and_networks_are_judged_on_held_out_groups(
    slices: tuple[CtSlice2d, ...], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    learned: list[Pictures] = []

    def fit(_network: nn.Module, examples: Pictures, _plan: FitPlan, _folder: Path) -> nn.Module:
        learned.append(examples)
        return _Bright()

    def groups(given: tuple[CtSlice2d, ...], *, on_progress: object) -> tuple[str, ...]:
        assert on_progress is no_progress
        return tuple(one.patient for one in given)

    monkeypatch.setattr(module, "fit_small", fit)
    monkeypatch.setattr(module, "group_slices", groups)
    told: list[str] = []
    study = study_slices(
        slices, SlicePlan(width=4), tmp_path / "out", told=told.append, on_progress=no_progress
    )
    assert (study.slices, study.covid, study.groups, study.mixed_groups) == (60, 30, 20, 0)
    assert len(learned) == len(told) == 10
    assert study.giveaways["grey window"].value == pytest.approx(1.0, abs=0.02)
    kind = study.giveaways["kind of the original file"]
    assert kind.value == pytest.approx(1 - 0.5 / 3, abs=0.02)
    assert study.networks["as filed"].value == 1.0
    assert study.networks["as filed"].n == 60
    assert study.networks["as filed, only what was PNG"].n == 40
    standardized = study.networks["standardized"].value
    assert standardized is not None
    assert standardized < 1.0


def test_groups_are_kept_for_the_same_slices_only(
    slices: tuple[CtSlice2d, ...], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls = []

    def groups(given: tuple[CtSlice2d, ...], *, on_progress: object) -> tuple[str, ...]:
        calls.append(on_progress)
        return tuple(one.patient for one in given)

    monkeypatch.setattr(module, "group_slices", groups)
    first = kept_groups(slices, tmp_path, on_progress=no_progress)
    assert kept_groups(slices, tmp_path, on_progress=no_progress) == first
    assert len(calls) == 1
    kept_groups(slices[:5], tmp_path, on_progress=no_progress)
    assert len(calls) == 2


def test_squares_keep_black_and_white() -> None:
    black, white = np.zeros((10, 20), np.uint8), np.full((70, 30), 255, np.uint8)
    made = squares([black, white])
    assert made.shape == (2, 1, 64, 64)
    assert made[0].max() == -1.0
    assert made[1].min() == pytest.approx(1.0)
