"""Standard backbones by their timm names, with a head of their own for transfer learning."""

from collections.abc import Mapping
from difflib import get_close_matches

import torch
from torch import Tensor, nn

from thoracle.core.errors import RecipeError
from thoracle.train.architectures.parts import (
    IMAGENET_MEAN,
    IMAGENET_STD,
    GlobalAverage,
    PartedNetwork,
    linear_head,
)
from thoracle.train.operators import declare_missing_operators

ALIASES: Mapping[str, str] = {
    "xception": "legacy_xception",
    "resnet": "resnet50",
    "vgg-16": "vgg16",
    "densenet": "densenet121",
}
"""Names that papers use, and the timm network they mean."""
CUTS: Mapping[str, tuple[str, str]] = {"densenet121-3": ("densenet121", "denseblock3")}
"""Networks cut after a block: PUC-RIO's DenseNet-121 ends with its third."""

FEUP, MIDDLEMORE = "feup-xception", "middlemore-cnn"
OURS = (FEUP, MIDDLEMORE, *ALIASES, *CUTS)
"""Names that are none of timm's."""


class TimmMaps(nn.Module):
    """A timm network without its pooling and classifier: film to last feature maps."""

    def __init__(self, name: str, *, pretrained: bool) -> None:
        super().__init__()
        declare_missing_operators()
        import timm

        if name not in timm.list_models():
            near = ", ".join(get_close_matches(name, timm.list_models(), n=5))
            raise RecipeError(
                f"found backbone {name!r} – expected one of ours ({', '.join(OURS)}), or one that "
                f"timm.list_models() gives{', for instance ' if near else ''}{near}. Correct it.",
                code="backbone-unknown",
            )
        self.network = timm.create_model(name, pretrained=pretrained, num_classes=0)
        if hasattr(self.network, "pre_logits"):  # VGG keeps its two wide layers there
            self.network.pre_logits = nn.Identity()

    def forward(self, films: Tensor) -> Tensor:
        """Return the last feature maps, (n, features, h, w)."""
        maps: Tensor = self.network.forward_features(films)
        return maps


class CutDenseNet(nn.Module):
    """The layers of a DenseNet up to one of its blocks, and ReLU."""

    def __init__(self, name: str, last: str, *, pretrained: bool) -> None:
        super().__init__()
        features = TimmMaps(name, pretrained=pretrained).network.features
        names = [one for one, _ in features.named_children()]
        kept = names[: names.index(last) + 1]
        self.features = nn.Sequential()
        for one in kept:
            self.features.add_module(one, getattr(features, one))

    def forward(self, films: Tensor) -> Tensor:
        """Return the last feature maps, (n, features, h, w)."""
        return torch.relu(self.features(films))


def transfer_network(
    name: str, outputs: int, *, hidden: int, dropout: float, pretrained: bool = False
) -> PartedNetwork:
    """Build a standard backbone with global average pooling and a fully connected head.

    Parameters
    ----------
    name
        A timm name, one of `ALIASES` or one of `CUTS`. One that timm does not know is a
        RecipeError.
    outputs
        Number of classes.
    hidden, dropout
        As for `linear_head`.
    pretrained
        Ask timm for its published ImageNet weights (a download).

    Returns
    -------
    PartedNetwork
        Sees grey three times, with ImageNet's mean and standard deviation.
    """
    known = ALIASES.get(name, name)
    if known in CUTS:
        backbone: nn.Module = CutDenseNet(*CUTS[known], pretrained=pretrained)
    else:
        backbone = TimmMaps(known, pretrained=pretrained)
    head = linear_head(features_of(backbone), outputs, hidden=hidden, dropout=dropout)
    return PartedNetwork(backbone, GlobalAverage(), head, mean=IMAGENET_MEAN, std=IMAGENET_STD)


def features_of(backbone: nn.Module) -> int:
    """Return how many feature maps a three-channel backbone makes."""
    was_training = backbone.training
    with torch.no_grad():
        maps = backbone.eval()(torch.zeros(1, 3, 96, 96))
    backbone.train(was_training)
    return int(maps.shape[1])
