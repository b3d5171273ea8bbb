"""What a change does to answers: known cases, scikit-learn as oracle, and what must always hold."""

import numpy as np
import pytest

from thoracle.core.arrays import DoubleArray
from thoracle.evaluation.bootstrap import resample_patients
from thoracle.evaluation.survival import (
    Answers,
    mean_estimate,
    pair_values,
    survival,
    worst_one_sided,
)

FILMS = 90


def answers(strength: float = 1.5, *, classes: int = 3, seed: int = 0) -> Answers:
    rng = np.random.default_rng(seed)
    reference = np.arange(FILMS) % classes
    logits = rng.normal(size=(FILMS, classes))
    logits[np.arange(FILMS), reference] += strength
    patient = [f"p{film // 2}" for film in range(FILMS)]
    return Answers(
        probabilities=softmax(logits),
        reference=reference.astype(np.int64),
        resamples=resample_patients(patient, resamples=300, generator=rng),
    )


def softmax(logits: DoubleArray) -> DoubleArray:
    powers = np.exp(logits)
    return np.asarray(powers / powers.sum(axis=1, keepdims=True))


def test_no_change_changes_nothing() -> None:
    found = survival(answers(), answers().probabilities)
    for one in (found.difference, found.accuracy_difference):
        assert (one.value, one.low, one.high) == (0.0, 0.0, 0.0)
    assert found.agreement.value == found.kept_skill.value == found.kept_skill.low == 1.0


def test_answers_that_ignore_the_film_keep_no_skill() -> None:
    same = answers()
    found = survival(same, np.full((FILMS, 3), 1 / 3))
    assert found.auroc.value == 0.5
    assert found.kept_skill.value == 0.0
    assert found.accuracy.value == pytest.approx(1 / 3)
    untouched = pair_values(same, same.probabilities)[0].mean()
    assert found.difference.value == pytest.approx(0.5 - untouched)


def test_the_area_of_every_pair_is_scikit_learn_s() -> None:
    metrics = pytest.importorskip("sklearn.metrics")
    one = answers()
    values = pair_values(one, one.probabilities)
    assert one.pairs() == ((1, 0), (2, 0), (2, 1))
    for place, (positive, negative) in enumerate(one.pairs()):
        chosen = np.isin(one.reference, (positive, negative))
        chances = one.probabilities[chosen]
        expected = metrics.roc_auc_score(
            one.reference[chosen] == positive,
            chances[:, positive] / (chances[:, positive] + chances[:, negative]),
        )
        assert values[0, place] == pytest.approx(expected)


def test_the_paired_interval_is_narrower_than_that_of_two_sets_apart() -> None:
    one = answers()
    nearly = softmax(np.log(one.probabilities) + 0.05 * np.sin(np.arange(FILMS))[:, None])
    found = survival(one, nearly).difference
    alone = survival(one, nearly).auroc
    assert found.high is not None
    assert found.low is not None
    assert alone.high is not None
    assert alone.low is not None
    assert found.high - found.low < 0.3 * (alone.high - alone.low)


def test_a_rare_finding_s_pairs_are_left_out_and_without_pairs_nothing_is_known() -> None:
    one = answers()
    few = Answers(
        probabilities=one.probabilities,
        reference=np.where(np.arange(FILMS) < 5, 1, 0),
        resamples=one.resamples,
    )
    assert few.pairs() == ()
    found = survival(few, few.probabilities)
    assert found.auroc.value is None
    assert found.auroc.reason is not None
    assert found.agreement.value == 1.0
    assert worst_one_sided(few, few.probabilities).value is None


def test_a_marker_that_pushes_one_finding_is_found_one_sided_only() -> None:
    one = answers()
    pushed = softmax(np.log(one.probabilities) + np.array([0.0, 0.0, 4.0]))
    assert survival(one, pushed).pairs[1].difference.value == pytest.approx(0.0, abs=1e-12)
    worst = worst_one_sided(one, pushed)
    assert worst.value is not None
    assert worst.value < -0.2


def test_one_sided_harm_is_never_above_zero_for_a_uniform_push() -> None:
    for seed in range(5):
        one = answers(seed=seed)
        pushed = softmax(np.log(one.probabilities) + np.array([0.3, -0.1, 0.0]))
        assert (worst_one_sided(one, pushed).value or 0.0) <= 0.0


def test_a_mean_leaves_films_without_a_number_out() -> None:
    values = np.array([1.0, 2.0, np.nan, 3.0])
    draws = resample_patients(["a", "b", "c", "d"], generator=np.random.default_rng(0))
    found = mean_estimate(values, draws)
    assert (found.value, found.n) == (2.0, 3)
    assert found.low is not None
    assert 1.0 <= found.low < 2.0
    assert mean_estimate(np.full(4, np.nan), draws).value is None
