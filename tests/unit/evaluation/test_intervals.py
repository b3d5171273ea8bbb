"""Intervals of a proportion equal the published ones."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from thoracle.core.errors import EvaluationError
from thoracle.evaluation.estimate import Estimate
from thoracle.evaluation.intervals import clopper_pearson, normal_quantile, wilson

# Newcombe 1998, Statistics in Medicine 17:857, table I, methods 3 and 5.
NEWCOMBE = [
    (81, 263, (0.2553, 0.3662), (0.2527, 0.3676)),
    (15, 148, (0.0624, 0.1605), (0.0578, 0.1617)),
    (0, 20, (0.0, 0.1611), (0.0, 0.1684)),
    (1, 29, (0.0061, 0.1718), (0.0009, 0.1776)),
]


def limits(estimate: Estimate) -> tuple[float, float]:
    assert estimate.low is not None
    assert estimate.high is not None
    return estimate.low, estimate.high


@pytest.mark.parametrize(("successes", "cases", "expected", "_exact"), NEWCOMBE)
def test_wilson_equals_newcombes_published_table(
    successes: int, cases: int, expected: tuple[float, float], _exact: tuple[float, float]
) -> None:
    estimate = wilson(successes, cases)
    assert limits(estimate) == pytest.approx(expected, abs=5e-5)
    assert estimate.value == successes / cases
    assert (estimate.n, estimate.method) == (cases, "wilson")


@pytest.mark.parametrize(("successes", "cases", "_score", "expected"), NEWCOMBE)
def test_clopper_pearson_equals_newcombes_published_table(
    successes: int, cases: int, _score: tuple[float, float], expected: tuple[float, float]
) -> None:
    assert limits(clopper_pearson(successes, cases)) == pytest.approx(expected, abs=5e-5)


@pytest.mark.parametrize("interval", [wilson, clopper_pearson])
def test_no_case_gives_no_number(interval: type[Estimate]) -> None:
    estimate = interval(0, 0)  # type: ignore[call-arg]
    assert estimate.value is None
    assert estimate.reason is not None
    assert estimate.reason.code == "no-cases"


@pytest.mark.parametrize(("successes", "cases"), [(-1, 3), (4, 3)])
def test_impossible_counts_are_refused(successes: int, cases: int) -> None:
    for interval in (wilson, clopper_pearson):
        with pytest.raises(EvaluationError, match=f"{successes} successes of {cases}"):
            interval(successes, cases)


@pytest.mark.parametrize("confidence", [0.0, 1.0, 95.0])
def test_a_confidence_in_percent_is_refused(confidence: float) -> None:
    with pytest.raises(EvaluationError, match=r"Use 0\.95"):
        normal_quantile(confidence)
    with pytest.raises(EvaluationError, match=r"Use 0\.95"):
        clopper_pearson(1, 2, confidence=confidence)


@given(st.integers(1, 400).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))))
def test_limits_hold_the_value_mirror_and_narrow_with_confidence(counts: tuple[int, int]) -> None:
    successes, cases = counts
    for interval in (wilson, clopper_pearson):
        low, high = limits(interval(successes, cases))
        assert 0.0 <= low <= successes / cases <= high <= 1.0
        mirrored = limits(interval(cases - successes, cases))
        assert (1.0 - high, 1.0 - low) == pytest.approx(mirrored, abs=1e-9)
        inner = limits(interval(successes, cases, confidence=0.5))
        assert low <= inner[0] <= inner[1] <= high
