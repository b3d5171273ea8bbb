"""Weighted kappa agrees with scikit-learn, ICC(2,1) with a mixed model's variance components."""

import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import cohen_kappa_score
from statsmodels.formula.api import ols
from statsmodels.stats.anova import anova_lm

from thoracle.evaluation.scores import icc_agreement, weighted_kappa


@pytest.mark.parametrize("seed", range(5))
def test_weighted_kappa_is_that_of_scikit_learn(seed: int) -> None:
    rng = np.random.default_rng(seed)
    first = rng.integers(0, 4, 80).astype(float)
    second = np.clip(first + rng.integers(-1, 2, 80), 0, 3).astype(float)
    expected = cohen_kappa_score(first, second, weights="quadratic", labels=[0, 1, 2, 3])
    assert weighted_kappa(first, second, levels=4) == pytest.approx(float(expected))


@pytest.mark.parametrize("seed", range(3))
def test_icc_is_that_of_the_mean_squares_of_statsmodels(seed: int) -> None:
    rng = np.random.default_rng(seed)
    film = rng.normal(8, 4, 30)
    first, second = film + rng.normal(0, 1, 30), film + 0.7 + rng.normal(0, 1, 30)
    table = pd.DataFrame(
        {
            "score": np.concatenate([first, second]),
            "film": np.tile(np.arange(30), 2),
            "reader": np.repeat([0, 1], 30),
        }
    )
    squares = anova_lm(ols("score ~ C(film) + C(reader)", data=table).fit())["mean_sq"]
    between, among, rest = squares["C(film)"], squares["C(reader)"], squares["Residual"]
    expected = (between - rest) / (between + rest + 2 * (among - rest) / 30)
    assert icc_agreement(first, second) == pytest.approx(float(expected))
