"""From a name and a few numbers to a network of one of the papers, or of timm."""

from dataclasses import dataclass

from thoracle.train.architectures.feup import feup_xception
from thoracle.train.architectures.middlemore import middlemore_cnn
from thoracle.train.architectures.parts import PartedNetwork
from thoracle.train.architectures.transfer import FEUP, MIDDLEMORE, transfer_network


@dataclass(frozen=True, slots=True, kw_only=True)
class Architecture:
    """Which network: one of the papers', or any timm name.

    `hidden` is the width of a fully connected layer before the last, 0 for none; `pretrained`
    asks timm for its published weights (a download).
    """

    backbone: str
    hidden: int = 0
    dropout: float = 0.0
    pretrained: bool = False


def build(architecture: Architecture, *, outputs: int, size: int) -> PartedNetwork:
    """Build a network with fresh weights, or timm's where `pretrained` asks for them.

    Parameters
    ----------
    architecture
        Which one; an unknown name is a RecipeError.
    outputs
        Number of classes.
    size
        Side of the films, in pixels.
    """
    hidden, dropout = architecture.hidden, architecture.dropout
    if architecture.backbone == FEUP:
        return feup_xception(outputs, hidden=hidden, dropout=dropout)
    if architecture.backbone == MIDDLEMORE:
        return middlemore_cnn(outputs, size=size)
    return transfer_network(
        architecture.backbone,
        outputs,
        hidden=hidden,
        dropout=dropout,
        pretrained=architecture.pretrained,
    )
