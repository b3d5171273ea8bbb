"""A bundle for charts that is small enough to be reckoned by hand."""

from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper

from thoracle.inference.bundle import NETWORK
from thoracle.inference.description import write_description
from thoracle.prognosis.calibration import Calibration
from thoracle.prognosis.features import Scaling
from thoracle.prognosis.learned import Seen
from thoracle.prognosis.network import CHART_INPUT, OUTPUTS, TASK, NetworkContent, write_content
from thoracle.prognosis.types import HORIZONS
from thoracle.prognosis.variables import place_of

MEMBER_SHIFTS = (-1.0, 0.0, 1.0)
HORIZON_SHIFTS = (-2.0, -1.0, 0.0, 0.0)
SPREADS = (-1.0, 0.0, 2.0)
_SHAPES = {"logits": (3, 4), "attention": (14,), "contributions": (14, 2), "quantiles": (2, 2, 3)}


@pytest.fixture
def risk_scaling() -> Scaling:
    """hs-CRP by its logarithm, LDH as it is."""
    return Scaling(
        places=np.array([place_of("hs_crp"), place_of("ldh")]),
        is_log=np.array([True, False]),
        floor=np.array([0.1, 1.0]),
        mean=np.array([2.0, 300.0]),
        sd=np.array([1.0, 100.0]),
    )


@pytest.fixture
def risk_bundle(tmp_path: Path, risk_scaling: Scaling) -> Path:
    """A bundle whose logits are the latest day's standardized values, added up and shifted.

    All attention is the same; a value contributes itself; forecasts are the last value and what
    `SPREADS` has around it. Where one of the two is known logits are halved and 0.5 is added;
    intervals are twice as wide in three days.
    """
    folder = tmp_path / "risks"
    folder.mkdir()
    (folder / NETWORK).write_bytes(_network().SerializeToString())
    calibration = Calibration(
        slopes=np.array([1.0, 0.25]), intercepts=np.array([[0.0] * 4, [1.0] * 4])
    )
    seen = Seen(
        low=np.array([0.5, 100.0]),
        high=np.array([300.0, 2000.0]),
        patients_share=np.array([0.9, 0.5]),
    )
    content = NetworkContent(
        scaling=risk_scaling, seen=seen, calibration=calibration, widening=np.array([1.0, 2.0])
    )
    write_content(content, folder)
    description = {
        "name": "risks",
        "version": "1.0.0",
        "task": TASK,
        "intended_use": "Tests.",
        "population": "adults",
        "temperature": 1.0,
        "input": {"size": 14, "resize": CHART_INPUT},
        "labels": [{"name": name} for name in HORIZONS],
    }
    write_description(folder, description)
    return folder


def _network() -> onnx.ModelProto:
    nodes = [
        helper.make_node("Slice", ["days", "zero", "two", "last"], ["values"]),
        helper.make_node("Gather", ["values", "first"], ["latest"], axis=1),
        helper.make_node("ReduceSum", ["latest", "last"], ["total"], keepdims=1),
        helper.make_node("Unsqueeze", ["total", "last"], ["totals"]),
        helper.make_node("Add", ["totals", "shifts"], ["logits"]),
        helper.make_node("ReduceSum", ["values", "last"], ["sums"], keepdims=0),
        helper.make_node("Mul", ["sums", "none"], ["nothing"]),
        helper.make_node("Softmax", ["nothing"], ["attention"], axis=1),
        helper.make_node("Identity", ["values"], ["contributions"]),
        helper.make_node("Unsqueeze", ["latest", "around"], ["middle"]),
        helper.make_node("Add", ["middle", "spreads"], ["quantiles"]),
    ]
    weights = {
        "zero": np.array([0]),
        "two": np.array([2]),
        "last": np.array([-1]),
        "first": np.array(0),
        "around": np.array([1, 3]),
        "none": np.array([0.0], np.float32),
        "shifts": np.add.outer(MEMBER_SHIFTS, HORIZON_SHIFTS).astype(np.float32)[None],
        "spreads": np.tile(np.array(SPREADS, np.float32), (1, 2, 2, 1)),
    }
    graph = helper.make_graph(
        nodes,
        "risks",
        [helper.make_tensor_value_info("days", TensorProto.FLOAT, ["n", 14, 10])],
        [
            helper.make_tensor_value_info(name, TensorProto.FLOAT, ["n", *_SHAPES[name]])
            for name in OUTPUTS
        ],
        [numpy_helper.from_array(value, name) for name, value in weights.items()],
    )
    made = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)], ir_version=9)
    onnx.checker.check_model(made, full_check=True)
    return made
