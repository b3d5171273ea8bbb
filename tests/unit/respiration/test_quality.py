import numpy as np
import pytest
from tests.unit.respiration.conftest import Breathe

from thoracle.core.arrays import DoubleArray
from thoracle.respiration.breaths import find_breaths
from thoracle.respiration.quality import (
    QUALITY_MIN,
    Faults,
    Stretch,
    WindowQuality,
    find_faults,
    window_quality,
)

WINDOW = Stretch(start_s=0.0, length_s=60.0)


def _quality(signal: DoubleArray, *, usual_depth: float | None = None) -> WindowQuality:
    breathing = find_breaths(signal, rate_hz=25, usual_depth=usual_depth)
    faults = find_faults(signal, rate_hz=25)
    return window_quality(breathing, faults, WINDOW, usual_depth=usual_depth)


def test_even_breaths_are_of_full_quality(breathe: Breathe) -> None:
    quality = _quality(breathe([4.0] * 14).signal)
    assert quality.index > 0.95
    assert quality.reasons == ()
    assert quality.present == 1


def test_a_signal_that_stands_still_for_five_seconds_is_disconnected(breathe: Breathe) -> None:
    signal = breathe([4.0] * 14).signal
    signal[500:625] = signal[500]
    (found,) = find_faults(signal, rate_hz=25).disconnected
    assert found.start_s == pytest.approx(20.0, abs=0.05)
    assert found.end_s == pytest.approx(25.0, abs=0.05)
    quality = _quality(signal)
    assert "disconnected" in quality.reasons
    assert quality.present == pytest.approx(55 / 60, abs=0.002)


def test_a_shorter_rest_is_not_disconnected(breathe: Breathe) -> None:
    signal = breathe([4.0] * 14).signal
    signal[500:620] = signal[500]
    assert find_faults(signal, rate_hz=25).disconnected == ()


def test_a_cut_off_signal_is_found_at_both_ends_of_its_range(breathe: Breathe) -> None:
    known = breathe([4.0] * 14)
    drifting = known.signal * np.linspace(1, 1.3, known.signal.size)
    faults = find_faults(np.clip(drifting, 0.2, 0.8), rate_hz=25)
    assert len(faults.clipped) >= 27
    quality = _quality(np.clip(drifting, 0.2, 0.8))
    assert "clipped" in quality.reasons
    assert quality.clipped > 0.4
    assert quality.index > QUALITY_MIN


def test_turns_of_an_analog_signal_are_not_taken_for_cut_off(breathe: Breathe) -> None:
    known = breathe(np.random.default_rng(1).uniform(3, 6, 13))
    digits = np.round(known.signal + np.linspace(0, 0.05, known.signal.size), 3)
    assert "clipped" not in _quality(digits).reasons


def test_a_signal_of_few_levels_is_not_called_cut_off(breathe: Breathe) -> None:
    coarse = np.round(breathe([6.0] * 9).signal * 8)
    assert find_faults(coarse, rate_hz=25).clipped == ()


def test_a_gap_of_more_than_three_seconds_is_a_reason_and_lost_time(breathe: Breathe) -> None:
    signal = breathe([4.0] * 14).signal.copy()
    signal[500:600] = np.nan
    quality = _quality(signal)
    assert "gap" in quality.reasons
    assert quality.present == pytest.approx(56 / 60)
    assert find_faults(signal, rate_hz=25).gaps == (Stretch(start_s=20.0, length_s=4.0),)


def test_single_lost_samples_are_no_reason(breathe: Breathe) -> None:
    signal = breathe([4.0] * 14).signal.copy()
    signal[::50] = np.nan
    assert _quality(signal).reasons == ()


def test_noise_is_a_reason_and_far_below_the_limit() -> None:
    rng = np.random.default_rng(5)
    found = [_quality(rng.normal(size=1500)) for _ in range(20)]
    assert all("noise" in one.reasons for one in found)
    assert max(one.index for one in found) < QUALITY_MIN


def test_breaths_of_changing_length_are_irregular(breathe: Breathe) -> None:
    quality = _quality(breathe([2.0, 6.0, 2.5, 7.0, 2.0, 5.5, 2.0, 7.0, 3.0, 6.5, 2.0, 7.0]).signal)
    assert "irregular" in quality.reasons
    assert quality.regularity < 0.7


def test_a_pause_alone_is_not_irregular(breathe: Breathe) -> None:
    rng = np.random.default_rng(6)
    signal = breathe([4.0] * 9, tail_s=22.0).signal
    quality = _quality(signal + rng.normal(0, 0.02, signal.size))
    assert quality.index > 0.8
    assert quality.reasons == ()


def test_a_window_that_is_all_pause_is_good_for_one_whose_depth_is_known() -> None:
    ripple = 0.02 * np.sin(2 * np.pi * 1.1 * np.arange(1500) / 25)
    assert _quality(ripple).index < 1
    assert _quality(ripple, usual_depth=1.0).index > 0.9


def test_where_nothing_was_seen_the_index_is_zero() -> None:
    quality = _quality(np.full(1500, np.nan))
    assert quality.index == 0
    assert quality.present == 0
    assert "gap" in quality.reasons


def test_a_window_is_judged_by_its_own_part_alone(breathe: Breathe) -> None:
    rng = np.random.default_rng(7)
    signal = np.concatenate([breathe([4.0] * 14).signal, rng.normal(size=1500)])
    breathing, faults = find_breaths(signal, rate_hz=25), find_faults(signal, rate_hz=25)
    late = Stretch(start_s=60.0, length_s=60.0)
    assert window_quality(breathing, faults, WINDOW).index > 0.8
    assert window_quality(breathing, faults, late).index < QUALITY_MIN


@pytest.mark.parametrize("signal", [np.empty(0), np.array([1.0]), np.array([np.nan, 2.0])])
def test_a_signal_of_no_length_has_no_faults_but_its_gaps(signal: DoubleArray) -> None:
    faults = find_faults(signal, rate_hz=10)
    assert faults.clipped == ()
    assert faults.disconnected == ()
    assert isinstance(faults, Faults)


def test_the_index_is_the_product_of_its_parts(breathe: Breathe) -> None:
    lengths_s = np.random.default_rng(3).uniform(3, 5, 13)
    signal = breathe(lengths_s).signal
    rng = np.random.default_rng(5)
    noisy = signal + rng.normal(0, 0.15, signal.size)
    noisy[700:800] = np.nan
    found = _quality(noisy)
    parts = (found.present, 1 - found.noise, found.regularity, found.likeness)
    assert all(0.5 < part < 0.99 for part in parts)
    assert found.index == pytest.approx(float(np.prod(parts)))
