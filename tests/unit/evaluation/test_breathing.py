import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.sparse import csr_array
from scipy.sparse.csgraph import maximum_bipartite_matching

from thoracle.core.errors import EvaluationError
from thoracle.evaluation.breathing import (
    BreathCounts,
    detection_figures,
    match_breaths,
    rate_figures,
    rate_of_marks,
)

MOMENTS = st.lists(st.floats(0, 20), max_size=12).map(np.array)


def test_a_breath_pairs_with_one_other_only() -> None:
    counts = match_breaths(np.array([1.0, 1.2, 5.0]), np.array([1.1, 9.0]))
    assert counts == BreathCounts(found=3, reference=2, matched=1)


def test_the_tolerance_belongs_to_it() -> None:
    assert match_breaths(np.array([2.0]), np.array([3.0]), tolerance_s=1.0).matched == 1
    assert match_breaths(np.array([2.0]), np.array([3.01]), tolerance_s=1.0).matched == 0


def test_the_order_of_breaths_does_not_matter() -> None:
    counts = match_breaths(np.array([9.0, 1.0, 5.0]), np.array([5.1, 8.9, 1.1]))
    assert counts.matched == 3


@given(MOMENTS, MOMENTS)
def test_no_other_pairing_has_more_pairs(found_s: np.ndarray, reference_s: np.ndarray) -> None:
    counts = match_breaths(found_s, reference_s, tolerance_s=1.0)
    if not found_s.size or not reference_s.size:
        assert counts.matched == 0
        return
    near = np.abs(found_s[:, None] - reference_s[None, :])
    # The bounds are compared as the code does, which rounds a sum.
    allowed = (found_s[:, None] >= reference_s - 1.0) & (found_s[:, None] <= reference_s + 1.0)
    best = maximum_bipartite_matching(csr_array(allowed.astype(np.int8)))
    assert near.shape == allowed.shape
    assert counts.matched == int((best >= 0).sum())


def test_a_rate_is_that_of_the_mean_time_between_marks() -> None:
    marks_s = np.array([0.5, 4.5, 8.5, 14.5, 70.0])
    assert rate_of_marks(marks_s, start_s=0, end_s=60) == pytest.approx(60 * 3 / 14)
    assert np.isnan(rate_of_marks(marks_s, start_s=60, end_s=120))
    assert np.isnan(rate_of_marks(marks_s, start_s=10, end_s=14.5))
    assert np.isnan(rate_of_marks(np.array([3.0, 3.0]), start_s=0, end_s=60))


def test_breaths_are_summed_over_recordings() -> None:
    counts = [
        BreathCounts(found=100, reference=110, matched=90),
        BreathCounts(found=50, reference=40, matched=40),
    ]
    figures = detection_figures(counts, ["a", "b"], generator=np.random.default_rng(1))
    assert figures.precision.value == pytest.approx(130 / 150)
    assert figures.recall.value == pytest.approx(130 / 150)
    assert figures.f1.value == pytest.approx(260 / 300)
    assert figures.precision.low == pytest.approx(0.8)
    assert figures.precision.high == pytest.approx(0.9)
    assert figures.recall.high == pytest.approx(1.0)


def test_errors_are_those_of_windows_with_both_rates() -> None:
    found = np.array([10.0, 14.0, np.nan, 20.0])
    reference = np.array([11.0, 12.0, 15.0, np.nan])
    figures = rate_figures(found, reference, list("abcd"), generator=np.random.default_rng(1))
    assert figures.windows == 3
    assert figures.told.value == pytest.approx(2 / 3)
    assert figures.mean_absolute_error.value == pytest.approx(1.5)
    assert figures.bias.value == pytest.approx(0.5)
    assert [one.value for one in figures.close] == [0.5, 1.0]
    assert figures.mean_absolute_error.n == 2


def test_windows_of_one_patient_are_drawn_together() -> None:
    rng = np.random.default_rng(2)
    off = np.repeat(rng.normal(0, 2, 20), 8)
    reference = np.full(160, 15.0)
    together = rate_figures(
        reference + off,
        reference,
        [f"p{i // 8}" for i in range(160)],
        generator=np.random.default_rng(3),
    ).mean_absolute_error
    apart = rate_figures(
        reference + off,
        reference,
        [f"p{i}" for i in range(160)],
        generator=np.random.default_rng(3),
    ).mean_absolute_error
    assert together.high is not None
    assert together.low is not None
    assert apart.high is not None
    assert apart.low is not None
    assert together.high - together.low > 2 * (apart.high - apart.low)


def test_without_a_rate_nothing_is_known() -> None:
    nothing = np.full(3, np.nan)
    figures = rate_figures(
        nothing, np.full(3, 12.0), list("abc"), generator=np.random.default_rng(1)
    )
    assert figures.told.value == 0
    assert figures.mean_absolute_error.value is None


def test_as_many_patients_as_values_are_needed() -> None:
    rng = np.random.default_rng(1)
    with pytest.raises(EvaluationError, match="found 1 values and 2 patients"):
        detection_figures(
            [BreathCounts(found=1, reference=1, matched=1)], ["a", "b"], generator=rng
        )
    with pytest.raises(EvaluationError, match="found 2 values and 3 patients"):
        rate_figures(np.zeros(2), np.zeros(3), list("abc"), generator=rng)
