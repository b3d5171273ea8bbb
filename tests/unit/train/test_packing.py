"""A finished run becomes a bundle that opens; an unfinished one does not."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tomli_w
import torch
from safetensors.torch import save_file
from torch import nn

from thoracle.core.arrays import FloatArray
from thoracle.core.errors import BundleError
from thoracle.datasets.film import Film
from thoracle.datasets.labels import FINDINGS
from thoracle.datasets.manifest import Manifest
from thoracle.inference.bundle import open_bundle
from thoracle.inference.description import write_description
from thoracle.radiograph.anomaly import AnomalyFinder
from thoracle.radiograph.gate import GATE_CLASSES
from thoracle.radiograph.lungs import LungFinder
from thoracle.radiograph.model import Classifier
from thoracle.radiograph.preprocess import CLASSIFIER_INPUT
from thoracle.train import packing
from thoracle.train.augment import as_served
from thoracle.train.autoencoder import AutoEncoder
from thoracle.train.export import Parity
from thoracle.train.modules import CLASSIFIER_INNER_SHARE
from thoracle.train.networks import PooledClassifier
from thoracle.train.packing import description, pack, plain_films, trained_network
from thoracle.train.recipe import Recipe, parse_recipe
from thoracle.train.run_input import run_input
from thoracle.train.start import TrainingPlaces
from thoracle.train.table import FilmTable
from thoracle.train.tables import TrainingData, normal_table

Text = Callable[..., str]
SPLITS = ("train", "tune", "calibrate")
DIGESTS = {"manifest_digest": "m" * 64, "split_sha256": "s" * 64}


@pytest.fixture
def data(
    tmp_path: Path, draw: Callable[..., FloatArray], as_png: Callable[[FloatArray], bytes]
) -> TrainingData:
    rng = np.random.default_rng(2)
    films, splits = [], {}
    for number in range(36):
        label = ("normal", "bacterial", "covid-19")[number % 3]
        pixels = draw(rows=48, columns=44) + rng.normal(0, 0.1, (48, 44))
        path = f"{number:02d}.png"
        (tmp_path / path).write_bytes(as_png(np.clip(pixels, 0, 1).astype(np.float32)))
        films.append(Film(path=path, source="here", label=label, view="PA", patient=path))
        splits[path] = SPLITS[number // 3 % 3]
    manifest = Manifest(films=tuple(films), root=tmp_path)
    return TrainingData(manifest=manifest, splits=splits, cache=tmp_path / "cache")


@pytest.fixture
def run(tmp_path: Path) -> Path:
    folder = tmp_path / "run"
    folder.mkdir()
    return folder


def finish(run: Path, text: str, network: nn.Module) -> Recipe:
    (run / "recipe.toml").write_text(text, encoding="utf-8")
    save_file(network.state_dict(), run / "only.safetensors")
    recipe = parse_recipe(text)
    (run / "input.toml").write_text(tomli_w.dumps(run_input(recipe, lungs="lungs")))
    return recipe


@pytest.mark.usefixtures("bundles")
def test_a_classifiers_run_becomes_a_calibrated_bundle_that_serves(
    recipe_text: Text,
    data: TrainingData,
    run: Path,
    tmp_path: Path,
    small_network: PooledClassifier,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    recipe = finish(run, recipe_text("classifier", more='map_layers = ["5"]'), small_network)
    monkeypatch.setattr(packing, "build_network", lambda *_, **__: small_network)
    out = tmp_path / "out" / "made"
    out.mkdir(parents=True)
    (out / "old.txt").write_text("an older bundle")
    parity = pack(run, data, TrainingPlaces(run=run), out, digests=DIGESTS)
    assert parity.films == 12
    bundle = open_bundle(str(out))
    assert {path.name for path in out.iterdir()} == {
        "bundle.toml", "landscape.npz", "network.onnx", "parity.npz", "recipe.toml",
        "reference.npz",
    }  # fmt: skip
    assert [path.name for path in out.parent.iterdir()] == ["made"]
    assert (bundle.name, bundle.task, bundle.input_size) == ("tiny", "classifier", 32)
    assert [one.name for one in bundle.labels] == list(FINDINGS)
    assert bundle.map_layers == ("5",)
    assert all(0 < scale != 1.0 for scale in bundle.map_scale.values())
    assert dict(bundle.training)["manifest_digest"] == "m" * 64
    assert "software_version" in bundle.training
    lungs = open_bundle("lungs").network_sha256
    assert (
        dict(bundle.training).items() >= {"form": CLASSIFIER_INPUT, "lungs_network": lungs}.items()
    )
    assert (out / "recipe.toml").read_text(encoding="utf-8") == recipe.text
    film = np.random.default_rng(3).random((48, 44), dtype=np.float32)
    scores = Classifier(bundle).score(film, (0, 0, 48, 44), with_maps=True)
    assert {name: one.shape for name, one in scores.maps.items()} == {
        "5/gradcam": (3, 4, 4), "5/gradcam++": (3, 4, 4),
    }  # fmt: skip


@pytest.fixture
def _no_export(monkeypatch: pytest.MonkeyPatch, tiny_table: Callable[..., FilmTable]) -> None:
    """Let any network be exported at once, as a file that is none."""

    def export(*given: Any) -> Parity:
        (given[-1] / "network.onnx").write_bytes(b"a network")
        return Parity(films=1, logit_difference=1e-6, map_difference=0.0)

    tables = type("Tables", (), {"tune": tiny_table(3)})
    monkeypatch.setattr(packing, "build_network", lambda *_, **__: nn.Linear(1, 1))
    monkeypatch.setattr(packing, "stage_tables", lambda *_: tables)
    monkeypatch.setattr(packing, "export_network", export)


@pytest.mark.usefixtures("_no_export")
def test_a_gates_run_is_calibrated_with_its_collections(
    recipe_text: Text,
    data: TrainingData,
    run: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    finish(run, recipe_text("gate"), nn.Linear(1, 1))
    called: list[Any] = []
    monkeypatch.setattr(
        packing, "calibrate_gate", lambda *given, collections: called.append((given, collections))
    )
    places = TrainingPlaces(run=run, collections=tmp_path / "pictures")
    pack(run, data, places, tmp_path / "gate", digests=DIGESTS)
    ((given, collections),) = called
    assert given[1:] == (data.manifest, data.splits)
    assert collections == tmp_path / "pictures"
    bundle = open_bundle(str(tmp_path / "gate"))
    assert bundle.numbers == {"accept_probability": 0.5}
    assert [one.name for one in bundle.labels] == list(GATE_CLASSES)


@pytest.mark.usefixtures("_no_export")
def test_a_lung_run_needs_no_calibration(
    recipe_text: Text, data: TrainingData, run: Path, tmp_path: Path
) -> None:
    finish(run, recipe_text("lungs"), nn.Linear(1, 1))
    pack(run, data, TrainingPlaces(run=run), tmp_path / "lungs", digests=DIGESTS)
    bundle = open_bundle(str(tmp_path / "lungs"))
    assert (bundle.task, [one.name for one in bundle.labels]) == ("lungs", ["lungs"])


def test_the_lung_bundle_that_cut_the_films_also_calibrates(
    recipe_text: Text, data: TrainingData, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    called: dict[str, Any] = {}
    monkeypatch.setattr(packing, "calibrate_new", lambda *_, **given: called.update(given))
    recipe = parse_recipe(recipe_text("classifier"))
    packing._calibrate_classifier(tmp_path, recipe, data, lungs="other-lungs")
    assert called["lungs"] == "other-lungs"
    assert {data.split_of(film) for film in called["train"]} == {"train"}
    assert {data.split_of(film) for film in called["calibrate"]} == {"calibrate"}
    assert (len(called["train"]), len(called["calibrate"])) == (12, 12)


def test_an_unfinished_run_is_refused_and_the_old_bundle_stays(
    recipe_text: Text, data: TrainingData, run: Path, tmp_path: Path
) -> None:
    (run / "recipe.toml").write_text(recipe_text("lungs"), encoding="utf-8")
    out = tmp_path / "old"
    out.mkdir()
    with pytest.raises(BundleError, match=r"only\.safetensors .* Finish the run") as raised:
        pack(run, data, TrainingPlaces(run=run), out, digests={})
    assert raised.value.code == "run-unfinished"
    assert out.is_dir()


def test_the_last_stages_weights_are_loaded_for_evaluation(
    recipe_text: Text, run: Path, small_network: PooledClassifier, monkeypatch: pytest.MonkeyPatch
) -> None:
    recipe = finish(run, recipe_text("classifier"), small_network)
    another = PooledClassifier(recipe.network, outputs=3)
    another.backbone, another.head = small_network.backbone, nn.Linear(8, 3)
    expected = small_network.head.bias.detach().clone()
    monkeypatch.setattr(packing, "build_network", lambda *_, **__: another.train())
    network = trained_network(recipe, run)
    assert not network.training
    assert torch.equal(network.state_dict()["head.bias"], expected)


def test_parity_films_are_tune_films_as_the_network_sees_them(
    recipe_text: Text, tiny_table: Callable[..., FilmTable]
) -> None:
    recipe = parse_recipe(recipe_text("gate"))
    table = tiny_table(40)
    films = plain_films(recipe, table)
    assert films.shape == (12, 1, 32, 32)
    np.testing.assert_allclose(films[0, 0], table.arrays.films[0] / 127.5 - 1, atol=1e-5)
    np.testing.assert_allclose(films[-1, 0], table.arrays.films[39] / 127.5 - 1, atol=1e-5)
    inner = plain_films(replace(recipe, task="classifier", size=28), table)
    shown = np.asarray(table.arrays.films[0, 2:30, 2:30] / 255, np.float32)
    np.testing.assert_allclose(inner[0, 0], shown * np.float32(2) - 1, atol=1e-5)


def test_a_description_says_how_each_task_sees_a_film(recipe_text: Text) -> None:
    parity = Parity(films=3, logit_difference=1e-6, map_difference=2e-6)
    recipe = parse_recipe(recipe_text("classifier", more='map_layers = ["a"]'))
    tables = {
        task: description(replace(recipe, task=task), parity)
        for task in ("gate", "lungs", "classifier")
    }
    assert len({table["input"]["resize"] for table in tables.values()}) == 3
    assert tables["classifier"]["map_scale"] == {"a/gradcam": 1.0, "a/gradcam++": 1.0}
    assert tables["gate"]["parity"] == {
        "films": 3, "logit_difference": 1e-6, "map_difference": 2e-6,
    }  # fmt: skip
    colors = [label["color"] for label in tables["classifier"]["labels"]]
    assert len(set(colors)) == 3


def test_what_is_described_can_be_written_and_opened(recipe_text: Text, tmp_path: Path) -> None:
    folder = tmp_path / "b"
    folder.mkdir()
    (folder / "network.onnx").write_bytes(b"a network")
    parity = Parity(films=1, logit_difference=1e-6, map_difference=0.0)
    write_description(folder, description(parse_recipe(recipe_text("lungs")), parity))
    assert open_bundle(str(folder)).temperature == 1.0
    assert LungFinder.__doc__


@pytest.fixture
def normal_data(data: TrainingData) -> TrainingData:
    """The same films, all normal, enough of them for calibration."""
    films = tuple(replace(film, label="normal") for film in data.manifest.films)
    splits = {
        film.path: "calibrate" if number > 8 else ("train", "tune")[number % 2]
        for number, film in enumerate(films)
    }
    manifest = data.manifest.select(films)
    return TrainingData(manifest=manifest, splits=splits, cache=data.cache)


@pytest.mark.usefixtures("bundles")
def test_an_auto_encoders_run_becomes_a_bundle_whose_spread_is_of_calibration_films(
    recipe_text: Text, normal_data: TrainingData, run: Path, tmp_path: Path
) -> None:
    network = AutoEncoder(has_skips=True).eval()
    text = recipe_text("anomaly").replace('"test_resnet"', '"autoencoder-skips"')
    recipe = finish(run, text, network)
    out = tmp_path / "made"
    parity = pack(run, normal_data, TrainingPlaces(run=run), out, digests=DIGESTS)
    assert parity.logit_difference < 1e-4
    bundle = open_bundle(str(out))
    assert (bundle.task, bundle.labels, dict(bundle.map_scale)) == (
        "anomaly", (), {"map/anomaly": 4.0},
    )  # fmt: skip
    finder = AnomalyFinder(bundle)
    table, films, _ = normal_table(
        normal_data, recipe, recipe.stages[0], LungFinder(open_bundle("lungs"))
    )
    kept = [row for row, film in enumerate(films) if normal_data.split_of(film) == "calibrate"]
    shown = as_served(
        torch.from_numpy(table.arrays.films[kept][:, None].astype(np.float32) / 255),
        size=32,
        inner_share=CLASSIFIER_INNER_SHARE,
    )
    maps = np.array([finder.spreads(one[0].numpy()) for one in shown])
    # Brighter counts whole and darker half: the mean square of normal films is 0.5 · (1 + 0.25).
    assert float((maps**2).mean()) == pytest.approx(0.625, rel=0.25)


@pytest.mark.usefixtures("bundles")
def test_too_few_calibration_films_give_no_spread(
    recipe_text: Text, data: TrainingData, run: Path, tmp_path: Path
) -> None:
    text = recipe_text("anomaly").replace('"test_resnet"', '"autoencoder"')
    finish(run, text, AutoEncoder(has_skips=False))
    with pytest.raises(BundleError, match=r"found 4 calibration films .* at least 20"):
        pack(run, data, TrainingPlaces(run=run), tmp_path / "made", digests=DIGESTS)
    assert not (tmp_path / "made").exists()
