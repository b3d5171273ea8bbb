"""Contribution maps against the grad-cam package."""

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from thoracle.train.graph import MapNetwork
from thoracle.train.networks import PooledClassifier
from thoracle.train.recipe import NetworkRecipe


@pytest.fixture(autouse=True)
def _one_thread() -> Iterator[None]:
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@pytest.fixture(scope="module")
def network() -> PooledClassifier:
    """Head weights are large, so that the package's constant of 1e-6 beside g² does not show."""
    torch.manual_seed(1)
    network = PooledClassifier(NetworkRecipe(backbone="test_resnet"), outputs=3)
    network.backbone = nn.Sequential(
        nn.Conv2d(1, 6, 3, stride=2, padding=1), nn.ReLU(), nn.Conv2d(6, 8, 3, padding=1), nn.ReLU()
    )
    network.head = nn.Linear(8, 3)
    with torch.no_grad():
        network.head.weight.mul_(3000)
    return network.eval()


@pytest.fixture(scope="module")
def films() -> Tensor:
    return torch.rand((2, 1, 16, 16), generator=torch.Generator().manual_seed(2))


def ours(network: PooledClassifier, films: Tensor, name: str) -> np.ndarray[Any, Any]:
    maps = MapNetwork(network, ("3", "1"))
    values = dict(zip(maps.output_names, maps(films.clone().requires_grad_(True)), strict=True))
    found: np.ndarray[Any, Any] = values[name].detach().numpy()
    return found


def theirs(
    network: PooledClassifier, films: Tensor, method: str, *, layer: int, finding: int
) -> np.ndarray[Any, Any]:
    """Return the package's maps before it stretches and enlarges each of them."""
    import pytorch_grad_cam
    from pytorch_grad_cam.utils.model_targets import ClassifierOutputTarget

    targets = [ClassifierOutputTarget(finding)] * len(films)
    module = network.backbone[layer]
    with getattr(pytorch_grad_cam, method)(model=network, target_layers=[module]) as cam:
        cam(films, targets)
        kept = cam.activations_and_grads
        features, gradients = kept.activations[0].numpy(), kept.gradients[0].numpy()
        signed: np.ndarray[Any, Any] = cam.get_cam_image(
            films, module, targets, features, gradients, False
        )
    return signed.clip(min=0)


@pytest.mark.parametrize("method", ["GradCAM", "GradCAMPlusPlus"])
@pytest.mark.parametrize("layer", [3, 1])
@pytest.mark.parametrize("finding", [0, 1, 2])
def test_our_maps_equal_those_of_the_grad_cam_package_up_to_their_scale(
    network: PooledClassifier, films: Tensor, method: str, layer: int, finding: int
) -> None:
    ending = method.lower().replace("plusplus", "++")
    found = ours(network, films, f"{layer}/{ending}")[:, finding]
    expected = theirs(network, films, method, layer=layer, finding=finding)
    if method == "GradCAM":
        expected *= 8 * 8  # the package averages gradients, we add them to keep the logit's unit
    assert expected.max() > 0
    np.testing.assert_allclose(found, expected, atol=1e-4 * expected.max(), rtol=1e-3)
