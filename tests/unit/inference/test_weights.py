"""Random weights in the file itself; the package `onnx` is the oracle."""

from pathlib import Path

import numpy as np
import onnx
import onnx.numpy_helper
import pytest
from onnx import TensorProto, helper

from thoracle.core.errors import BundleError
from thoracle.inference.bundle import open_bundle
from thoracle.inference.session import Network
from thoracle.inference.weights import randomized, read_weights, rotated


def model(**weights: np.ndarray) -> bytes:
    """Return a network: a convolution, its copy scaled by row, and a layer with a transposed copy.

    The nodes come in an order in which the copies are used last, as in an exported gradient.
    """
    nodes = [
        helper.make_node("Conv", ["films", "filters"], ["seen"]),
        helper.make_node("GlobalAveragePool", ["seen"], ["pooled"]),
        helper.make_node("Flatten", ["pooled"], ["flat"]),
        helper.make_node("Gemm", ["flat", "head"], ["logits"], transB=1),
        helper.make_node("MatMul", ["flat", "head_turned"], ["same"]),
        helper.make_node("Conv", ["films", "filters_scaled"], ["scaled"]),
        helper.make_node("Add", ["logits", "shift"], ["shifted"]),
    ]
    graph = helper.make_graph(
        nodes,
        "g",
        [helper.make_tensor_value_info("films", TensorProto.FLOAT, ["n", 1, 8, 8])],
        [
            helper.make_tensor_value_info(name, TensorProto.FLOAT, None)
            for name in ("logits", "same", "seen", "scaled", "shifted")
        ],
        [onnx.numpy_helper.from_array(value, name) for name, value in weights.items()],
    )
    made = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)], ir_version=8)
    content: bytes = made.SerializeToString()
    return content


@pytest.fixture
def content() -> bytes:
    rng = np.random.default_rng(0)
    filters = rng.normal(size=(6, 1, 3, 3)).astype(np.float32)
    head = rng.normal(size=(3, 6)).astype(np.float32)
    scale = np.array([1, -2, 3, 0.5, -1, 4], np.float32).reshape(6, 1, 1, 1)
    return model(
        filters=filters, head=head, head_turned=np.ascontiguousarray(head.T),
        filters_scaled=filters * scale, shift=rng.normal(size=(1, 3)).astype(np.float32),
    )  # fmt: skip


def arrays(content: bytes) -> dict[str, np.ndarray]:
    graph = onnx.load_from_string(content).graph
    return {one.name: onnx.numpy_helper.to_array(one) for one in graph.initializer}


def test_weights_are_found_where_onnx_finds_them(content: bytes) -> None:
    expected = arrays(content)
    found = {one.name: one for one in read_weights(content)}
    assert set(found) == {"filters", "filters_scaled", "head", "head_turned"}
    for name, one in found.items():
        assert one.shape == expected[name].shape
        assert content[one.start : one.stop] == expected[name].tobytes()


def test_copies_share_their_original_s_layer(content: bytes) -> None:
    layers = {one.name: one.layer for one in read_weights(content)}
    assert layers == {"filters": 0, "filters_scaled": 0, "head": 1, "head_turned": 1}


def test_copies_stay_copies_and_norms_stay(content: bytes) -> None:
    before = arrays(content)
    after = arrays(randomized(content, read_weights(content), seed=3))
    np.testing.assert_array_equal(after["shift"], before["shift"])
    np.testing.assert_allclose(after["head_turned"], after["head"].T, atol=1e-6)
    ratio = after["filters_scaled"] / after["filters"]
    np.testing.assert_allclose(
        ratio, np.broadcast_to(before["filters_scaled"] / before["filters"], ratio.shape), rtol=1e-3
    )
    for name in ("filters", "head"):
        norms = [
            np.linalg.norm(one[name].reshape(len(one[name]), -1), axis=1) for one in (before, after)
        ]
        np.testing.assert_allclose(norms[0], norms[1], rtol=1e-5)
        assert abs(np.corrcoef(before[name].ravel(), after[name].ravel())[0, 1]) < 0.6


def test_only_the_chosen_layers_change_and_the_file_keeps_its_length(content: bytes) -> None:
    chosen = tuple(one for one in read_weights(content) if one.layer == 1)
    made = randomized(content, chosen, seed=0)
    assert len(made) == len(content)
    before, after = arrays(content), arrays(made)
    np.testing.assert_array_equal(after["filters"], before["filters"])
    assert (after["head"] != before["head"]).any()
    assert randomized(content, chosen, seed=0) == made != randomized(content, chosen, seed=1)


def test_a_randomized_bundle_runs_and_says_something_else(bundles: Path) -> None:
    bundle = open_bundle("radiograph")
    own = bundle.network.read_bytes()
    made = randomized(own, read_weights(own), seed=0)
    films = np.random.default_rng(3).uniform(-1, 1, (3, 1, 32, 32)).astype(np.float32)
    first, other = Network(bundle).run(films), Network(bundle, content=made).run(films)
    assert np.abs(first["logits"] - other["logits"]).max() > 0.01


def test_a_rotation_keeps_angles_and_mixes_everything() -> None:
    rows = np.random.default_rng(0).normal(size=(5, 200))
    turned = rotated(rows, seed=0)
    np.testing.assert_allclose(turned @ turned.T, rows @ rows.T, atol=1e-9)
    one = rotated(np.eye(200)[:1], seed=0)[0]
    assert np.abs(one).max() < 0.5  # a single number is spread over all places


@pytest.mark.parametrize("content", [b"", b"no network", b"\x3a\xff\x01", b"\xff" * 40])
def test_bytes_that_are_no_network_are_refused(content: bytes) -> None:
    with pytest.raises(BundleError, match="no ONNX file"):
        read_weights(content)


def test_a_network_without_weights_is_refused(bundles: Path) -> None:
    with pytest.raises(BundleError, match="no float weights"):
        read_weights(open_bundle("lungs").network.read_bytes())
