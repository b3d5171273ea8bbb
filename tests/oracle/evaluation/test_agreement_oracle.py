"""Cohen's kappa agrees with scikit-learn, and its interval with resampling."""

import numpy as np
import pytest
from sklearn.metrics import cohen_kappa_score

from thoracle.evaluation.agreement import cohen_kappa


@pytest.mark.parametrize("seed", range(5))
def test_the_value_is_that_of_scikit_learn(seed: int) -> None:
    rng = np.random.default_rng(seed)
    first = rng.choice(["a", "b", "c"], 60)
    second = np.where(rng.random(60) < 0.6, first, rng.choice(["a", "b", "c", "d"], 60))
    found = cohen_kappa(first.tolist(), second.tolist())
    assert found.value == pytest.approx(float(cohen_kappa_score(first, second)))


def test_the_interval_is_as_wide_as_resampling_says() -> None:
    rng = np.random.default_rng(0)
    first = rng.choice(["a", "b"], 400, p=[0.7, 0.3])
    second = np.where(rng.random(400) < 0.75, first, rng.choice(["a", "b"], 400))
    found = cohen_kappa(first.tolist(), second.tolist())
    assert found.low is not None
    assert found.high is not None
    picks = (rng.integers(0, 400, 400) for _ in range(1000))
    resampled = [cohen_kappa_score(first[pick], second[pick]) for pick in picks]
    low, high = np.percentile(resampled, [2.5, 97.5])
    assert found.low == pytest.approx(low, abs=0.02)
    assert found.high == pytest.approx(high, abs=0.02)
