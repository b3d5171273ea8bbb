import math
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import signal as dsp

from thoracle.core.arrays import DoubleArray
from thoracle.core.errors import SignalError
from thoracle.respiration import filters


def _sine(frequency_hz: float, *, rate_hz: float, seconds: float = 60.0) -> DoubleArray:
    return np.asarray(np.sin(2 * np.pi * frequency_hz * np.arange(seconds * rate_hz) / rate_hz))


@pytest.mark.parametrize("sensor", ["belt", "impedance", "volume", "unknown"])
def test_what_rises_with_inspiration_stays_as_it_is(sensor: str) -> None:
    signal = _sine(0.25, rate_hz=10)
    turned = filters.orient(signal, sensor=sensor, rate_hz=10)
    assert np.array_equal(turned, signal)
    assert turned is not signal


@pytest.mark.parametrize("sensor", ["capnography", "depth_camera"])
def test_what_falls_with_inspiration_is_turned_over(sensor: str) -> None:
    signal = _sine(0.25, rate_hz=10)
    assert np.array_equal(filters.orient(signal, sensor=sensor, rate_hz=10), -signal)


def test_flow_becomes_volume_whose_valleys_lie_where_flow_turns_inward() -> None:
    volume = filters.orient(_sine(0.25, rate_hz=50) + 0.3, sensor="flow", rate_hz=50)
    expected = (1 - np.cos(2 * np.pi * 0.25 * np.arange(3000) / 50)) / (2 * np.pi * 0.25)
    assert np.allclose(volume, expected, atol=1e-3)


def test_volume_begins_anew_after_a_gap_in_the_flow() -> None:
    flow = np.array([1.0, 1.0, np.nan, -1.0, -1.0])
    assert np.array_equal(
        filters.orient(flow, sensor="flow", rate_hz=1), [0, 1, np.nan, 0, -1], equal_nan=True
    )


def test_a_sensor_that_nobody_knows_is_refused_with_the_names_of_all() -> None:
    with pytest.raises(SignalError, match=r"'strap' – expected one of belt, .*Say unknown"):
        filters.orient(np.zeros(3), sensor="strap", rate_hz=10)


def test_a_gap_of_three_seconds_is_bridged_and_a_longer_one_is_not() -> None:
    signal = np.arange(20.0)
    signal[2:5] = np.nan
    signal[10:14] = np.nan
    filled = filters.fill_gaps(signal, rate_hz=1)
    assert np.array_equal(filled[:10], np.arange(10.0))
    assert np.isnan(filled[10:14]).all()
    assert np.isnan(signal[2:5]).all()


def test_nothing_is_made_up_at_the_ends_of_a_signal() -> None:
    signal = np.array([np.nan, 1.0, 2.0, np.nan])
    filled = filters.fill_gaps(signal, rate_hz=10)
    assert np.array_equal(np.isnan(filled), [True, False, False, True])


def test_a_signal_that_is_missing_altogether_stays_so() -> None:
    assert np.isnan(filters.fill_gaps(np.full(5, np.nan), rate_hz=10)).all()
    assert np.isnan(filters.resample(np.full(50, np.nan), rate_hz=25, to_hz=10)).all()


@given(st.lists(st.booleans(), max_size=40))
def test_stretches_are_the_runs_of_a_mask(cells: list[bool]) -> None:
    mask = np.array(cells, np.bool_)
    again = np.zeros(mask.size, np.bool_)
    found = filters.stretches(mask)
    for start, end in found:
        assert mask[start:end].all()
        again[start:end] = True
    assert np.array_equal(again, mask)
    assert all(one[1] < two[0] for one, two in pairwise(found))
    long = filters.stretches(mask, shortest=3)
    assert long == [(start, end) for start, end in found if end - start >= 3]


def test_detrending_takes_a_straight_line_off_as_scipy_does() -> None:
    signal = _sine(0.2, rate_hz=10) + 3 + 0.2 * np.arange(600)
    assert np.allclose(filters.detrend(signal), dsp.detrend(signal))
    assert filters.detrend(np.array([4.0])) == 0


@pytest.mark.parametrize("rate_hz", [4.0, 10.0, 62.5, 250.0])
@pytest.mark.parametrize("frequency_hz", [0.1, 0.25, 0.5, 0.8])
def test_breaths_pass_without_phase_and_half_of_the_power_at_the_cut_off(
    frequency_hz: float, rate_hz: float
) -> None:
    signal = _sine(frequency_hz, rate_hz=rate_hz, seconds=120)
    passed = filters.band_pass(signal, rate_hz=rate_hz, high_hz=frequency_hz)
    middle = slice(signal.size // 4, 3 * signal.size // 4)
    gain = passed[middle] @ signal[middle] / (signal[middle] @ signal[middle])
    low = 1 - math.sqrt(0.5) ** ((frequency_hz / filters.LOW_HZ) ** 2)
    assert gain == pytest.approx(math.sqrt(0.5) * low, abs=0.01)
    assert np.allclose(passed[middle], gain * signal[middle], atol=0.02)


def test_drift_does_not_pass() -> None:
    times_s = np.arange(1200) / 10
    drift = 5 + 0.3 * times_s + 2 * np.sin(2 * np.pi * times_s / 200)
    assert np.abs(filters.band_pass(drift, rate_hz=10)[200:-200]).max() < 0.1


def test_at_two_samples_a_second_the_cut_off_stays_below_half_the_rate() -> None:
    signal = _sine(0.3, rate_hz=2)
    assert np.corrcoef(filters.band_pass(signal, rate_hz=2), signal)[0, 1] > 0.95


@pytest.mark.parametrize("rate_hz", [1.9, 0.0, -5.0, math.nan, math.inf])
def test_a_rate_at_which_no_breath_can_be_told_is_refused(rate_hz: float) -> None:
    with pytest.raises(SignalError, match="samples per second – expected at least 2") as refusal:
        filters.at_analysis_rate(np.zeros(100), rate_hz=rate_hz)
    assert refusal.value.code == "signal-slow"


@pytest.mark.parametrize("rate_hz", [2.5, 5.0, 25.0, 62.4725, 125.0, 333.3])
def test_resampling_keeps_a_wave_in_its_place(rate_hz: float) -> None:
    common = filters.resample(_sine(0.3, rate_hz=rate_hz), rate_hz=rate_hz, to_hz=10)
    expected = np.sin(2 * np.pi * 0.3 * np.arange(common.size) / 10)
    assert abs(common.size - 600) <= 4
    assert np.allclose(common[50:-50], expected[50:-50], atol=0.01)


def test_resampling_leaves_nothing_of_what_would_fold_back() -> None:
    folded = filters.resample(_sine(9.8, rate_hz=125), rate_hz=125, to_hz=10)
    assert np.abs(folded[50:-50]).max() < 0.01


def test_resampling_is_that_of_scipy() -> None:
    signal = np.random.default_rng(2).normal(size=500)
    ours = filters.resample(signal, rate_hz=25, to_hz=10)
    assert np.allclose(ours, dsp.resample_poly(signal, 2, 5, padtype="line"), atol=1e-4)


def test_what_was_missing_is_missing_after_resampling() -> None:
    signal = _sine(0.3, rate_hz=50)
    signal[1000:1500] = np.nan
    common = filters.resample(signal, rate_hz=50, to_hz=10)
    missing = np.flatnonzero(np.isnan(common))
    assert missing[0] == 200
    assert missing[-1] == 299
    assert missing.size == 100


def test_resampling_to_the_same_rate_is_a_copy() -> None:
    signal = _sine(0.3, rate_hz=10)
    common = filters.resample(signal, rate_hz=10, to_hz=10)
    assert np.array_equal(common, signal)
    assert common is not signal


def test_a_great_offset_makes_no_wave() -> None:
    common = filters.resample(np.full(1500, 1500.0), rate_hz=25, to_hz=10)
    assert np.allclose(common, 1500.0, rtol=0, atol=1e-9)
