"""Labeled scans and a recipe small enough to train in a second."""

import csv
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from nibabel.nifti1 import Nifti1Image
from numpy.typing import NDArray

from thoracle.datasets.ct_cases import CtCase, read_cases

PATIENTS = {"a": "p1", "b": "p1", "c": "p2", "d": "p3"}


def _save(values: NDArray[Any], affine: NDArray[Any], path: Path) -> None:
    Nifti1Image(values, affine).to_filename(path)  # type: ignore[no-untyped-call]


@pytest.fixture(scope="module")
def ct_recipe_text() -> Callable[..., str]:
    """Write a recipe of two short epochs; keywords change its lines."""

    def text(*, dimensions: int = 3, crop: str = "[8, 32, 48]", more: str = "") -> str:
        return f"""
name = "tiny-ct"
version = "0.0.1"
seed = 5
spacing_mm = [5, 6, 6]
precision = "fp32"
intended_use = "Tests."
{more}

[network]
dimensions = {dimensions}
channels = [4, 6, 8, 10]
blocks = 1

[training]
epochs = 2
crops_per_epoch = 4
batch = 2
crop = {crop}
learning_rate = 1e-2
"""

    return text


@pytest.fixture(scope="module")
def cases(tmp_path_factory: pytest.TempPathFactory) -> tuple[CtCase, ...]:
    """Four scans of three patients: a body, two lungs, ground glass in one."""
    folder = tmp_path_factory.mktemp("cases")
    hu = np.full((60, 50, 30), -1300.0)  # columns, rows, slices
    hu[4:56, 4:46] = 120
    label_map = np.zeros(hu.shape, np.uint8)
    label_map[10:26, 12:36, 6:24] = 1
    label_map[34:50, 12:36, 6:24] = 1
    label_map[36:44, 16:28, 10:16] = 2
    hu[label_map == 1], hu[label_map == 2] = -825, -350
    grey = np.round((hu + 1350) / 1500 * 4095).astype(np.int16)
    affine = np.diag([-5.0, -5.0, 5.0, 1.0])
    for name in PATIENTS:
        _save(grey, affine, folder / f"{name}_image.nii.gz")
        _save(label_map, affine, folder / f"{name}_labels.nii.gz")
    with (folder / "cases.csv").open("w", encoding="utf-8", newline="") as stream:
        csv.writer(stream).writerows([("case", "patient"), *PATIENTS.items()])
    return read_cases(folder)
