"""A classifier in three parts: film to feature maps, maps to a vector, vector to logits."""

from collections.abc import Sequence

import torch
from torch import Tensor, nn

IMAGENET_MEAN = (0.485, 0.456, 0.406)  # of the three channels, 0 to 1: Deng et al. 2009, as timm.
IMAGENET_STD = (0.229, 0.224, 0.225)


class PartedNetwork(nn.Module):
    """Film → `maps` → `vector` → `classify`, so that each part can be frozen, cached or mapped.

    Parameters
    ----------
    backbone
        (n, channels, size, size) to feature maps (n, features, h, w).
    pool
        Feature maps to a vector (n, numbers).
    head
        Vector to logits (n, classes).
    mean, std
        Per channel of the input, which is 0 to 1 before: one number for grey, three for networks
        that were made for color and see grey three times.
    """

    def __init__(
        self,
        backbone: nn.Module,
        pool: nn.Module,
        head: nn.Module,
        *,
        mean: Sequence[float] = (0.5,),
        std: Sequence[float] = (0.5,),
    ) -> None:
        super().__init__()
        self.backbone, self.pool, self.head = backbone, pool, head
        self.register_buffer("mean", torch.tensor(mean).view(1, -1, 1, 1), persistent=False)
        self.register_buffer("std", torch.tensor(std).view(1, -1, 1, 1), persistent=False)

    def maps(self, films: Tensor) -> Tensor:
        """Return feature maps (n, features, h, w) of films (n, 1, size, size) in 0 to 1."""
        shown = (films - self.get_buffer("mean")) / self.get_buffer("std")
        made: Tensor = self.backbone(shown)
        return made

    def vector(self, films: Tensor) -> Tensor:
        """Return what the head sees, (n, numbers), of films (n, 1, size, size) in 0 to 1."""
        pooled: Tensor = self.pool(self.maps(films))
        return pooled

    def forward(self, films: Tensor) -> Tensor:
        """Return logits, (n, classes), of films (n, 1, size, size) in 0 to 1."""
        logits: Tensor = self.head(self.vector(films))
        return logits


class GlobalAverage(nn.Module):
    """The mean of each feature map."""

    def forward(self, maps: Tensor) -> Tensor:
        """Return (n, features) of (n, features, h, w)."""
        return maps.mean(dim=(2, 3))


def linear_head(numbers: int, outputs: int, *, hidden: int, dropout: float) -> nn.Module:
    """Return a fully connected head.

    Parameters
    ----------
    numbers, outputs
        Width of what it sees, and number of classes.
    hidden
        Width of a layer with ReLU before the last one; 0 leaves it out.
    dropout
        Before the last layer, 0 to 1.
    """
    if not hidden:
        return nn.Sequential(nn.Dropout(dropout), nn.Linear(numbers, outputs))
    return nn.Sequential(
        nn.Linear(numbers, hidden), nn.ReLU(), nn.Dropout(dropout), nn.Linear(hidden, outputs)
    )
