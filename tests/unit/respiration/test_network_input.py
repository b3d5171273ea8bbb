"""Windows of any rate, with gaps or short, become the same 600 samples."""

import numpy as np
import pytest

from thoracle.core.arrays import DoubleArray
from thoracle.core.errors import SignalError
from thoracle.respiration.network_input import SAMPLES, has_long_gap, network_input, scaled


def _sine(rate_hz: float, *, per_minute: float = 15.0, seconds: float = 60.0) -> DoubleArray:
    times_s = np.arange(round(seconds * rate_hz)) / rate_hz
    return np.asarray(3.0 + 2.0 * np.sin(2 * np.pi * per_minute / 60 * times_s)[None], np.float64)


def test_ten_hertz_is_only_scaled() -> None:
    signal = _sine(10.0)
    found = network_input(signal, rate_hz=10.0)
    expected = (signal - signal.min()) / (signal.max() - signal.min())
    np.testing.assert_allclose(found, expected, atol=1e-6)
    assert found.dtype == np.float32


@pytest.mark.parametrize("rate_hz", [4.0, 5.0, 12.5, 25.0, 31.25, 125.0])
def test_other_rates_give_nearly_the_same(rate_hz: float) -> None:
    found = network_input(_sine(rate_hz), rate_hz=rate_hz)
    assert found.shape == (1, SAMPLES)
    inner = slice(30, -30)
    np.testing.assert_allclose(
        found[:, inner], network_input(_sine(10.0), rate_hz=10.0)[:, inner], atol=0.03
    )


def test_fast_ripple_is_not_folded_down_into_breathing() -> None:
    times_s = np.arange(6000) / 100.0
    ripple = np.sin(2 * np.pi * 9.8 * times_s)  # would be 0.2 Hz, 12 breaths, at 10 Hz
    breath = np.sin(2 * np.pi * 0.25 * times_s)
    found = network_input((breath + ripple)[None], rate_hz=100.0)
    plain = network_input(breath[None], rate_hz=100.0)
    assert np.abs(found - plain)[:, 30:-30].max() < 0.05


def test_missing_samples_lie_on_a_line_between_their_neighbors() -> None:
    signal = _sine(10.0)
    whole = network_input(signal, rate_hz=10.0)
    holed = signal.copy()
    holed[0, 100:110] = np.nan
    holed[0, :3] = np.nan
    before = holed.copy()
    found = network_input(holed, rate_hz=10.0)
    steps = np.diff(found[0, 99:111])
    np.testing.assert_allclose(steps, steps[0], atol=1e-5)
    np.testing.assert_allclose(found[0, 120:], whole[0, 120:], atol=1e-6)
    np.testing.assert_array_equal(holed, before)


def test_a_window_a_little_short_holds_its_last_value() -> None:
    found = network_input(_sine(10.0, seconds=57.0), rate_hz=10.0)
    assert found.shape == (1, SAMPLES)
    assert (found[0, 570:] == found[0, 569]).all()


def test_a_window_that_does_not_move_is_a_half() -> None:
    still = np.full((2, 600), 7.0)
    still[1] = np.nan
    assert (network_input(still, rate_hz=10.0) == 0.5).all()
    assert (scaled(np.zeros((1, 4))) == 0.5).all()


def test_gaps_of_more_than_three_seconds_are_told() -> None:
    windows = np.repeat(_sine(10.0), 3, axis=0)
    windows[1, 100:130] = np.nan
    windows[2, 100:131] = np.nan
    np.testing.assert_array_equal(has_long_gap(windows, rate_hz=10.0), [False, False, True])
    assert not has_long_gap(windows[:1], rate_hz=10.0).any()


def test_a_window_that_ends_early_has_no_gap_unless_it_is_too_short() -> None:
    windows = np.repeat(_sine(10.0), 2, axis=0)
    windows[0, 550:] = np.nan
    windows[1, 549:] = np.nan
    np.testing.assert_array_equal(has_long_gap(windows, rate_hz=10.0), [False, True])


def test_a_slow_rate_and_another_length_are_refused() -> None:
    with pytest.raises(SignalError, match="found a signal of 2 Hz") as slow:
        network_input(np.zeros((1, 120)), rate_hz=2.0)
    assert slow.value.code == "signal-rate"
    for samples in (500, 660):
        with pytest.raises(SignalError, match="found a window of") as other:
            network_input(np.zeros((1, samples)), rate_hz=10.0)
        assert other.value.code == "signal-window"
