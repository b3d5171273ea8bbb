"""Noise has the size that was asked for."""

import numpy as np
import pytest

from thoracle.datasets.breathing.noise import colored, noise_for, rescale


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


@pytest.mark.parametrize("slope", [0.0, 1.0, 2.0])
def test_the_power_of_colored_noise_falls_as_asked_for(slope: float) -> None:
    white = np.random.default_rng(0).standard_normal((400, 4096))
    made = colored(white, np.full(400, slope))
    assert made.std(axis=1) == pytest.approx(np.ones(400))
    assert made.mean(axis=1) == pytest.approx(np.zeros(400), abs=1e-9)
    power = (np.abs(np.fft.rfft(made, axis=1)) ** 2).mean(axis=0)[1:1024]
    fitted = np.polyfit(np.log(np.arange(1, 1024)), np.log(power), 1)[0]
    assert fitted == pytest.approx(-slope, abs=0.02)
