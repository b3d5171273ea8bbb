"""What the gate must tell apart, made from films on the fly: turns, pieces, negatives, screens."""

import math

import torch
from torch import Tensor
from torch.nn import functional

FRONTAL, TURNED_90, TURNED_180, TURNED_270, LATERAL, CT, OTHER, NOT_RADIOGRAPH = range(8)
TURN_SHARE = 0.34  # of frontal films; PUC-RIO's batches hold a sixth turned and half upright.
PIECE_SHARE = 0.06
SHUFFLE_SHARE = 0.04  # squares of a film in another order: texture of a chest, no chest.
INVERT_SHARE = 0.12
MIRROR_SHARE = 0.5  # before turning: a mirror image of a turned film is turned the other way.
SCREEN_SHARE = 0.2


class GateVariations:
    """Turn, cut, invert and photograph films; targets follow."""

    def __init__(self, *, seed: int) -> None:
        self.generator = torch.Generator().manual_seed(seed)

    def pose(self, films: Tensor, targets: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Turn, cut or shuffle some frontal films; everything else is turned at random.

        Parameters
        ----------
        films : (n, 1, side, side) float32
            0 to 1.
        targets : (n,) int64
            Kinds before turning.

        Returns
        -------
        films, targets, polarity
            Polarity is 1 for films to be inverted, 0 for others, -1 for what has none.
        """
        films, targets = films.clone(), targets.clone()
        draw = torch.rand(len(films), generator=self.generator)
        quarter = torch.randint(1, 4, (len(films),), generator=self.generator)
        mirrored = torch.rand(len(films), generator=self.generator) < MIRROR_SHARE
        for index in range(len(films)):
            frontal = targets[index] == FRONTAL
            if mirrored[index]:
                films[index] = films[index].flip(2)
            if frontal and draw[index] < TURN_SHARE:
                films[index] = torch.rot90(films[index], -int(quarter[index]), (1, 2))
                targets[index] = int(quarter[index])
            elif frontal and draw[index] < TURN_SHARE + PIECE_SHARE:
                films[index] = self._piece(films[index])
                targets[index] = OTHER
            elif frontal and draw[index] < TURN_SHARE + PIECE_SHARE + SHUFFLE_SHARE:
                films[index] = self._shuffled(films[index])
                targets[index] = NOT_RADIOGRAPH
            elif not frontal and draw[index] < 0.5:
                films[index] = torch.rot90(films[index], -int(quarter[index]), (1, 2))
        polarity = torch.where(targets <= TURNED_270, 0, -1)
        inverted = torch.rand(len(films), generator=self.generator) < INVERT_SHARE
        return films, targets, torch.where(inverted & (polarity == 0), 1, polarity)

    def finish(self, films: Tensor, polarity: Tensor) -> Tensor:
        """Invert films of polarity 1 (and some without one), and photograph some off a screen."""
        draw = torch.rand(len(films), generator=self.generator)
        inverted = (polarity == 1) | ((polarity < 0) & (draw < INVERT_SHARE))
        films = torch.where(inverted.view(-1, 1, 1, 1), 1 - films, films)
        return self._photograph(films)

    def _piece(self, film: Tensor) -> Tensor:
        """Return a magnified piece of a film: bones and soft tissue, no whole chest."""
        side = film.shape[-1]
        share = 0.2 + 0.18 * float(torch.rand((), generator=self.generator))
        size = round(side * share)
        top, left = torch.randint(0, side - size + 1, (2,), generator=self.generator).tolist()
        piece = film[:, top : top + size, left : left + size]
        if torch.rand((), generator=self.generator) < 0.5:
            piece = torch.rot90(piece, 1, (1, 2))
        big = functional.interpolate(
            piece[None], size=[side, side], mode="bicubic", align_corners=False
        )
        low, high = big.amin(), big.amax()
        return ((big[0] - low) / (high - low + 1e-6)).clamp(0, 1)

    def _shuffled(self, film: Tensor) -> Tensor:
        """Return a film's squares, 2 to 4 a side, in another order."""
        parts = int(torch.randint(2, 5, (), generator=self.generator))
        side = film.shape[-1]
        inner = side // parts
        squares = film[:, : inner * parts, : inner * parts].unfold(1, inner, inner)
        squares = squares.unfold(2, inner, inner).reshape(parts * parts, inner, inner)
        order = torch.randperm(parts * parts, generator=self.generator)
        rows = squares[order].view(parts, parts, inner, inner).permute(0, 2, 1, 3)
        whole = rows.reshape(1, 1, inner * parts, inner * parts)
        return functional.interpolate(whole, size=[side, side], mode="nearest")[0]

    def _photograph(self, films: Tensor) -> Tensor:
        """Tilt some films before a desk and add a screen's moiré and uneven light."""
        count, side = len(films), films.shape[-1]
        chosen = (torch.rand(count, generator=self.generator) < SCREEN_SHARE).view(-1, 1, 1, 1)
        if not bool(chosen.any()):
            return films
        axis = torch.linspace(-1, 1, side)
        y, x = torch.meshgrid(axis, axis, indexing="ij")
        tilt = (torch.rand(count, 2, generator=self.generator) - 0.5) * 0.35
        grow = 1.0 + 0.25 * torch.rand(count, 1, 1, generator=self.generator)
        depth = 1.0 + tilt[:, :1, None] * x + tilt[:, 1:, None] * y
        grid = torch.stack((x * grow / depth, y * grow / depth), dim=-1)
        desk = torch.rand((count, 1, 1, 1), generator=self.generator)
        moved = functional.grid_sample(films - desk, grid, align_corners=False) + desk
        wave = torch.rand(count, 3, 1, 1, generator=self.generator)
        angle = wave[:, 0] * math.pi
        rate = 10 + wave[:, 1] * side / 4
        moire = torch.sin((x * angle.cos() + y * angle.sin()) * rate * math.pi + wave[:, 2] * 6)
        light = 1.0 + tilt[:, 1:, None] * x - tilt[:, :1, None] * y
        level = 0.06 * torch.rand(count, 1, 1, generator=self.generator)
        shown = (moved[:, 0] * light + moire * level)[:, None].clamp(0, 1)
        return torch.where(chosen, shown, films)
