"""A reader's mask comes first; a film without lungs has no form."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from thoracle.core.arrays import BoolArray, FloatArray
from thoracle.core.errors import ThoracleError
from thoracle.datasets.film import Film
from thoracle.datasets.manifest import Manifest
from thoracle.jobs.film_lungs import lung_form_of, lungs_of, mask_finder

FILM = Film(path="film.png", source="x")
MASKED = Film(path="film.png", source="x", mask_path="mask.png")


@pytest.fixture
def manifest(tmp_path: Path, as_png: Callable[[FloatArray], bytes]) -> Manifest:
    grey = np.random.default_rng(0).random((1000, 700), dtype=np.float32)
    (tmp_path / "film.png").write_bytes(as_png(grey))
    mask = np.zeros((100, 70), np.float32)
    mask[20:80, 10:60] = 1
    (tmp_path / "mask.png").write_bytes(as_png(mask))
    return Manifest(films=(FILM, MASKED), root=tmp_path)


def test_a_network_finds_the_lungs_on_a_film_of_512_pixels(manifest: Manifest) -> None:
    seen: list[FloatArray] = []

    def find(pixels: FloatArray) -> BoolArray:
        seen.append(pixels)
        return np.ones((4, 4), bool)

    pixels, lungs = lungs_of(FILM, manifest, find)
    assert pixels.shape == seen[0].shape == (512, 358)
    assert 0 <= seen[0].min() < seen[0].max() <= 1
    assert lungs.all()


def test_a_readers_mask_is_taken_instead(manifest: Manifest) -> None:
    _, lungs = lungs_of(MASKED, manifest, lambda _: pytest.fail("searched"))
    assert lungs.shape == (100, 70)
    assert lungs.sum() == 60 * 50


def test_only_a_film_with_lungs_has_a_form(manifest: Manifest) -> None:
    assert lung_form_of(FILM, manifest, lambda _: np.zeros((4, 4), bool)) is None
    form = lung_form_of(MASKED, manifest, lambda _: pytest.fail("searched"))
    assert form is not None
    assert form.shape == (2, 64 * 64)


def test_a_bundle_that_is_not_there_is_refused() -> None:
    with pytest.raises(ThoracleError, match="nowhere"):
        mask_finder("nowhere")
