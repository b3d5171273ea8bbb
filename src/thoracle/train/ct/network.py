"""The segmentation networks: residual U-Nets made of flat convolutions, so that they are fast.

A convolution through the plane is written as a flat one over a slice and its two neighbors as
channels. That is the same sum, and what CPU runtimes are fastest at.
"""

from itertools import pairwise
from typing import cast

import torch
from torch import Tensor, nn
from torch.nn import functional

from thoracle.ct.types import LABELS
from thoracle.train.ct.recipe import CtNetworkRecipe

STEP_PX = 16
"""Rows and columns of the input must be multiples: a stem and three poolings halve them."""
NEIGHBORS = 5  # slices that a flat network sees at once.


class CtNetwork(nn.Module):
    """A U-Net with residual bottlenecks after VB-Net; it sees neighbors at every level, or once.

    Parameters
    ----------
    recipe
        `dimensions` 3: bottlenecks look through the plane, and slices are pooled where they are as
        thick as the pixels are wide. 2: the first convolution sees five slices, all others one.
    """

    def __init__(self, recipe: CtNetworkRecipe) -> None:
        super().__init__()
        self.has_depth = recipe.dimensions == 3
        widths = recipe.channels
        self.stem = _convolution(1 if self.has_depth else NEIGHBORS, widths[0], 5, stride=2)
        self.encoder = nn.ModuleList(
            _Level(width, recipe.blocks, has_depth=self.has_depth) for width in widths
        )
        pairs = list(pairwise(widths))
        self.widen = nn.ModuleList(_convolution(low, high, 1) for low, high in pairs)
        self.narrow = nn.ModuleList(_convolution(high, low, 1) for low, high in pairs)
        self.decoder = nn.ModuleList(
            _Level(low, 1, has_depth=self.has_depth) for low, _high in pairs
        )
        self.coarse_heads = nn.ModuleList(
            nn.Conv2d(width, len(LABELS), 1) for width in widths[: recipe.deep_heads]
        )
        self.fine = _convolution(1 + widths[0] // 2, widths[0] // 2, 3)
        self.lift = _convolution(widths[0], widths[0] // 2, 1)
        self.head = nn.Conv2d(widths[0] // 2, len(LABELS), 1)

    def forward(self, volumes: Tensor) -> Tensor:
        """Return logits, (n, 4, slices, rows, columns), of volumes (n, 1, slices, rows, columns).

        Rows and columns must be multiples of `STEP_PX`.
        """
        return self.all_logits(volumes)[0]

    def all_logits(self, volumes: Tensor) -> tuple[Tensor, ...]:
        """Return logits of the full grid, then of the coarser ones, for deep supervision."""
        count = volumes.shape[0]
        flat = _folded(volumes)
        features = self.stem(flat if self.has_depth else _neighbors(flat, count, NEIGHBORS))
        kept, depths = [], []
        for level, block in enumerate(self.encoder):
            if level:
                depths.append(features.shape[0])
                features = _pooled(features, count, halve=self._pools_slices(level))
                features = self.widen[level - 1](features)
            features = block(features, count)
            kept.append(features)
        coarse = []
        for level in reversed(range(len(self.decoder))):
            raised = self.narrow[level](features)
            raised = _raised(raised, count, halved=self._pools_slices(level + 1), to=depths[level])
            features = self.decoder[level](raised + kept[level], count)
            if self.training and level < len(self.coarse_heads):
                coarse.append(_unfolded(self.coarse_heads[level](features), count))
        lifted = functional.interpolate(self.lift(features), scale_factor=2.0, mode="nearest")
        logits = self.head(self.fine(torch.cat([flat, lifted], dim=1)))
        return (_unfolded(logits, count), *reversed(coarse))

    def _pools_slices(self, level: int) -> bool:
        return self.has_depth and level >= 2


class _Level(nn.Module):
    """Bottlenecks at one resolution."""

    def __init__(self, width: int, blocks: int, *, has_depth: bool) -> None:
        super().__init__()
        self.blocks = nn.ModuleList(_Bottleneck(width, has_depth=has_depth) for _ in range(blocks))

    def forward(self, features: Tensor, count: int) -> Tensor:
        for block in self.blocks:
            features = block(features, count)
        return features


class _Bottleneck(nn.Module):
    """Half the channels, a flat convolution, one through the plane, all channels, and the input."""

    def __init__(self, width: int, *, has_depth: bool) -> None:
        super().__init__()
        inner = width // 2
        self.reduce = _convolution(width, inner, 1)
        self.flat = _convolution(inner, inner, 3)
        self.through = _convolution(3 * inner, inner, 1) if has_depth else None
        self.expand = nn.Sequential(nn.Conv2d(inner, width, 1, bias=False), nn.BatchNorm2d(width))

    def forward(self, features: Tensor, count: int) -> Tensor:
        inner = self.flat(self.reduce(features))
        if self.through is not None:
            inner = self.through(_neighbors(inner, count, 3))
        return torch.relu(features + self.expand(inner))


def _convolution(inputs: int, outputs: int, size: int, *, stride: int = 1) -> nn.Sequential:
    return nn.Sequential(
        nn.Conv2d(inputs, outputs, size, stride=stride, padding=size // 2, bias=False),
        nn.BatchNorm2d(outputs),
        nn.ReLU(),
    )


def _folded(volumes: Tensor) -> Tensor:
    """Return slices as a batch, (n·slices, channels, rows, columns)."""
    return volumes.transpose(1, 2).flatten(0, 1)


def _by_volume(flat: Tensor, count: int) -> Tensor:
    """Return the slices of each volume, (n, slices, channels, rows, columns)."""
    return cast("Tensor", flat.unflatten(0, (count, -1)))  # type: ignore[no-untyped-call]


def _unfolded(flat: Tensor, count: int) -> Tensor:
    return _by_volume(flat, count).transpose(1, 2)


def _neighbors(flat: Tensor, count: int, wide: int) -> Tensor:
    """Return each slice with its neighbors as channels; beyond the ends there is nothing, 0."""
    reach = wide // 2
    slices = _by_volume(flat, count)
    padded = functional.pad(slices, (0, 0, 0, 0, 0, 0, reach, reach))
    depth = slices.shape[1]
    shifted = [padded[:, place : place + depth] for place in range(wide)]
    return torch.cat(shifted, dim=2).flatten(0, 1)


def _pooled(flat: Tensor, count: int, *, halve: bool) -> Tensor:
    pooled = functional.max_pool2d(flat, 2)
    if not halve:
        return pooled
    slices = _by_volume(pooled, count)
    return torch.maximum(slices[:, 0::2], slices[:, 1::2]).flatten(0, 1)


def _raised(flat: Tensor, count: int, *, halved: bool, to: int) -> Tensor:
    raised = functional.interpolate(flat, scale_factor=2.0, mode="nearest")
    if not halved:
        return raised
    doubled = _by_volume(raised, count).unsqueeze(2).expand(-1, -1, 2, -1, -1, -1)
    return doubled.reshape(to, *raised.shape[1:])
