"""Write a pattern network as ONNX: its cells become one operator, which runtimes are fastest at.

Torch's own exporter unrolls a recurrent network into as many nodes as there are steps.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np
import onnx
import torch
from onnx import TensorProto, helper, numpy_helper
from torch import Tensor, nn

from thoracle.core.errors import BundleError
from thoracle.core.files import write_atomically
from thoracle.respiration.network_input import SAMPLES
from thoracle.respiration.types import CLASSES
from thoracle.train.breathing.network import STEM_SIZES, PatternNetwork
from thoracle.train.onnx_graph import OPSET

OUTPUTS: Final = ("logits", "attention")
_IR_VERSION: Final = 9  # what opset 18 came with, so that older runtimes read it
_GATES: Final = {"gru": (1, 0, 2), "lstm": (0, 3, 1, 2)}
"""Torch's order of gates, rearranged to ONNX's: update, reset, new; input, output, forget, cell."""


class _Graph:
    """Nodes and weights, as they are added."""

    def __init__(self) -> None:
        self.nodes: list[onnx.NodeProto] = []
        self.weights: list[onnx.TensorProto] = []

    def weight(self, name: str, value: Tensor | Sequence[int]) -> str:
        array = (
            value.detach().float().numpy()
            if isinstance(value, Tensor)
            else np.array(value, np.int64)
        )
        self.weights.append(numpy_helper.from_array(np.ascontiguousarray(array), name))
        return name

    def node(self, kind: str, inputs: Sequence[str], output: str, **attributes: Any) -> str:
        self.nodes.append(helper.make_node(kind, list(inputs), [output], name=output, **attributes))
        return output


def write_pattern_onnx(network: PatternNetwork, path: Path) -> None:
    """Write a network as one ONNX file with a free number of windows.

    Parameters
    ----------
    network
        In evaluation mode.
    path
        Where the file goes; it is written under another name first. A network without attention is
        a BundleError.
    """
    graph = _Graph()
    steps = _stem(graph, network)
    states = _cells(graph, network, steps)
    told = _attended(graph, network, states)
    graph.weight("head.weight", network.head.weight.T)
    graph.weight("head.bias", network.head.bias)
    graph.node("Gemm", [told, "head.weight", "head.bias"], "logits")
    count = SAMPLES // (4 if network.recipe.has_stem else 1)
    made = helper.make_graph(
        graph.nodes,
        "patterns",
        [helper.make_tensor_value_info("windows", TensorProto.FLOAT, ["n", SAMPLES])],
        [
            helper.make_tensor_value_info("logits", TensorProto.FLOAT, ["n", len(CLASSES)]),
            helper.make_tensor_value_info("attention", TensorProto.FLOAT, ["n", count]),
        ],
        graph.weights,
    )
    model = helper.make_model(
        made, opset_imports=[helper.make_opsetid("", OPSET)], ir_version=_IR_VERSION
    )
    onnx.checker.check_model(model, full_check=True)
    write_atomically(path, model.SerializeToString())


def _stem(graph: _Graph, network: PatternNetwork) -> str:
    """Add what turns (n, 600) into steps first, (steps, n, channels)."""
    if network.stem is None:
        graph.weight("last", [2])
        flat = graph.node("Transpose", ["windows"], "flat", perm=[1, 0])
        return graph.node("Unsqueeze", [flat, "last"], "steps")
    graph.weight("channel", [1])
    signal = graph.node("Unsqueeze", ["windows", "channel"], "signal")
    for number, (part, size) in enumerate(zip(network.stem, STEM_SIZES, strict=True)):
        kernel, bias = _folded(part)
        names = (
            graph.weight(f"stem.{number}.weight", kernel),
            graph.weight(f"stem.{number}.bias", bias),
        )
        halved = graph.node(
            "Conv", [signal, *names], f"stem.{number}", strides=[2], pads=[size // 2, size // 2]
        )
        signal = graph.node("Relu", [halved], f"stem.{number}.relu")
    return graph.node("Transpose", [signal], "steps", perm=[2, 0, 1])


def _folded(part: Any) -> tuple[Tensor, Tensor]:
    """Return kernel and bias of a convolution with its batch normalization folded in."""
    convolution, normalization = part[0], part[1]
    scale = normalization.weight / torch.sqrt(normalization.running_var + normalization.eps)
    return (
        convolution.weight * scale[:, None, None],
        normalization.bias - normalization.running_mean * scale,
    )


def _cells(graph: _Graph, network: PatternNetwork, steps: str) -> str:
    """Add the recurrent operator; its states are (n, steps, directions × hidden)."""
    recipe = network.recipe
    suffixes = ("", "_reverse") if recipe.is_bidirectional else ("",)
    gates = _GATES[recipe.cell]

    def gathered(kind: str) -> Tensor:
        """Return one kind of weights of all directions, gates in ONNX's order."""
        own = [_by_gate(getattr(network.cells, f"{kind}_l0{one}"), gates) for one in suffixes]
        return torch.stack(own)

    graph.weight("cells.input", gathered("weight_ih"))
    graph.weight("cells.state", gathered("weight_hh"))
    graph.weight("cells.bias", torch.cat([gathered("bias_ih"), gathered("bias_hh")], dim=1))
    attributes: dict[str, Any] = {
        "hidden_size": recipe.hidden,
        "direction": "bidirectional" if recipe.is_bidirectional else "forward",
    }
    if recipe.cell == "gru":
        attributes["linear_before_reset"] = 1  # as torch has it
    inputs = [steps, "cells.input", "cells.state", "cells.bias"]
    raw = graph.node(recipe.cell.upper(), inputs, "cells", **attributes)
    turned = graph.node("Transpose", [raw], "states.turned", perm=[2, 0, 1, 3])
    graph.weight("states.shape", [0, 0, network.width])
    return graph.node("Reshape", [turned, "states.shape"], "states")


def _by_gate(value: Tensor, gates: tuple[int, ...]) -> Tensor:
    parts = value.chunk(len(gates))
    return torch.cat([parts[one] for one in gates])


def _attended(graph: _Graph, network: PatternNetwork, states: str) -> str:
    """Add attention, and what it makes of the states, (n, directions × hidden).

    Raises
    ------
    BundleError
        The network has none.
    """
    if network.attend is None or network.score is None:
        raise BundleError(
            "found a network without attention – expected one that shows what it attended to. "
            "Export a recipe with has_attention = true.",
            code="bundle-network",
        )
    graph.weight("attend.weight", network.attend.weight.T)
    graph.weight("attend.bias", network.attend.bias)
    graph.weight("score.weight", network.score.weight.T)
    graph.weight("score.axis", [2])
    graph.weight("step.axis", [1])
    seen = graph.node("MatMul", [states, "attend.weight"], "attend.product")
    seen = graph.node("Tanh", [graph.node("Add", [seen, "attend.bias"], "attend.sum")], "attend")
    score = graph.node("MatMul", [seen, "score.weight"], "score")
    weights = graph.node("Softmax", [score], "score.share", axis=1)
    graph.node("Squeeze", [weights, "score.axis"], "attention")
    weighed = graph.node("Mul", [states, weights], "weighed")
    return graph.node("ReduceSum", [weighed, "step.axis"], "told", keepdims=0)


def exported_outputs(network: PatternNetwork) -> nn.Module:
    """Return the network as the file has it: logits and attention."""
    return _Both(network)


class _Both(nn.Module):
    def __init__(self, network: PatternNetwork) -> None:
        super().__init__()
        self.network = network

    def forward(self, windows: Tensor) -> tuple[Tensor, Tensor]:
        return self.network.explained(windows)
