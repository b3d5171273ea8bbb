"""Vary crops: place, shape, and the grey that another scanner would have given."""

import math

import torch
from torch import Tensor
from torch.nn import functional

from thoracle.train.ct.recipe import CtAugmentRecipe

ELASTIC_KNOTS = 5  # across a crop: bends, no ripples.
_BINOMIAL = (0.25, 0.5, 0.25)


def vary(
    grey: Tensor, label_map: Tensor, recipe: CtAugmentRecipe, *, generator: torch.Generator
) -> tuple[Tensor, Tensor]:
    """Return crops that are moved, bent and toned, and their labels moved alike.

    Parameters
    ----------
    grey : (n, 1, slices, rows, columns) float32
        0 to 1.
    label_map : (n, slices, rows, columns) uint8
        Labels.
    recipe
        What may change, and how much.
    generator
        Source of randomness.

    Returns
    -------
    grey, label_map
        Of the same shapes; grey 0 to 1.
    """
    grey, label_map = moved(grey, label_map, recipe, generator=generator)
    return toned(grey, recipe, generator=generator), label_map


def moved(
    grey: Tensor, label_map: Tensor, recipe: CtAugmentRecipe, *, generator: torch.Generator
) -> tuple[Tensor, Tensor]:
    """Mirror, turn, zoom and bend in the plane, all slices of a crop alike; see `vary`."""
    count, rows, columns = len(grey), grey.shape[-2], grey.shape[-1]
    sign = torch.where(torch.rand(count, generator=generator) < recipe.flip, -1.0, 1.0)
    limit = math.radians(recipe.rotation_degrees)
    angle = _uniform((count,), limit, generator)
    scale = 1.0 + _uniform((count,), recipe.zoom, generator)
    zero = torch.zeros(count)
    # Rows and columns are scaled to −1…1 each, so that a turn must know their ratio.
    ratio = rows / columns
    cosine, sine = scale * torch.cos(angle), scale * torch.sin(angle)
    turn = torch.stack(
        [
            torch.stack([sign * cosine, -sine * ratio, zero], dim=1),
            torch.stack([sign * sine / ratio, cosine, zero], dim=1),
        ],
        dim=1,
    )
    grid = functional.affine_grid(turn, [count, 1, rows, columns], align_corners=False)
    knots = _uniform((count, 2, ELASTIC_KNOTS, ELASTIC_KNOTS), recipe.elastic_px, generator)
    bend = functional.interpolate(knots, size=[rows, columns], mode="bicubic", align_corners=True)
    grid = grid + bend.permute(0, 2, 3, 1) * torch.tensor([2.0 / columns, 2.0 / rows])
    shown = functional.grid_sample(
        grey[:, 0], grid, mode="bilinear", padding_mode="border", align_corners=False
    )
    labels = functional.grid_sample(
        label_map.float(), grid, mode="nearest", padding_mode="border", align_corners=False
    )
    return shown[:, None], labels.round().to(label_map.dtype)


def toned(grey: Tensor, recipe: CtAugmentRecipe, *, generator: torch.Generator) -> Tensor:
    """Change the grey: slices, kernel, window, gamma, noise, in the order of a scanner.

    Parameters
    ----------
    grey : (n, 1, slices, rows, columns) float32
        0 to 1.
    recipe
        What may change, and how much.
    generator
        Source of randomness.

    Returns
    -------
    (n, 1, slices, rows, columns) float32
        0 to 1.
    """
    each = (len(grey), 1, 1, 1, 1)

    def chosen(probability: float) -> Tensor:
        return (torch.rand(each, generator=generator) < probability).float()

    thick = chosen(recipe.thick_slices) * torch.rand(each, generator=generator)
    grey = grey + thick * (_smooth(grey, axis=2) - grey)
    soft = _smooth(_smooth(grey, axis=3), axis=4)
    blur = chosen(recipe.blur) * torch.rand(each, generator=generator)
    sharp = chosen(recipe.sharpen) * 1.5 * torch.rand(each, generator=generator)
    grey = grey + (blur - sharp) * (soft - grey)
    width = 1.0 + _uniform(each, recipe.window, generator)
    grey = (grey - 0.5 - _uniform(each, recipe.level, generator)) / width + 0.5
    grey = grey.clamp(0, 1) ** torch.exp(_uniform(each, recipe.gamma, generator))
    return (grey + _noise(grey, recipe, generator=generator)).clamp(0, 1)


def _noise(grey: Tensor, recipe: CtAugmentRecipe, *, generator: torch.Generator) -> Tensor:
    """Return noise that is white in one half of the crops and grainy in the other."""
    each = (len(grey), 1, 1, 1, 1)
    white = torch.randn(grey.shape, generator=generator)
    grainy = _smooth(_smooth(white, axis=3), axis=4) / 0.375  # of standard deviation 1 again
    is_grainy = torch.rand(each, generator=generator) < 0.5
    spread = recipe.noise * torch.rand(each, generator=generator)
    return spread * torch.where(is_grainy, grainy, white)


def _smooth(grey: Tensor, *, axis: int) -> Tensor:
    """Mix each place with its two neighbors on an axis, ends repeated."""
    before = torch.cat([grey.narrow(axis, 0, 1), grey.narrow(axis, 0, grey.shape[axis] - 1)], axis)
    last = grey.shape[axis] - 1
    after = torch.cat([grey.narrow(axis, 1, last), grey.narrow(axis, last, 1)], axis)
    low, middle, high = _BINOMIAL
    return low * before + middle * grey + high * after


def _uniform(shape: tuple[int, ...], limit: float, generator: torch.Generator) -> Tensor:
    return limit * (2.0 * torch.rand(shape, generator=generator) - 1.0)
