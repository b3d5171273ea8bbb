"""Noise has the size that was asked for."""

import numpy as np
import pytest

from thoracle.datasets.breathing.noise import noise_for, rescale


@pytest.mark.parametrize("snr_db", [20.0, 10.0, -3.0])
def test_the_ratio_is_that_of_mean_squares(snr_db: float) -> None:
    rng = np.random.default_rng(0)
    clean = 5.0 + np.sin(np.arange(20000) / 7.0)[None] * [[1.0], [3.0]]
    noise = noise_for(clean, rng.standard_normal(clean.shape), snr_db)
    measured = 10.0 * np.log10((clean**2).mean(axis=1) / (noise**2).mean(axis=1))
    assert measured == pytest.approx([snr_db, snr_db], abs=0.1)


def test_a_silent_window_gets_no_noise() -> None:
    assert (noise_for(np.zeros((1, 5)), np.ones((1, 5)), 10.0) == 0.0).all()


def test_windows_are_scaled_each_by_itself() -> None:
    values = np.array([[2.0, 4.0, 3.0], [7.0, 7.0, 7.0]])
    rescale(values, values.min(axis=1), values.max(axis=1))
    assert values.tolist() == [[0.0, 1.0, 0.5], [0.0, 0.0, 0.0]]
