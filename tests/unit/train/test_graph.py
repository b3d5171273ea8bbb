"""Maps equal their definitions: weights times features, autograd by hand, the logit explained."""

import pytest
import torch
from torch import Tensor
from torch.nn import functional

from thoracle.train.graph import EmbeddingNetwork, MapNetwork, grad_cam, grad_cam_plus_plus
from thoracle.train.networks import PooledClassifier

LAST, EARLY = "5", "2"


@pytest.fixture
def films() -> Tensor:
    return torch.randn((3, 1, 32, 32), generator=torch.Generator().manual_seed(4))


def mapped(network: PooledClassifier, films: Tensor) -> dict[str, Tensor]:
    maps = MapNetwork(network, (LAST, EARLY))
    values = maps(films.clone().requires_grad_(True))
    return {name: one.detach() for name, one in zip(maps.output_names, values, strict=True)}


def test_the_outputs_are_named_in_order_and_have_their_shapes(
    small_network: PooledClassifier, films: Tensor
) -> None:
    found = {name: tuple(one.shape) for name, one in mapped(small_network, films).items()}
    assert found == {
        "logits": (3, 3),
        "embedding": (3, 8),
        f"{LAST}/gradcam": (3, 3, 4, 4),
        f"{LAST}/gradcam++": (3, 3, 4, 4),
        f"{EARLY}/gradcam": (3, 3, 16, 16),
        f"{EARLY}/gradcam++": (3, 3, 16, 16),
    }


def test_logits_and_embedding_are_the_networks_own(
    small_network: PooledClassifier, films: Tensor
) -> None:
    found = mapped(small_network, films)
    with torch.no_grad():
        logits, embedding = EmbeddingNetwork(small_network)(films)
        torch.testing.assert_close(found["logits"], small_network(films))
        torch.testing.assert_close(logits, small_network(films))
    torch.testing.assert_close(found["embedding"], embedding)


def test_the_last_map_is_weights_times_features_and_its_mean_plus_bias_the_logit(
    small_network: PooledClassifier, films: Tensor
) -> None:
    network = small_network
    network.backbone = network.backbone[:6]  # up to the layer whose map is asked for
    found = mapped(network, films)
    with torch.no_grad():
        signed = torch.einsum("fc,nchw->nfhw", network.head.weight, network.features(films))
        torch.testing.assert_close(found[f"{LAST}/gradcam"], signed.relu(), atol=1e-6, rtol=1e-5)
        explained = signed.mean(dim=(2, 3)) + network.head.bias
    torch.testing.assert_close(explained, found["logits"], atol=1e-6, rtol=1e-5)


def test_an_earlier_map_equals_autograd_done_by_hand(
    small_network: PooledClassifier, films: Tensor
) -> None:
    found = mapped(small_network, films)[f"{EARLY}/gradcam"]
    features = small_network.backbone[:3](films).detach().requires_grad_(True)
    logits = small_network.head(small_network.backbone[3:](features).mean(dim=(2, 3)))
    for finding in range(3):
        (gradient,) = torch.autograd.grad(logits[:, finding].sum(), features, retain_graph=True)
        expected = functional.relu(torch.einsum("nc,nchw->nhw", gradient.sum((2, 3)), features))
        torch.testing.assert_close(found[:, finding], expected.detach(), atol=1e-6, rtol=1e-5)


def test_no_hook_is_left_behind(small_network: PooledClassifier, films: Tensor) -> None:
    mapped(small_network, films)
    assert not any(one._forward_hooks for one in small_network.modules())


def test_a_map_is_never_negative_and_zero_where_nothing_speaks_for_the_class() -> None:
    features, gradients = torch.rand(1, 2, 3, 3), -torch.rand(1, 2, 3, 3)
    assert grad_cam(features, gradients).max() == 0
    assert grad_cam_plus_plus(features, gradients).max() == 0


def test_grad_cam_plus_plus_of_one_pixel_is_known() -> None:
    features, gradients = torch.full((1, 1, 1, 1), 3.0), torch.full((1, 1, 1, 1), 2.0)
    alpha = 4.0 / (2 * 4.0 + 3.0 * 8.0)  # g² / (2 g² + ΣA · g³)
    assert float(grad_cam_plus_plus(features, gradients)) == pytest.approx(alpha * 2.0 * 3.0)


def test_without_a_gradient_grad_cam_plus_plus_is_zero_not_nan() -> None:
    features = torch.rand(1, 2, 3, 3)
    assert grad_cam_plus_plus(features, torch.zeros_like(features)).abs().max() == 0
