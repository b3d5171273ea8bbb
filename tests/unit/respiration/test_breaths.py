import math
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.unit.respiration.conftest import Breathe, Known

from thoracle.core.arrays import DoubleArray
from thoracle.core.errors import SignalError
from thoracle.respiration import breaths
from thoracle.respiration.breaths import Breathing, find_breaths


def _found(known: Known, signal: DoubleArray | None = None) -> Breathing:
    return find_breaths(known.signal if signal is None else signal, rate_hz=known.rate_hz)


def _heart(known: Known, *, beats_per_minute: float, size: float) -> DoubleArray:
    times_s = np.arange(known.signal.size) / known.rate_hz
    return np.asarray(size / 2 * np.sin(2 * np.pi * beats_per_minute / 60 * times_s))


@pytest.mark.parametrize("per_minute", [5, 8, 12, 16, 20, 30, 45, 60])
def test_a_sine_has_a_breath_to_each_wave(per_minute: float) -> None:
    times_s = np.arange(3000) / 25
    found = find_breaths(np.sin(2 * np.pi * per_minute / 60 * times_s), rate_hz=25).breaths
    assert len(found) == pytest.approx(2 * per_minute - 1, abs=1)
    lengths_s = [one.end_s - one.onset_s for one in found]
    assert np.mean(lengths_s) == pytest.approx(60 / per_minute, rel=0.01)
    assert np.median([one.depth for one in found]) == pytest.approx(2, rel=0.06)


@pytest.mark.parametrize("rate_hz", [2.5, 5.0, 10.0, 62.4725, 125.0, 250.0])
def test_breaths_do_not_depend_on_the_rate_of_sampling(breathe: Breathe, rate_hz: float) -> None:
    known = breathe(np.tile([4.0, 3.4, 4.4], 7), rate_hz=rate_hz)
    found = _found(known).breaths
    # The last breath's end is no turn: nothing follows it.
    assert len(found) == 20
    assert np.allclose([one.onset_s for one in found], known.onsets_s[:20], atol=0.3)
    assert np.allclose([one.peak_s for one in found], known.peaks_s[:20], atol=0.3)


@pytest.mark.parametrize("inspiration", [0.25, 0.33, 0.4, 0.5, 0.6])
def test_inspiration_has_its_share_of_a_breath(breathe: Breathe, inspiration: float) -> None:
    found = _found(breathe([4.0] * 15, inspiration=inspiration)).breaths
    shares = [(one.peak_s - one.onset_s) / (one.end_s - one.onset_s) for one in found]
    assert np.median(shares) == pytest.approx(inspiration, abs=0.06)


def test_inspiration_begins_where_an_end_expiratory_pause_ends(breathe: Breathe) -> None:
    known = breathe([3.0] * 20)
    spread = np.concatenate(
        [np.append(known.signal[50 + 75 * i : 125 + 75 * i], np.zeros(50)) for i in range(20)]
    )
    found = find_breaths(spread, rate_hz=25).breaths
    assert len(found) >= 18
    assert np.allclose([(one.onset_s + 2.5) % 5.0 for one in found], 2.5, atol=0.35)


def test_each_breath_ends_where_the_next_one_begins(breathe: Breathe) -> None:
    found = _found(breathe(np.random.default_rng(1).uniform(2.5, 6, 25))).breaths
    assert all(one.end_s == two.onset_s for one, two in pairwise(found))
    assert all(one.onset_s < one.peak_s < one.end_s for one in found)


@pytest.mark.parametrize(
    ("per_minute", "beats"), [(8, 60), (12, 60), (15, 75), (24, 90), (35, 120)]
)
def test_the_heart_is_not_counted(breathe: Breathe, per_minute: float, beats: float) -> None:
    known = breathe([60 / per_minute] * int(1.5 * per_minute))
    found = _found(known, known.signal + _heart(known, beats_per_minute=beats, size=0.4))
    assert found.peaks_s.size == known.peaks_s.size
    assert np.allclose(found.peaks_s, known.peaks_s, atol=0.8)


def test_drift_and_noise_are_not_counted(breathe: Breathe) -> None:
    known = breathe([4.0] * 15)
    rng = np.random.default_rng(3)
    drift = np.linspace(0, 6, known.signal.size)
    found = _found(known, known.signal + drift + rng.normal(0, 0.15, known.signal.size))
    assert found.peaks_s.size == 15


def test_shallow_breaths_beside_deep_ones_are_counted(breathe: Breathe) -> None:
    depths = 0.6 + 0.4 * np.sin(2 * np.pi * np.arange(24) / 12)
    known = breathe([3.5] * 24, depths=depths)
    rng = np.random.default_rng(3)
    found = _found(known, known.signal + rng.normal(0, 0.03, known.signal.size))
    assert found.peaks_s.size == 24


def test_one_very_deep_breath_hides_no_other(breathe: Breathe) -> None:
    depths = np.ones(20)
    depths[9] = 4.0
    assert _found(breathe([4.0] * 20, depths=depths)).peaks_s.size == 20


def test_a_saturated_signal_keeps_its_breaths(breathe: Breathe) -> None:
    known = breathe([3.5] * 17)
    found = _found(known, np.clip(known.signal, 0.3, 0.6))
    assert found.peaks_s.size == 17


def test_a_pause_ends_the_breath_before_it(breathe: Breathe) -> None:
    first = breathe([4.0] * 6, tail_s=0)
    after = breathe([4.0] * 6, lead_s=18.0)
    rng = np.random.default_rng(4)
    signal = np.concatenate([first.signal, after.signal])
    found = find_breaths(signal + rng.normal(0, 0.02, signal.size), rate_hz=25)
    (pause,) = found.pauses
    assert pause == pytest.approx((26.0, 44.0), abs=1.2)
    (last,) = [one for one in found.breaths if one.onset_s < 26 < one.end_s + 1.5]
    assert last.end_s == pause[0]
    assert max(one.end_s - one.onset_s for one in found.breaths) < 6


def test_a_pause_may_lie_at_either_end(breathe: Breathe) -> None:
    known = breathe([4.0] * 6, lead_s=15.0, tail_s=15.0)
    rng = np.random.default_rng(4)
    found = _found(known, known.signal + rng.normal(0, 0.02, known.signal.size))
    assert len(found.pauses) == 2
    assert found.pauses[0][0] == 0
    assert found.pauses[1][1] == pytest.approx(54, abs=0.2)
    assert len(found.breaths) == 6


def test_nothing_is_told_across_a_gap(breathe: Breathe) -> None:
    known = breathe([4.0] * 14)
    signal = known.signal.copy()
    signal[500:700] = np.nan
    found = _found(known, signal)
    assert [one for one in found.breaths if one.onset_s < 28 and one.end_s > 20] == []
    assert found.seen == ((0.0, 20.0), (28.0, 60.0))
    assert np.isnan(found.slow[200:280]).all()
    assert not np.isnan(found.slow[:200]).any()


def test_a_piece_between_gaps_that_is_too_short_is_not_searched(breathe: Breathe) -> None:
    known = breathe([2.0] * 3, tail_s=30.0)
    signal = known.signal.copy()
    signal[100:] = np.nan
    assert _found(known, signal).seen == ()


def test_in_a_window_of_nothing_but_a_pause_the_heart_needs_the_usual_depth(
    breathe: Breathe,
) -> None:
    known = breathe([], lead_s=60.0, tail_s=0.0)
    ripple = _heart(known, beats_per_minute=54, size=0.05)
    assert find_breaths(ripple, rate_hz=25).peaks_s.size > 40
    found = find_breaths(ripple, rate_hz=25, usual_depth=1.0)
    assert found.peaks_s.size == 0
    (pause,) = found.pauses
    assert pause == pytest.approx((0, 60), abs=0.2)


@pytest.mark.parametrize("value", [0.0, 7.0])
def test_a_signal_that_never_moves_has_no_breath(value: float) -> None:
    found = find_breaths(np.full(1500, value), rate_hz=25)
    assert found.breaths == ()
    assert found.peaks_s.size == 0


def test_a_slow_recording_is_refused() -> None:
    with pytest.raises(SignalError, match="1 samples per second"):
        find_breaths(np.zeros(60), rate_hz=1)


@given(st.floats(1e-3, 1e3), st.floats(-1e3, 1e3), st.sampled_from([2.7, 3.9, 6.1]))
def test_unit_and_offset_move_no_breath(scale: float, offset: float, length_s: float) -> None:
    times_s = np.arange(600) / 10
    signal = np.sin(2 * np.pi * times_s / length_s) + 0.1 * np.sin(9 * times_s)
    plain = find_breaths(signal, rate_hz=10)
    moved = find_breaths(scale * signal + offset, rate_hz=10)
    assert np.allclose(plain.peaks_s, moved.peaks_s, atol=0.11)
    assert len(plain.breaths) == len(moved.breaths)


def test_the_strongest_wave_is_told_stretch_by_stretch() -> None:
    slow, fast = np.arange(900) / 10, np.arange(900) / 10
    signal = np.concatenate([np.sin(2 * np.pi * 0.2 * slow), np.sin(2 * np.pi * 0.5 * fast)])
    waves_hz = breaths.wave_hz(signal)
    assert waves_hz[:600] == pytest.approx(0.2, abs=0.01)
    assert waves_hz[-600:] == pytest.approx(0.5, abs=0.01)
    assert math.isclose(breaths.wave_hz(signal[:300])[0], 0.2, abs_tol=0.01)


def test_a_chirp_is_followed() -> None:
    times_s = np.arange(2400) / 10
    rate_hz = 0.15 + 0.35 * times_s / 240
    found = find_breaths(np.sin(2 * np.pi * np.cumsum(rate_hz) / 10), rate_hz=10).breaths
    middles_s = np.array([(one.onset_s + one.end_s) / 2 for one in found])
    told_hz = np.array([1 / (one.end_s - one.onset_s) for one in found])
    assert np.allclose(told_hz, np.interp(middles_s, times_s, rate_hz), rtol=0.1)


def test_a_fifth_of_the_breaths_around_is_no_breath(breathe: Breathe) -> None:
    depths = np.ones(15)
    depths[7] = 0.18
    # Deep enough for the signal as a whole, not for its neighbors.
    assert _found(breathe([4.0] * 15, depths=depths)).peaks_s.size == 14
    depths[7] = 0.4
    assert _found(breathe([4.0] * 15, depths=depths)).peaks_s.size == 15


def test_the_heart_does_not_count_in_a_pause_that_fills_most_of_a_window(breathe: Breathe) -> None:
    known = breathe([4.0] * 4, tail_s=42.0)
    rng = np.random.default_rng(2)
    heart = _heart(known, beats_per_minute=72, size=0.35)
    found = _found(known, known.signal + heart + rng.normal(0, 0.03, known.signal.size))
    assert found.peaks_s.size == 4
    (pause,) = found.pauses
    assert pause[0] == pytest.approx(18, abs=1.5)
