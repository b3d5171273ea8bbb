"""What came in is gathered with what never came, and drawn in points that are not too many."""

import numpy as np

from thoracle.jobs.breathing_live_stream import LiveStream
from thoracle.jobs.breathing_live_types import StreamRequest


def _stream(rate_hz: float) -> LiveStream:
    asked = StreamRequest(name="bed 1", rate_hz=rate_hz, sensor="belt", sender="ana")
    return LiveStream(asked, key="0", now_s=0.0)


def test_samples_are_gathered_once_and_in_their_order() -> None:
    stream = _stream(10.0)
    assert stream.take(np.arange(5.0), now_s=0.5)
    assert stream.take(np.arange(5.0, 10.0), now_s=1.0)
    assert stream.gather(now_s=1.0).tolist() == list(range(10))
    assert stream.gather(now_s=1.1).size == 0
    assert stream.view(now_s=1.1, is_whole=False).trace == ()
    assert stream.view(now_s=1.1, is_whole=True).trace == tuple(range(10))


def test_what_never_came_is_missing_and_a_gap_in_the_trace() -> None:
    stream = _stream(10.0)
    for second in range(1, 8):
        gathered = stream.gather(now_s=float(second))
    assert np.isnan(gathered).all()
    view = stream.view(now_s=7.0, is_whole=True)
    assert view.silent_s == 7.0
    assert view.trace
    assert set(view.trace) == {None}


def test_a_fast_sensor_is_drawn_in_means_of_at_most_25_points_a_second() -> None:
    stream = _stream(125.0)
    assert stream.trace_hz == 25.0
    stream.take(np.arange(7.0), now_s=0.1)
    stream.gather(now_s=0.1)
    stream.take(np.array([7.0, 8.0, 9.0, np.nan, 1, 1, 1, 1]), now_s=0.2)
    stream.gather(now_s=0.2)
    assert stream.view(now_s=0.2, is_whole=True).trace == (2.0, 7.0, None)


def test_a_rush_beyond_the_rate_is_refused() -> None:
    stream = _stream(10.0)
    assert stream.take(np.zeros(50), now_s=0.0)
    assert not stream.take(np.zeros(1), now_s=0.0)
    assert stream.gather(now_s=0.0).size == 50


def test_the_noise_of_a_pause_is_drawn_in_the_height_of_the_breaths_before() -> None:
    stream = _stream(10.0)
    for second in range(1, 121):
        size = 1.0 if second <= 30 else 1e-3
        stream.take(size * np.array([-1.0, 1.0] * 5), now_s=float(second))
        stream.gather(now_s=float(second))
        if second == 30:
            assert stream.view(now_s=30.0, is_whole=False).trace_span == 2.0
    assert stream.view(now_s=120.0, is_whole=False).trace_span > 1.0


def test_the_trace_holds_a_minute() -> None:
    stream = _stream(10.0)
    for second in range(1, 90):
        stream.take(np.full(10, float(second)), now_s=float(second))
        stream.gather(now_s=float(second))
    trace = stream.view(now_s=89.0, is_whole=True).trace
    assert len(trace) == 600
    assert trace[0] == 30
