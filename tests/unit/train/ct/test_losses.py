"""The loss is of what is measured: groups of labels, at every resolution."""

import pytest
import torch
from torch.nn import functional

from thoracle.train.ct.losses import MEASURED, SMOOTH_VOXELS, deep_loss, segmentation_loss


def _sure(label_map: torch.Tensor) -> torch.Tensor:
    return 30.0 * functional.one_hot(label_map, 4).movedim(-1, 1).float()


@pytest.fixture
def label_map() -> torch.Tensor:
    """All four labels, 256 voxels each."""
    labels = torch.zeros(1, 4, 16, 16, dtype=torch.int64)
    for label in range(4):
        labels[:, label] = label
    return labels


def test_right_and_sure_costs_nothing(label_map: torch.Tensor) -> None:
    assert segmentation_loss(_sure(label_map), label_map, gamma=2.0) == pytest.approx(0, abs=1e-4)


def test_dice_is_the_mean_over_lungs_infection_and_its_kinds(label_map: torch.Tensor) -> None:
    swapped = label_map.clone()
    swapped[label_map == 2], swapped[label_map == 3] = 3, 2
    logits = _sure(swapped)
    focal = functional.cross_entropy(logits, label_map)  # of sure errors, γ changes nothing
    kind = SMOOTH_VOXELS / (512 + SMOOTH_VOXELS)
    expected = 1 - (1 + 1 + kind + kind) / len(MEASURED)
    found = segmentation_loss(logits, label_map, gamma=2.0)
    assert found == pytest.approx(float(focal) + expected, rel=1e-4)


def test_focal_loss_without_gamma_is_cross_entropy(label_map: torch.Tensor) -> None:
    torch.manual_seed(0)
    logits = torch.randn(1, 4, 4, 16, 16)
    own = torch.softmax(logits, dim=1).gather(1, label_map[:, None])
    focal = -((1 - own) ** 2 * own.log()).mean()
    entropy = functional.cross_entropy(logits, label_map)
    plain, focused = (segmentation_loss(logits, label_map, gamma=one) for one in (0.0, 2.0))
    assert plain - focused == pytest.approx(float(entropy - focal), rel=1e-3)


def test_a_coarser_grid_counts_half_and_reads_the_middle_of_its_blocks(
    label_map: torch.Tensor,
) -> None:
    right = _sure(label_map)
    half = right[..., 1::2, 1::2]
    wrong = _sure((label_map + 1) % 4)[..., 1::2, 1::2]
    assert deep_loss((right, half), label_map, gamma=2.0) == pytest.approx(0, abs=1e-4)
    alone = segmentation_loss(wrong, label_map[..., 1::2, 1::2], gamma=2.0)
    found = deep_loss((right, wrong), label_map, gamma=2.0)
    assert found == pytest.approx(float(alone) / 3, rel=1e-3)
