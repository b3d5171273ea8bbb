"""A network in three parts is the same network when a part is taken out."""

import torch
from torch import nn

from thoracle.train.architectures.parts import GlobalAverage, PartedNetwork, linear_head


def network() -> PartedNetwork:
    torch.manual_seed(1)
    backbone = nn.Conv2d(3, 5, 3, padding=1)
    head = linear_head(5, 2, hidden=0, dropout=0.5)
    made = PartedNetwork(backbone, GlobalAverage(), head, mean=(0.1, 0.2, 0.3), std=(1.0, 2.0, 4.0))
    return made.eval()


def test_the_head_on_the_vector_is_the_whole_network() -> None:
    made, films = network(), torch.rand(4, 1, 8, 8)
    torch.testing.assert_close(made(films), made.head(made.vector(films)))
    torch.testing.assert_close(made.vector(films), made.maps(films).mean(dim=(2, 3)))


def test_grey_is_shown_to_each_channel_with_its_own_mean_and_deviation() -> None:
    made, films = network(), torch.full((1, 1, 4, 4), 0.5)
    shown = torch.tensor([0.4, 0.15, 0.05]).view(1, 3, 1, 1).expand(1, 3, 4, 4)
    torch.testing.assert_close(made.maps(films), made.backbone(shown))


def test_a_hidden_layer_widens_the_head() -> None:
    count = sum(one.numel() for one in linear_head(10, 3, hidden=4, dropout=0.0).parameters())
    assert count == 10 * 4 + 4 + 4 * 3 + 3
