"""Ridge regression as scikit-learn does it, and a strength chosen without looking."""

import numpy as np
import pytest
from sklearn.linear_model import Ridge as Oracle

from thoracle.core.arrays import IntArray
from thoracle.train.nested_ridge import (
    Examples,
    Ridge,
    choose_ridge,
    fit_ridge,
    fold_of_groups,
)


def noisy(films: int = 60, features: int = 8, *, signal: float = 1.0) -> Examples:
    rng = np.random.default_rng(3)
    inputs = rng.normal(2.0, 3.0, (films, features))
    targets = signal * inputs[:, 0] - 0.5 * signal * inputs[:, 1] + rng.normal(0, 1, films)
    return Examples(inputs=inputs, targets=targets, groups=np.arange(films) // 2)


@pytest.mark.parametrize("strength", [0.01, 1.0, 30.0])
def test_it_is_the_ridge_of_standardized_inputs(strength: float) -> None:
    examples = noisy()
    (found,) = fit_ridge(examples, [strength])
    center, spread = examples.inputs.mean(0), examples.inputs.std(0)
    oracle = Oracle(alpha=strength * len(examples.inputs))
    oracle.fit((examples.inputs - center) / spread, examples.targets)
    expected = oracle.predict((examples.inputs - center) / spread)
    np.testing.assert_allclose(found(examples.inputs), expected, rtol=1e-8)


def test_an_input_that_never_varies_does_no_harm() -> None:
    examples = noisy()
    flat = Examples(inputs=np.zeros((60, 1)), targets=examples.targets, groups=examples.groups)
    (found,) = fit_ridge(flat, [1.0])
    np.testing.assert_allclose(found(np.ones((3, 1))), examples.targets.mean())


def test_folds_are_of_nearly_one_size() -> None:
    sizes = np.bincount(fold_of_groups(23, folds=5, generator=np.random.default_rng(0)))
    assert sorted(sizes.tolist()) == [4, 4, 5, 5, 5]


def test_no_group_is_learned_from_while_it_is_judged() -> None:
    examples = noisy()
    judged: list[IntArray] = []

    def error(fit: Ridge, left_out: IntArray) -> float:
        judged.append(left_out)
        kept = ~np.isin(examples.groups, left_out)
        (expected,) = fit_ridge(examples.take(kept), [fit.strength])
        np.testing.assert_allclose(fit.weights, expected.weights)
        return 0.0

    choose_ridge(examples, error, strengths=[1.0], generator=np.random.default_rng(0))
    assert sorted(np.concatenate(judged).tolist()) == list(range(30))


def test_noise_asks_for_strength_and_signal_does_not() -> None:
    def chosen(examples: Examples) -> float:
        def error(fit: Ridge, left_out: IntArray) -> float:
            out = np.isin(examples.groups, left_out)
            return float(np.abs(fit(examples.inputs[out]) - examples.targets[out]).sum())

        strengths = [0.001, 0.1, 10.0, 1000.0]
        rng = np.random.default_rng(1)
        return choose_ridge(examples, error, strengths=strengths, generator=rng).strength

    assert chosen(noisy(signal=2.0)) < 1
    assert chosen(noisy(signal=0.0)) > 1
