"""The exported graph takes one landmark or many, and says what torch says."""

from pathlib import Path

import numpy as np
import onnx
import torch

from thoracle.inference.bundle import NETWORK
from thoracle.inference.session import run_file
from thoracle.prognosis.network import OUTPUTS
from thoracle.train.prognosis.ensemble import Ensemble
from thoracle.train.prognosis.graph import INPUT, LogitGraph, RiskGraph
from thoracle.train.prognosis.packing import made_up_days


def test_the_file_says_what_torch_says(small_ensemble: Ensemble, small_run: Path) -> None:
    path = small_run / "bundle" / NETWORK
    days = made_up_days(len(small_ensemble.scaling.places))
    graph = RiskGraph(small_ensemble.network).eval()
    with torch.no_grad():
        expected = graph(torch.from_numpy(days))
        logits = LogitGraph(small_ensemble.network).eval()(torch.from_numpy(days))
    found = run_file(path, days)
    assert tuple(found) == OUTPUTS
    for name, values in zip(OUTPUTS, expected, strict=True):
        np.testing.assert_allclose(found[name], values.numpy(), atol=1e-5)
    assert torch.equal(logits, expected[0])
    read = onnx.load(path)
    assert [one.name for one in read.graph.input] == [INPUT]
    assert not {"GRU", "LSTM"} & {one.op_type for one in read.graph.node}
    assert b"/work" not in path.read_bytes()
