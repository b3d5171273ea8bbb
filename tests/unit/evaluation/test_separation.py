"""Separation is found, and only where it is."""

import numpy as np
import pytest

from thoracle.core.arrays import DoubleArray
from thoracle.evaluation.separation import separating_columns


def design(*columns: list[float]) -> DoubleArray:
    return np.stack([np.ones(len(columns[0])), *columns], axis=1)


def test_a_clean_cut_separates() -> None:
    """Right from 3 on, wrong below: the slope, and with it the intercept, has no end."""
    found = separating_columns(design([1, 2, 3, 4]), np.array([False, False, True, True]))
    assert found.tolist() == [True, True]


def test_a_cut_with_both_outcomes_on_it_separates_too() -> None:
    found = separating_columns(design([1, 2, 2, 3]), np.array([False, False, True, True]))
    assert found.tolist() == [True, True]


def test_overlap_has_a_maximum() -> None:
    found = separating_columns(design([1, 2, 3, 4]), np.array([False, True, False, True]))
    assert not found.any()


def test_a_level_judged_alike_is_named_and_the_other_factor_is_not() -> None:
    is_level = [0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 1.0, 1.0]
    age = [1.0, 2.0, 3.0, 4.0, 2.0, 3.0, 1.0, 4.0]
    outcome = np.array([True, False, True, False, False, True, True, True])
    found = separating_columns(design(is_level, age), outcome)
    assert found.tolist() == [False, True, False]


@pytest.mark.parametrize("scale", [1e-3, 1.0, 1e4])
def test_the_unit_of_a_column_does_not_matter(scale: float) -> None:
    x = [scale * value for value in (1, 2, 3, 4)]
    assert separating_columns(design(x), np.array([False, False, True, True]))[1]
    assert not separating_columns(design(x), np.array([False, True, False, True])).any()
