"""The network and its ablations answer seven classes and say where they looked."""

import pytest
import torch

from thoracle.train.breathing.network import PatternNetwork
from thoracle.train.breathing.recipe import PatternNetworkRecipe


@pytest.mark.parametrize("cell", ["gru", "lstm"])
@pytest.mark.parametrize("is_bidirectional", [True, False])
@pytest.mark.parametrize("has_attention", [True, False])
@pytest.mark.parametrize("has_stem", [True, False])
def test_every_form_has_seven_logits_and_weights_that_sum_to_one(
    cell: str, *, is_bidirectional: bool, has_attention: bool, has_stem: bool
) -> None:
    network = PatternNetwork(
        PatternNetworkRecipe(
            cell=cell,
            hidden=4,
            is_bidirectional=is_bidirectional,
            has_attention=has_attention,
            has_stem=has_stem,
        )
    ).eval()
    with torch.no_grad():
        logits, weights = network.explained(torch.rand(3, 600))
    assert logits.shape == (3, 7)
    assert weights.shape == (3, 150 if has_stem else 600)
    torch.testing.assert_close(weights.sum(dim=1), torch.ones(3))
    assert bool((weights[:, :-1] > 0).any()) == has_attention


def test_one_direction_does_not_see_what_comes_later() -> None:
    torch.manual_seed(0)
    windows = torch.rand(1, 600)
    changed = windows.clone()
    changed[:, 412:] = 0
    for is_bidirectional in (False, True):
        network = PatternNetwork(
            PatternNetworkRecipe(hidden=4, is_bidirectional=is_bidirectional)
        ).eval()
        with torch.no_grad():
            states = [
                network.cells(network.stem(one[:, None]).transpose(1, 2))[0][:, :100]
                for one in (windows, changed)
                if network.stem is not None
            ]
        assert torch.equal(states[0], states[1]) is not is_bidirectional


def test_the_published_size_is_small() -> None:
    network = PatternNetwork(PatternNetworkRecipe())
    assert sum(one.numel() for one in network.parameters()) == 33135
