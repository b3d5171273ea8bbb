"""Likeness of maps, against SciPy and scikit-image."""

import numpy as np
import pytest
import scipy

from thoracle.core.arrays import FloatArray
from thoracle.core.errors import EvaluationError
from thoracle.evaluation.map_similarity import rank_correlation, structural_similarity


def maps(seed: int = 0) -> tuple[FloatArray, FloatArray]:
    rng = np.random.default_rng(seed)
    first = scipy.ndimage.gaussian_filter(rng.normal(size=(40, 36)), 2)
    second = 0.5 * first + 0.3 * scipy.ndimage.gaussian_filter(rng.normal(size=(40, 36)), 2)
    return first.astype(np.float32), second.astype(np.float32)


def test_equal_maps_are_alike_and_a_turned_sign_is_the_opposite() -> None:
    first, _ = maps()
    assert rank_correlation(first, 3 * first + 1) == pytest.approx(1)
    assert rank_correlation(first, -first) == pytest.approx(-1)
    assert structural_similarity(first, 3 * first + 1) == pytest.approx(1, abs=1e-5)


def test_a_flat_map_is_like_none_and_two_flat_maps_tell_nothing() -> None:
    first, _ = maps()
    flat = np.zeros_like(first)
    assert rank_correlation(first, flat) == rank_correlation(flat, first) == 0.0
    assert np.isnan(rank_correlation(flat, flat))
    assert structural_similarity(flat, flat) == 1.0


def test_ranks_agree_with_scipy() -> None:
    first, second = maps()
    second[:5] = 0  # ties
    expected = scipy.stats.spearmanr(first.ravel(), second.ravel()).statistic
    assert rank_correlation(first, second) == pytest.approx(expected)


def test_similarity_agrees_with_scikit_image() -> None:
    metrics = pytest.importorskip("skimage.metrics")
    first, second = (one - one.min() for one in maps(3))
    first, second = first / first.max(), second / second.max()
    expected = metrics.structural_similarity(
        first.astype(np.float64), second.astype(np.float64), gaussian_weights=True, sigma=1.5,
        use_sample_covariance=False, data_range=1.0,
    )  # fmt: skip
    assert structural_similarity(first, second) == pytest.approx(expected, abs=1e-6)


def test_maps_of_two_grids_are_refused() -> None:
    first, _ = maps()
    with pytest.raises(EvaluationError, match="expected one grid"):
        rank_correlation(first, first[:-1])
    with pytest.raises(EvaluationError, match="at least 11 a side"):
        structural_similarity(first[:10], first[:10])
