"""`thoracle train` and `export` lead from films with masks to a bundle, and refuse what leaks."""

import importlib.util
import re
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image
from typer.testing import CliRunner, Result

from thoracle.cli.main import app
from thoracle.core.errors import ManifestError, MissingExtraError, RecipeError, SplitError
from thoracle.datasets.duplicates import write_pairs
from thoracle.datasets.film import Film
from thoracle.datasets.manifest import Manifest, write_manifest
from thoracle.datasets.split import make_split, write_split
from thoracle.inference.bundle import open_bundle
from thoracle.inference.description import read_description

RECIPE = """
name = "tiny-lungs"
version = "0.0.1"
task = "lungs"
size = 64
seed = 5
precision = "fp32"
[network]
backbone = "unet"
[[stages]]
name = "only"
epochs = 1
learning_rate = 1e-3
batch = 4
"""
SHARES = {"train": 0.5, "tune": 0.25, "calibrate": 0.25}


@dataclass(frozen=True, slots=True, kw_only=True)
class Places:
    """Files that the commands read, and where they write."""

    recipe: Path
    manifest: Path
    split: Path
    root: Path

    def options(self) -> list[str]:
        """Return the options that both commands share."""
        cache = str(self.root / "cache")
        return ["--manifest", str(self.manifest), "--split", str(self.split), "--cache", cache]


@pytest.fixture
def places(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Places:
    monkeypatch.setattr(torch, "get_num_threads", lambda: 1)
    rng = np.random.default_rng(0)
    films = []
    for number in range(16):
        pixels = rng.integers(0, 256, (40, 40), dtype=np.uint8)
        Image.fromarray(pixels).save(tmp_path / f"{number}.png")
        mask = np.zeros((40, 40), np.uint8)
        mask[10:30, 5:35] = 255
        Image.fromarray(mask).save(tmp_path / f"{number}-mask.png")
        films.append(
            Film(
                path=f"{number}.png",
                source="here",
                patient=str(number),
                label="normal",
                mask_path=f"{number}-mask.png",
            )
        )
    manifest = Manifest(films=tuple(films), root=tmp_path)
    found = Places(
        recipe=tmp_path / "recipe.toml",
        manifest=tmp_path / "manifest.csv",
        split=tmp_path / "split.csv",
        root=tmp_path,
    )
    found.recipe.write_text(RECIPE, encoding="utf-8")
    write_manifest(manifest, found.manifest)
    write_pairs([], tmp_path / "split.duplicates.csv", manifest_digest=manifest.digest)
    write_split(make_split(manifest, [], SHARES, 0), found.split)
    return found


def command(*words: str) -> Result:
    return CliRunner().invoke(app, list(words))


def test_a_recipe_becomes_a_run_and_a_run_becomes_a_bundle(places: Places) -> None:
    run, out = places.root / "run", places.root / "bundle"
    trained = command("train", str(places.recipe), "--run", str(run), *places.options())
    assert trained.exit_code == 0, trained.output
    assert (run / "only.safetensors").is_file()
    assert (run / "only.svg").is_file()
    exported = command("export", str(run), "--out", str(out), *places.options())
    assert exported.exit_code == 0, exported.output
    assert "differ by at most" in exported.output
    assert open_bundle(str(out)).name == "tiny-lungs"


def test_a_split_that_leaks_is_refused(places: Places) -> None:
    text = places.manifest.read_text(encoding="utf-8")
    same = "\n".join(
        line.replace(f",here,{number - 1},", ",here,0,") if number else line
        for number, line in enumerate(text.splitlines())
    )
    places.manifest.write_text(f"{same}\n", encoding="utf-8")
    found = command(
        "train", str(places.recipe), "--run", str(places.root / "run"), *places.options()
    )
    assert found.exit_code == 1
    assert isinstance(found.exception, ManifestError | SplitError)
    assert not (places.root / "run").exists()


@pytest.mark.parametrize("name", ["train", "export"])
def test_without_torch_a_command_says_first_which_extra_it_needs(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)  # no manifest, no split, no recipe
    monkeypatch.setattr(importlib.util, "find_spec", lambda _name: None)
    found = command(name, "recipes/lungs.toml")
    assert isinstance(found.exception, MissingExtraError)
    assert "make install (in a clone), or pip install 'thoracle[train]'" in str(found.exception)


def test_a_recipe_alone_leads_to_a_run_and_a_bundle_by_the_usual_names(
    places: Places, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(places.root)
    trained = command("train", "recipe.toml")
    assert trained.exit_code == 0, trained.output
    assert "Next: thoracle export runs/recipe" in trained.output
    exported = command("export", "runs/recipe")
    assert exported.exit_code == 0, exported.output
    table = read_description(places.root / "bundles" / "recipe")
    assert table["training"]["films_in_manifest"] == "16"


@pytest.mark.parametrize(
    ("missing", "error", "text"),
    [
        ("recipe.toml", RecipeError, "found no recipe at recipe.toml"),
        ("manifest.csv", ManifestError, "found no file manifest.csv .* --manifest"),
        ("split.csv", SplitError, "found no file split.csv .* --split"),
        ("split.duplicates.csv", SplitError, "found no file split.duplicates.csv .* data split"),
    ],
)
def test_a_missing_file_is_named_with_what_makes_it(
    places: Places,
    monkeypatch: pytest.MonkeyPatch,
    missing: str,
    error: type[Exception],
    text: str,
) -> None:
    monkeypatch.chdir(places.root)
    (places.root / missing).unlink()
    found = command("train", "recipe.toml")
    assert isinstance(found.exception, error)
    assert re.search(text, str(found.exception))
