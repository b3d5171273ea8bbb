"""The networks: a small U-Net for lungs, and timm backbones with the heads of gate and classifier."""

from collections.abc import Sequence

import torch
from torch import Tensor, nn

from thoracle.train.recipe import NetworkRecipe


class LungNetwork(nn.Module):
    """A residual U-Net on 4×4 pixel blocks; (n, 1, size, size) in, lung logits of that size out.

    Lungs are smooth: their outline needs the full grid only in the last layer.
    """

    def __init__(self, *, widths: Sequence[int] = (40, 80, 128, 160)) -> None:
        super().__init__()
        self.fold = nn.PixelUnshuffle(4)
        self.downs = nn.ModuleList()
        before = 16
        for width in widths:
            self.downs.append(_Residual(before, width))
            before = width
        self.ups = nn.ModuleList(
            _Residual(deep + shallow, shallow)
            for deep, shallow in zip(widths[:0:-1], widths[-2::-1], strict=True)
        )
        self.head = nn.Conv2d(widths[0], 16, 1)
        self.unfold = nn.PixelShuffle(4)

    def forward(self, films: Tensor) -> Tensor:
        """Return lung logits, (n, 1, size, size)."""
        features = self.fold(films)
        kept: list[Tensor] = []
        for index, down in enumerate(self.downs):
            if index:
                features = nn.functional.max_pool2d(features, 2)
            features = down(features)
            kept.append(features)
        for up, skip in zip(self.ups, kept[-2::-1], strict=True):
            wide = nn.functional.interpolate(features, scale_factor=2.0, mode="nearest")
            features = up(torch.cat((wide, skip), dim=1))
        logits: Tensor = self.unfold(self.head(features))
        return logits


class _Residual(nn.Module):
    """Two 3×3 convolutions beside a 1×1 one."""

    def __init__(self, inputs: int, outputs: int) -> None:
        super().__init__()
        self.main = nn.Sequential(
            nn.Conv2d(inputs, outputs, 3, padding=1, bias=False),
            nn.BatchNorm2d(outputs),
            nn.ReLU(),
            nn.Conv2d(outputs, outputs, 3, padding=1, bias=False),
            nn.BatchNorm2d(outputs),
        )
        self.side = nn.Conv2d(inputs, outputs, 1, bias=False)

    def forward(self, features: Tensor) -> Tensor:
        """Return features of the same grid."""
        return torch.relu(self.main(features) + self.side(features))


class PooledClassifier(nn.Module):
    """A timm backbone, global average pooling and one linear layer.

    Pooling + linear makes the last layer's map exact: the map's mean plus the bias is the logit.
    """

    def __init__(self, recipe: NetworkRecipe, *, outputs: int) -> None:
        super().__init__()
        import timm

        self.backbone = timm.create_model(
            recipe.backbone, pretrained=recipe.pretrained, in_chans=1, num_classes=0, global_pool=""
        )
        self.mixstyle = recipe.mixstyle
        self.dropout = nn.Dropout(recipe.dropout)
        self.head = nn.Linear(self._width(), outputs)

    def _width(self) -> int:
        was_training = self.backbone.training
        with torch.no_grad():
            features = self.backbone.eval()(torch.zeros(1, 1, 64, 64))
        self.backbone.train(was_training)
        return int(features.shape[1])

    def features(self, films: Tensor) -> Tensor:
        """Return the last feature maps, (n, channels, h, w)."""
        maps: Tensor = self.backbone(films)
        return maps

    def forward(self, films: Tensor) -> Tensor:
        """Return logits, (n, outputs)."""
        pooled = self.features(films).mean(dim=(2, 3))
        logits: Tensor = self.head(self.dropout(pooled))
        return logits


def add_mixstyle(network: PooledClassifier, layers: Sequence[str], generator: torch.Generator) -> None:
    """Mix feature statistics of films in a batch behind the named layers, in training only.

    References
    ----------
    Zhou et al., Domain Generalization with MixStyle, ICLR 2021.
    """
    modules = dict(network.backbone.named_modules())

    def mix(module: nn.Module, _inputs: tuple[Tensor, ...], output: Tensor) -> Tensor:
        if not module.training or torch.rand((), generator=generator) > network.mixstyle:
            return output
        mean = output.mean(dim=(2, 3), keepdim=True).detach()
        spread = (output.var(dim=(2, 3), keepdim=True) + 1e-6).sqrt().detach()
        order = torch.randperm(len(output), generator=generator)
        share = torch.distributions.Beta(0.3, 0.3).sample((len(output), 1, 1, 1)).to(output.dtype)
        new_mean = share * mean + (1 - share) * mean[order]
        new_spread = share * spread + (1 - share) * spread[order]
        return (output - mean) / spread * new_spread + new_mean

    for layer in layers:
        modules[layer].register_forward_hook(mix)


def build_network(recipe: NetworkRecipe, *, outputs: int) -> nn.Module:
    """Build the network that a recipe names.

    Parameters
    ----------
    recipe
        `backbone` "unet" or a timm name.
    outputs
        Number of logits.

    Returns
    -------
    torch.nn.Module
        With weights from `recipe.weights` (safetensors) where that is given and shapes agree.
    """
    network = LungNetwork() if recipe.backbone == "unet" else PooledClassifier(recipe, outputs=outputs)
    if recipe.weights is not None:
        load_matching(network, recipe.weights)
    return network


def load_matching(network: nn.Module, path: str) -> None:
    """Load all tensors of a safetensors file whose name and shape fit the network."""
    from safetensors.torch import load_file

    own = network.state_dict()
    given = load_file(path)
    network.load_state_dict(
        own | {key: value for key, value in given.items() if key in own and own[key].shape == value.shape}
    )
