"""Deletion and insertion: curves that can be worked out, and orders that are what they say."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from thoracle.core.arrays import DoubleArray, FloatArray
from thoracle.core.errors import EvaluationError
from thoracle.evaluation.faithfulness import (
    CELLS,
    blurred_copy,
    cell_order,
    curve_area,
    curves_of,
    random_order,
    swapped,
)

SIDE = 56
CELL = SIDE // CELLS


def film_with_a_spot() -> FloatArray:
    """Grey 0 with one bright cell in row 3, column 5 of the cells."""
    film = np.zeros((SIDE, SIDE), np.float32)
    film[3 * CELL : 4 * CELL, 5 * CELL : 6 * CELL] = 1.0
    return film


def spot_score(films: FloatArray) -> DoubleArray:
    """Score a film by the mean of the spot's cell alone."""
    spot = films[:, 3 * CELL : 4 * CELL, 5 * CELL : 6 * CELL]
    return np.asarray(spot.mean(axis=(1, 2)), np.float64)


def test_the_cell_of_the_highest_mean_comes_first() -> None:
    order = cell_order(film_with_a_spot(), generator=np.random.default_rng(0))
    assert order[0] == 3 * CELLS + 5
    assert sorted(order) == list(range(CELLS * CELLS))


def test_the_true_order_deletes_at_once_and_inserts_at_once() -> None:
    film, rng = film_with_a_spot(), np.random.default_rng(0)
    truth = curves_of(film, cell_order(film, generator=rng), spot_score, steps=4)
    reverse = curves_of(film, cell_order(-film, generator=rng), spot_score, steps=4)
    low = float(spot_score(blurred_copy(film)[None])[0])
    assert truth.shares.tolist() == [0, 0.25, 0.5, 0.75, 1]
    assert truth.deletion == pytest.approx([1, low, low, low, low])
    assert truth.insertion == pytest.approx([low, 1, 1, 1, 1])
    assert reverse.deletion == pytest.approx([1, 1, 1, 1, low])
    assert reverse.insertion == pytest.approx([low, low, low, low, 1])
    assert truth.deletion_area == pytest.approx(0.125 + 0.875 * low)
    assert truth.insertion_area == pytest.approx(0.875 + 0.125 * low)


def test_a_random_order_stands_between_the_true_one_and_its_reverse() -> None:
    film, rng = film_with_a_spot(), np.random.default_rng(5)
    areas = [curves_of(film, random_order(rng), spot_score).deletion_area for _ in range(40)]
    best = curves_of(film, cell_order(film, generator=rng), spot_score).deletion_area
    worst = curves_of(film, cell_order(-film, generator=rng), spot_score).deletion_area
    assert best < np.mean(areas) < worst
    assert abs(float(np.mean(areas)) - (best + worst) / 2) < 0.1


def test_an_empty_map_gives_a_random_order() -> None:
    empty = np.zeros((SIDE, SIDE), np.float32)
    first, second = (cell_order(empty, generator=np.random.default_rng(one)) for one in (1, 2))
    assert (first != second).any()


@given(st.integers(CELLS, 80), st.integers(CELLS, 80), st.integers(0, CELLS * CELLS))
def test_swapped_cells_are_the_other_film_s_and_no_others(
    rows: int, columns: int, count: int
) -> None:
    order = random_order(np.random.default_rng(rows))
    film, other = np.zeros((rows, columns), np.float32), np.ones((rows, columns), np.float32)
    mixed = swapped(film, other, order[:count])
    back = swapped(other, film, order[:count])
    assert (mixed + back == 1).all()
    assert abs(mixed.mean() - count / CELLS**2) < 0.2
    assert (mixed == 1).all() == (count == CELLS**2)


def test_the_area_agrees_with_scikit_learn_s() -> None:
    sklearn_metrics = pytest.importorskip("sklearn.metrics")
    rng = np.random.default_rng(0)
    shares, scores = np.sort(rng.random(9)), rng.random(9)
    assert curve_area(shares, scores) == pytest.approx(sklearn_metrics.auc(shares, scores))


@pytest.mark.parametrize(
    "values", [np.zeros((CELLS - 1, 50), np.float32), np.full((20, 20), np.nan, np.float32)]
)
def test_a_map_that_cannot_be_ranked_is_refused(values: FloatArray) -> None:
    with pytest.raises(EvaluationError, match="expected a finite one of at least 14 a side"):
        cell_order(values, generator=np.random.default_rng(0))
