"""Standard backbones have the parameters that their papers and Keras print."""

import pytest
import torch

from thoracle.core.errors import RecipeError
from thoracle.train.architectures.transfer import transfer_network


@pytest.mark.parametrize(
    ("name", "parameters", "features"),
    [
        ("vgg-16", 14_714_688, 512),  # Keras applications, VGG16 without top
        ("resnet", 23_508_032, 2048),  # Keras: 23,587,712 with biases that torch leaves out
        ("xception", 20_806_952, 2048),  # Keras: 20,861,480 with moving means and variances
    ],
)
def test_the_backbones_of_usp_have_their_published_size(
    name: str, parameters: int, features: int
) -> None:
    network = transfer_network(name, 3, hidden=256, dropout=0.0).eval()
    assert sum(one.numel() for one in network.backbone.parameters()) == parameters
    assert network.maps(torch.rand(1, 1, 96, 96)).shape == (1, features, 3, 3)
    assert network(torch.rand(2, 1, 64, 64)).shape == (2, 3)


def test_keras_counts_moving_statistics_and_biases_too() -> None:
    xception = transfer_network("xception", 3, hidden=0, dropout=0.0).backbone
    statistics = sum(one.numel() for name, one in xception.named_buffers() if "running" in name)
    assert 20_806_952 + statistics == 20_861_480


def test_puc_rios_network_ends_with_the_third_block_of_densenet_121() -> None:
    network = transfer_network("densenet121-3", 3, hidden=0, dropout=0.0).eval()
    whole = transfer_network("densenet121", 3, hidden=0, dropout=0.0)
    names = [name for name, _ in network.get_submodule("backbone.features").named_children()]
    assert names[-1] == "denseblock3"
    assert network.maps(torch.rand(1, 1, 224, 224)).shape == (1, 1024, 14, 14)
    cut = sum(one.numel() for one in network.backbone.parameters())
    assert cut < sum(one.numel() for one in whole.backbone.parameters())
    kept = [whole.get_submodule(f"backbone.network.features.{name}") for name in names]
    assert cut == sum(one.numel() for part in kept for one in part.parameters())


def test_an_unknown_backbone_is_refused_with_names_that_come_near() -> None:
    with pytest.raises(RecipeError, match=r"found backbone 'resnet5' – expected .* resnet50"):
        transfer_network("resnet5", 2, hidden=0, dropout=0.0)
