"""What is asked of a simulator is checked before it starts."""

import numpy as np
import pytest

from thoracle.core.errors import SignalError
from thoracle.datasets.breathing.types import PUBLISHED, Sampling, Segments, classes_in_turn
from thoracle.respiration.types import CLASSES


def test_the_published_window_has_600_samples() -> None:
    assert PUBLISHED.samples == 600
    assert PUBLISHED.snr_db == 20.0
    assert PUBLISHED.times_s[[0, 1, 599]].tolist() == [0.0, 0.1, 59.9]


@pytest.mark.parametrize(
    ("rate_hz", "duration_s", "snr_db", "said"),
    [
        (0.0, 60.0, None, "sampling rate of 0"),
        (float("nan"), 60.0, None, "sampling rate of nan"),
        (10.0, -1.0, None, "sampling duration of -1"),
        (10.0, 0.1, None, "not even two samples"),
        (10.0, 60.0, float("inf"), "inf dB"),
    ],
)
def test_a_window_that_cannot_be_is_refused(
    rate_hz: float, duration_s: float, snr_db: float | None, said: str
) -> None:
    with pytest.raises(SignalError, match=said) as caught:
        Sampling(rate_hz=rate_hz, duration_s=duration_s, snr_db=snr_db)
    assert caught.value.code == "breathing-sampling"


def test_windows_take_the_patterns_in_turn() -> None:
    assert classes_in_turn(("biot", "eupnea"), 3).tolist() == [3, 0, 3]
    assert classes_in_turn(None, 8).tolist() == [0, 1, 2, 3, 4, 5, 6, 0]
    assert classes_in_turn(None, 0).tolist() == []


@pytest.mark.parametrize(("patterns", "count"), [(("kussmaul",), 1), ((), 1), (CLASSES, -1)])
def test_an_unknown_pattern_is_refused(patterns: tuple[str, ...], count: int) -> None:
    with pytest.raises(SignalError) as caught:
        classes_in_turn(patterns, count)
    assert caught.value.code == "breathing-pattern"


def test_a_segment_ends_where_the_next_one_starts_and_the_last_one_with_the_window() -> None:
    nan = np.nan
    segments = Segments(
        start_s=np.array([[0.0, 4.0, 9.0], [0.0, 7.0, nan], [nan, nan, nan]]),
        parameters=np.zeros((3, 3, 4)),
        is_pause=np.zeros((3, 3), np.bool_),
    )
    ends = np.array([[4.0, 9.0, 20.0], [7.0, 20.0, nan], [nan, nan, nan]])
    np.testing.assert_array_equal(segments.ends_s(20.0), ends)
    np.testing.assert_array_equal(segments.of(slice(1, 2)).ends_s(20.0), ends[1:2])
