"""Tiny model bundles with answers that one can work out on paper, and films that suit them.

All three networks see a film of 32 × 32 px. The gate looks at its four quadrants: bright above
dark is an upright frontal chest, and a turn of the film turns the pattern; a bright center says
that grey is inverted. The lungs are what is darker than the film's median. The classifier's maps
are weighted sums of two features, the bright and the dark part of the film.
"""

import shutil
from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import onnx
import pytest
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper
from PIL import Image

from thoracle.core.arrays import FloatArray
from thoracle.core.settings import settings
from thoracle.imaging.types import Radiograph
from thoracle.inference.description import write_description
from thoracle.radiograph.gate import GATE_CLASSES
from thoracle.radiograph.preprocess import INPUT_FORMS

SIDE = 32
LAST, EARLY = "last", "early"
FINDINGS = ("No finding", "Other lung opacity", "COVID-19")

# Quadrants: top left, top right, bottom left, bottom right; 1 is bright, -1 dark.
PATTERNS = {
    "frontal_chest": (1, 1, -1, -1),
    "turned_90": (-1, 1, -1, 1),
    "turned_180": (-1, -1, 1, 1),
    "turned_270": (1, -1, 1, -1),
    "lateral_chest": (1, -1, -1, 1),
    "ct": (-1, 1, 1, -1),
    "other_radiograph": (1, -1, -1, -1),
    "not_radiograph": (-1, 1, 1, 1),
}
STEEPNESS = 5.0
HEAD = np.array([[0.0, 3.0], [3.0, 0.0], [1.0, 1.0]], np.float32)  # findings by features
BIAS = np.array([0.5, -0.5, -1.0], np.float32)

Arrays = dict[str, NDArray[Any]]


def gate_weights() -> tuple[FloatArray, FloatArray, FloatArray]:
    """Return pixels-to-features, features-to-logits and the logits' bias of the gate."""
    look = np.zeros((SIDE, SIDE, 5), np.float32)
    half, quarter = SIDE // 2, SIDE // 4
    for place in range(4):
        rows = slice(half * (place // 2), half * (place // 2) + half)
        columns = slice(half * (place % 2), half * (place % 2) + half)
        look[rows, columns, place] = 1 / half**2
    look[half - quarter // 2 :, half - quarter // 2 :, 4][:quarter, :quarter] = 1 / quarter**2
    head = np.zeros((9, 5), np.float32)
    head[:8, :4] = STEEPNESS * np.array([PATTERNS[name] for name in GATE_CLASSES])
    head[8, 4] = 2 * STEEPNESS
    bias = np.array([0.0] * 8 + [-STEEPNESS], np.float32)
    return look.reshape(SIDE * SIDE, 5), head, bias


def gate_answers(films: FloatArray) -> dict[str, FloatArray]:
    """Work out the gate's outputs in NumPy."""
    look, head, bias = gate_weights()
    embedding = films.reshape(len(films), -1) @ look
    return {"logits": embedding @ head.T + bias, "embedding": embedding}


def lung_answers(films: FloatArray) -> dict[str, FloatArray]:
    """Work out the lung network's output in NumPy."""
    return {"logits": -10 * films}


def classifier_answers(films: FloatArray) -> dict[str, FloatArray]:
    """Work out the classifier's outputs in NumPy."""

    def features(cell: int) -> FloatArray:
        side = SIDE // cell
        means = films.reshape(len(films), side, cell, side, cell).mean(axis=(2, 4))
        return np.stack([np.maximum(means, 0), np.maximum(-means, 0)], axis=1)

    last, early = features(8), features(4)
    embedding = last.mean(axis=(2, 3))
    maps = {
        layer: np.einsum("fc,nchw->nfhw", HEAD, one)
        for layer, one in ((LAST, last), (EARLY, early))
    }
    return {
        "logits": embedding @ HEAD.T + BIAS,
        "embedding": embedding,
        **{f"{layer}/gradcam": one for layer, one in maps.items()},
        **{f"{layer}/gradcam++": 0.5 * one for layer, one in maps.items()},
    }


def anomaly_answers(films: FloatArray) -> dict[str, FloatArray]:
    """Work out the auto-encoder's outputs: it makes mid grey of all, and brighter is unlike it."""
    return {"reconstruction": 0 * films, "map/anomaly": 4 * np.maximum(films, 0)}


ANSWERS: dict[str, Callable[[FloatArray], dict[str, FloatArray]]] = {
    "gate": gate_answers,
    "lungs": lung_answers,
    "classifier": classifier_answers,
    "anomaly": anomaly_answers,
}


def _node(operator: str, inputs: str, output: str, **options: Any) -> Any:
    return helper.make_node(operator, inputs.split(), [output], **options)


def _model(nodes: list[Any], weights: Arrays, outputs: dict[str, list[Any]]) -> bytes:
    graph = helper.make_graph(
        nodes,
        "tiny",
        [helper.make_tensor_value_info("films", TensorProto.FLOAT, ["n", 1, SIDE, SIDE])],
        [
            helper.make_tensor_value_info(name, TensorProto.FLOAT, ["n", *shape])
            for name, shape in outputs.items()
        ],
        [numpy_helper.from_array(value, name) for name, value in weights.items()],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)], ir_version=8)
    onnx.checker.check_model(model)
    content: bytes = model.SerializeToString()
    return content


def gate_network() -> bytes:
    look, head, bias = gate_weights()
    nodes = [
        _node("Flatten", "films", "flat"),
        _node("MatMul", "flat look", "embedding"),
        _node("Gemm", "embedding head bias", "logits", transB=1),
    ]
    weights: Arrays = {"look": look, "head": head, "bias": bias}
    return _model(nodes, weights, {"logits": [9], "embedding": [5]})


def lung_network() -> bytes:
    nodes = [_node("Mul", "films factor", "logits")]
    return _model(nodes, {"factor": np.array(-10, np.float32)}, {"logits": [1, SIDE, SIDE]})


def classifier_network() -> bytes:
    nodes = []
    for layer, cell in ((LAST, 8), (EARLY, 4)):
        nodes += [
            _node(
                "AveragePool", "films", f"{layer}.mean", kernel_shape=[cell] * 2, strides=[cell] * 2
            ),
            _node("Conv", f"{layer}.mean signs", f"{layer}.both"),
            _node("Relu", f"{layer}.both", layer),
            _node("Conv", f"{layer} pointwise", f"{layer}/gradcam"),
            _node("Mul", f"{layer}/gradcam half", f"{layer}/gradcam++"),
        ]
    nodes += [
        _node("GlobalAveragePool", LAST, "pooled"),
        _node("Flatten", "pooled", "embedding"),
        _node("Gemm", "embedding head bias", "logits", transB=1),
    ]
    weights: Arrays = {
        "signs": np.array([1, -1], np.float32).reshape(2, 1, 1, 1),
        "pointwise": HEAD.reshape(3, 2, 1, 1),
        "half": np.array(0.5, np.float32),
        "head": HEAD,
        "bias": BIAS,
    }
    maps = {
        f"{layer}/{method}": [3, SIDE // cell, SIDE // cell]
        for layer, cell in ((LAST, 8), (EARLY, 4))
        for method in ("gradcam", "gradcam++")
    }
    return _model(nodes, weights, {"logits": [3], "embedding": [2], **maps})


def anomaly_network() -> bytes:
    nodes = [
        _node("Mul", "films nothing", "reconstruction"),
        _node("Relu", "films", "bright"),
        _node("Mul", "bright four", "map/anomaly"),
    ]
    weights: Arrays = {"nothing": np.array(0, np.float32), "four": np.array(4, np.float32)}
    shape = [1, SIDE, SIDE]
    return _model(nodes, weights, {"reconstruction": shape, "map/anomaly": shape})


NETWORKS = {
    "gate": gate_network,
    "lungs": lung_network,
    "classifier": classifier_network,
    "anomaly": anomaly_network,
}


def description_of(name: str, task: str) -> dict[str, Any]:
    """Return a bundle's description without schema and files, as export writes it."""
    labels: dict[str, list[dict[str, Any]]] = {
        "gate": [{"name": one} for one in GATE_CLASSES],
        "lungs": [{"name": "lungs"}],
        "anomaly": [],
        "classifier": [
            {"name": one, "color": color, "threshold": threshold, "threshold_target": "90 %"}
            for one, color, threshold in zip(
                FINDINGS, ("#2e8b57", "#2f6fb3", "#c0392b"), (0.5, 0.4, 0.3), strict=True
            )
        ],
    }
    is_classifier = task == "classifier"
    layers = [LAST, EARLY] if is_classifier else []
    return {
        "name": name,
        "version": "1.2.3",
        "task": task,
        "intended_use": "Tests.",
        "population": "adults" if is_classifier else "children and adults",
        "input": {"size": SIDE, "channels": 1, "range": [-1.0, 1.0], "resize": INPUT_FORMS[task]},
        "temperature": 2.0 if is_classifier else 1.0,
        "labels": labels[task],
        "map_layers": layers,
        "map_scale": {"map/anomaly": 4.0}
        if task == "anomaly"
        else {f"{one}/{how}": 1.5 for one in layers for how in ("gradcam", "gradcam++")},
        "numbers": {"accept_probability": 0.9} if task == "gate" else {},
        "training": {"films": "7"},
    }


def write_bundle(folder: Path, task: str) -> Path:
    """Write a whole bundle of a task, with its films and the answers worked out in NumPy."""
    folder.mkdir(parents=True)
    (folder / "network.onnx").write_bytes(NETWORKS[task]())
    (folder / "MODEL_CARD.md").write_text("A tiny model.\n", encoding="utf-8")
    noise = np.random.default_rng(1).uniform(-1, 1, (2, 1, SIDE, SIDE)).astype(np.float16)
    answers = ANSWERS[task](noise.astype(np.float32))
    named = {name.replace("/", "|"): value for name, value in answers.items()}
    np.savez_compressed(folder / "parity.npz", films=noise, **named)  # type: ignore[arg-type]
    write_description(folder, description_of(folder.name, task))
    return folder


@pytest.fixture(scope="session")
def _tiny_bundles(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("tiny") / "bundles"
    for name, task in (("gate", "gate"), ("lungs", "lungs"), ("radiograph", "classifier")):
        write_bundle(folder / name, task)
    return folder


@pytest.fixture(scope="session")
def tiny() -> SimpleNamespace:
    """The tiny networks' own facts, for tests that work out an answer."""
    return SimpleNamespace(
        side=SIDE, last=LAST, early=EARLY, bias=BIAS, head=HEAD, patterns=PATTERNS,
        answers=ANSWERS, description_of=description_of, write_bundle=write_bundle,
    )  # fmt: skip


@pytest.fixture
def bundles(_tiny_bundles: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of the three tiny bundles, in force, that a test may change."""
    folder = tmp_path / "bundles"
    shutil.copytree(_tiny_bundles, folder)
    monkeypatch.setenv("THORACLE_BUNDLES", str(folder))
    monkeypatch.setattr("thoracle.inference.bundle.SHIPPED", tmp_path / "none")
    monkeypatch.setenv("THORACLE_DECODE_WORKERS", "1")
    settings.cache_clear()
    return folder


@pytest.fixture(scope="module")
def shared_bundles(_tiny_bundles: Path) -> Path:
    """The three tiny bundles, for reading only, by their folders."""
    return _tiny_bundles


@pytest.fixture(scope="session")
def draw() -> Callable[..., FloatArray]:
    """Draw display grey, 0 to 1, that the tiny gate takes for a kind; (rows, columns) float32."""

    def pixels(
        kind: str = "frontal_chest",
        *,
        rows: int = 256,
        columns: int = 240,
        is_inverted: bool = False,
    ) -> FloatArray:
        quadrants = np.array(PATTERNS[kind], np.float32).reshape(2, 2)
        picture = np.kron(quadrants, np.ones((rows // 2, columns // 2), np.float32))
        picture = np.asarray(0.5 + 0.3 * picture, np.float32)
        if is_inverted:
            picture = 1.0 - picture
            middle = (
                slice(rows * 3 // 8, rows * 5 // 8),
                slice(columns * 3 // 8, columns * 5 // 8),
            )
            picture[middle] = 0.8
        return picture

    return pixels


@pytest.fixture(scope="session")
def as_film() -> Callable[..., Radiograph]:
    """Wrap pixels as a decoded film."""

    def film(pixels: FloatArray, **facts: Any) -> Radiograph:
        return Radiograph(
            **{"pixels": pixels, "sha256": "f" * 64, "format": "PNG", "bits": 8, **facts}
        )

    return film


@pytest.fixture(scope="session")
def as_png() -> Callable[[FloatArray], bytes]:
    """Encode pixels as an 8-bit grey PNG."""

    def encode(pixels: FloatArray) -> bytes:
        stream = BytesIO()
        Image.fromarray(np.round(pixels * 255).astype(np.uint8)).save(stream, "PNG")
        return stream.getvalue()

    return encode


GREY_OF_LABELS = np.array([0.96, -0.3, 1 / 3, 0.7], np.float32)
"""Grey, −1 to 1, that the tiny CT network takes for each label: 120, −825, −350 and −75 HU."""
SHARPNESS = 40.0


def ct_network() -> bytes:
    """Write a network that labels each voxel by the nearest grey, for a volume of any size."""
    # −a·(g − c)² is, but for a part that all labels share, a·(2·c·g − c²).
    weight = (2 * SHARPNESS * GREY_OF_LABELS).reshape(4, 1, 1, 1, 1)
    sides = ["slices", "rows", "columns"]
    graph = helper.make_graph(
        [_node("Conv", "volumes weight bias", "logits")],
        "tiny",
        [helper.make_tensor_value_info("volumes", TensorProto.FLOAT, [1, 1, *sides])],
        [helper.make_tensor_value_info("logits", TensorProto.FLOAT, [1, 4, *sides])],
        [
            numpy_helper.from_array(weight, "weight"),
            numpy_helper.from_array(-SHARPNESS * GREY_OF_LABELS**2, "bias"),
        ],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)], ir_version=8)
    onnx.checker.check_model(model)
    content: bytes = model.SerializeToString()
    return content


@pytest.fixture
def ct_bundle(tmp_path: Path) -> Callable[..., Path]:
    """Write a CT bundle that labels by grey alone; keywords change what it says of itself."""
    from thoracle.ct.grey import CT_INPUT
    from thoracle.ct.types import LABELS

    def write(
        *,
        task: str = "ct_segmentation",
        form: str = CT_INPUT,
        patients: str = "patient1, patient2",
        place: str = "ct",
    ) -> Path:
        folder = tmp_path / place
        folder.mkdir(parents=True)
        (folder / "network.onnx").write_bytes(ct_network())
        table = {
            "name": "ct",
            "version": "1.2.3",
            "task": task,
            "intended_use": "Tests.",
            "population": "adults",
            "input": {"size": 320, "channels": 1, "range": [-1.0, 1.0], "resize": form},
            "temperature": 1.0,
            "labels": [{"name": one} for one in LABELS],
            "map_layers": [],
            "map_scale": {},
            "numbers": {"slice_mm": 5.0, "row_mm": 1.5, "column_mm": 1.5},
            "training": {"patients": patients, "left_out": ""},
        }
        write_description(folder, table)
        return folder

    return write
