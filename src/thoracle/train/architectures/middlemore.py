"""MIDDLEMORE's own network: 3×3 convolutions from 32 filters on, pooling, dropout, flatten."""

from collections.abc import Sequence

from torch import nn

from thoracle.train.architectures.parts import PartedNetwork

WIDTHS = (32, 64, 128, 128)
"""Filters, block by block; the paper prints the first only."""
DROPOUT = 0.5
HIDDEN = 128


def middlemore_cnn(
    outputs: int, *, size: int, widths: Sequence[int] = WIDTHS, hidden: int = HIDDEN
) -> PartedNetwork:
    """Build the network for grey films of one size, which its flattened end fixes.

    Parameters
    ----------
    outputs
        Number of classes.
    size
        Side of the films, in pixels; each block halves it.
    widths
        Filters of the blocks.
    hidden
        Width of the fully connected layer.
    """
    layers: list[nn.Module] = []
    channels, side = 1, size
    for width in widths:
        layers += [nn.Conv2d(channels, width, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2)]
        channels, side = width, side // 2
    head = nn.Sequential(
        nn.Linear(channels * side * side, hidden),
        nn.ReLU(),
        nn.Dropout(DROPOUT),
        nn.Linear(hidden, outputs),
    )
    return PartedNetwork(nn.Sequential(*layers), nn.Flatten(), head)
