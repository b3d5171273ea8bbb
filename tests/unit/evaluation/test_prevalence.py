"""Predictive values at another prevalence, by Bayes' rule and by hand."""

import pytest

from thoracle.core.errors import EvaluationError
from thoracle.evaluation.confusion import BinaryCounts
from thoracle.evaluation.prevalence import predictive_values

COUNTS = BinaryCounts(tp=90, fp=40, fn=10, tn=160)  # sensitivity 0.9, specificity 0.8


def test_bayes_rule_by_hand_at_one_in_ten() -> None:
    found = predictive_values(COUNTS, prevalence=0.1)
    assert found.ppv.value == pytest.approx(0.09 / (0.09 + 0.18))
    assert found.npv.value == pytest.approx(0.72 / (0.72 + 0.01))


def test_the_logit_interval_by_hand() -> None:
    found = predictive_values(COUNTS, prevalence=0.1).ppv
    # logit(1/3) = -0.69315; variance 0.1/90 + 0.8/40 = 0.021111, times 1.96: 0.28478
    assert (found.low, found.high) == pytest.approx((0.27330, 0.39931), abs=2e-5)


def test_the_tests_own_prevalence_gives_the_counts_back() -> None:
    found = predictive_values(COUNTS, prevalence=1 / 3)
    assert found.ppv.value == pytest.approx(90 / 130)
    assert found.npv.value == pytest.approx(160 / 170)


def test_no_error_is_not_certainty() -> None:
    found = predictive_values(BinaryCounts(tp=20, fp=0, fn=0, tn=30), prevalence=0.05)
    assert (found.ppv.value, found.ppv.high) == (1.0, 1.0)
    # 1.92073 more in each cell: logit -0.1594, error 0.7034
    assert found.ppv.low == pytest.approx(0.1768, abs=2e-4)
    assert found.npv.low is not None
    assert found.npv.low < 1.0


@pytest.mark.parametrize(
    "counts", [BinaryCounts(tp=0, fp=1, fn=0, tn=1), BinaryCounts(tp=1, fp=0, fn=1, tn=0)]
)
def test_one_kind_of_film_gives_neither_value(counts: BinaryCounts) -> None:
    found = predictive_values(counts, prevalence=0.5)
    assert (found.ppv.value, found.npv.value) == (None, None)


def test_nothing_called_positive_has_no_ppv() -> None:
    found = predictive_values(BinaryCounts(tp=0, fp=0, fn=4, tn=6), prevalence=0.2)
    assert found.ppv.value is None
    assert found.npv.value == pytest.approx(0.8)


@pytest.mark.parametrize("prevalence", [0.0, 1.0, 5.0])
def test_a_prevalence_in_percent_is_refused(prevalence: float) -> None:
    with pytest.raises(EvaluationError, match=r"Use 0\.05"):
        predictive_values(COUNTS, prevalence=prevalence)
