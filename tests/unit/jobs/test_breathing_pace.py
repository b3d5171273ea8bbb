"""A stream keeps its rate within a tolerance: faster is refused, what is late is missing."""

import pytest

from thoracle.jobs.breathing_pace import BURST_S, Pace

HZ = 10.0


def _sent(pace: Pace, *, seconds: int, per_second: int, every_s: int = 1) -> tuple[int | None, int]:
    """Return when it was refused, if it was, and how many samples were missed."""
    missed = 0
    for second in range(1, seconds + 1):
        is_due = second % every_s == 0
        if is_due and not pace.take(per_second * every_s, now_s=float(second)):
            return second, missed
        missed += pace.missing(now_s=float(second))
    return None, missed


@pytest.fixture
def pace() -> Pace:
    return Pace(rate_hz=HZ, now_s=0.0)


@pytest.mark.parametrize("every_s", [1, 2, 3])
def test_whoever_keeps_the_rate_is_taken_whole_in_batches_of_up_to_three_seconds(
    pace: Pace, every_s: int
) -> None:
    assert _sent(pace, seconds=3600, per_second=10, every_s=every_s) == (None, 0)


@pytest.mark.parametrize(("per_second", "least_s", "most_s"), [(20, 5, 6), (12, 26, 27)])
def test_whoever_is_faster_is_found_out_after_a_burst(
    pace: Pace, per_second: int, least_s: int, most_s: int
) -> None:
    refused_s, missed = _sent(pace, seconds=600, per_second=per_second)
    assert refused_s is not None
    assert least_s <= refused_s <= most_s
    assert missed == 0


def test_a_flood_is_found_out_at_once(pace: Pace) -> None:
    assert pace.take(int(BURST_S * HZ), now_s=0.0)
    assert not pace.take(1, now_s=0.0)


def test_clocks_that_differ_a_little_do_no_harm() -> None:
    slow = Pace(rate_hz=100.0, now_s=0.0)
    assert _sent(slow, seconds=3600, per_second=96) == (None, 0)
    fast = Pace(rate_hz=100.0, now_s=0.0)
    assert _sent(fast, seconds=3600, per_second=104) == (None, 0)


def test_silence_is_missing_from_two_seconds_on_second_by_second(pace: Pace) -> None:
    _sent(pace, seconds=10, per_second=10)
    missed = [pace.missing(now_s=10.0 + second) for second in range(1, 31)]
    assert missed[:2] == [0, 0]
    assert all(one in (9, 10) for one in missed[4:])


def test_half_the_rate_misses_the_other_half(pace: Pace) -> None:
    refused_s, missed = _sent(pace, seconds=100, per_second=5)
    assert refused_s is None
    assert 420 <= missed <= 470


def test_a_clock_that_goes_back_owes_nothing(pace: Pace) -> None:
    assert pace.missing(now_s=-100.0) == 0
    assert pace.take(10, now_s=1.0)
    assert pace.missing(now_s=1.0) == 0
