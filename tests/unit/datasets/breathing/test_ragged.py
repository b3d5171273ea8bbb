"""Lists of different length go into one array and come back."""

import numpy as np

from thoracle.datasets.breathing.ragged import counts, padded, within


def test_lists_are_padded_with_nan() -> None:
    made = padded(np.array([1.0, 2.0, 3.0]), np.array([0, 0, 2]), 4)
    nan = np.nan
    np.testing.assert_array_equal(made, [[1, 2], [nan, nan], [3, nan], [nan, nan]])
    assert counts(made).tolist() == [2, 0, 1, 0]


def test_pairs_stay_pairs() -> None:
    made = padded(np.array([[1.0, 2.0], [5.0, 6.0]]), np.array([1, 1]), 2)
    assert made.shape == (2, 2, 2)
    assert made[1].tolist() == [[1.0, 2.0], [5.0, 6.0]]


def test_nothing_at_all_has_no_columns() -> None:
    assert padded(np.empty(0), np.empty(0, np.int64), 3).shape == (3, 0)
    assert within(np.empty(0, np.int64)).tolist() == []
