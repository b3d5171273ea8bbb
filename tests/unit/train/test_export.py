"""What is exported equals torch, or is refused."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import onnx
import pytest
import torch
from onnx import numpy_helper
from torch import nn

from thoracle.core.arrays import FloatArray
from thoracle.core.errors import BundleError
from thoracle.inference.session import run_file
from thoracle.train import export
from thoracle.train.export import (
    Parity,
    compare,
    export_network,
    exported_network,
    made_up_films,
)
from thoracle.train.networks import LungNetwork, PooledClassifier
from thoracle.train.onnx_graph import write_onnx
from thoracle.train.recipe import Recipe, parse_recipe

SIZE = 32
Text = Callable[..., str]


@pytest.fixture
def recipe(recipe_text: Text) -> Recipe:
    return parse_recipe(recipe_text("classifier", more='map_layers = ["2"]'))


@pytest.fixture
def films() -> FloatArray:
    return np.random.default_rng(6).uniform(-1, 1, (3, 1, SIZE, SIZE)).astype(np.float32)


@pytest.mark.slow
def test_maps_logits_and_embedding_equal_torch_and_the_proof_lies_beside(
    small_network: PooledClassifier, recipe: Recipe, films: FloatArray, tmp_path: Path
) -> None:
    parity = export_network(small_network, recipe, films, tmp_path)
    assert parity.films == 3
    assert 0 <= parity.logit_difference < 1e-5
    assert 0 <= parity.map_difference < 1e-4
    with np.load(tmp_path / "parity.npz", allow_pickle=False) as kept:
        assert kept["films"].dtype == np.float16
        made = kept["films"].astype(np.float32)
        expected = {name.replace("|", "/"): kept[name] for name in kept.files if name != "films"}
    found = run_file(tmp_path / "network.onnx", made)
    assert set(found) == set(expected) == {"logits", "embedding", "2/gradcam", "2/gradcam++"}
    for name, values in expected.items():
        np.testing.assert_allclose(found[name], values, atol=1e-5)


def test_a_tampered_network_is_refused(
    small_network: PooledClassifier,
    recipe: Recipe,
    films: FloatArray,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def write_another(network: nn.Module, path: Path, **options: object) -> None:
        export_as_it_is(network, path, **options)
        model = onnx.load(path)
        (bias,) = [one for one in model.graph.initializer if one.name.endswith("head.bias")]
        values = numpy_helper.to_array(bias) + np.array([0, 2e-4, 0], np.float32)
        bias.CopyFrom(numpy_helper.from_array(values, bias.name))
        onnx.save(model, path)

    export_as_it_is: Callable[..., None] = write_onnx
    monkeypatch.setattr(export, "write_onnx", write_another)
    with pytest.raises(BundleError, match=r"logits that differ by 2\.0e-04 .* do not ship"):
        export_network(small_network, replace(recipe, map_layers=()), films, tmp_path)
    assert not (tmp_path / "parity.npz").exists()


@pytest.mark.parametrize("calm", [2, None])
def test_films_whose_maps_rounding_moves_are_not_kept(
    small_network: PooledClassifier,
    recipe: Recipe,
    films: FloatArray,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    calm: int | None,
) -> None:
    seen: list[FloatArray] = []

    def compare_these(*given: object) -> Parity:
        seen.append(np.asarray(given[-1]))
        moved = 0.0 if len(seen) in {1, calm and calm + 1} else 2e-4
        return Parity(films=1, logit_difference=0.0, map_difference=moved)

    monkeypatch.setattr(export, "compare", compare_these)
    if calm is None:
        with pytest.raises(BundleError, match=r"maps that differ by 2\.0e-04 on made-up films"):
            export_network(small_network, recipe, films, tmp_path)
        assert not (tmp_path / "parity.npz").exists()
        return
    export_network(small_network, recipe, films, tmp_path)
    with np.load(tmp_path / "parity.npz", allow_pickle=False) as kept:
        assert np.array_equal(kept["films"], made_up_films(recipe.size, seed=calm - 1))


def test_the_largest_difference_of_a_map_is_a_share_of_its_maximum(
    films: FloatArray, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Known(nn.Module):
        def forward(self, given: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
            return given[:, 0, 0, :3] * 0, given[:, :, :2, :2] * 0 + 4

    off = {"logits": np.full((3, 3), 0.5), "a/gradcam": np.full((3, 1, 2, 2), 3.0)}
    monkeypatch.setattr(export, "run_file", lambda _path, _films: off)
    parity = compare(Known(), tmp_path, ("logits", "a/gradcam"), films)
    assert (parity.logit_difference, parity.map_difference) == (0.5, 0.25)


def test_the_lung_network_and_a_gate_have_no_maps(
    small_network: PooledClassifier, recipe: Recipe
) -> None:
    lungs = LungNetwork(widths=(4, 4))
    assert exported_network(lungs, replace(recipe, task="lungs")) == (lungs, ("logits",))
    gate, names = exported_network(small_network, replace(recipe, task="gate", map_layers=()))
    assert names == ("logits", "embedding")
    assert not gate.training


def test_a_classifier_without_a_pooled_head_is_refused(recipe: Recipe) -> None:
    with pytest.raises(BundleError, match="found LungNetwork – expected a pooled classifier"):
        exported_network(LungNetwork(widths=(4, 4)), recipe)


def test_made_up_films_are_the_same_each_time_and_exact_in_half_precision() -> None:
    films = made_up_films(16)
    assert films.shape == (4, 1, 16, 16)
    assert np.array_equal(films, made_up_films(16))
    assert np.array_equal(films, films.astype(np.float16).astype(np.float32))
    assert -1 <= films.min() < -0.5 < 0.5 < films.max() <= 1
