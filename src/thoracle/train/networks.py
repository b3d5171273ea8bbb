"""The networks: a small U-Net for lungs, timm backbones with a linear head for the other tasks."""

from collections.abc import Sequence
from pathlib import Path

import torch
from torch import Tensor, nn

from thoracle.core.errors import RecipeError
from thoracle.train.autoencoder import PLAIN, WITH_SKIPS, AutoEncoder
from thoracle.train.blocks import ResidualBlock
from thoracle.train.recipe import NetworkRecipe
from thoracle.train.weights import read_weights


class LungNetwork(nn.Module):
    """A residual U-Net on 4×4 pixel blocks; (n, 1, size, size) in, lung logits of that size out.

    Lungs are smooth: their outline needs the full grid only in the last layer. The size is a
    multiple of 4 · 2^(widths - 1), 64 for the five widths of the shipped bundle.
    """

    def __init__(self, *, widths: Sequence[int] = (32, 64, 128, 160, 192)) -> None:
        super().__init__()
        self.fold = nn.PixelUnshuffle(4)
        self.downs = nn.ModuleList()
        before = 16
        for width in widths:
            self.downs.append(ResidualBlock(before, width))
            before = width
        self.ups = nn.ModuleList(
            ResidualBlock(deep + shallow, shallow)
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

    def copy_output(self, *, source: int, target: int) -> None:
        """Let one output begin as another ended."""
        with torch.no_grad():
            self.head.weight[target] = self.head.weight[source]
            self.head.bias[target] = self.head.bias[source]


def check_layers(network: PooledClassifier, layers: Sequence[str]) -> None:
    """Refuse layers that a network's backbone does not have, before hours are spent on training.

    Parameters
    ----------
    network
        As built.
    layers
        Names as `named_modules` gives them, for instance "features.norm5".

    Raises
    ------
    RecipeError
        The first one that is missing.
    """
    known = dict(network.backbone.named_modules())
    for layer in layers:
        if layer not in known:
            blocks = ", ".join(name for name in known if name and name.count(".") < 2)
            raise RecipeError(
                f"found layer {layer!r} – expected one of the backbone's: {blocks}. "
                "Correct map_layers, or set mixstyle = 0."
            )


def add_mixstyle(
    network: PooledClassifier, layers: Sequence[str], generator: torch.Generator
) -> None:
    """Mix feature statistics of films in a batch behind the named layers, in training only.

    Parameters
    ----------
    network
        Its `mixstyle` is the probability of mixing, per layer and batch.
    layers
        Names of modules in the backbone.
    generator
        Draws whether and with whom; the shares come from torch's own generator.

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
        `backbone` "unet", "autoencoder", "autoencoder-skips" or a timm name.
    outputs
        Number of logits.

    Returns
    -------
    torch.nn.Module
        With weights from `recipe.weights` (safetensors) where that is given and shapes agree.
    """
    network = _new_network(recipe, outputs=outputs)
    if recipe.weights is not None:
        load_matching(network, recipe.weights)
    return network


def _new_network(recipe: NetworkRecipe, *, outputs: int) -> nn.Module:
    if recipe.backbone == "unet":
        return LungNetwork()
    if recipe.backbone in {PLAIN, WITH_SKIPS}:
        return AutoEncoder(has_skips=recipe.backbone == WITH_SKIPS)
    return PooledClassifier(recipe, outputs=outputs)


def load_matching(network: nn.Module, path: str) -> None:
    """Load all tensors of a safetensors file whose name and shape fit the network.

    Raises
    ------
    RecipeError
        Nothing in it fits.
    """
    given = read_weights(Path(path))
    own = network.state_dict()
    fitting = {k: v for k, v in given.items() if k in own and own[k].shape == v.shape}
    if not fitting:
        raise RecipeError(
            f"found no tensor in {path} that fits – expected names and shapes of this network. "
            "Use weights of the same backbone."
        )
    network.load_state_dict(own | fitting)
