"""The calibration line is that of a logistic regression on the logit of the risk."""

import numpy as np
import pytest
import scipy

from thoracle.core.arrays import BoolArray, DoubleArray
from thoracle.evaluation.prognosis_calibration import calibration_line, logit


def _sample(*, slope: float, level: float, landmarks: int = 4000) -> tuple[DoubleArray, BoolArray]:
    rng = np.random.default_rng(3)
    scores = rng.normal(0, 1.5, landmarks)
    true = scipy.special.expit(level + slope * scores)
    return scipy.special.expit(scores), rng.random(landmarks) < true


def test_true_risks_lie_on_a_line_of_slope_1_through_0() -> None:
    risks, has_event = _sample(slope=1.0, level=0.0)
    (found,) = calibration_line(risks, has_event)(np.ones((1, risks.size)))
    np.testing.assert_allclose(found, [1.0, 0.0, 0.0], atol=0.1)


def test_risks_too_far_from_the_middle_have_a_slope_below_1() -> None:
    risks, has_event = _sample(slope=0.5, level=-1.0)
    (found,) = calibration_line(risks, has_event)(np.ones((1, risks.size)))
    np.testing.assert_allclose(found[:2], [0.5, -1.0], atol=0.1)


def test_the_fit_is_that_of_statsmodels_weights_included() -> None:
    sm = pytest.importorskip("statsmodels.api")
    risks, has_event = _sample(slope=0.7, level=0.4, landmarks=300)
    weights = np.random.default_rng(0).multinomial(300, np.full(300, 1 / 300), size=2).astype(float)
    found = calibration_line(risks, has_event)(weights)
    for row, weight in zip(found, weights, strict=True):
        design = sm.add_constant(logit(risks))
        family = sm.families.Binomial()
        line = sm.GLM(has_event * 1.0, design, family=family, freq_weights=weight).fit()
        level = sm.GLM(
            has_event * 1.0, np.ones(300), family=family, freq_weights=weight, offset=logit(risks)
        ).fit()
        intercept, slope = line.params
        np.testing.assert_allclose(row, [slope, intercept, level.params[0]], atol=1e-6)


def test_a_sample_sorted_without_an_error_has_no_line() -> None:
    risks = np.linspace(0.1, 0.9, 20)
    (found,) = calibration_line(risks, risks > 0.5)(np.ones((1, 20)))
    assert np.isnan(found[:2]).all()


def test_risks_that_are_all_alike_have_no_slope() -> None:
    (found,) = calibration_line(np.full(20, 0.5), np.arange(20) > 15)(np.ones((1, 20)))
    assert np.isnan(found[:2]).all()
    assert found[2] == pytest.approx(logit(np.array([0.2]))[0])
