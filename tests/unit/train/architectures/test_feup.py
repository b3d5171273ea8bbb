"""FEUP's block pools its residual branch and concatenates it."""

import torch

from thoracle.train.architectures.feup import WIDTHS, ConcatenatingBlock, feup_xception


def test_the_residual_branch_is_max_pooled_and_stands_behind_the_convolutions() -> None:
    block = ConcatenatingBlock(3, 5).eval()
    features = torch.rand(2, 3, 8, 8)
    made = block(features)
    assert made.shape == (2, 8, 4, 4)
    torch.testing.assert_close(
        made[:, 5:], torch.nn.functional.max_pool2d(features, 3, stride=2, padding=1)
    )


def separable(inputs: int, outputs: int) -> int:
    return inputs * 9 + inputs * outputs + 2 * outputs


def test_the_parameters_are_those_that_the_layers_make() -> None:
    count, channels = 9 * 32 + 2 * 32 + 32 * 64 * 9 + 2 * 64, 64
    for width in WIDTHS:
        count += separable(channels, width) + separable(width, width)
        channels += width
    count += separable(channels, 2 * channels) + 2 * channels * 3 + 3
    network = feup_xception(3, hidden=0, dropout=0.5).eval()
    assert sum(one.numel() for one in network.parameters()) == count
    assert network.maps(torch.rand(1, 1, 224, 224)).shape == (1, 2 * channels, 7, 7)
    assert network(torch.rand(2, 1, 64, 64)).shape == (2, 3)
