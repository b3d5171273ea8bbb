"""Grad-CAM of a paper's network at named layers, for the panels per class of a report."""

from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor

from thoracle.core.arrays import FloatArray
from thoracle.train.architectures.parts import PartedNetwork
from thoracle.train.protocols.fit import Examples

MAP_SIDE = 32  # maps are drawn on this grid, whatever the layer's own.


def class_maps(
    network: PartedNetwork, examples: Examples, layers: Sequence[str]
) -> dict[str, FloatArray]:
    """Return the Grad-CAM map of each film's most probable class at some layers.

    Parameters
    ----------
    network
        In evaluation mode.
    examples
        Films.
    layers
        Names as `named_modules` gives them, for instance "backbone".

    Returns
    -------
    dict of (films, MAP_SIDE, MAP_SIDE) float32
        By layer; at least 0, in units of the logit per cell, not stretched per film.

    References
    ----------
    Selvaraju et al., Grad-CAM, ICCV 2017.
    """
    modules = dict(network.named_modules())
    made: dict[str, list[FloatArray]] = {layer: [] for layer in layers}
    for index in range(len(examples)):
        film, _ = examples.batch(np.array([index]))
        for layer in layers:
            made[layer].append(_one_map(network, film, modules[layer]))
    return {layer: np.stack(some) for layer, some in made.items()}


def _one_map(network: PartedNetwork, film: Tensor, module: torch.nn.Module) -> FloatArray:
    kept: list[Tensor] = []

    def keep(_module: torch.nn.Module, _given: tuple[Tensor, ...], output: Tensor) -> Tensor:
        leaf = output.detach().requires_grad_(True)
        kept.append(leaf)
        return leaf

    hook = module.register_forward_hook(keep)
    try:
        logits = network(film)
    finally:
        hook.remove()
    (features,) = kept
    (gradient,) = torch.autograd.grad(logits[0, logits[0].argmax()], features)
    values = torch.relu((gradient.mean(dim=(2, 3), keepdim=True) * features).sum(dim=1))
    shown = torch.nn.functional.interpolate(
        values[None].detach(), size=[MAP_SIDE] * 2, mode="bilinear", align_corners=False
    )
    return np.asarray(shown[0, 0].numpy(), dtype=np.float32)
