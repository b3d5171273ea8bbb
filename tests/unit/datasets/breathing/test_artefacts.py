"""Each thing that goes wrong in a sensor has the size that is said."""

import numpy as np
import pytest

from thoracle.datasets.breathing.artefacts import Motions, clipped, drift, motion, ripple, stepped


def test_the_ripple_beats_at_the_hearts_rate() -> None:
    times = np.arange(6000) / 100.0
    made = ripple(times, np.array([[60.0], [90.0]]), np.zeros((2, 1)))
    power = np.abs(np.fft.rfft(made, axis=1))
    assert np.argmax(power, axis=1).tolist() == [60, 90]
    assert power[0, 120] == pytest.approx(0.5 * power[0, 60], rel=1e-6)
    assert np.ptp(made, axis=1).max() <= 1.0


def test_drift_goes_from_0_to_1_and_is_slow() -> None:
    made = drift(200, 600, rng=np.random.default_rng(0))
    np.testing.assert_allclose(made.min(axis=1), 0.0)
    np.testing.assert_allclose(made.max(axis=1), 1.0)
    assert np.abs(np.diff(made, axis=1)).max() < 0.02
    assert np.mean(made[:, 0] > made[:, -1]) == pytest.approx(0.5, abs=0.1)


def test_motions_come_as_often_and_as_high_as_asked_for() -> None:
    times = np.arange(600) / 10.0
    few = Motions(per_s=0.01, lasts_s=(1.0, 2.0), sizes=(2.0, 3.0))
    made = motion(times, 4000, few, rng=np.random.default_rng(0))
    moved = np.abs(made).max(axis=1) > 0.0
    assert moved.mean() == pytest.approx(1.0 - np.exp(-0.6), abs=0.03)
    alone = np.abs(made[moved]).max(axis=1)
    assert np.quantile(alone, 0.9) <= 3.0
    assert np.median(alone) == pytest.approx(2.5, abs=0.1)
    stays = np.abs(made[moved, -1]) > 1.0
    assert stays.mean() == pytest.approx(0.4, abs=0.1)  # a third of them, some windows with two


def test_no_motions_leave_everything_at_rest() -> None:
    still = Motions(per_s=0.0, lasts_s=(1.0, 2.0), sizes=(2.0, 3.0))
    made = motion(np.arange(10.0), 3, still, rng=np.random.default_rng(0))
    assert (made == 0.0).all()


def test_a_share_of_the_height_is_cut_off() -> None:
    signal = np.array([[0.0, 5.0, 10.0], [0.0, 5.0, 10.0]])
    made = clipped(signal, np.array([[0.2], [0.0]]))
    assert made.tolist() == [[1.0, 5.0, 9.0], [0.0, 5.0, 10.0]]


def test_a_converter_tells_two_to_the_power_of_its_bits_apart() -> None:
    signal = np.random.default_rng(0).random((2, 5000))
    made = stepped(signal, np.array([[3], [12]]))
    assert np.unique(made[0]).size == 8
    assert np.abs(made - signal).max(axis=1) == pytest.approx([0.5 / 7, 0.5 / 4095], rel=0.02)
    np.testing.assert_allclose(made.max(axis=1), signal.max(axis=1))


def test_a_flat_window_stays_flat() -> None:
    flat = np.full((1, 4), 3.0)
    np.testing.assert_array_equal(stepped(flat, np.array([[8]])), flat)
    np.testing.assert_array_equal(clipped(flat, np.array([[0.5]])), flat)
