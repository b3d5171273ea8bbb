"""A sensor adds and takes what it is said to, and nothing else."""

from typing import Any

import numpy as np
import pytest

from thoracle.core.arrays import DoubleArray
from thoracle.core.errors import SignalError
from thoracle.datasets.breathing.sensor import ORDINARY, Lost, Measured, Sensor, measure

RATE_HZ = 10.0


def _breathing(windows: int = 50) -> DoubleArray:
    times = np.arange(600) / RATE_HZ
    return 3.0 + np.sin(1.5 * times) * np.linspace(1.0, 4.0, windows)[:, None]


def _measured(sensor: Sensor, breathing: DoubleArray | None = None) -> Measured:
    given = _breathing() if breathing is None else breathing
    return measure(given, RATE_HZ, sensor, rng=np.random.default_rng(0))


def test_a_sensor_without_faults_gives_the_breathing_itself() -> None:
    made = _measured(Sensor())
    np.testing.assert_array_equal(made.signal, _breathing())
    assert not made.is_lost.any()
    assert (made.samples == 600).all()


def test_what_is_measured_is_not_modified() -> None:
    given = _breathing()
    kept = given.copy()
    _measured(ORDINARY, given)
    np.testing.assert_array_equal(given, kept)


def test_the_same_seed_gives_the_same_faults() -> None:
    np.testing.assert_array_equal(_measured(ORDINARY).signal, _measured(ORDINARY).signal)


def test_a_sensor_may_fall_in_inspiration() -> None:
    np.testing.assert_array_equal(_measured(Sensor(gain=(-2.0, -2.0))).signal, -2.0 * _breathing())


@pytest.mark.parametrize(
    ("sensor", "least", "most"),
    [
        (Sensor(ripple=(0.1, 0.1)), 0.05, 0.1),
        (Sensor(drift=(0.5, 0.5)), 0.5, 0.5),
        (Sensor(motions_per_minute=1e3, motion=(1.0, 1.0)), 1.0, 1e3),
    ],
)
def test_faults_are_sized_by_the_windows_height(sensor: Sensor, least: float, most: float) -> None:
    added = _measured(sensor).signal - _breathing()
    share = np.ptp(added, axis=1) / np.ptp(_breathing(), axis=1)
    assert share.min() >= least - 1e-9
    assert share.max() <= most + 1e-9


@pytest.mark.parametrize("name", ["white_snr_db", "pink_snr_db"])
def test_noise_is_measured_against_breathing_without_its_mean(name: str) -> None:
    noisy: dict[str, Any] = {name: (10.0, 10.0)}
    added = _measured(Sensor(**noisy)).signal - _breathing()
    measured = 10.0 * np.log10(_breathing().var(axis=1) / (added**2).mean(axis=1))
    assert measured.mean() == pytest.approx(10.0, abs=0.1)
    slow = np.abs(np.fft.rfft(added, axis=1)) ** 2
    ratio = slow[:, 1:30].mean() / slow[:, 270:].mean()
    assert ratio > 10.0 if name == "pink_snr_db" else ratio == pytest.approx(1.0, abs=0.2)


def test_heights_are_cut_and_stepped() -> None:
    made = _measured(Sensor(clipped=(0.1, 0.1), bits=(4, 4))).signal
    height = np.ptp(_breathing(), axis=1)
    np.testing.assert_allclose(np.ptp(made, axis=1), 0.9 * height)
    assert max(np.unique(one).size for one in made) <= 16


def test_lost_samples_are_empty_held_zero_or_gone() -> None:
    made = {lost: _measured(Sensor(lost_share=(0.05, 0.05), lost=lost)) for lost in Lost}
    lost = made[Lost.NAN].is_lost
    assert lost.mean() == pytest.approx(0.05, abs=0.005)
    np.testing.assert_array_equal(np.isnan(made[Lost.NAN].signal), lost)
    assert (made[Lost.ZEROS].signal[lost] == 0.0).all()
    after = lost[:, 1:]
    held = made[Lost.HELD].signal
    np.testing.assert_array_equal(held[:, 1:][after], held[:, :-1][after])
    gone = made[Lost.GONE]
    assert (gone.samples == (~lost).sum(axis=1)).all()
    for window in range(50):
        left = gone.signal[window, : gone.samples[window]]
        np.testing.assert_array_equal(left, _breathing()[window][~lost[window]])
        assert np.isnan(gone.signal[window, gone.samples[window] :]).all()
    for one in (Lost.NAN, Lost.HELD, Lost.ZEROS):
        np.testing.assert_array_equal(made[one].signal[~lost], _breathing()[~lost])
        assert (made[one].samples == 600).all()


def test_gaps_last_as_long_as_asked_for() -> None:
    lost = _measured(Sensor(lost_share=(0.1, 0.1), lost_s=2.0), _breathing(400)).is_lost
    begins = (~lost[:, :-1] & lost[:, 1:]).sum()
    assert lost.sum() / begins / RATE_HZ == pytest.approx(2.0, rel=0.15)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("clipped", (0.0, 1.0)),
        ("lost_share", (-0.1, 0.5)),
        ("ripple", (-0.1, 0.1)),
        ("drift", (-0.1, 0.1)),
        ("motion", (-1.0, 1.0)),
        ("bits", (0, 8)),
    ],
)
def test_numbers_without_sense_are_refused(name: str, value: tuple[float, float]) -> None:
    wrong: dict[str, Any] = {name: value}
    with pytest.raises(SignalError, match=name) as caught:
        Sensor(**wrong)
    assert caught.value.code == "breathing-sensor"
