"""A toy paper: films whose bright corner tells the class, and a protocol small enough to run."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from thoracle.datasets.film import Film
from thoracle.datasets.manifest import Manifest
from thoracle.train.protocols.protocol import Protocol, parse_protocol

LABELS = {"normal": (0, 0), "covid-19": (0, 1), "bacterial": (1, 0)}
PATIENTS = 20

TEXT = """
name = "toy"
title = "Toy: corners"
reference = "Nobody, 2020"
differences = ["Toys are not lungs."]
{more}
[shares]
train = 0.6
tune = 0.2
test = 0.2
[[classes]]
name = "Normal"
published = "many"
[[classes.origins]]
sources = ["toys"]
labels = ["normal"]
[[classes]]
name = "COVID-19"
published = "some"
[[classes.origins]]
sources = ["toys"]
labels = ["covid-19"]
films = 18
[[classes]]
name = "Bacterial"
published = "few"
[[classes.origins]]
sources = ["toys"]
labels = ["bacterial"]
[[arms]]
name = "Small"
size = 32
map_layers = ["backbone", "backbone.2"]
[arms.network]
backbone = "middlemore-cnn"
[[arms.steps]]
name = "only"
epochs = 12
learning_rate = 2e-3
batch = 8
patience = 12
{arms}
"""
PUBLISHED = """
[[published]]
figure = "accuracy"
value = 0.9
sd = 0.05
note = "by heart"
[[published]]
figure = "recall"
of_class = "COVID-19"
value = 0.8
"""


@pytest.fixture(scope="session")
def toy_films(tmp_path_factory: pytest.TempPathFactory) -> Manifest:
    """Sixty films of 40 by 48 pixels, two of each patient's class in turn."""
    root = tmp_path_factory.mktemp("toys")
    rng = np.random.default_rng(2)
    films = []
    for label, (row, column) in LABELS.items():
        for number in range(PATIENTS):
            pixels = rng.integers(0, 80, (40, 48), dtype=np.uint8)
            pixels[row * 20 : row * 20 + 20, column * 24 : column * 24 + 24] += 150
            path = f"{label}-{number:02d}.png"
            Image.fromarray(pixels).save(root / path)
            who = f"toys:{label}-{number // 2}"
            films.append(Film(path=path, source="toys", patient=who, label=label, view="PA"))
    return Manifest(films=tuple(films), root=root)


@pytest.fixture(scope="session")
def toy_protocol() -> Callable[..., Protocol]:
    def made(*, arms: str = "", more: str = "", published: str = PUBLISHED) -> Protocol:
        given = more if published else f"published = []\n{more}"
        return parse_protocol(TEXT.format(more=given, arms=arms + published))

    return made


@pytest.fixture
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.getbasetemp() / "protocol-cache"
