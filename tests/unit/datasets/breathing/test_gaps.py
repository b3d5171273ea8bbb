"""Samples are lost as often and as long as asked for, and filled as said."""

import numpy as np
import pytest

from thoracle.datasets.breathing.gaps import gaps, held, without


@pytest.mark.parametrize("mean_samples", [0.0, 5.0, 20.0])
def test_gaps_have_their_share_and_length(mean_samples: float) -> None:
    lost = gaps(np.full((400, 1), 0.1), 3000, mean_samples, rng=np.random.default_rng(0))
    assert lost.mean() == pytest.approx(0.1, abs=0.005)
    begins = (~lost[:, :-1] & lost[:, 1:]).sum()
    expected = mean_samples or 1.0 / 0.9  # each by itself: in runs by chance
    assert lost[:, 1:].sum() / begins == pytest.approx(expected, rel=0.05)


def test_each_window_has_its_own_share() -> None:
    lost = gaps(np.array([[0.0], [0.5]]), 10000, 4.0, rng=np.random.default_rng(0))
    assert lost.mean(axis=1) == pytest.approx([0.0, 0.5], abs=0.03)


def test_the_last_sample_is_held() -> None:
    signal = np.array([[1.0, 2.0, 3.0, 4.0]] * 3)
    lost = np.array([[0, 1, 1, 0], [1, 1, 0, 0], [1, 1, 1, 1]], np.bool_)
    assert held(signal, lost).tolist() == [
        [1.0, 1.0, 1.0, 4.0],
        [3.0, 3.0, 3.0, 4.0],
        [0.0, 0.0, 0.0, 0.0],
    ]


def test_what_is_left_stands_together_in_its_order() -> None:
    signal = np.array([[1.0, 2.0, 3.0, 4.0]])
    made = without(signal, np.array([[False, True, False, False]]))
    np.testing.assert_array_equal(made, [[1.0, 3.0, 4.0, np.nan]])
