"""The graph that is exported: logits, embedding, and each class's maps with the gradient inside."""

from collections.abc import Callable, Sequence

import torch
from torch import Tensor, nn
from torch.nn import functional

from thoracle.train.networks import PooledClassifier

EPSILON = 1e-6  # of 2: how near the denominator of Grad-CAM++ may come to 0


class MapNetwork(nn.Module):
    """A classifier that returns logits, embedding and Grad-CAM maps of all classes at some layers.

    Layers lie in the backbone, last first. Maps are (n, classes, h, w), positive part only.
    """

    def __init__(self, network: PooledClassifier, layers: Sequence[str]) -> None:
        super().__init__()
        self.network = network
        self.layers = tuple(layers)

    @property
    def output_names(self) -> tuple[str, ...]:
        """Names of the outputs, in order."""
        maps = (f"{layer}/{method}" for layer in self.layers for method in ("gradcam", "gradcam++"))
        return ("logits", "embedding", *maps)

    def forward(self, films: Tensor) -> tuple[Tensor, ...]:
        """Return logits (n, classes), embedding (n, channels), then the maps."""
        kept: dict[str, Tensor] = {}
        modules = dict(self.network.backbone.named_modules())
        handles = [
            modules[layer].register_forward_hook(_keeper(kept, layer)) for layer in self.layers
        ]
        features = self.network.features(films)
        for handle in handles:
            handle.remove()
        embedding = features.mean(dim=(2, 3))
        logits = self.network.head(embedding)
        maps: list[Tensor] = []
        for layer in self.layers:
            gradients = [
                torch.autograd.grad(logits[:, one].sum(), kept[layer], retain_graph=True)[0]
                for one in range(logits.shape[1])
            ]
            maps.append(torch.stack([grad_cam(kept[layer], g) for g in gradients], dim=1))
            maps.append(torch.stack([grad_cam_plus_plus(kept[layer], g) for g in gradients], dim=1))
        return (logits, embedding, *maps)


class EmbeddingNetwork(nn.Module):
    """A classifier that returns logits and embedding."""

    def __init__(self, network: PooledClassifier) -> None:
        super().__init__()
        self.network = network

    def forward(self, films: Tensor) -> tuple[Tensor, Tensor]:
        """Return logits (n, classes) and embedding (n, channels)."""
        embedding = self.network.features(films).mean(dim=(2, 3))
        return self.network.head(embedding), embedding


def _keeper(kept: dict[str, Tensor], layer: str) -> Callable[..., Tensor]:
    def keep(_module: nn.Module, _inputs: tuple[Tensor, ...], output: Tensor) -> Tensor:
        kept[layer] = output
        return output

    return keep


def grad_cam(features: Tensor, gradients: Tensor) -> Tensor:
    """Return the positive part of Σ_k mean(∂y/∂A_k)·A_k.

    Parameters
    ----------
    features, gradients : (n, channels, h, w) float32
        A, and the gradient of one class's logit by A.

    Returns
    -------
    (n, h, w) float32
        In the logit's unit: at a pooled last layer its mean (before the cut at 0) is the logit
        less the bias.

    References
    ----------
    Selvaraju et al., Grad-CAM, ICCV 2017, eq. 1 and 2, with the sum in place of the mean so that
    maps carry the logit's unit.
    """
    weights = gradients.sum(dim=(2, 3), keepdim=True)
    return functional.relu((weights * features).sum(dim=1))


def grad_cam_plus_plus(features: Tensor, gradients: Tensor) -> Tensor:
    """Return the Grad-CAM++ map, the positive gradients weighted per pixel.

    Parameters
    ----------
    features, gradients : (n, channels, h, w) float32
        A, and the gradient of one class's logit by A.

    Returns
    -------
    (n, h, w) float32
        0 or more.

    References
    ----------
    Chattopadhay et al., Grad-CAM++, WACV 2018, eq. 19, with exp(y) as the class score.
    """
    # g²/(2g² + ΣA·g³) with g² cut away, which would vanish in float32 at an early layer.
    below = 2 + features.sum(dim=(2, 3), keepdim=True) * gradients
    is_used = (gradients != 0) & (below.abs() > EPSILON)
    alpha = torch.where(is_used, 1 / torch.where(is_used, below, 1.0), 0.0)
    weights = (alpha * functional.relu(gradients)).sum(dim=(2, 3), keepdim=True)
    return functional.relu((weights * features).sum(dim=1))
