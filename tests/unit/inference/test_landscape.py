"""Points of training films, and a film placed among them."""

from pathlib import Path

import numpy as np
import pytest

from thoracle.inference.landscape import (
    NEIGHBORS,
    Landscape,
    load_landscape,
    place,
    principal,
    save_landscape,
)
from thoracle.inference.reference import EmbeddingReference

SPREADS = np.array([4.0, 2.0, 1.0, 0.5], np.float32)


@pytest.fixture
def reference() -> EmbeddingReference:
    """Four directions along the axes, with spreads that differ."""
    return EmbeddingReference(
        mean=np.full(4, 10, np.float32),
        whitening=np.diag(1 / SPREADS).astype(np.float32),
        distances=np.zeros(101, np.float32),
    )


def landscape(count: int) -> Landscape:
    points = (np.arange(4 * count).reshape(count, 4) / 8).astype(np.float32)
    return Landscape(
        points=points,
        spread_out=points[:, :3] * np.float32(2),
        finding=(np.arange(count) % 3).astype(np.uint8),
        source=np.zeros(count, np.uint8),
        age=np.full(count, 255, np.uint8),
        is_missed=np.arange(count) % 2 == 0,
        findings=("a", "b", "c"),
        sources=("one",),
    )


def test_principal_coordinates_are_those_before_the_division_by_spread(
    reference: EmbeddingReference,
) -> None:
    embedding = np.array([14, 12, 11, 10.5], np.float32)
    point = ((embedding - reference.mean) @ reference.whitening).astype(np.float32)
    np.testing.assert_allclose(point, np.ones(4))
    np.testing.assert_allclose(principal(point[None], reference), [[4, 2, 1]], rtol=1e-6)


def test_a_training_film_lies_on_itself(reference: EmbeddingReference) -> None:
    land = landscape(30)
    embedding = reference.mean + land.points[7] * SPREADS
    found = place(land, reference, embedding.astype(np.float32))
    assert found.neighbors[0] == 7
    assert found.is_training_film
    assert found.distances[0] == pytest.approx(0, abs=1e-4)
    np.testing.assert_allclose(found.spread_out, land.spread_out[7], atol=1e-3)
    np.testing.assert_allclose(found.principal, land.points[7, :3] * SPREADS[:3], rtol=1e-5)


def test_neighbors_are_the_nearest_over_all_directions(reference: EmbeddingReference) -> None:
    land = landscape(30)
    rng = np.random.default_rng(3)
    embedding = rng.normal(10, 4, 4).astype(np.float32)
    found = place(land, reference, embedding)
    point = (embedding - 10) / SPREADS
    assert not found.is_training_film
    brute = sorted(range(30), key=lambda one: float(((land.points[one] - point) ** 2).sum()))
    assert found.neighbors.tolist() == brute[:NEIGHBORS]
    assert np.all(np.diff(found.distances) >= 0)


def test_fewer_films_than_neighbors_are_all_of_them(reference: EmbeddingReference) -> None:
    found = place(landscape(3), reference, reference.mean)
    assert sorted(found.neighbors.tolist()) == [0, 1, 2]


def test_a_landscape_is_read_as_it_was_written(tmp_path: Path) -> None:
    land = landscape(5)
    save_landscape(land, tmp_path / "landscape.npz")
    kept = load_landscape(tmp_path / "landscape.npz")
    np.testing.assert_array_equal(kept.points, land.points)
    np.testing.assert_array_equal(kept.is_missed, land.is_missed)
    assert (kept.findings, kept.sources) == (land.findings, land.sources)
