"""Variations of a batch of films on the fly, one torch operation for the whole batch each."""

import math

import torch
from torch import Tensor
from torch.nn import functional

from thoracle.train.recipe import AugmentRecipe


class Augmenter:
    """Vary films (and masks alike) as a recipe says, from one seeded generator.

    Films are (n, 1, size, size) float32 in 0…1; `inner_share` of their side is what serving sees.
    """

    def __init__(self, recipe: AugmentRecipe, *, seed: int, inner_share: float = 1.0) -> None:
        self.recipe = recipe
        self.inner_share = inner_share
        self.generator = torch.Generator().manual_seed(seed)

    def __call__(self, films: Tensor, masks: Tensor, *, size: int) -> tuple[Tensor, Tensor]:
        """Return varied films and masks of `size`; masks are moved as the films, never toned.

        Parameters
        ----------
        films : (n, 1, rows, columns) float32
            0 to 1.
        masks : (n, 1, rows, columns) float32
            Lungs 1, else 0.
        size
            Side of the films returned, in pixels.

        Returns
        -------
        films, masks : (n, 1, size, size) float32
            0 to 1.
        """
        recipe = self.recipe
        films, masks = self._move(films, masks, size=size)
        if recipe.background_swap:
            films = self._swap_background(films, masks)
        if recipe.amplitude_mix:
            films = self._mix_amplitude(films)
        films = self._tone(films)
        films = self._degrade(films)
        films = self._cover(films)
        return films.clamp(0, 1), masks

    def uniform(self, shape: tuple[int, ...], low: float, high: float) -> Tensor:
        """Draw uniform numbers between two bounds."""
        return uniform(shape, low, high, generator=self.generator)

    def chosen(self, films: Tensor, probability: float) -> Tensor:
        """Draw which films an operation touches, (n, 1, 1, 1) bool."""
        return torch.rand((len(films), 1, 1, 1), generator=self.generator) < probability

    def _move(self, films: Tensor, masks: Tensor, *, size: int) -> tuple[Tensor, Tensor]:
        recipe, count = self.recipe, len(films)
        angle = self.uniform((count,), -1, 1) * math.radians(recipe.rotation_degrees)
        zoom = torch.exp(self.uniform((count,), -1, 1) * recipe.zoom)
        aspect = torch.exp(self.uniform((count,), -1, 1) * recipe.aspect / 2)
        flip = 1.0 - 2.0 * (torch.rand(count, generator=self.generator) < recipe.flip).float()
        base = self.inner_share  # what is kept about the center, before the jitter
        across, along = base * zoom * aspect, base * zoom / aspect
        shift = self.uniform((count, 2), -1, 1) * recipe.shift
        rows = torch.stack(
            (
                torch.stack((flip * across * angle.cos(), -along * angle.sin(), shift[:, 0]), 1),
                torch.stack((flip * across * angle.sin(), along * angle.cos(), shift[:, 1]), 1),
            ),
            1,
        )
        grid = functional.affine_grid(rows, [count, 1, size, size], align_corners=False)
        both = functional.grid_sample(
            torch.cat((films, masks), 1), grid, mode="bilinear", align_corners=False
        )
        return both[:, :1], (both[:, 1:] > 0.5).float()

    def _tone(self, films: Tensor) -> Tensor:
        recipe, shape = self.recipe, (len(films), 1, 1, 1)
        if recipe.gamma:
            films = films.clamp(1e-4, 1) ** torch.exp(self.uniform(shape, -1, 1) * recipe.gamma)
        if recipe.contrast:
            gain = 1 + self.uniform(shape, -1, 1) * recipe.contrast
            films = (films - 0.5) * gain + 0.5 + self.uniform(shape, -1, 1) * recipe.contrast / 2
        if recipe.shade:
            coarse = self.uniform((len(films), 1, 3, 3), -1, 1) * recipe.shade
            films = films + functional.interpolate(
                coarse, size=films.shape[-2:], mode="bicubic", align_corners=False
            )
        if recipe.invert:
            films = torch.where(self.chosen(films, recipe.invert), 1 - films, films)
        return films

    def _degrade(self, films: Tensor) -> Tensor:
        recipe = self.recipe
        if recipe.pixelate:
            share = float(self.uniform((1,), 0.4, 0.9))
            small = functional.interpolate(films, scale_factor=share, mode="area")
            coarse = functional.interpolate(
                small, size=films.shape[-2:], mode="bilinear", align_corners=False
            )
            films = torch.where(self.chosen(films, recipe.pixelate), coarse, films)
        if recipe.blur or recipe.sharpen:
            soft = functional.avg_pool2d(
                functional.avg_pool2d(films, 3, 1, 1, count_include_pad=False),
                3,
                1,
                1,
                count_include_pad=False,
            )
            films = torch.where(self.chosen(films, recipe.blur), soft, films)
            sharp = films + (films - soft) * self.uniform((len(films), 1, 1, 1), 0.3, 1.5)
            films = torch.where(self.chosen(films, recipe.sharpen), sharp, films)
        if recipe.noise:
            level = self.uniform((len(films), 1, 1, 1), 0, recipe.noise)
            films = films + torch.randn(films.shape, generator=self.generator) * level
        return self._speckle(films) if recipe.salt_pepper else films

    def _speckle(self, films: Tensor) -> Tensor:
        """Turn some pixels black and as many white, a share of its own on each film."""
        share = self.uniform((len(films), 1, 1, 1), 0, self.recipe.salt_pepper)
        drawn = torch.rand(films.shape, generator=self.generator)
        films = torch.where(drawn < share / 2, torch.zeros(()), films)
        return torch.where(drawn > 1 - share / 2, torch.ones(()), films)

    def _cover(self, films: Tensor) -> Tensor:
        """Blacken the top (PUC-RIO), the borders, or a box, and write marker-like patches."""
        recipe = self.recipe
        if not (recipe.occlude_top or recipe.border or recipe.occlude_box):
            return films
        size = films.shape[-1]
        rows = torch.arange(size).view(1, 1, -1, 1) / size
        columns = torch.arange(size).view(1, 1, 1, -1) / size
        shape = (len(films), 1, 1, 1)
        if recipe.occlude_top:
            cut = self.uniform(shape, 1 / 6, 1 / 4)  # the authors' code: 1/6 to 1/4 of the rows
            films = films.masked_fill((rows < cut) & self.chosen(films, recipe.occlude_top), 0.0)
        if recipe.border:
            edges = self.uniform((4, *shape), -0.1, 0.12)
            outside = (rows < edges[0]) | (rows > 1 - edges[1])
            outside = outside | (columns < edges[2]) | (columns > 1 - edges[3])
            grey = (self.uniform(shape, -1, 1)).clamp(0, 1)
            films = torch.where(outside & self.chosen(films, recipe.border), grey, films)
        if recipe.occlude_box:
            top, left = self.uniform(shape, -0.1, 1), self.uniform(shape, -0.1, 1)
            height, width = self.uniform(shape, 0.03, 0.25), self.uniform(shape, 0.03, 0.25)
            inside = (rows > top) & (rows < top + height)
            inside = inside & (columns > left) & (columns < left + width)
            grey = self.uniform(shape, -0.5, 1.5).clamp(0, 1)
            films = torch.where(inside & self.chosen(films, recipe.occlude_box), grey, films)
        return films

    def _swap_background(self, films: Tensor, masks: Tensor) -> Tensor:
        """Put the lungs of one film before the surroundings of another, whatever its class."""
        coarse = functional.avg_pool2d(masks, 8)  # a soft, wide edge needs no fine grid
        wide = functional.max_pool2d(coarse, 5, 1, 2)
        soft = functional.avg_pool2d(wide, 3, 1, 1, count_include_pad=False)
        share = functional.interpolate(
            soft, size=films.shape[-2:], mode="bilinear", align_corners=False
        )
        order = torch.randperm(len(films), generator=self.generator)
        mixed = films * share + films[order] * (1 - share)
        has_lungs = masks.mean(dim=(1, 2, 3), keepdim=True) > 0.05
        chosen = self.chosen(films, self.recipe.background_swap)
        return torch.where(chosen & has_lungs, mixed, films)

    def _mix_amplitude(self, films: Tensor) -> Tensor:
        """Exchange part of the Fourier amplitude with another film's; the phase (shape) stays.

        References
        ----------
        Xu et al., A Fourier-based Framework for Domain Generalization, CVPR 2021.
        """
        spectrum = torch.fft.rfft2(films)
        amplitude = spectrum.abs()
        order = torch.randperm(len(films), generator=self.generator)
        share = self.uniform((len(films), 1, 1, 1), 0, 1)
        share = share * self.chosen(films, self.recipe.amplitude_mix)
        blend = (1 - share) * amplitude + share * amplitude[order]
        scaled = spectrum * (blend / amplitude.clamp_min(1e-6))
        mixed: Tensor = torch.fft.irfft2(scaled, s=films.shape[-2:])
        return mixed.clamp(0, 1)


def uniform(
    shape: tuple[int, ...], low: float, high: float, *, generator: torch.Generator
) -> Tensor:
    """Draw uniform numbers between two bounds."""
    return torch.rand(shape, generator=generator) * (high - low) + low


def as_served(films: Tensor, *, size: int, inner_share: float) -> Tensor:
    """Return unvaried films as serving shows them to a network.

    Parameters
    ----------
    films : (n, 1, rows, rows) float32
        0 to 1, from a run's cache.
    size
        Side that the network sees, in pixels.
    inner_share
        Share of the side that serving sees; the rest is there for shift and zoom.

    Returns
    -------
    (n, 1, size, size) float32
        -1 to 1.
    """
    margin = round(films.shape[-1] * (1.0 - inner_share) / 2.0)
    inner = films[..., margin : films.shape[-1] - margin, margin : films.shape[-1] - margin]
    if inner.shape[-1] != size:
        inner = functional.interpolate(
            inner, size=[size] * 2, mode="bilinear", antialias=True, align_corners=False
        )
    return inner * 2.0 - 1.0
