"""The network hears of the place, and is as narrow as it says."""

import torch

from thoracle.train.ct.case_network import LocationNetwork, PictureNetwork, narrow_resnet18


def test_the_distance_from_the_edge_changes_the_answer() -> None:
    torch.manual_seed(0)
    network = LocationNetwork(3, width=4).eval()
    patches = torch.zeros(2, 2, 48, 48)
    patches[1, 1] = 0.1
    with torch.no_grad():
        first, second = network(patches)
    assert first.shape == (3,)
    assert not torch.allclose(first, second)


def test_only_the_grey_reaches_the_backbone() -> None:
    network = LocationNetwork(3, width=4).eval()
    seen: list[torch.Size] = []
    network.backbone.register_forward_hook(lambda _m, given, _o: seen.append(given[0].shape))
    network(torch.zeros(1, 2, 48, 48))
    assert seen == [torch.Size([1, 1, 48, 48])]


def test_a_width_sets_features_and_pictures_need_no_place() -> None:
    assert narrow_resnet18(width=4).eval()(torch.zeros(1, 1, 48, 48)).shape == (1, 32)
    assert PictureNetwork(2, width=4).eval()(torch.zeros(1, 1, 64, 64)).shape == (1, 2)
