"""A small labeled collection on disk that the tiny bundles can judge."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from thoracle.core.arrays import FloatArray
from thoracle.datasets.film import Film
from thoracle.datasets.manifest import Manifest
from thoracle.inference.description import read_description, write_description

Draw = Callable[..., FloatArray]
LABELS = ("normal", "bacterial", "covid-19")


@pytest.fixture
def collection(tmp_path: Path, draw: Draw, as_png: Callable[[FloatArray], bytes]) -> Manifest:
    """Sixty frontal films of thirty patients, twenty per finding, brighter with each finding."""
    rng = np.random.default_rng(3)
    root = tmp_path / "films"
    root.mkdir()
    films = []
    for number in range(60):
        label = LABELS[number % 3]
        pixels = draw() * (0.5 + 0.2 * (number % 3)) + rng.uniform(0, 0.2, (256, 240))
        name = f"f{number:02d}.png"
        (root / name).write_bytes(as_png(np.clip(pixels, 0, 1).astype(np.float32)))
        films.append(
            Film(
                path=name,
                source="here" if number % 2 else "there",
                patient=f"p{number // 2}",
                label=label,
                view="PA",
                age_years=float(20 + number),
                sex="F" if number % 4 else "M",
            )
        )
    return Manifest(films=tuple(films), root=root)


@pytest.fixture
def gate_with_recipe(bundles: Path) -> Callable[[str], Path]:
    """Put a recipe into the tiny gate bundle, whose description then names no files."""

    def put(recipe: str) -> Path:
        folder = bundles / "gate"
        (folder / "recipe.toml").write_text(recipe, encoding="utf-8")
        table = read_description(folder)
        table.pop("files")
        write_description(folder, table)
        return folder

    return put
