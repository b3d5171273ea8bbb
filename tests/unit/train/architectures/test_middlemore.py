"""MIDDLEMORE's network begins with 32 filters and ends flat."""

import torch

from thoracle.train.architectures.middlemore import middlemore_cnn


def test_parameters_and_shapes() -> None:
    network = middlemore_cnn(4, size=224).eval()
    convolutions = (9 * 1 + 1) * 32 + (9 * 32 + 1) * 64 + (9 * 64 + 1) * 128 + (9 * 128 + 1) * 128
    flat = 128 * 14 * 14
    head = (flat + 1) * 128 + (128 + 1) * 4
    assert sum(one.numel() for one in network.parameters()) == convolutions + head
    films = torch.rand(2, 1, 224, 224)
    assert network.maps(films).shape == (2, 128, 14, 14)
    assert network.vector(films).shape == (2, flat)
    assert network(films).shape == (2, 4)
