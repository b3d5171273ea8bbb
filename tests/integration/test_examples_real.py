"""Synthetic films beside the real ones that their model was fitted to."""

from collections.abc import Iterable
from pathlib import Path

import numpy as np
import pytest

from thoracle.core.arrays import DoubleArray
from thoracle.datasets.duplicates import DuplicateKind, DuplicatePair, find_duplicates
from thoracle.datasets.film_alignment import OutlinedFilm, align_films, choose_films, outline_film
from thoracle.datasets.film_model import shipped_model
from thoracle.datasets.film_privacy import Nearness
from thoracle.datasets.film_render import FilmRequest, draw_film
from thoracle.datasets.film_texture import DIRECTIONS, OCTAVES, band_powers
from thoracle.datasets.labels import COVID_19_FINDING, FINDINGS
from thoracle.datasets.manifest import Manifest, assemble
from thoracle.datasets.masks import read_mask
from thoracle.datasets.readers import registry
from thoracle.datasets.thumbnails import read_grey
from thoracle.imaging.resample import to_bytes
from thoracle.jobs.examples import FilmChoice, audit_examples
from thoracle.jobs.film_lungs import mask_finder

SOURCES = ("cohen", "cxnet", "figure1", "nih")  # those with adults, as for the fit
EVERY = 1_000_000  # more films of a finding than there are
CUT_CLOSE = DuplicatePair(  # by more than the 15 % that the search looks for
    a="cohen/images/covid-19-caso-95-3-14.jpg",
    b="cxnet/images/491-.jpg",
    score=0.95,
    kind=DuplicateKind.CROP,
)
COMPARED = 30  # films of each kind; the ratio of their spectra then wanders by a few hundredths


@pytest.fixture(scope="module")
def masked(data_folder: Path) -> Manifest:
    """Return the films of one collection that people have marked the lungs of."""
    manifest = assemble([registry.read_source("cohen", data_folder / "cxr" / "cohen")])
    return manifest.select(film for film in manifest.films if film.mask_path is not None)


@pytest.fixture(scope="module")
def nearness(data_folder: Path) -> tuple[Nearness, ...]:
    """Return distances to every film that the fit chose from: all frontal films of adults."""
    manifest = assemble(
        [registry.read_source(name, data_folder / "cxr" / name) for name in SOURCES]
    )
    chosen = choose_films(manifest, (), per_finding=EVERY, seed=0, one_each=False)
    films = manifest.select(film for film, _ in chosen)
    # A person whom two collections name differently is known by the copies only.
    pairs = find_duplicates(films, on_progress=lambda *_: None).pairs
    return audit_examples(
        FilmChoice(manifest=films, pairs=(*pairs, CUT_CLOSE), per_finding=EVERY, one_each=False),
        count=60,
        find_lungs=mask_finder("lungs"),
    )


def test_no_synthetic_film_is_nearer_to_a_film_than_two_patients_are(
    nearness: tuple[Nearness, ...],
) -> None:
    for each in nearness:
        assert len(each.patients) > 1500
        assert each.patients.min() > 0.02  # one person under two names would be nearer
        assert each.is_private, f"{each.name}: {each.synthetic.min()} < {each.patients.min()}"


def test_no_synthetic_film_is_as_near_as_the_nearest_hundredth_of_patients(
    nearness: tuple[Nearness, ...],
) -> None:
    for each in nearness:
        assert each.synthetic.min() > np.percentile(each.patients, 1), each.name


def test_every_film_keeps_a_distance_that_no_copy_has(nearness: tuple[Nearness, ...]) -> None:
    (detail,) = [each for each in nearness if each.name == "detail"]
    assert detail.synthetic.min() > 0.2


def _spectrum(films: Iterable[OutlinedFilm]) -> DoubleArray:
    """Return the typical strength of each octave in the lungs' middle, finest first."""
    powers = band_powers(align_films(list(films), FINDINGS).pictures)
    inside = powers.reshape(OCTAVES, DIRECTIONS, 32, 32)[:, :, 8:22].sum(axis=1)
    within = inside[:, :, [*range(6, 12), *range(20, 26)]]  # both lungs, without the heart
    return np.asarray(np.sqrt(within.mean(axis=(1, 2))), np.float64)


def _real(masked: Manifest) -> Iterable[OutlinedFilm]:
    for film, group in choose_films(masked, (), per_finding=COMPARED, seed=0):
        path = masked.resolve_mask(film)
        if path is not None:
            pixels = read_grey(masked.resolve(film), side_max=512)
            lungs = read_mask(path)
            found = outline_film(pixels, lungs, finding=film.finding or "", group=group)
            if found is not None:
                yield found


def _drawn() -> Iterable[OutlinedFilm]:
    for number in range(COMPARED):
        request = FilmRequest(finding=COVID_19_FINDING, seed=5, number=number, size=320)
        film = draw_film(shipped_model(), request)
        found = outline_film(
            to_bytes(film.pixels), film.lungs, finding=COVID_19_FINDING, group=str(number)
        )
        if found is not None:
            yield found


def test_synthetic_lungs_have_the_detail_of_real_ones_at_every_size(masked: Manifest) -> None:
    ratio = _spectrum(_drawn()) / _spectrum(_real(masked))
    assert (ratio > 0.65).all(), ratio
    assert (ratio < 1.5).all(), ratio
