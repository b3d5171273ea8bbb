"""Softmax and sigmoid: against SciPy, and at the ends."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as npst
from scipy import special

from thoracle.radiograph.probabilities import sigmoid, softmax

logits = npst.arrays(np.float32, st.integers(1, 9), elements=st.floats(-1000, 1000, width=32))


@given(logits, st.floats(0.05, 20))
def test_softmax_is_scipys(values: np.ndarray, temperature: float) -> None:
    found = softmax(values, temperature=temperature)
    expected = special.softmax(values.astype(np.float64) / temperature)
    np.testing.assert_allclose(found, expected, rtol=1e-9, atol=1e-300)
    assert found.sum() == pytest.approx(1)


@given(logits)
def test_sigmoid_is_scipys(values: np.ndarray) -> None:
    np.testing.assert_allclose(sigmoid(values), special.expit(values), atol=1e-7)
    assert sigmoid(values).dtype == np.float32


def test_a_higher_temperature_is_less_sure() -> None:
    values = np.array([2.0, 0.0], np.float32)
    assert softmax(values, temperature=2.0)[0] == pytest.approx(1 / (1 + np.exp(-1)))
    assert softmax(values, temperature=1.0)[0] == pytest.approx(1 / (1 + np.exp(-2)))
