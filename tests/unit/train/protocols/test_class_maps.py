"""A Grad-CAM map is what its definition says, and lies where the class shows."""

import numpy as np
import pytest
import torch
from torch import nn

from thoracle.train.architectures.parts import GlobalAverage, PartedNetwork
from thoracle.train.protocols.class_maps import MAP_SIDE, class_maps
from thoracle.train.protocols.fit import Examples


def network() -> PartedNetwork:
    """One feature is the film itself, the other what it lacks of white; two classes."""
    backbone = nn.Conv2d(1, 2, 1)
    head = nn.Linear(2, 2, bias=False)
    with torch.no_grad():
        backbone.weight[:] = torch.tensor([1.0, -1.0]).view(2, 1, 1, 1)
        backbone.bias[:] = torch.tensor([0.0, 1.0])  # type: ignore[index]  # a tensor here
        head.weight[:] = torch.tensor([[2.0, 0.0], [0.0, 0.1]])
    return PartedNetwork(backbone, GlobalAverage(), head, mean=(0.0,), std=(1.0,)).eval()


def test_the_map_is_the_features_weighted_by_their_mean_gradient() -> None:
    films = np.zeros((1, MAP_SIDE, MAP_SIDE), np.uint8)
    films[0, :16] = 255
    examples = Examples(inputs=films, rows=np.arange(1), targets=np.zeros(1, np.int64))
    (made,) = class_maps(network(), examples, ["backbone"])["backbone"]
    expected = films[0] / 255.0 * 2.0 / MAP_SIDE**2  # d(2 · mean)/d(pixel), times the feature
    np.testing.assert_allclose(made, expected, atol=1e-6)


def test_every_layer_asked_for_has_a_map_and_an_unknown_one_is_an_error() -> None:
    films = np.full((2, 8, 8), 200, np.uint8)
    examples = Examples(inputs=films, rows=np.arange(2), targets=np.zeros(2, np.int64))
    made = class_maps(network(), examples, ["backbone"])
    assert made["backbone"].shape == (2, MAP_SIDE, MAP_SIDE)
    with pytest.raises(KeyError):
        class_maps(network(), examples, ["attention"])
