"""Opacities put into films without a finding: same hospital, same body, one finding more."""

import math

import torch
from torch import Tensor
from torch.nn import functional

from thoracle.train.augment import uniform

FOCI_MAX = 4
RADIUS_RANGE = (0.06, 0.25)
"""Of a focus, in sides of the film; small ones are as frequent as large ones."""
STRENGTH_RANGE = (0.25, 0.7)
"""Share of the way from the film's own grey to the opacity's."""
LEVEL_RANGE = (0.6, 0.95)
"""Grey of the opacity itself."""
_EDGE_RANGE = (0.1, 0.35)  # of the radius, over which a focus fades
_RAGGED = 0.3  # of the radius, by which its border wanders
_PATCHY = 0.3  # of its density
_COARSE, _FINE = 12, 40  # cells across the film of the border's bays, and of the patches
_PLACES = 32  # centers lie on a grid this fine
_LUNG_SHARE_MIN = 0.05  # of the film; without lungs nothing is put in


def insert_opacities(
    films: Tensor, lungs: Tensor, chosen: Tensor, *, generator: torch.Generator
) -> tuple[Tensor, Tensor]:
    """Brighten one to four ragged, patchy foci in the lungs of the films chosen.

    What differs between a film with and without them is nothing but the opacity, so a network
    that learns from both learns nothing of where films come from.

    Parameters
    ----------
    films : (n, 1, side, side) float32
        0 to 1. Not modified.
    lungs : (n, 1, side, side) float32
        Lungs 1, else 0.
    chosen : (n,) bool
        Which films to change.
    generator
        Where the numbers come from.

    Returns
    -------
    films : (n, 1, side, side) float32
        0 to 1.
    changed : (n,) bool
        Those chosen whose lungs are known.
    """
    changed = chosen & (lungs.mean(dim=(1, 2, 3)) > _LUNG_SHARE_MIN)
    if not bool(changed.any()):
        return films, changed
    picked, within = films[changed], lungs[changed]
    density = _foci(within, generator)
    patches = 1 + _PATCHY * _cloud(len(picked), _FINE, films.shape[-1], generator)
    soft = functional.avg_pool2d(within, 5, 1, 2, count_include_pad=False)
    shape = (len(picked), 1, 1, 1)
    share = uniform(shape, *STRENGTH_RANGE, generator=generator) * density * patches * soft
    level = uniform(shape, *LEVEL_RANGE, generator=generator)
    out = films.clone()
    out[changed] = picked + share.clamp(0, 1) * (level - picked).clamp_min(0)
    return out, changed


def _foci(lungs: Tensor, generator: torch.Generator) -> Tensor:
    """Return where foci lie, 0 to 1, (n, 1, side, side)."""
    count, side = len(lungs), lungs.shape[-1]
    places = functional.adaptive_avg_pool2d(lungs, _PLACES).flatten(1)
    cells = torch.multinomial(places + 1e-6, FOCI_MAX, generator=generator)
    shape = (count, FOCI_MAX, 1, 1)
    rows, columns = (
        (cell / _PLACES).view(shape) + uniform(shape, 0, 1 / _PLACES, generator=generator)
        for cell in (cells // _PLACES, cells % _PLACES)
    )
    low, high = (math.log(one) for one in RADIUS_RANGE)
    radius = uniform(shape, low, high, generator=generator).exp()
    edge = uniform(shape, *_EDGE_RANGE, generator=generator) * radius
    along = ((torch.arange(side) + 0.5) / side).view(1, 1, -1, 1)
    away = ((along - rows) ** 2 + (along.mT - columns) ** 2).sqrt()
    border = radius * (1 + _RAGGED * _cloud(count, _COARSE, side, generator))
    dense = torch.sigmoid((border - away) / (edge / 2))
    wanted = torch.randint(1, FOCI_MAX + 1, (count, 1, 1, 1), generator=generator)
    dense = dense * (torch.arange(FOCI_MAX).view(1, -1, 1, 1) < wanted)
    return 1 - (1 - dense).prod(dim=1, keepdim=True)


def _cloud(count: int, cells: int, side: int, generator: torch.Generator) -> Tensor:
    """Return smooth noise of about unit strength, (n, 1, side, side)."""
    coarse = torch.randn((count, 1, cells, cells), generator=generator)
    return functional.interpolate(coarse, size=[side] * 2, mode="bicubic", align_corners=False)
