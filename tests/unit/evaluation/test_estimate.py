"""Estimates say why they have no number."""

import math

import numpy as np
import pytest

from thoracle.core.results import Reason
from thoracle.evaluation.estimate import finite_or_none, ratio, too_few_cases, unknown


def test_an_unknown_estimate_has_a_reason_and_no_number() -> None:
    estimate = unknown(Reason(code="no-cases", text="None."), n=0, method="wilson")
    assert (estimate.value, estimate.low, estimate.high) == (None, None, None)
    assert estimate.reason is not None
    assert estimate.reason.code == "no-cases"


@pytest.mark.parametrize(("value", "kept"), [(0.0, 0.0), (math.nan, None), (math.inf, None)])
def test_only_finite_numbers_are_kept(value: float, kept: float | None) -> None:
    assert finite_or_none(value) == kept


def test_too_few_of_either_kind_is_said_with_both_counts() -> None:
    assert too_few_cases(positives=10, negatives=10, minimum=10) is None
    for positives, negatives in ((9, 40), (40, 9)):
        reason = too_few_cases(positives=positives, negatives=negatives, minimum=10)
        assert reason is not None
        assert f"{positives} positives and {negatives} negatives; 10" in reason.text


def test_a_ratio_over_nothing_is_nan_not_zero() -> None:
    found = ratio(np.array([0.0, 1.0, 3.0]), np.array([0.0, 0.0, 4.0]))
    np.testing.assert_array_equal(found, [np.nan, np.nan, 0.75])
