"""A trace is the signal's own means, never faster than 25 Hz."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from thoracle.respiration.trace import TRACE_RATE_MAX_HZ, TRACE_SAMPLES_MAX, thin
from thoracle.respiration.types import Recording


def _recording(signal: list[float], rate_hz: float) -> Recording:
    values = np.array(signal, np.float64)
    return Recording(signal=values, rate_hz=rate_hz, sensor="belt", unit="", sha256="0" * 64)


def test_a_slow_signal_stays_as_it_is() -> None:
    trace = thin(_recording([1.0, np.nan, 3.0], 25.0))
    assert trace.rate_hz == 25.0
    assert trace.signal.dtype == np.float32
    np.testing.assert_array_equal(trace.signal, np.array([1, np.nan, 3], np.float32))


def test_neighbors_are_averaged_and_gaps_stay_gaps() -> None:
    trace = thin(_recording([1, 3, np.nan, 5, np.nan, np.nan, 7], 50.0))
    assert trace.rate_hz == 25.0
    np.testing.assert_array_equal(trace.signal, np.array([2, 5, np.nan, 7], np.float32))


def test_a_week_is_drawn_more_coarsely() -> None:
    trace = thin(_recording(np.zeros(7 * TRACE_SAMPLES_MAX).tolist(), 25.0))
    assert trace.signal.size == TRACE_SAMPLES_MAX
    assert trace.rate_hz == pytest.approx(25.0 / 7)


@given(rate_hz=st.floats(0.5, 1000), samples=st.integers(1, 400))
def test_it_is_never_faster_and_as_long(rate_hz: float, samples: int) -> None:
    trace = thin(_recording(np.linspace(0, 1, samples).tolist(), rate_hz))
    assert trace.rate_hz <= TRACE_RATE_MAX_HZ * (1 + 1e-6)
    assert trace.signal.size / trace.rate_hz >= samples / rate_hz * (1 - 1e-9)
    assert 0 <= trace.signal.min() <= trace.signal.max() <= 1
