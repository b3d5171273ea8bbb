import numpy as np
import pytest
from tests.unit.respiration.conftest import Breathe, Known

from thoracle.core.arrays import DoubleArray
from thoracle.core.errors import SignalError
from thoracle.respiration.analyze import measure_recording
from thoracle.respiration.types import Recording


def _recording(signal: DoubleArray, sensor: str = "belt") -> Recording:
    return Recording(signal=signal, rate_hz=25, sensor=sensor, unit="cm", sha256="0" * 64)


@pytest.fixture
def known(breathe: Breathe) -> Known:
    return breathe([4.0] * 34, inspiration=0.35)


def test_every_window_is_told_and_the_rest_too(known: Known) -> None:
    found = measure_recording(_recording(known.signal))
    windows = [(one.window.start_s, one.window.length_s) for one in found.windows]
    assert windows == [(0, 60), (60, 60), (120, pytest.approx(20))]
    for one in found.windows:
        assert one.measures is not None
        assert one.measures.rate_per_minute == pytest.approx(15, abs=0.3)
        assert one.measures.ie_ratio == pytest.approx(0.35 / 0.65, abs=0.1)


def test_a_short_recording_has_one_window_and_a_shorter_one_none(known: Known) -> None:
    (one,) = measure_recording(_recording(known.signal[:1000])).windows
    assert one.window.length_s == 40
    assert measure_recording(_recording(known.signal[:200])).windows == ()


def test_windows_may_overlap(known: Known) -> None:
    found = measure_recording(_recording(known.signal), window_s=30, step_s=10)
    assert [one.window.start_s for one in found.windows][:4] == [0, 10, 20, 30]


def test_a_sensor_that_falls_with_inspiration_tells_the_same(known: Known) -> None:
    up = measure_recording(_recording(known.signal))
    down = measure_recording(_recording(-known.signal, "depth_camera"))
    assert up.breathing.breaths == down.breathing.breaths


def test_of_flow_the_volume_is_measured(known: Known) -> None:
    flow = np.gradient(known.signal) * 25
    found = measure_recording(_recording(flow, "flow"))
    assert len(found.breathing.breaths) == pytest.approx(33, abs=1)
    assert np.median([one.depth for one in found.breathing.breaths]) == pytest.approx(1, rel=0.05)


def test_nothing_is_told_of_a_window_of_bad_quality(known: Known) -> None:
    signal = known.signal.copy()
    signal[:1500] = np.random.default_rng(1).normal(size=1500)
    first, second, _ = measure_recording(_recording(signal)).windows
    assert first.measures is None
    assert "noise" in first.quality.reasons
    assert second.measures is not None


def test_of_a_cut_off_signal_rate_is_told_and_depth_is_not(known: Known) -> None:
    drifting = known.signal * np.linspace(1, 1.2, known.signal.size)
    (first, *_) = measure_recording(_recording(np.clip(drifting, 0.2, 0.7))).windows
    assert first.measures is not None
    assert first.measures.rate_per_minute == pytest.approx(15, abs=0.3)
    assert first.measures.depth_median is None
    assert first.measures.ie_ratio is None


@pytest.mark.parametrize(("window_s", "step_s"), [(5.0, 5.0), (60.0, 0.0), (60.0, -1.0)])
def test_windows_too_short_or_without_step_are_refused(
    known: Known, window_s: float, step_s: float
) -> None:
    with pytest.raises(SignalError, match="expected at least 10 s, and a step above 0"):
        measure_recording(_recording(known.signal), window_s=window_s, step_s=step_s)
