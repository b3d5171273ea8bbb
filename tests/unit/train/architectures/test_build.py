"""A name leads to its network."""

import pytest
import torch

from thoracle.train.architectures.build import Architecture, build


@pytest.mark.parametrize("name", ["feup-xception", "middlemore-cnn", "test_resnet"])
def test_each_kind_of_network_gives_logits(name: str) -> None:
    network = build(Architecture(backbone=name), outputs=3, size=32).eval()
    assert network(torch.rand(2, 1, 32, 32)).shape == (2, 3)
