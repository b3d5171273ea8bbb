"""The block that networks are built of."""

import torch
from torch import nn

from thoracle.train.blocks import ResidualBlock


def test_a_block_keeps_the_grid_and_gives_no_negative_feature() -> None:
    block = ResidualBlock(3, 5).eval()
    features = block(torch.randn(2, 3, 8, 6))
    assert features.shape == (2, 5, 8, 6)
    assert bool((features >= 0).all())


def test_a_block_whose_main_path_is_silent_is_its_side_path() -> None:
    block = ResidualBlock(2, 2).eval()
    with torch.no_grad():
        silent = block.main[3]
        assert isinstance(silent, nn.Conv2d)
        silent.weight.zero_()
        block.side.weight.copy_(torch.eye(2).view(2, 2, 1, 1))
    features = torch.randn(1, 2, 4, 4)
    torch.testing.assert_close(block(features), features.relu())
