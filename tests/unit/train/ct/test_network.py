"""The networks look through the plane as they say, and their flat convolutions are true ones."""

import pytest
import torch
from torch import nn

from thoracle.train.ct.network import CtNetwork, _neighbors
from thoracle.train.ct.recipe import CtNetworkRecipe

SMALL = (4, 6, 8, 10)


def _network(dimensions: int) -> CtNetwork:
    torch.manual_seed(0)
    return CtNetwork(CtNetworkRecipe(dimensions=dimensions, channels=SMALL, blocks=1))


@pytest.mark.parametrize("dimensions", [2, 3])
@pytest.mark.parametrize("shape", [(1, 1, 8, 32, 48), (2, 1, 4, 48, 32)])
def test_every_voxel_gets_four_logits(dimensions: int, shape: tuple[int, ...]) -> None:
    network = _network(dimensions)
    assert network.eval()(torch.zeros(shape)).shape == (shape[0], 4, *shape[2:])
    full, half, quarter = network.train().all_logits(torch.randn(shape))
    assert full.shape[2:] == shape[2:]
    assert half.shape[2:] == (shape[2], shape[3] // 2, shape[4] // 2)
    assert quarter.shape[2:] == (shape[2], shape[3] // 4, shape[4] // 4)


def test_a_convolution_through_the_plane_equals_torchs_own() -> None:
    torch.manual_seed(1)
    volume = torch.randn(2, 3, 6, 4, 5)
    flat = volume.transpose(1, 2).flatten(0, 1)
    weight = torch.randn(7, 3, 3)  # outputs, inputs, slices
    own = nn.functional.conv3d(volume, weight[..., None, None], padding=(1, 0, 0))
    as_channels = weight.permute(0, 2, 1).reshape(7, 9, 1, 1)
    found = nn.functional.conv2d(_neighbors(flat, 2, 3), as_channels)
    torch.testing.assert_close(found.reshape(2, 6, 7, 4, 5).transpose(1, 2), own)


@pytest.mark.parametrize(("dimensions", "least", "most"), [(2, 2, 2), (3, 8, 15)])
def test_a_flat_network_sees_two_slices_away_and_the_other_all(
    dimensions: int, least: int, most: int
) -> None:
    network = _network(dimensions).eval()
    plain = torch.zeros(1, 1, 16, 32, 32)
    bright = plain.clone()
    bright[:, :, 0] = 1
    with torch.no_grad():
        changed = (network(bright) - network(plain)).abs().amax(dim=(0, 1, 3, 4))
    seen = int(torch.nonzero(changed > 1e-7).max())
    assert seen >= least
    assert seen <= most


def test_volumes_of_a_batch_do_not_see_each_other() -> None:
    network = _network(3).eval()
    first, second = torch.randn(1, 1, 8, 32, 32), torch.randn(1, 1, 8, 32, 32)
    with torch.no_grad():
        both = network(torch.cat([first, second]))
        torch.testing.assert_close(both[1:], network(second), rtol=1e-4, atol=1e-5)


def test_the_recipes_networks_have_fewer_than_three_million_parameters() -> None:
    for dimensions in (2, 3):
        network = CtNetwork(CtNetworkRecipe(dimensions=dimensions))
        assert sum(one.numel() for one in network.parameters()) < 3_000_000
