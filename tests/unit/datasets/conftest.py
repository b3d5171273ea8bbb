"""Films made by code: a shared pose, and detail that is each patient's own."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from scipy import ndimage

from thoracle.core.arrays import ByteArray

PaintFilm = Callable[..., ByteArray]
WriteImage = Callable[..., Path]


@pytest.fixture(scope="session")
def paint_film() -> PaintFilm:
    """Return a function from a patient's number to a (rows, columns) uint8 film."""

    def paint(patient: int, *, rows: int = 240, columns: int = 280) -> ByteArray:
        y, x = np.mgrid[-1 : 1 : rows * 1j, -1 : 1 : columns * 1j]
        lungs = np.exp(-(((np.abs(x) - 0.45) / 0.3) ** 2) - (y / 0.7) ** 2)
        rng = np.random.default_rng(patient)
        detail = sum(
            weight * ndimage.gaussian_filter(rng.normal(size=(rows, columns)), sigma) * sigma
            for sigma, weight in ((3, 0.5), (7, 0.7), (18, 1.0))
        )
        film = 0.7 - 0.45 * lungs + 0.12 * detail
        return np.asarray(np.clip(film, 0, 1) * 255, np.uint8)

    return paint


@pytest.fixture(scope="session")
def write_image(paint_film: PaintFilm) -> WriteImage:
    """Return a function that writes a patient's film to a path, making its folders."""

    def write(path: Path, patient: int = 0) -> Path:
        path.parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(paint_film(patient)).save(path)
        return path

    return write
