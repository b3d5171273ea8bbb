"""Synthetic films beside the real ones that their model was fitted to."""

from pathlib import Path

import numpy as np
import pytest

from thoracle.core.arrays import BoolArray, FloatArray
from thoracle.datasets.film_model import shipped_model
from thoracle.datasets.film_privacy import Nearness
from thoracle.datasets.film_render import FilmRequest, draw_film
from thoracle.datasets.manifest import Manifest, assemble
from thoracle.datasets.readers import registry
from thoracle.jobs.examples import FilmChoice, audit_examples


@pytest.fixture(scope="module")
def nearness(data_folder: Path) -> tuple[Nearness, ...]:
    """Return distances to the films of one collection that people have marked the lungs of.

    One film of a patient is taken, so near-duplicates within the collection do not matter here;
    `thoracle examples audit` measures all films.
    """
    manifest = assemble([registry.read_source("cohen", data_folder / "cxr" / "cohen")])
    masked = manifest.select(film for film in manifest.films if film.mask_path is not None)
    choice = FilmChoice(manifest=Manifest(films=masked.films, root=masked.root))
    return audit_examples(choice, count=60, find_lungs=_no_lungs)


def _no_lungs(_pixels: FloatArray) -> BoolArray:
    return np.zeros((4, 4), bool)


def test_no_synthetic_film_is_nearer_to_a_film_than_two_patients_are(
    nearness: tuple[Nearness, ...],
) -> None:
    for each in nearness:
        assert len(each.patients) > 100
        assert each.is_private, f"{each.name}: {each.synthetic.min()} < {each.patients.min()}"


def test_every_film_keeps_a_distance_that_no_copy_has(nearness: tuple[Nearness, ...]) -> None:
    (detail,) = [each for each in nearness if each.name == "detail"]
    assert detail.synthetic.min() > 0.2


def test_the_sharpness_of_films_is_that_of_real_ones() -> None:
    model = shipped_model()
    film = draw_film(model, FilmRequest(finding="No finding", seed=0, number=0, size=256))
    spectrum = np.abs(np.fft.rfft2(film.pixels - film.pixels.mean())) ** 2
    assert spectrum[60:196, 40:].sum() > 1e-5 * spectrum.sum()
