"""Segments lie where and move as the table says, and are sampled by the formula."""

import numpy as np
import pytest

from thoracle.datasets.breathing.rsm_ranges import RSM, Ranges
from thoracle.datasets.breathing.rsm_segments import Periods, draw_segments, pauses_of, sample
from thoracle.datasets.breathing.types import Sampling, Segments

WINDOWS = 3000
MINUTE = Periods(1, 60.0)


def _drawn(name: str, periods: Periods = MINUTE) -> Segments:
    uniform = np.random.default_rng(0).random((WINDOWS, periods.draws))
    return draw_segments(RSM[name], uniform, periods)


def _sampling(rate_hz: float, duration_s: float) -> Sampling:
    return Sampling(rate_hz=rate_hz, duration_s=duration_s, snr_db=None)


def _within(values: np.ndarray, bounds: tuple[float, float]) -> bool:
    """Say whether all values lie between both bounds and come near each."""
    low, high = bounds
    near = 0.01 * (high - low)
    return bool(low <= values.min() < low + near and high - near < values.max() <= high)


@pytest.mark.parametrize("name", RSM)
def test_parameters_fill_their_ranges_and_never_leave_them(name: str) -> None:
    pattern, drawn = RSM[name], _drawn(name)
    ranges: list[Ranges | None] = [*pattern.segments]
    ranges += [pattern.pause] * (drawn.start_s.shape[1] - 6)
    for segment, one in enumerate(ranges):
        assert one is not None
        for place, bounds in enumerate(one.bounds):
            assert _within(drawn.parameters[:, segment, place], bounds)


@pytest.mark.parametrize("name", RSM)
def test_cuts_are_whole_seconds_of_their_intervals_in_order(name: str) -> None:
    pattern, starts = RSM[name], _drawn(name).start_s
    assert (starts[:, 0] == 0.0).all()
    assert (starts == np.round(starts)).all()
    assert (np.diff(starts, axis=1) >= 0.0).all()
    low, high = np.array(pattern.cuts_s).T
    cuts = starts[:, 1:6]
    assert (cuts.min(), cuts.max()) == (low.min(), high.max())
    assert ((cuts >= low) & (cuts <= high)).all()
    if name != "cheyne_stokes":
        assert (np.diff(cuts, axis=1) == 0.0).any(), "cuts may repeat"


@pytest.mark.parametrize(("name", "until_s"), [("biot", 50), ("cheyne_stokes", 40)])
def test_a_pause_begins_after_the_last_cut_and_lasts_until_the_end(name: str, until_s: int) -> None:
    drawn = _drawn(name)
    last, paused = drawn.start_s[:, 5], drawn.start_s[:, 6]
    assert drawn.is_pause.tolist() == [[False] * 6 + [True]] * WINDOWS
    assert (paused >= last).all()
    assert paused.max() == until_s
    assert (paused == last).any()
    pauses = pauses_of(drawn, 60.0)
    assert pauses.shape == (WINDOWS, 1, 2)
    assert (pauses[:, 0, 0] == paused).all()
    assert (pauses[:, 0, 1] == 60.0).all()


def test_patterns_without_pause_have_none() -> None:
    assert pauses_of(_drawn("eupnea"), 60.0).shape == (WINDOWS, 0, 2)


def test_whole_minutes_hold_a_period_each() -> None:
    assert Periods.of(180.0) == Periods(3, 60.0)
    starts = _drawn("cheyne_stokes", Periods.of(180.0)).start_s.reshape(WINDOWS, 3, 7)
    assert (starts[..., 0] == [0.0, 60.0, 120.0]).all()
    inside = starts - starts[..., :1]
    assert ((inside[..., 3] >= 16.0) & (inside[..., 3] <= 20.0)).all()
    pauses = pauses_of(_drawn("cheyne_stokes", Periods.of(180.0)), 180.0)
    assert (pauses[..., 1] == [60.0, 120.0, 180.0]).all()


def test_without_pauses_cuts_fall_anywhere_in_a_longer_window() -> None:
    drawn = _drawn("eupnea", Periods.of(180.0))
    assert drawn.start_s.shape == (WINDOWS, 16)
    assert drawn.start_s[:, 1:].max() == 180.0
    assert _within(drawn.parameters[..., 1], (1.27, 1.77))


def test_other_lengths_stretch_the_instants_but_not_the_breaths() -> None:
    assert Periods.of(30.0) == Periods(1, 30.0)
    assert Periods.of(100.0) == Periods(2, 50.0)
    short, full = _drawn("biot", Periods.of(30.0)), _drawn("biot")
    np.testing.assert_array_equal(short.start_s, full.start_s / 2.0)
    np.testing.assert_array_equal(short.parameters, full.parameters)


@pytest.mark.parametrize("rate_hz", [10.0, 25.0, 7.3])
def test_a_window_is_the_sum_of_its_formula(rate_hz: float) -> None:
    segments = Segments(
        start_s=np.array([[0.0, 4.0, 4.0, 11.0]]),
        parameters=np.array([
            [[0.5, 1.5, 0.1, 0.05], [9.0, 9.0, 9.0, 9.0], [0.8, 2.5, -0.3, -0.1], [0.01, 1, 0, 0]]
        ]),
        is_pause=np.array([[False, False, False, True]]),
    )  # fmt: skip
    sampling = _sampling(rate_hz, 20.0)
    t = sampling.times_s
    expected = np.select(
        [t < 4.0, t < 11.0],
        [
            0.5 * np.sin(1.5 * t) + 0.1 + 0.05 * t,
            0.8 * np.sin(2.5 * t) - 0.3 - 0.1 * (t - 4.0),
        ],
        0.01 * np.sin(t),
    )
    np.testing.assert_allclose(sample(segments, sampling)[0], expected, rtol=0, atol=1e-12)


def test_windows_with_fewer_segments_lie_beside_those_with_more() -> None:
    nan = np.nan
    parameters = np.array([
        [[1.0, 1.0, 0.0, 0.0], [1.0, 2.0, 0.0, 0.0]], [[1.0, 3.0, 0.0, 0.0], [nan] * 4]
    ])  # fmt: skip
    segments = Segments(
        start_s=np.array([[0.0, 1.0], [0.0, nan]]),
        parameters=parameters,
        is_pause=np.zeros((2, 2), np.bool_),
    )
    made = sample(segments, _sampling(10.0, 2.0))
    t = np.arange(20) / 10.0
    np.testing.assert_allclose(made[0], np.where(t < 1.0, np.sin(t), np.sin(2 * t)), atol=1e-12)
    np.testing.assert_allclose(made[1], np.sin(3 * t), atol=1e-12)
