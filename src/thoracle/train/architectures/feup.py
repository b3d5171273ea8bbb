"""FEUP's personalised Xception: the residual branch is max-pooled and concatenated."""

from collections.abc import Sequence

import torch
from torch import Tensor, nn

from thoracle.train.architectures.parts import GlobalAverage, PartedNetwork, linear_head

WIDTHS = (64, 128, 192, 256)
"""Channels of the separable convolutions, block by block; the paper does not print its own."""


class SeparableConvolution(nn.Sequential):
    """ReLU, a 3×3 convolution of each channel alone, a 1×1 one over all, batch normalization."""

    def __init__(self, inputs: int, outputs: int) -> None:
        super().__init__(
            nn.ReLU(),
            nn.Conv2d(inputs, inputs, 3, padding=1, groups=inputs, bias=False),
            nn.Conv2d(inputs, outputs, 1, bias=False),
            nn.BatchNorm2d(outputs),
        )


class ConcatenatingBlock(nn.Module):
    """Two separable convolutions beside a residual branch: both max-pooled, then concatenated.

    Xception adds a strided 1×1 convolution instead. (n, inputs, h, w) to
    (n, inputs + width, ⌈h / 2⌉, ⌈w / 2⌉).
    """

    def __init__(self, inputs: int, width: int) -> None:
        super().__init__()
        self.main = nn.Sequential(
            SeparableConvolution(inputs, width), SeparableConvolution(width, width)
        )
        self.pool = nn.MaxPool2d(3, stride=2, padding=1)

    def forward(self, features: Tensor) -> Tensor:
        """Return the concatenated branches."""
        return torch.cat((self.pool(self.main(features)), self.pool(features)), dim=1)


def feup_xception(
    outputs: int, *, hidden: int, dropout: float, widths: Sequence[int] = WIDTHS
) -> PartedNetwork:
    """Build the personalised Xception for grey films.

    Parameters
    ----------
    outputs
        Number of classes.
    hidden, dropout
        As for `linear_head`.
    widths
        Of the blocks.

    Returns
    -------
    PartedNetwork
        Feature maps have a 32nd of the film's side with four blocks.

    References
    ----------
    FEUP and Hospital São João (2020), the block; Chollet, Xception, CVPR 2017, entry and exit.
    """
    layers: list[nn.Module] = [
        nn.Conv2d(1, 32, 3, stride=2, padding=1, bias=False),
        nn.BatchNorm2d(32),
        nn.ReLU(),
        nn.Conv2d(32, 64, 3, padding=1, bias=False),
        nn.BatchNorm2d(64),
    ]
    channels = 64
    for width in widths:
        layers.append(ConcatenatingBlock(channels, width))
        channels += width
    layers += [SeparableConvolution(channels, 2 * channels), nn.ReLU()]
    head = linear_head(2 * channels, outputs, hidden=hidden, dropout=dropout)
    return PartedNetwork(nn.Sequential(*layers), GlobalAverage(), head)
