"""Pooled probabilities equal what pen and paper give."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from thoracle.ct.pooling import POOLINGS, logistic, maximum, mean, noisy_or

CHANCES = st.lists(st.floats(0.0, 1.0), min_size=1, max_size=20)


def test_known_answers() -> None:
    chances = np.array([0.5, 0.2, 0.1])
    assert noisy_or(chances) == pytest.approx(1 - 0.5 * 0.8 * 0.9)
    assert maximum(chances) == 0.5
    assert mean(chances) == pytest.approx(0.8 / 3)
    # Odds 1, 1/4 and 1/9: the cube root of 1/36.
    odds = (1 / 36) ** (1 / 3)
    assert logistic(chances) == pytest.approx(odds / (1 + odds))


def test_without_regions_nothing_is_known_but_that_none_is_of_the_kind() -> None:
    none = np.zeros(0)
    assert noisy_or(none) == 0.0
    assert all(np.isnan(pool(none)) for name, pool in POOLINGS.items() if name != "noisy_or")


def test_one_region_pools_to_itself() -> None:
    assert [pool(np.array([0.3])) for pool in POOLINGS.values()] == pytest.approx([0.3] * 4)


def test_a_certain_region_stays_finite_in_log_odds() -> None:
    assert logistic(np.array([1.0, 0.0])) == pytest.approx(0.5)


@given(CHANCES)
def test_noisy_or_is_the_largest_and_stays_a_probability(chances: list[float]) -> None:
    values = np.array(chances)
    others = [pool(values) for pool in (maximum, mean)]
    assert max(others) - 1e-9 <= noisy_or(values) <= 1.0


@given(CHANCES, st.floats(0.0, 1.0))
def test_noisy_or_never_falls_when_a_region_is_added(chances: list[float], more: float) -> None:
    assert noisy_or(np.array([*chances, more])) >= noisy_or(np.array(chances)) - 1e-12
