"""Breaths of simulated windows are where the slope changes its sign."""

import numpy as np
import pytest

from thoracle.core.arrays import DoubleArray
from thoracle.datasets.breathing.rsm_ranges import RSM
from thoracle.datasets.breathing.rsm_segments import Periods, draw_segments
from thoracle.datasets.breathing.turns import turns
from thoracle.datasets.breathing.types import Segments

QUARTER = np.pi / 2.0  # rad/s: a breath in 4 s


def _segments(
    starts: list[float], parameters: list[list[float]], pauses: list[bool] | None = None
) -> Segments:
    return Segments(
        start_s=np.array([starts]),
        parameters=np.array([parameters]),
        is_pause=np.array([pauses or [False] * len(starts)]),
    )


def _told(segments: Segments, duration_s: float) -> tuple[list[float], list[float]]:
    onsets, peaks = turns(segments, duration_s)
    return onsets[0].round(6).tolist(), peaks[0].round(6).tolist()


def test_a_plain_sine_begins_breaths_at_its_minima() -> None:
    told = _told(_segments([0.0], [[1.0, QUARTER, 0.3, 0.0]]), 12.0)
    assert told == ([3.0, 7.0, 11.0], [1.0, 5.0, 9.0])


def test_drift_moves_minima_forward_and_peaks_back() -> None:
    onsets, peaks = _told(_segments([0.0], [[1.0, QUARTER, 0.0, 0.1]]), 12.0)
    late = np.arcsin(0.1 / QUARTER) / QUARTER
    assert peaks == pytest.approx([1.0 + late, 5.0 + late, 9.0 + late], abs=1e-6)
    assert onsets == pytest.approx([3.0 - late, 7.0 - late, 11.0 - late], abs=1e-6)


def test_a_cut_that_falls_before_and_rises_after_begins_a_breath() -> None:
    # At 2 s the first falls; twice as fast, the second rises there: cos(2π) = 1.
    told = _told(
        _segments([0.0, 2.0], [[1.0, QUARTER, 0.0, 0.0], [1.0, 2 * QUARTER, 0.0, 0.0]]), 4.0
    )
    assert told == ([2.0, 3.5], [1.0, 2.5])


def test_a_cut_that_rises_before_and_falls_after_ends_an_inspiration() -> None:
    # At 4 s the first rises; half as fast, the second falls there: cos(π) = −1.
    told = _told(
        _segments([0.0, 4.0], [[1.0, QUARTER, 0.0, 0.0], [1.0, QUARTER / 2, 0.0, 0.0]]), 8.0
    )
    assert told == ([3.0, 6.0], [1.0, 4.0])


def test_there_are_no_breaths_in_a_pause_and_one_begins_at_its_end() -> None:
    sine, still = [1.0, QUARTER, 0.0, 0.0], [0.05, 3.0, 0.1, 0.0]
    told = _told(_segments([0.0, 4.0, 16.0], [sine, still, sine], [False, True, False]), 20.0)
    assert told == ([3.0, 16.0, 19.0], [1.0, 4.0, 17.0])


def _by_slope(
    segments: Segments, window: int, duration_s: float
) -> tuple[DoubleArray, DoubleArray]:
    """Find turns by looking at the slope each millisecond."""
    times = np.arange(0.0, duration_s, 0.001) + 0.0005
    place = np.searchsorted(segments.start_s[window], times, side="right") - 1
    a, b, _, d = segments.parameters[window, place].T
    sign = np.sign(a * b * np.cos(b * times) + d)
    sign[segments.is_pause[window, place]] = 0.0
    before, after = sign[:-1], sign[1:]
    at = times[:-1] + 0.0005
    return at[(before <= 0) & (after > 0)], at[(before > 0) & (after <= 0)]


@pytest.mark.parametrize("name", RSM)
@pytest.mark.parametrize("duration_s", [60.0, 120.0])
def test_formula_and_search_agree(name: str, duration_s: float) -> None:
    periods = Periods.of(duration_s)
    uniform = np.random.default_rng(5).random((40, periods.draws))
    segments = draw_segments(RSM[name], uniform, periods)
    onsets, peaks = turns(segments, duration_s)
    for window in range(40):
        for found, expected in zip(
            (onsets, peaks), _by_slope(segments, window, duration_s), strict=True
        ):
            times = found[window][~np.isnan(found[window])]
            assert times == pytest.approx(expected, abs=0.0011)
