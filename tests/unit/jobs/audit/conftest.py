"""Films with a planted shortcut, and classifiers of which one knows what they read.

Every film has two dark lungs before grey. In one set the finding is a bright patch in a lung, in
the other a letter above the right lung or a patch above the left, and the lungs are all alike. One
classifier reads the lungs, the other the place of the letter and of the patch: what is true of
either can be said beforehand.
A stripe below the lungs, which both keep in their embedding and use for nothing, goes with the
source.
"""

from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from onnx import TensorProto, helper, numpy_helper

from thoracle.core.arrays import FloatArray
from thoracle.datasets.counterfactuals import with_marker
from thoracle.datasets.film import Film
from thoracle.datasets.manifest import Manifest
from thoracle.inference.bundle import open_bundle
from thoracle.inference.description import read_description, write_description
from thoracle.jobs.audit.films import AuditFilms, look_at
from thoracle.jobs.audit.models import AuditModels, open_models
from thoracle.jobs.audit.options import AuditOptions
from thoracle.radiograph.lungs import LungFinder
from thoracle.radiograph.preprocess import classifier_input

SIDE_PX, NET = 140, 32
LUNGS = (slice(30, 110), (slice(25, 65), slice(75, 115)))  # rows, then each lung's columns
PATCHES = {
    "lungs": (slice(66, 78), (slice(27, 63), slice(77, 113))),
    "beside": (slice(10, 22), (slice(4, 14), slice(126, 136))),
}
STRIPE = (slice(114, 124), slice(15, 90))
WHITE = (slice(114, 126), slice(100, 133))  # on every film: the brightest grey is always the same
BOX = (8, 3, 132, 137)  # where the classifier looks, as the tiny lung network finds the lungs
LABELS = ("normal", "bacterial", "covid-19")
OPTIONS = AuditOptions(
    changed_per_finding=20,
    disturbed_per_finding=6,
    explained_per_finding=7,
    randomized_per_finding=7,
    shuffles=6,
    resamples=200,
)


def film_pixels(place: str, finding: int, *, striped: bool, rng: np.random.Generator) -> FloatArray:
    """Draw a film; finding 0 has no patch, 1 and 2 one on either side."""
    film = np.full((SIDE_PX, SIDE_PX), 0.7, np.float32)
    for columns in LUNGS[1]:
        film[LUNGS[0], columns] = 0.2
    if finding:
        rows, sides = PATCHES[place]
        bright = (0.45 if place == "lungs" else 0.8) + rng.uniform(-0.01, 0)
        if place == "beside" and finding == 1:
            film += np.float32(0.8) * (with_marker(film, "R", box=BOX) - film)  # a weak one
        else:
            film[rows, sides[finding - 1]] = bright
    film[WHITE] = 1.0
    if striped:
        film[STRIPE] = 0.95
    return film


def _reading(place: str) -> FloatArray:
    """Return the means over both patches of a place, and over the stripe, as weights of pixels."""
    rows, sides = PATCHES[place]
    areas = []
    for area in ((rows, sides[0]), (rows, sides[1]), STRIPE):
        drawn = np.zeros((SIDE_PX, SIDE_PX), np.float32)
        drawn[area] = 1.0
        seen = classifier_input(drawn, BOX, size=NET) > 0.5
        areas.append(seen.ravel() / seen.sum())
    return np.array(areas, np.float32)


def network_of(place: str) -> bytes:
    """Return a network whose findings are the brightness of either patch: linear, no more."""
    look = _reading(place).T  # (pixels, features)
    steepness, level = (12, -0.7) if place == "lungs" else (80, 0.28)  # half-way to the patch
    head = steepness * np.array([[0, 0, 0], [1, 0, 0], [0, 1, 0]], np.float32)
    bias = -level * steepness * np.array([0, 1, 1], np.float32)
    by_pixel = (head @ look.T).reshape(1, 3, NET, NET) * NET
    nodes = [
        helper.make_node("Flatten", ["films"], ["flat"]),
        helper.make_node("MatMul", ["flat", "look"], ["embedding"]),
        helper.make_node("Gemm", ["embedding", "head", "bias"], ["logits"], transB=1),
        helper.make_node("Add", ["films", "one"], ["bright"]),
        helper.make_node("Mul", ["bright", "by_pixel"], ["last/gradcam"]),
    ]
    weights = {
        "look": look, "head": head, "bias": bias, "by_pixel": by_pixel.astype(np.float32),
        "one": np.array(1, np.float32),
    }  # fmt: skip
    graph = helper.make_graph(
        nodes,
        "planted",
        [helper.make_tensor_value_info("films", TensorProto.FLOAT, ["n", 1, NET, NET])],
        [
            helper.make_tensor_value_info(name, TensorProto.FLOAT, ["n", *shape])
            for name, shape in (
                ("logits", [3]), ("embedding", [3]), ("last/gradcam", [3, NET, NET]),
            )
        ],
        [numpy_helper.from_array(np.ascontiguousarray(one), name) for name, one in weights.items()],
    )  # fmt: skip
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)], ir_version=8)
    content: bytes = model.SerializeToString()
    return content


@pytest.fixture
def plant(bundles: Path) -> Callable[[str], Path]:
    """Put the classifier that reads a place into the bundle `radiograph`."""

    def put(place: str, name: str = "radiograph") -> Path:
        folder = bundles / name
        table = read_description(bundles / "radiograph")
        table.pop("files")
        table |= {"name": name, "map_scale": {"last/gradcam": 1.0}, "map_layers": ["last"]}
        folder.mkdir(exist_ok=True)
        (folder / "network.onnx").write_bytes(network_of(place))
        write_description(folder, table)
        return folder

    return put


@pytest.fixture
def planted(tmp_path: Path, as_png: Callable[[FloatArray], bytes]) -> Callable[[str], Manifest]:
    """Write 126 films of 63 patients whose finding stands at a place."""

    def write(place: str) -> Manifest:
        rng = np.random.default_rng(8)
        root = tmp_path / place
        root.mkdir()
        films = []
        for number in range(126):
            patient = number // 2
            finding, striped = patient % 3, patient // 3 % 2 == 1
            name = f"{place}{number:03d}.png"
            pixels = film_pixels(place, finding, striped=striped, rng=rng)
            (root / name).write_bytes(as_png(pixels))
            films.append(
                Film(
                    path=name, source="striped" if striped else "plain", patient=f"p{patient}",
                    label=LABELS[finding], view="PA",
                    sex="F" if rng.random() < 0.5 else "M", age_years=50.0,
                )
            )  # fmt: skip
        return Manifest(films=tuple(films), root=root)

    return write


@pytest.fixture
def looked(
    plant: Callable[[str], Path], planted: Callable[[str], Manifest]
) -> Callable[[str], tuple[AuditFilms, AuditModels]]:
    """Judge the planted films of a place with the classifier that reads it."""

    def look(place: str) -> tuple[AuditFilms, AuditModels]:
        plant(place)
        manifest = planted(place)
        models = open_models(open_bundle("radiograph"))
        films = look_at(manifest, manifest.films, lungs=models.lungs, classifier=models.classifier)
        return films, models

    return look


@pytest.fixture(scope="session")
def lab() -> SimpleNamespace:
    """Facts of the planted films, for tests that work out an answer."""
    return SimpleNamespace(options=OPTIONS, lungs=LUNGS, labels=LABELS, finder=LungFinder)
