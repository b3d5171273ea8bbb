"""Risks by what is known: known ends, the middle between them, and an order that holds."""

import numpy as np
import pytest
import scipy
from tests.unit.prognosis.test_network import chart

from thoracle.prognosis.calibration import Calibration, in_order, known_share
from thoracle.prognosis.features import Scaling, sequences
from thoracle.prognosis.landmarks import unlabeled

ENDS = Calibration(
    slopes=np.array([4.0, 0.25]),
    intercepts=np.array([[1.0] * 4, [-2.0] * 4]),
)


@pytest.mark.parametrize(
    ("known", "slope", "intercept"), [(0.0, 4.0, 1.0), (1.0, 0.25, -2.0), (0.5, 1.0, -0.5)]
)
def test_between_the_ends_slopes_go_by_their_logarithm(
    known: float, slope: float, intercept: float
) -> None:
    shares = np.array([known])
    np.testing.assert_allclose(ENDS.slopes_at(shares), [[slope]])
    np.testing.assert_allclose(ENDS.intercepts_at(shares), [[intercept] * 4])
    logits = np.array([[-1.0, 0.0, 1.0, 2.0]])
    np.testing.assert_allclose(
        ENDS.risks(logits, shares), scipy.special.expit(slope * logits + intercept)
    )


def test_an_adapted_calibration_tells_logits_bent_and_shifted() -> None:
    logits, known = np.array([[-1.0, 0.0, 1.0, 2.0]]), np.array([0.3])
    shifts = np.array([0.1, 0.2, 0.3, 0.4])
    told = scipy.special.logit(ENDS.adapted(0.5, shifts).risks(logits, known))
    plain = ENDS.slopes_at(known) * logits + ENDS.intercepts_at(known)
    np.testing.assert_allclose(told, 0.5 * plain + shifts)


def test_what_comes_within_the_stay_bounds_what_comes_sooner() -> None:
    risks = in_order(np.array([[3.0, -1.0, 2.0, 1.0], [0.0, 1.0, 2.0, 3.0]]))
    expected = [[-1.0, -1.0, 1.0, 1.0], [0.0, 1.0, 2.0, 3.0]]
    np.testing.assert_allclose(risks, scipy.special.expit(expected))


def test_a_variable_is_known_once_it_was_measured_however_long_ago(risk_scaling: Scaling) -> None:
    one = chart([310.0])
    times_h = [0.0, 24.0, 30 * 24.0]
    packed = sequences([one] * 3, unlabeled(times_h), scaling=risk_scaling).packed()
    assert known_share(packed).tolist() == [0.5, 0.5, 0.5]
    nothing = sequences([one], unlabeled([-1.0]), scaling=risk_scaling).packed()
    assert known_share(nothing).tolist() == [0.0]
