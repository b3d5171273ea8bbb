"""Few patients are tested exactly, and the test says what so few can show."""

import numpy as np
import pytest
import scipy

from thoracle.core.errors import EvaluationError
from thoracle.evaluation.sign_flips import patients_least, patients_needed, sign_flips


def _rng() -> np.random.Generator:
    return np.random.default_rng(3)


def test_all_of_five_patients_above_the_margin_are_one_turn_of_thirty_two() -> None:
    found = sign_flips(np.array([0.0, 0.01, -0.005, 0.0, 0.002]), margin=0.02, generator=_rng())
    assert (found.p, found.smallest_p, found.patients) == (1 / 32, 1 / 32, 5)
    assert found.p_worse > 0.5
    assert found.mean == pytest.approx(0.0014)


def test_four_patients_can_show_nothing_at_five_percent() -> None:
    found = sign_flips(np.full(4, 0.5), margin=0.01, generator=_rng())
    assert found.p == found.smallest_p == 1 / 16
    assert patients_least(0.05) == 5


def test_a_loss_of_the_margin_in_the_mean_is_not_not_worse() -> None:
    found = sign_flips(np.array([-0.1, -0.04, -0.02, 0.0, -0.05, -0.03]), margin=0.03,
                       generator=_rng())  # fmt: skip
    assert found.p > 0.5
    assert found.p_worse == pytest.approx(2 / 64)  # the turn found, and that of the patient at 0


@pytest.mark.parametrize("count", [3, 8, 12])
def test_it_is_scipys_permutation_of_samples(count: int) -> None:
    values = np.random.default_rng(count).normal(0.01, 0.05, count)
    oracle = scipy.stats.permutation_test(
        (values + 0.02,),
        np.sum,
        permutation_type="samples",
        alternative="greater",
        n_resamples=2**count,
    )
    found = sign_flips(values, margin=0.02, generator=_rng())
    assert found.p == pytest.approx(oracle.pvalue)


def test_many_patients_are_drawn_and_agree_with_the_normal_distribution() -> None:
    values = np.random.default_rng(0).normal(0.0, 0.05, 60)
    found = sign_flips(values, margin=0.01, generator=_rng())
    z = (values.mean() + 0.01) / np.sqrt(((values + 0.01) ** 2).sum()) * 60
    assert found.p == pytest.approx(scipy.stats.norm.sf(z), abs=0.01)
    assert 0 < found.smallest_p < 1e-4


def test_a_level_is_kept_where_the_loss_is_the_margin() -> None:
    rng = np.random.default_rng(8)
    tests = [sign_flips(rng.normal(-0.02, 0.03, 6), margin=0.02, generator=rng) for _ in range(400)]
    assert np.mean([one.p <= 0.05 for one in tests]) <= 0.07


def test_how_many_patients_would_do_grows_with_their_spread() -> None:
    spread = np.array([-0.1, 0.1, -0.1, 0.1])
    assert patients_needed(spread, margin=0.02, alpha=0.05) == 91  # (1.645 × 0.1155 / 0.02)²
    assert patients_needed(spread / 100, margin=0.02, alpha=0.05) == 5
    assert patients_needed(spread[:1], margin=0.02, alpha=0.05) is None


@pytest.mark.parametrize("values", [[], [0.1, np.nan]])
def test_what_is_no_difference_is_refused(values: list[float]) -> None:
    with pytest.raises(EvaluationError, match="Leave out patients who have none"):
        sign_flips(np.array(values), margin=0.01, generator=_rng())
