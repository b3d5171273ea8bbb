"""The networks' shapes, sizes and the head that makes a map exact."""

import itertools
from pathlib import Path

import pytest
import torch
from safetensors.torch import save_file
from torch import nn

from thoracle.core.errors import RecipeError
from thoracle.train.autoencoder import AutoEncoder
from thoracle.train.networks import (
    LungNetwork,
    PooledClassifier,
    add_mixstyle,
    build_network,
    check_layers,
    load_matching,
)
from thoracle.train.recipe import NetworkRecipe

BACKBONE = "test_resnet"


def parameters(network: nn.Module) -> int:
    return sum(one.numel() for one in network.parameters())


def residual(inputs: int, outputs: int) -> int:
    """Count two 3×3 convolutions, two batch norms and a 1×1 convolution."""
    return 9 * inputs * outputs + 9 * outputs**2 + 4 * outputs + inputs * outputs


def test_the_lung_network_returns_a_logit_per_pixel() -> None:
    network = LungNetwork(widths=(4, 6, 8))
    assert network(torch.zeros(2, 1, 48, 32)).shape == (2, 1, 48, 32)


def test_the_lung_network_is_as_small_as_its_blocks() -> None:
    widths = (32, 64, 128, 160, 192)
    down = sum(residual(*pair) for pair in zip((16, *widths[:-1]), widths, strict=True))
    up = sum(residual(deep + flat, flat) for flat, deep in itertools.pairwise(widths))
    found = parameters(build_network(NetworkRecipe(backbone="unet"), outputs=1))
    assert found == down + up + 32 * 16 + 16
    assert found <= 3_000_000  # the most that a network beside the classifier may have


def test_densenet_121_takes_one_channel_and_gives_three_findings() -> None:
    network = build_network(NetworkRecipe(backbone="densenet121"), outputs=3)
    # 6,953,856 with three channels (torchvision, without its classifier), less 2 × 64 × 7 × 7.
    assert parameters(network) == 6_953_856 - 2 * 64 * 49 + 1024 * 3 + 3
    assert isinstance(network, PooledClassifier)
    check_layers(network, ("features.norm5", "features.denseblock3"))
    with torch.no_grad():
        assert network.eval()(torch.zeros(1, 1, 32, 32)).shape == (1, 3)


def test_mobilenet_v3_small_gives_eight_kinds_and_a_polarity() -> None:
    network = build_network(NetworkRecipe(backbone="mobilenetv3_small_100"), outputs=9)
    # 2,542,856 with three channels and a thousand classes (Howard et al. 2019, timm).
    assert parameters(network) == 2_542_856 - 2 * 16 * 9 - (1024 * 1000 + 1000) + 1024 * 9 + 9
    with torch.no_grad():
        assert network.eval()(torch.zeros(1, 1, 32, 32)).shape == (1, 9)


def test_the_mean_of_weighted_features_plus_the_bias_is_the_logit() -> None:
    network = build_network(NetworkRecipe(backbone=BACKBONE, dropout=0.5), outputs=3).eval()
    assert isinstance(network, PooledClassifier)
    films = torch.randn(2, 1, 32, 32)
    with torch.no_grad():
        maps = torch.einsum("fc,nchw->nfhw", network.head.weight, network.features(films))
        expected = maps.mean(dim=(2, 3)) + network.head.bias
        torch.testing.assert_close(network(films), expected, atol=1e-5, rtol=1e-5)


def test_measuring_the_width_leaves_batch_norm_alone() -> None:
    network = PooledClassifier(NetworkRecipe(backbone=BACKBONE), outputs=2)
    assert network.backbone.training
    counts = [v for k, v in network.state_dict().items() if k.endswith("num_batches_tracked")]
    assert counts
    assert not any(counts)


def test_a_missing_layer_is_named_before_training() -> None:
    network = PooledClassifier(NetworkRecipe(backbone=BACKBONE), outputs=2)
    check_layers(network, ("layer1", "layer4"))
    with pytest.raises(RecipeError, match=r"layer 'norm5' – expected one .*: conv1, .*layer4"):
        check_layers(network, ("layer1", "norm5"))


def mixed_by(network: PooledClassifier, features: torch.Tensor) -> torch.Tensor:
    output: torch.Tensor = network.backbone.act1(features)
    return output


def test_mixstyle_exchanges_statistics_and_keeps_each_films_pattern() -> None:
    network = PooledClassifier(NetworkRecipe(backbone=BACKBONE, mixstyle=1.0), outputs=2)
    features = torch.rand(4, 3, 5, 5) + torch.arange(4.0).view(4, 1, 1, 1)
    add_mixstyle(network, ["act1"], torch.Generator().manual_seed(1))
    torch.manual_seed(0)
    mixed = mixed_by(network.train(), features)
    assert not torch.allclose(mixed, features, atol=0.01)

    def pattern(values: torch.Tensor) -> torch.Tensor:
        centered = values - values.mean(dim=(2, 3), keepdim=True)
        return centered / values.std(dim=(2, 3), keepdim=True)

    torch.testing.assert_close(pattern(mixed), pattern(features), atol=1e-3, rtol=1e-3)
    means, own = mixed.mean(dim=(2, 3)), features.mean(dim=(2, 3))
    assert float(means.min()) >= float(own.min()) - 1e-4
    assert float(means.max()) <= float(own.max()) + 1e-4


@pytest.mark.parametrize(("mixstyle", "is_training"), [(1.0, False), (0.0, True)])
def test_mixstyle_does_nothing_in_evaluation_or_at_probability_zero(
    mixstyle: float, is_training: bool
) -> None:
    network = PooledClassifier(NetworkRecipe(backbone=BACKBONE, mixstyle=mixstyle), outputs=2)
    add_mixstyle(network, ["act1"], torch.Generator().manual_seed(1))
    features = torch.rand(4, 3, 5, 5)
    assert torch.equal(mixed_by(network.train(is_training), features), features)


def test_weights_of_the_same_name_and_shape_are_taken_over(tmp_path: Path) -> None:
    path = tmp_path / "first.safetensors"
    source = nn.Linear(4, 3)
    save_file(
        {"weight": source.weight.detach(), "bias": torch.zeros(7), "other": torch.ones(1)}, path
    )
    target = nn.Linear(4, 3)
    bias = target.bias.detach().clone()
    load_matching(target, str(path))
    assert torch.equal(target.weight, source.weight)
    assert torch.equal(target.bias, bias)


def test_a_recipe_may_name_its_first_weights(tmp_path: Path) -> None:
    path = tmp_path / "first.safetensors"
    given = LungNetwork().state_dict()
    save_file({key: value + 1 for key, value in given.items()}, path)
    network = build_network(NetworkRecipe(backbone="unet", weights=str(path)), outputs=1)
    assert torch.equal(network.state_dict()["head.bias"], given["head.bias"] + 1)


def test_weights_that_are_missing_or_of_another_network_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "first.safetensors"
    with pytest.raises(RecipeError, match="expected safetensors weights"):
        load_matching(nn.Linear(4, 3), str(path))
    save_file({"conv.weight": torch.zeros(2)}, path)
    with pytest.raises(RecipeError, match=r"found no tensor in .* that fits"):
        load_matching(nn.Linear(4, 3), str(path))


@pytest.mark.parametrize(
    ("backbone", "has_skips"), [("autoencoder", False), ("autoencoder-skips", True)]
)
def test_a_recipe_names_an_auto_encoder_with_or_without_skips(
    backbone: str, has_skips: bool
) -> None:
    network = build_network(NetworkRecipe(backbone=backbone), outputs=1)
    assert isinstance(network, AutoEncoder)
    assert network.has_skips is has_skips
