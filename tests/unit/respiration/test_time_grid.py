"""Time stamps to a rate: rounded, with gaps, late, doubled, and drifting."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from thoracle.core.errors import SignalError
from thoracle.respiration import time_grid
from thoracle.respiration.time_grid import grid_of

Stamps = NDArray[np.float64]


def stamps(samples: int, rate_hz: float) -> Stamps:
    return np.arange(samples, dtype=np.float64) / rate_hz


def refused(stamps_s: Stamps) -> SignalError:
    with pytest.raises(SignalError) as error:
        grid_of(stamps_s)
    return error.value


def test_even_stamps_give_their_rate_and_no_gap() -> None:
    grid = grid_of(stamps(250, 25) + 7.25)
    assert (grid.rate_hz, grid.jitter_s < 1e-9) == (25.0, True)
    np.testing.assert_array_equal(grid.places, np.arange(250))


def test_rows_that_are_missing_leave_gaps_of_nan() -> None:
    there = np.delete(np.arange(250), [3, 100, 101, 102, 103])
    grid = grid_of(stamps(250, 25)[there])
    np.testing.assert_array_equal(grid.places, there)
    spread = grid.spread(there.astype(np.float64))
    assert spread.size == 250
    np.testing.assert_array_equal(np.flatnonzero(np.isnan(spread)), [3, 100, 101, 102, 103])
    np.testing.assert_array_equal(spread[there], there)


def test_three_rows_with_one_missing_among_them_are_enough() -> None:
    np.testing.assert_array_equal(grid_of(np.array([0.0, 0.1, 0.3])).places, [0, 1, 3])


def test_a_recorder_that_starts_again_may_do_so_at_any_part_of_a_period() -> None:
    two = np.concatenate([stamps(500, 25), stamps(500, 25) + 30.013])
    grid = grid_of(two)
    assert grid.rate_hz == 25.0
    assert grid.places[500] in {750, 751}


def test_stamps_of_five_digits_are_counted_where_their_steps_do_not_show_the_period() -> None:
    """As MATLAB's dlmwrite leaves 125 Hz: after 100 s a step is 0.00 or 0.01 s."""
    rounded = np.array([float(f"{one:.5g}") for one in stamps(60_001, 125)])
    assert (np.diff(rounded) == 0.0).any()
    grid = grid_of(rounded)
    assert grid.rate_hz == 125.0
    np.testing.assert_array_equal(grid.places, np.arange(60_001))
    assert 0.003 < grid.jitter_s < 0.006
    assert grid.rate_error == pytest.approx(0.01 / 480)


@pytest.mark.parametrize("rate_hz", [10, 25, 50, 64, 100, 128, 256, 300, 500, 600, 1000, 1024])
def test_stamps_in_milliseconds_give_any_usual_rate(rate_hz: float) -> None:
    grid = grid_of(np.round(stamps(20_000, rate_hz) + 1.7e9, 3))
    assert grid.rate_hz == rate_hz
    np.testing.assert_array_equal(grid.places, np.arange(20_000))


def test_stamps_in_whole_seconds_give_the_rate_within_what_they_can_tell() -> None:
    grid = grid_of(np.floor(stamps(7500, 25)))
    assert grid.rate_hz == pytest.approx(25.0, rel=grid.rate_error)
    assert grid.rate_error == pytest.approx(1 / 299)


def test_a_gap_is_seen_between_rounded_stamps_too() -> None:
    there = np.concatenate([np.arange(3000), np.arange(4000, 9000)])
    grid = grid_of(np.round(stamps(9000, 600)[there], 3))
    assert grid.rate_hz == pytest.approx(600, rel=2e-4)
    assert grid.places[3000] == pytest.approx(4000, abs=1)


@pytest.mark.parametrize(
    ("share", "is_taken"), [(0.1, True), (0.2, True), (0.4, False), (0.6, False)]
)
def test_stamps_may_be_late_by_a_part_of_a_period(share: float, is_taken: bool) -> None:
    rng = np.random.default_rng(1)
    late = stamps(1000, 25) + rng.uniform(0, share / 25, 1000)
    if is_taken:
        grid = grid_of(late)
        assert grid.rate_hz == pytest.approx(25, rel=1e-3)
        assert grid.jitter_s <= share / 25
        return
    error = refused(late)
    assert error.code == "signal-jitter"
    assert "ms at row" in error.text
    assert "within 25 %" in error.text


@pytest.mark.parametrize(("wobble", "is_taken"), [(0.01, True), (0.1, False)])
def test_a_clock_that_drifts_is_taken_up_to_half_a_second(wobble: float, is_taken: bool) -> None:
    drifting = np.cumsum(0.04 * (1 + wobble * np.sin(np.arange(10_000) / 3000)))
    if is_taken:
        assert 0.1 < grid_of(drifting).jitter_s <= time_grid.DRIFT_MAX_S
    else:
        assert refused(drifting).code == "signal-jitter"


def test_a_row_that_stands_twice_is_refused() -> None:
    assert refused(np.insert(stamps(1000, 25), 500, 499 / 25)).code == "signal-jitter"


@pytest.mark.parametrize(
    "wrong",
    [
        stamps(2, 25),
        stamps(0, 25),
        stamps(50, 25)[::-1],
        np.concatenate([stamps(50, 25), stamps(50, 25)]),
        np.array([0.0, np.nan, 0.2, 0.3]),
        np.zeros(50),
    ],
)
def test_stamps_that_say_nothing_are_refused(wrong: Stamps) -> None:
    error = refused(wrong)
    assert error.code == "signal-stamps"
    assert error.text.isprintable()


def test_a_gap_of_years_costs_no_memory() -> None:
    assert refused(np.append(stamps(100, 1000), 1e9)).code == "signal-jitter"


@given(
    st.sampled_from([4.0, 10.0, 12.5, 25.0, 62.5, 100.0]),
    st.floats(-1e6, 1e6),
    st.sets(st.integers(1, 398), max_size=40),
)
def test_any_rows_of_an_even_recording_find_their_places(
    rate_hz: float, start_s: float, lost: set[int]
) -> None:
    there = np.array(sorted(set(range(400)) - lost))
    grid = grid_of(stamps(400, rate_hz)[there] + start_s)
    assert grid.rate_hz == pytest.approx(rate_hz, rel=1e-6)
    np.testing.assert_array_equal(grid.places, there)
