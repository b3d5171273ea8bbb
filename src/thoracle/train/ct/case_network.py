"""A narrow ResNet-18, and the same with the place's distance from the lung's edge beside."""

from typing import Any, Final

import torch
from torch import Tensor, nn

from thoracle.train.architectures.parts import linear_head
from thoracle.train.operators import declare_missing_operators

WIDTH: Final = 16
"""Channels of the first stage, a quarter of ResNet-18's: 0.7 million numbers, for few patients."""
FEATURES: Final = 8  # stages double the width three times.
HIDDEN: Final = 64
DROPOUT: Final = 0.3
EDGE_SCALE: Final = 10.0  # the deepest places lie near a tenth, other features near 1.


def narrow_resnet18(*, width: int = WIDTH) -> nn.Module:
    """Return ResNet-18 for grey pictures with fresh weights, ending with pooled features.

    Parameters
    ----------
    width
        Channels of the first stage.

    Returns
    -------
    torch.nn.Module
        (n, 1, rows, columns) to (n, 8 · width).

    References
    ----------
    He et al., Deep residual learning, CVPR 2016; timm's implementation.
    """
    declare_missing_operators()
    from timm.models.resnet import BasicBlock, ResNet

    made: Any = ResNet(
        BasicBlock,
        (2, 2, 2, 2),
        num_classes=0,
        in_chans=1,
        channels=tuple(width * 2**stage for stage in range(4)),
    )
    network: nn.Module = made
    return network


class LocationNetwork(nn.Module):
    """Patch and place to logits of `thoracle.ct.case.KINDS`.

    Parameters
    ----------
    outputs
        Number of kinds.
    width
        As for `narrow_resnet18`.

    References
    ----------
    Xu et al. 2020 (Engineering 6:1122): the relative distance from the edge enters the fully
    connected part of a ResNet-18.
    """

    def __init__(self, outputs: int, *, width: int = WIDTH) -> None:
        super().__init__()
        self.backbone = narrow_resnet18(width=width)
        self.head = linear_head(FEATURES * width + 1, outputs, hidden=HIDDEN, dropout=DROPOUT)

    def forward(self, patches: Tensor) -> Tensor:
        """Return logits (n, outputs) of (n, 2, rows, columns): grey, and the distance."""
        features = self.backbone(patches[:, :1])
        edge = EDGE_SCALE * patches[:, 1].mean(dim=(1, 2))[:, None]
        logits: Tensor = self.head(torch.cat((features, edge), dim=1))
        return logits


class PictureNetwork(nn.Module):
    """One grey picture to logits, by the same backbone."""

    def __init__(self, outputs: int, *, width: int = WIDTH) -> None:
        super().__init__()
        self.backbone = narrow_resnet18(width=width)
        self.head = linear_head(FEATURES * width, outputs, hidden=0, dropout=DROPOUT)

    def forward(self, pictures: Tensor) -> Tensor:
        """Return logits (n, outputs) of (n, 1, rows, columns)."""
        logits: Tensor = self.head(self.backbone(pictures))
        return logits
