"""A backbone is pretrained on other pictures once, and its weights are found again."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image
from safetensors.torch import save_file

from thoracle.core.errors import RecipeError
from thoracle.datasets.manifest import Manifest
from thoracle.train.architectures.build import Architecture, build
from thoracle.train.protocols import pretraining
from thoracle.train.protocols.pretraining import corpus, load_backbone, own_weights

SMALL = Architecture(backbone="test_resnet")


@pytest.fixture
def pictures(tmp_path: Path) -> Path:
    rng = np.random.default_rng(1)
    for kind in ("charts", "knees"):
        folder = tmp_path / "pictures" / kind
        folder.mkdir(parents=True)
        for number in range(12):
            pixels = rng.integers(0, 256, (20, 20), dtype=np.uint8)
            Image.fromarray(pixels).save(folder / f"{number}.png")
    (tmp_path / "pictures" / "knees" / "notes.txt").write_text("no picture")
    return tmp_path / "pictures"


def test_kinds_are_subfolders_and_films_of_the_sources_named(
    pictures: Path, toy_films: Manifest
) -> None:
    found = corpus([pictures], toy_films, ["toys"])
    assert {kind: len(files) for kind, files in found.files.items()} == {
        "charts": 12,
        "knees": 13,
        "toys normal": 20,
        "toys covid-19": 20,
        "toys bacterial": 20,
    }
    assert set(corpus([pictures], toy_films, []).files) == {"charts", "knees"}


def test_a_folder_without_kinds_is_refused(tmp_path: Path, toy_films: Manifest) -> None:
    for folder in (tmp_path, tmp_path / "nowhere"):
        with pytest.raises(RecipeError, match=r"found no subfolder in .* --pictures"):
            corpus([folder], toy_films, [])


def test_weights_are_made_once_and_load_into_the_same_backbone(
    pictures: Path, toy_films: Manifest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pretraining, "SIDE", 32)
    monkeypatch.setattr(pretraining, "STEP", replace(pretraining.STEP, epochs=2, batch=8))
    found = corpus([pictures], toy_films, [])
    made = own_weights(SMALL, found, tmp_path / "kept", epochs=1)
    said = json.loads(made.with_suffix(".json").read_text())
    assert said["kinds"] == {"charts": 12, "knees": 12}  # one knee cannot be read
    assert said["epochs"] == 1
    assert 0 <= said["tune_accuracy"] <= 1
    before = made.stat().st_mtime_ns
    assert own_weights(SMALL, found, tmp_path / "kept", epochs=1) == made
    assert made.stat().st_mtime_ns == before
    network = build(SMALL, outputs=3, size=32)
    old = {k: v.clone() for k, v in network.backbone.state_dict().items()}
    head = network.head.state_dict()
    load_backbone(network, made)
    new = network.backbone.state_dict()
    assert any(not torch.equal(old[name], new[name]) for name in old)
    assert head.keys() == network.head.state_dict().keys()


def test_timms_own_file_of_weights_fits_too(tmp_path: Path) -> None:
    network, other = (build(SMALL, outputs=2, size=32) for _ in range(2))
    timm_names = other.get_submodule("backbone.network").state_dict()
    save_file({k: v.contiguous() for k, v in timm_names.items()}, tmp_path / "w.safetensors")
    load_backbone(network, tmp_path / "w.safetensors")
    for name, value in other.backbone.state_dict().items():
        assert torch.equal(network.backbone.state_dict()[name], value)


def test_missing_and_foreign_weights_are_refused(tmp_path: Path) -> None:
    network = build(SMALL, outputs=2, size=32)
    with pytest.raises(RecipeError, match=r"found no .*none.safetensors"):
        load_backbone(network, tmp_path / "none.safetensors")
    save_file({"a": torch.zeros(2)}, tmp_path / "a.safetensors")
    with pytest.raises(RecipeError, match="too few tensors that fit"):
        load_backbone(network, tmp_path / "a.safetensors")
