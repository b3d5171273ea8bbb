import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from thoracle.core.arrays import BoolArray, DoubleArray
from thoracle.core.errors import ChartError
from thoracle.prognosis.fusion import Fusion, Line, fit_fusion, fit_line, log_odds

NAN = np.nan
KNOWN = Fusion(
    both=Line(intercept=-1.0, weights=(0.5, 0.25)),
    clinical_only=Line(intercept=0.5, weights=(1.0,)),
    image_only=Line(intercept=-2.0, weights=(0.5,)),
    prevalence=0.2,
)


def _drawn(patients: int, seed: int) -> tuple[DoubleArray, DoubleArray, BoolArray]:
    """Return clinical risks and scores of patients whose log-odds is known: -1 + x + 0.3 score."""
    rng = np.random.default_rng(seed)
    logits, score = rng.normal(0, 1.5, patients), rng.uniform(0, 18, patients)
    risk = 1 / (1 + np.exp(-(-3.0 + logits + 0.3 * score)))
    return 1 / (1 + np.exp(-logits)), score, rng.random(patients) < risk


def test_what_is_known_decides_which_weights_count() -> None:
    clinical = np.array([0.5, 0.5, NAN, NAN])
    image = np.array([8.0, NAN, 8.0, NAN])
    expected = 1 / (1 + np.exp(-np.array([-1.0 + 2.0, 0.5, 2.0, np.log(0.25)])))
    np.testing.assert_allclose(KNOWN.apply(clinical, image), expected)


def test_true_weights_are_found_again() -> None:
    clinical, image, event = _drawn(20_000, 3)
    found = fit_fusion(clinical, image, event).both
    assert found.intercept == pytest.approx(-3.0, abs=0.15)
    assert found.weights == pytest.approx((1.0, 0.3), abs=0.05)


@pytest.mark.parametrize("ridge", [0.0, 1.0, 25.0])
def test_a_line_agrees_with_scikit_learn(ridge: float) -> None:
    linear_model = pytest.importorskip("sklearn.linear_model")
    clinical, image, event = _drawn(120, 5)
    inputs = np.column_stack([log_odds(clinical), image])
    standard = (inputs - inputs.mean(axis=0)) / inputs.std(axis=0)
    strength = np.inf if ridge == 0 else 1 / ridge
    peer = linear_model.LogisticRegression(C=strength, tol=1e-10, max_iter=5000)
    peer.fit(standard, event)
    found = fit_line(inputs, event, ridge=ridge)
    np.testing.assert_allclose(found.logit(inputs), peer.decision_function(standard), atol=1e-4)


def test_parts_are_fitted_to_those_who_have_them() -> None:
    clinical, image, event = _drawn(400, 7)
    holed = image.copy()
    holed[::2] = NAN
    found = fit_fusion(clinical, holed, event)
    whole = ~np.isnan(holed)
    again = fit_fusion(clinical[whole], image[whole], event[whole])
    assert found.both == again.both
    assert found.image_only == again.image_only
    assert found.clinical_only == fit_fusion(clinical, image, event).clinical_only


def test_a_finding_that_never_changes_gets_no_weight() -> None:
    clinical, _, event = _drawn(100, 9)
    found = fit_fusion(clinical, np.full(100, 4.0), event)
    assert found.both.weights[1] == pytest.approx(0.0, abs=1e-9)


def test_outcomes_that_part_completely_stay_finite() -> None:
    clinical = np.array([0.1, 0.2, 0.8, 0.9])
    found = fit_fusion(clinical, np.array([0.0, 1.0, 9.0, 10.0]), clinical > 0.5)
    assert np.isfinite(found.both.weights).all()
    told = found.apply(clinical, np.array([0.0, 1.0, 9.0, 10.0]))
    assert (told > 0.01).all()
    assert (told < 0.99).all()


def test_too_few_with_both_are_refused() -> None:
    event = np.array([True, False, False, True])
    image = np.array([1.0, 2.0, 3.0, NAN])
    with pytest.raises(ChartError, match="found 1 patients of the rarer outcome") as caught:
        fit_fusion(np.full(4, 0.5), image, event)
    assert caught.value.code == "chart-fusion"


@given(low=st.floats(0, 1), high=st.floats(0, 1), score=st.floats(0, 18))
def test_a_higher_clinical_risk_never_lowers_the_fused_one(
    low: float, high: float, score: float
) -> None:
    low, high = sorted((low, high))
    told = KNOWN.apply(np.array([low, high]), np.full(2, score))
    assert told[0] <= told[1]
    assert ((told > 0) & (told < 1)).all()
