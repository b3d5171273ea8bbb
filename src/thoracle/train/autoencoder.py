"""FEUP's auto-encoder of normal films, and the anomaly map that is exported with it."""

from collections.abc import Sequence

import numpy as np
import torch
from scipy.ndimage import gaussian_filter1d
from torch import Tensor, nn
from torch.nn import functional

from thoracle.core.arrays import FloatArray
from thoracle.radiograph.anomaly import ANOMALY_MAP, RECONSTRUCTION
from thoracle.train.blocks import ResidualBlock

PLAIN = "autoencoder"
"""Backbone of a recipe: everything passes the bottleneck, as FEUP drew it."""
WITH_SKIPS = "autoencoder-skips"
"""Backbone of a recipe: fine detail goes past the bottleneck; only noise makes it learn."""

NECK_CHANNELS = 16
NOISE_CELLS = 16  # a side: a cell is an eighth of a lung wide, what an opacity is and a rib is not.
BLUR_SHARE = 1 / 32  # of the side, the blur's standard deviation: finer differences are edges.
DARKER_WEIGHT = 0.5  # of what is darker than expected: opacities are brighter.
SPREAD_SHARE = 1 / 20  # of the side, over which mean and spread of normal films are smoothed.
SPREAD_FLOOR = 0.25  # of the mean spread: what hardly varies would else shout.


class AutoEncoder(nn.Module):
    """A convolutional auto-encoder on 4×4 pixel blocks; (n, 1, size, size) in and out, -1 to 1.

    The size is a multiple of 4 · 2^(widths - 1), 32 for the four widths.
    """

    def __init__(self, *, has_skips: bool, widths: Sequence[int] = (32, 64, 96, 128)) -> None:
        super().__init__()
        self.fold = nn.PixelUnshuffle(4)
        before = (16, *widths[:-1])
        self.downs = nn.ModuleList(
            ResidualBlock(one, two) for one, two in zip(before, widths, strict=True)
        )
        self.neck = nn.Identity() if has_skips else _neck(widths[-1])
        self.has_skips = has_skips
        self.ups = nn.ModuleList(
            ResidualBlock(deep + (shallow if has_skips else 0), shallow)
            for deep, shallow in zip(widths[:0:-1], widths[-2::-1], strict=True)
        )
        self.head = nn.Conv2d(widths[0], 16, 1)
        self.unfold = nn.PixelShuffle(4)

    def forward(self, films: Tensor) -> Tensor:
        """Return what the network makes of films, (n, 1, size, size), about -1 to 1."""
        features = self.fold(films)
        kept: list[Tensor] = []
        for index, down in enumerate(self.downs):
            features = down(functional.max_pool2d(features, 2) if index else features)
            kept.append(features)
        features = self.neck(features)
        for up, skip in zip(self.ups, kept[-2::-1], strict=True):
            wide = functional.interpolate(features, scale_factor=2.0, mode="nearest")
            features = up(torch.cat((wide, skip), dim=1) if self.has_skips else wide)
        made: Tensor = self.unfold(self.head(features))
        return made


def _neck(channels: int) -> nn.Module:
    """Return the bottleneck: few numbers, so that what normal films lack does not fit through."""
    narrow = nn.Conv2d(channels, NECK_CHANNELS, 1)
    return nn.Sequential(narrow, nn.Conv2d(NECK_CHANNELS, channels, 1))


def reconstruction_loss(made: Tensor, wanted: Tensor) -> Tensor:
    """Return the mean absolute difference, of pixels and, half as much, of 4×4 blocks.

    Parameters
    ----------
    made, wanted : (n, 1, size, size) float32
        -1 to 1.

    Returns
    -------
    () float32
        0 or more.
    """
    apart = made - wanted
    return apart.abs().mean() + 0.5 * functional.avg_pool2d(apart, 4).abs().mean()


def add_coarse_noise(films: Tensor, *, strength: float, generator: torch.Generator) -> Tensor:
    """Add smooth random brightness, the size of opacities, for the network to take away.

    Parameters
    ----------
    films : (n, 1, size, size) float32
        0 to 1. Not modified.
    strength
        Standard deviation of the noise, in the films' unit.
    generator
        Where the numbers come from.

    Returns
    -------
    (n, 1, size, size) float32
        0 to 1.

    References
    ----------
    Kascenas, Pugeault and O'Neil, Denoising autoencoders for unsupervised anomaly detection in
    brain MRI, MIDL 2022: noise of 16×16 cells, standard deviation 0.2.
    """
    size = films.shape[-1]
    cell_px = -(-size // NOISE_CELLS)
    cells = torch.randn((len(films), 1, NOISE_CELLS + 1, NOISE_CELLS + 1), generator=generator)
    wide = functional.interpolate(cells, scale_factor=cell_px, mode="bilinear")
    top, left = torch.randint(cell_px, (2,), generator=generator).tolist()  # no grid to learn
    noise = wide[..., top : top + size, left : left + size]
    return (films + strength * noise).clamp(0, 1)


class AnomalyNetwork(nn.Module):
    """An auto-encoder that returns its reconstruction and the anomaly map.

    The map is the blurred difference between a film and what the network makes of it, less the
    mean of normal films there, over their spread there: 0 is as expected, 3 is three spreads
    brighter or, by `DARKER_WEIGHT`, six darker. `mean` and `spread` (1, 1, size, size) are buffers,
    so that the file holds all.
    """

    output_names = (RECONSTRUCTION, ANOMALY_MAP)

    def __init__(self, network: AutoEncoder, *, size: int) -> None:
        super().__init__()
        self.network = network
        self.register_buffer("blur", torch.from_numpy(blur_matrix(size, share=BLUR_SHARE)))
        self.register_buffer("mean", torch.zeros(1, 1, size, size))
        self.register_buffer("spread", torch.ones(1, 1, size, size))

    def differences(self, films: Tensor) -> tuple[Tensor, Tensor]:
        """Return reconstruction and blurred difference, (n, 1, size, size), grey -1 to 1."""
        blur, made = self.get_buffer("blur"), self.network(films)
        return made, blur @ ((films - made) / 2) @ blur.T

    def forward(self, films: Tensor) -> tuple[Tensor, Tensor]:
        """Return reconstruction, -1 to 1, and anomaly, 0 or more, (n, 1, size, size) each."""
        made, apart = self.differences(films)
        above = (apart - self.get_buffer("mean")) / self.get_buffer("spread")
        return made, functional.relu(above) + DARKER_WEIGHT * functional.relu(-above)

    def fit_spread(self, films: FloatArray) -> None:
        """Measure mean and spread of the difference on normal films the network has not seen.

        Parameters
        ----------
        films : (n, 1, size, size) float32
            -1 to 1; two at least.
        """
        with torch.no_grad():
            parts = [self.differences(one)[1] for one in torch.split(torch.from_numpy(films), 32)]
            apart = torch.cat(parts)
            smooth = torch.from_numpy(blur_matrix(apart.shape[-1], share=SPREAD_SHARE))
            mean = smooth @ apart.mean(dim=0, keepdim=True) @ smooth.T
            square = ((apart - mean) ** 2).mean(dim=0, keepdim=True)
            spread = (smooth @ square @ smooth.T).sqrt()
            self.get_buffer("mean").copy_(mean)
            self.get_buffer("spread").copy_(spread.clamp_min(SPREAD_FLOOR * float(spread.mean())))


def blur_matrix(size: int, *, share: float) -> FloatArray:
    """Return the matrix that blurs along one axis, mirrored at the edge.

    Parameters
    ----------
    size
        Pixels of the axis.
    share
        Standard deviation as a share of it.

    Returns
    -------
    (size, size) float32
        Every row sums to 1.
    """
    blurred = gaussian_filter1d(np.eye(size), share * size, axis=0, mode="reflect")
    return np.asarray(blurred, dtype=np.float32)
