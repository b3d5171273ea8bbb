"""Harrell's C counts comparable pairs that are in order."""

from itertools import permutations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from thoracle.core.arrays import BoolArray, DoubleArray
from thoracle.core.errors import EvaluationError
from thoracle.evaluation.bootstrap import resample_patients
from thoracle.evaluation.prognosis_concordance import concordance, concordance_estimate
from thoracle.evaluation.roc import auroc


def _by_hand(risks: DoubleArray, time_h: DoubleArray, has_event: BoolArray) -> float:
    right, pairs = 0.0, 0
    for one, other in permutations(range(len(risks)), 2):
        is_first = time_h[one] < time_h[other] or (
            time_h[one] == time_h[other] and not has_event[other]
        )
        if has_event[one] and is_first:
            pairs += 1
            tie = risks[one] == risks[other]
            right += 0.5 if tie else float(risks[one] > risks[other])
    return right / pairs if pairs else float("nan")


def test_an_example_counted_by_hand() -> None:
    time_h, has_event = np.array([1.0, 2.0, 3.0, 4.0]), np.array([True, True, False, True])
    # Comparable: 1 before 2, 3, 4 and 2 before 3, 4; the third was lost from sight at 3 h.
    risks = np.array([0.9, 0.3, 0.5, 0.1])
    assert concordance(risks, time_h, has_event) == pytest.approx(4 / 5)


@given(
    st.lists(
        st.tuples(st.integers(0, 4), st.integers(0, 5), st.booleans()), min_size=2, max_size=12
    )
)
def test_it_is_what_counting_pair_by_pair_gives(rows: list[tuple[int, int, bool]]) -> None:
    risks, time_h = (np.array([one[place] for one in rows], np.float64) for place in (0, 1))
    has_event = np.array([one[2] for one in rows])
    found = concordance(risks, time_h, has_event)
    np.testing.assert_allclose(found, _by_hand(risks, time_h, has_event))


def test_with_events_at_once_and_the_rest_never_it_is_the_auroc() -> None:
    rng = np.random.default_rng(0)
    risks, has_event = rng.random(60), rng.random(60) < 0.4
    time_h = np.where(has_event, 5.0, np.inf)
    assert concordance(risks, time_h, has_event) == pytest.approx(auroc(risks, has_event))


def test_the_interval_holds_the_value_and_is_narrower_with_more_patients() -> None:
    widths = []
    for size in (60, 600):
        rng = np.random.default_rng(1)
        time_h = rng.exponential(50, size)
        risks = -time_h + rng.normal(0, 60, size)
        has_event = rng.random(size) < 0.7
        draws = resample_patients([str(one) for one in range(size)], resamples=200, generator=rng)
        found = concordance_estimate(risks[None], time_h, has_event, draws)
        assert found.low is not None
        assert found.high is not None
        assert found.value == pytest.approx(concordance(risks, time_h, has_event))
        assert found.low < concordance(risks, time_h, has_event) < found.high
        widths.append(found.high - found.low)
    assert widths[1] < widths[0]


def test_repeats_are_averaged() -> None:
    time_h, has_event = np.arange(1.0, 13.0), np.ones(12, np.bool_)
    draws = resample_patients([str(one) for one in range(12)], generator=np.random.default_rng(0))
    risks = np.stack([-time_h, time_h])
    assert concordance_estimate(risks, time_h, has_event, draws).value == pytest.approx(0.5)


def test_few_events_have_no_figure_and_say_so() -> None:
    draws = resample_patients(["a", "b"], generator=np.random.default_rng(0))
    found = concordance_estimate(np.ones((1, 2)), np.ones(2), np.array([True, False]), draws)
    assert found.value is None
    assert found.reason is not None
    assert found.reason.text == "1 events; 10 are needed."


def test_lists_of_other_lengths_are_refused() -> None:
    with pytest.raises(EvaluationError, match="one of each per landmark"):
        concordance(np.ones(3), np.ones(2), np.ones(3, np.bool_))
