"""Networks, tables and recipes small enough to train in a second on one thread."""

from collections.abc import Callable, Iterator

import numpy as np
import pytest
import torch
from torch import nn

from thoracle.train.films import FilmArrays
from thoracle.train.networks import PooledClassifier
from thoracle.train.recipe import NetworkRecipe
from thoracle.train.table import FilmTable

BACKBONE = "test_resnet"  # timm's own for tests: 0.1 M parameters


@pytest.fixture(autouse=True)
def _one_thread() -> Iterator[None]:
    """Keep torch on one thread: the tests' networks are too small for more."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@pytest.fixture(scope="session")
def recipe_text() -> Callable[..., str]:
    """Write a recipe of one short stage; keywords change lines of its tables."""

    def text(task: str = "lungs", *, stage: str = "", network: str = "", more: str = "") -> str:
        backbone = "unet" if task == "lungs" else BACKBONE
        return f"""
name = "tiny"
version = "0.0.1"
task = "{task}"
size = 32
seed = 5
precision = "fp32"
{more}
[network]
backbone = "{backbone}"
{network}
[[stages]]
name = "only"
epochs = 2
learning_rate = 1e-3
batch = 4
{stage}
[augment]
flip = 0.5
noise = 0.1
"""

    return text


@pytest.fixture(scope="session")
def tiny_table() -> Callable[..., FilmTable]:
    """Make a table of noise films with masks, classes and sources in turn."""

    def table(films: int, *, side: int = 32, classes: int = 3, seed: int = 0) -> FilmTable:
        rng = np.random.default_rng(seed)
        return FilmTable(
            arrays=FilmArrays(
                films=rng.integers(0, 256, (films, side, side), dtype=np.uint8),
                masks=(rng.random((films, side, side)) < 0.5).astype(np.uint8) * 255,
            ),
            rows=np.arange(films),
            targets=np.arange(films) % classes,
            sources=np.arange(films) % 2,
        )

    return table


@pytest.fixture
def small_network() -> PooledClassifier:
    """A classifier whose backbone has what DenseNet and MobileNet have, in two dozen lines.

    Plain, strided and depthwise convolutions, batch norm, average pooling, a residual.
    """
    return make_small_network()


def make_small_network() -> PooledClassifier:
    torch.manual_seed(0)
    network = PooledClassifier(NetworkRecipe(backbone=BACKBONE), outputs=3)
    network.backbone = nn.Sequential(
        nn.Conv2d(1, 4, 3, stride=2, padding=1),
        nn.BatchNorm2d(4),
        nn.ReLU(),
        nn.Conv2d(4, 8, 1),
        nn.AvgPool2d(2, 2),
        nn.Conv2d(8, 8, 3, stride=2, padding=1, groups=8),
        nn.ReLU(),
    )
    network.head = nn.Linear(8, 3)
    return network.eval()
