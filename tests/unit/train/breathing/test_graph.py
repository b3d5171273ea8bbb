"""The exported file says what torch says, for every form with attention."""

from pathlib import Path

import numpy as np
import onnx
import pytest
import torch

from thoracle.core.errors import BundleError
from thoracle.train.breathing.graph import OUTPUTS, exported_outputs, write_pattern_onnx
from thoracle.train.breathing.network import PatternNetwork
from thoracle.train.breathing.recipe import PatternNetworkRecipe
from thoracle.train.export import compare


def _network(recipe: PatternNetworkRecipe) -> PatternNetwork:
    torch.manual_seed(3)
    network = PatternNetwork(recipe)
    for one in network.modules():
        if isinstance(one, torch.nn.BatchNorm1d):
            one.running_mean = torch.randn(one.num_features)
            one.running_var = torch.rand(one.num_features) + 0.5
    return network.eval()


@pytest.mark.parametrize("cell", ["gru", "lstm"])
@pytest.mark.parametrize("is_bidirectional", [True, False])
@pytest.mark.parametrize("has_stem", [True, False])
def test_the_file_equals_the_network(
    cell: str, tmp_path: Path, *, is_bidirectional: bool, has_stem: bool
) -> None:
    recipe = PatternNetworkRecipe(
        cell=cell, hidden=6, is_bidirectional=is_bidirectional, has_stem=has_stem
    )
    network = _network(recipe)
    write_pattern_onnx(network, tmp_path / "network.onnx")
    windows = np.random.default_rng(0).random((3, 600)).astype(np.float32)
    both = exported_outputs(network)
    found = compare(both, tmp_path / "network.onnx", OUTPUTS, windows)
    assert found.logit_difference < 1e-6
    kinds = {one.op_type for one in onnx.load(tmp_path / "network.onnx").graph.node}
    assert cell.upper() in kinds


def test_a_network_without_attention_is_not_exported(tmp_path: Path) -> None:
    network = _network(PatternNetworkRecipe(hidden=4, has_attention=False))
    with pytest.raises(BundleError, match="found a network without attention"):
        write_pattern_onnx(network, tmp_path / "network.onnx")
    assert not list(tmp_path.iterdir())
