"""A bundle's training films as points, and a kept result among them."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest

from thoracle.core.arrays import FloatArray
from thoracle.datasets.labels import FINDINGS
from thoracle.datasets.manifest import Manifest
from thoracle.inference.bundle import open_bundle
from thoracle.inference.description import read_description, write_description
from thoracle.inference.landscape import AGE_UNKNOWN, LANDSCAPE, save_landscape
from thoracle.inference.reference import REFERENCE, fit_reference, load_reference, save_reference
from thoracle.jobs.analyze import Analyzer
from thoracle.jobs.landscape import fit_landscape, place_result, surroundings
from thoracle.jobs.results import save_result, show_result
from thoracle.jobs.scoring import ScoredFilms, score_films
from thoracle.radiograph.lungs import LungFinder
from thoracle.radiograph.model import Classifier
from thoracle.store.results import ResultStore, open_store

NOW = datetime(2026, 3, 1, tzinfo=UTC)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[ResultStore]:
    with open_store(tmp_path / "home", database_url=None) as opened:
        yield opened


@pytest.fixture
def seen(bundles: Path, collection: Manifest) -> ScoredFilms:
    """All films of the collection, one of them without a finding."""
    films = (replace(collection.films[0], label="", age_years=None), *collection.films[1:])
    return score_films(
        collection,
        films,
        lungs=LungFinder(open_bundle("lungs")),
        classifier=Classifier(open_bundle("radiograph")),
        with_maps=False,
    )


@pytest.fixture
def shipped(bundles: Path, seen: ScoredFilms) -> Path:
    """The tiny classifier bundle with a landscape in it."""
    folder = bundles / "radiograph"
    fitted = fit_reference(seen.embeddings, seen.embeddings, components=2)
    save_reference(fitted, folder / REFERENCE)
    save_landscape(fit_landscape(seen, load_reference(folder / REFERENCE)), folder / LANDSCAPE)
    table = read_description(folder)
    table.pop("files", None)
    write_description(folder, table)
    return folder


def test_points_know_finding_source_age_band_and_error_and_nothing_else(seen: ScoredFilms) -> None:
    reference = fit_reference(seen.embeddings, seen.embeddings, components=2)
    found = fit_landscape(seen, reference)
    films, logits = seen.films[1:], seen.logits[1:]  # the first has no finding
    assert len(found.points) == len(films)
    assert found.findings == FINDINGS
    assert [found.findings[one] for one in found.finding] == [film.finding for film in films]
    assert [found.sources[one] for one in found.source] == [film.source for film in films]
    assert found.age.tolist() == [int(film.age_years or 0) // 10 for film in films]
    assert found.is_missed.tolist() == [
        FINDINGS[row.argmax()] != film.finding for row, film in zip(logits, films, strict=True)
    ]
    expected = (seen.embeddings[1:] - reference.mean) @ reference.whitening
    np.testing.assert_allclose(found.points, expected, atol=1e-5)
    assert found.spread_out.shape == (len(films), 3)
    assert np.ptp(found.spread_out, axis=0).min() > 0


def test_an_unknown_age_is_in_no_band_and_few_films_are_not_spread_out(seen: ScoredFilms) -> None:
    few = replace(
        seen,
        films=tuple(replace(film, age_years=None) for film in seen.films[1:4]),
        logits=seen.logits[1:4],
        embeddings=seen.embeddings[1:4],
    )
    found = fit_landscape(few, fit_reference(seen.embeddings, seen.embeddings, components=2))
    assert found.age.tolist() == [AGE_UNKNOWN] * 3
    np.testing.assert_array_equal(found.spread_out, np.zeros((3, 3)))


def test_a_kept_training_film_is_placed_on_itself(
    shipped: Path, collection: Manifest, seen: ScoredFilms, store: ResultStore
) -> None:
    around = surroundings(open_bundle("radiograph"))
    assert around is not None
    with Analyzer() as analyzer:
        analyzed = analyzer.analyze_path(collection.resolve(collection.films[5]))
    stored = show_result(store, save_result(store, analyzed, now=NOW))
    found = place_result(store, stored, around)
    assert found is not None
    assert seen.films[1:][found.neighbors[0]].path == collection.films[5].path
    assert found.distances[0] < 0.1


def test_a_result_without_embedding_or_of_another_bundle_has_no_place(
    shipped: Path,
    draw: Callable[..., FloatArray],
    as_png: Callable[[FloatArray], bytes],
    store: ResultStore,
) -> None:
    around = surroundings(open_bundle("radiograph"))
    assert around is not None
    with Analyzer() as analyzer:
        judged = analyzer.analyze_bytes(as_png(draw()), file="film")
        failed = analyzer.analyze_bytes(b"nothing", file="nothing")
    stored = show_result(store, save_result(store, judged, now=NOW))
    assert place_result(store, stored, around) is not None
    other = replace(around, made_by=replace(around.made_by, digest="0" * 64))
    assert place_result(store, stored, other) is None
    unread = show_result(store, save_result(store, failed, now=NOW))
    assert place_result(store, unread, around) is None


def test_a_bundle_without_landscape_has_no_surroundings(bundles: Path) -> None:
    assert surroundings(open_bundle("radiograph")) is None
