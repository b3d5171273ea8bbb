"""Distances of embeddings: against a known ellipse, and as shares of unseen films."""

from pathlib import Path

import numpy as np
import pytest

from thoracle.core.errors import EvaluationError
from thoracle.inference.reference import (
    SHRINKAGE,
    EmbeddingReference,
    fit_reference,
    load_reference,
    save_reference,
)


@pytest.fixture
def cloud() -> np.ndarray:
    rng = np.random.default_rng(0)
    return (rng.normal(size=(4000, 3)) * [3.0, 1.0, 0.5] + [10.0, -5.0, 0.0]).astype(np.float32)


def reference_with(distances: np.ndarray) -> EmbeddingReference:
    return EmbeddingReference(
        mean=np.zeros(2, np.float32),
        whitening=np.eye(2, dtype=np.float32),
        distances=distances.astype(np.float32),
    )


def test_the_distance_is_mahalanobis_with_a_variance_drawn_to_the_mean(cloud: np.ndarray) -> None:
    reference = fit_reference(cloud, cloud, components=3)
    variances = np.linalg.eigvalsh(np.cov(cloud.T.astype(np.float64)))[::-1]
    spread = np.sqrt((1 - SHRINKAGE) * variances + SHRINKAGE * variances.mean())
    assert reference.distance(cloud.mean(axis=0)) == pytest.approx(0, abs=1e-3)
    for axis in range(3):
        step = np.zeros(3, np.float32)
        step[axis] = 2.0
        # The cloud's axes are the coordinates' but for chance.
        found = reference.distance(cloud.mean(axis=0) + step)
        assert found == pytest.approx(2.0 / spread[axis], rel=0.02)


def test_only_the_directions_of_largest_variance_are_kept(cloud: np.ndarray) -> None:
    reference = fit_reference(cloud, cloud, components=1)
    center = cloud.mean(axis=0)
    assert reference.whitening.shape == (3, 1)
    assert reference.distance(center + np.array([0, 0, 5], np.float32)) < 0.2
    assert reference.distance(center + np.array([5, 0, 0], np.float32)) > 1.5


def test_held_out_films_are_spread_evenly_over_the_percentiles(cloud: np.ndarray) -> None:
    train, held_out = cloud[:2000], cloud[2000:]
    reference = fit_reference(train, held_out, components=3)
    percentiles = np.array([reference.percentile(reference.distance(one)) for one in held_out])
    assert (percentiles >= 99).mean() == pytest.approx(0.01, abs=0.002)
    assert (percentiles >= 50).mean() == pytest.approx(0.5, abs=0.01)


@pytest.mark.parametrize(
    ("distance", "percentile"),
    [(-1.0, 0.0), (0.0, 0.0), (98.0, 98.0), (98.5, 98.5), (99.0, 99.0), (100.0, 100.0), (1e9, 100)],
)
def test_a_distance_between_two_percentiles_lies_between_them(
    distance: float, percentile: float
) -> None:
    assert reference_with(np.arange(101.0)).percentile(distance) == pytest.approx(percentile)


def test_a_saved_reference_measures_alike(cloud: np.ndarray, tmp_path: Path) -> None:
    reference = fit_reference(cloud, cloud, components=2)
    save_reference(reference, tmp_path / "reference.npz")
    again = load_reference(tmp_path / "reference.npz")
    assert again.whitening.dtype == np.float32
    for one in cloud[:20]:
        assert again.distance(one) == pytest.approx(reference.distance(one), rel=2e-3)
    np.testing.assert_array_equal(again.distances, reference.distances)


@pytest.mark.parametrize(
    ("train", "held_out"),
    [(np.eye(3)[:1], np.eye(3)), (np.eye(3), np.eye(3)[:0]), (np.ones((4, 3)), np.eye(3))],
)
def test_too_few_or_equal_films_are_refused(train: np.ndarray, held_out: np.ndarray) -> None:
    with pytest.raises(EvaluationError, match="at least 2 that differ") as caught:
        fit_reference(train.astype(np.float32), held_out.astype(np.float32), components=2)
    assert caught.value.code == "reference-films"
