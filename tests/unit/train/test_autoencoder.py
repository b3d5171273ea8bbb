"""FEUP's auto-encoder, what makes it learn, and the map that leaves with it."""

import numpy as np
import pytest
import torch
from scipy.ndimage import gaussian_filter
from torch import Tensor, nn

from thoracle.train.autoencoder import (
    BLUR_SHARE,
    DARKER_WEIGHT,
    AnomalyNetwork,
    AutoEncoder,
    add_coarse_noise,
    blur_matrix,
    reconstruction_loss,
)

SIDE = 64


class Constant(nn.Module):
    """Makes mid grey of every film."""

    def forward(self, films: Tensor) -> Tensor:
        return torch.zeros_like(films)


def of_constant() -> AnomalyNetwork:
    whole = AnomalyNetwork(AutoEncoder(has_skips=False), size=SIDE)
    whole.network = Constant()  # type: ignore[assignment]  # stands in for the trained one
    return whole.eval()


@pytest.mark.parametrize("has_skips", [False, True])
def test_an_auto_encoder_returns_a_film_of_the_same_size_and_stays_small(has_skips: bool) -> None:
    network = AutoEncoder(has_skips=has_skips).eval()
    assert network(torch.zeros(2, 1, SIDE, SIDE)).shape == (2, 1, SIDE, SIDE)
    assert sum(one.numel() for one in network.parameters()) < 3_000_000


def test_without_skips_everything_passes_the_bottleneck() -> None:
    network = AutoEncoder(has_skips=False).eval()
    with torch.no_grad():
        for one in network.neck.parameters():
            one.zero_()
        made = network(torch.rand(2, 1, SIDE, SIDE))
    torch.testing.assert_close(made[0], made[1])


def test_with_skips_detail_goes_past_the_deepest_layer() -> None:
    network = AutoEncoder(has_skips=True).eval()
    with torch.no_grad():
        for one in network.downs[-1].parameters():
            one.zero_()
        made = network(torch.rand(2, 1, SIDE, SIDE))
    assert not torch.allclose(made[0], made[1])


def test_the_loss_of_an_even_difference_is_one_and_a_half_times_it() -> None:
    wanted = torch.zeros(1, 1, 8, 8)
    assert float(reconstruction_loss(wanted + 0.2, wanted)) == pytest.approx(0.3)


def test_the_loss_of_a_checkerboard_has_no_part_of_blocks() -> None:
    checks = (torch.arange(8)[:, None] + torch.arange(8)) % 2 * 2.0 - 1
    made = 0.2 * checks.view(1, 1, 8, 8)
    assert float(reconstruction_loss(made, torch.zeros_like(made))) == pytest.approx(0.2)


def test_coarse_noise_is_as_strong_as_said_smooth_and_repeatable() -> None:
    films = torch.full((64, 1, 128, 128), 0.5)
    noisy = add_coarse_noise(films, strength=0.1, generator=torch.Generator().manual_seed(3))
    again = add_coarse_noise(films, strength=0.1, generator=torch.Generator().manual_seed(3))
    torch.testing.assert_close(noisy, again)
    noise = noisy - films
    # Linear interpolation between independent cells leaves two thirds of each axis's variance.
    assert float(noise.std()) == pytest.approx(0.1 * 2 / 3, rel=0.05)
    assert float(noise.diff(dim=-1).abs().max()) < 0.1
    assert 0 <= float(noisy.min()) <= float(noisy.max()) <= 1
    assert bool((films == 0.5).all())


def test_the_blur_is_that_of_scipy() -> None:
    picture = np.random.default_rng(0).random((SIDE, SIDE))
    blur = blur_matrix(SIDE, share=BLUR_SHARE)
    expected = gaussian_filter(picture, BLUR_SHARE * SIDE, mode="reflect")
    np.testing.assert_allclose(blur @ picture @ blur.T, expected, atol=1e-6)
    np.testing.assert_allclose(blur.sum(axis=1), 1, atol=1e-6)


def test_an_even_film_lies_as_many_spreads_above_the_normal_ones_as_one_works_out() -> None:
    whole = of_constant()
    normal = np.array([-0.2, 0.2], np.float32).reshape(2, 1, 1, 1) * np.ones((1, 1, SIDE, SIDE))
    whole.fit_spread(normal.astype(np.float32))  # grey ±0.1 about the mean 0: the spread is 0.1
    film = torch.full((1, 1, SIDE, SIDE), 0.6)
    torch.testing.assert_close(whole(film)[1], torch.full((1, 1, SIDE, SIDE), 3.0))
    darker = torch.full((1, 1, SIDE, SIDE), 3.0 * DARKER_WEIGHT)
    torch.testing.assert_close(whole(-film)[1], darker)


def test_a_blob_gives_the_highest_anomaly_where_it_lies() -> None:
    whole = of_constant()
    rng = np.random.default_rng(1)
    whole.fit_spread(rng.normal(0, 0.2, (30, 1, SIDE, SIDE)).astype(np.float32))
    film = rng.normal(0, 0.2, (1, 1, SIDE, SIDE)).astype(np.float32)
    film[0, 0, 40:48, 12:20] += 1.0
    anomaly = whole(torch.from_numpy(film))[1][0, 0]
    row, column = divmod(int(anomaly.argmax()), SIDE)
    assert 40 <= row < 48
    assert 12 <= column < 20


def test_normal_films_have_a_mean_square_of_one_spread() -> None:
    whole = of_constant()
    films = np.random.default_rng(2).normal(0.1, 0.3, (40, 1, SIDE, SIDE)).astype(np.float32)
    whole.fit_spread(films)
    _, apart = whole.differences(torch.from_numpy(films))
    shown = (apart - whole.get_buffer("mean")) / whole.get_buffer("spread")
    assert float((shown**2).mean()) == pytest.approx(1, rel=0.1)
