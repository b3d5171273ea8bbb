"""A network is judged on fresh windows of every condition, the same ones each time."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from thoracle.inference.bundle import open_bundle
from thoracle.jobs.judge_patterns import (
    CONDITIONS,
    PUBLISHED_CONDITION,
    Condition,
    judge_patterns,
    simulated,
)
from thoracle.respiration.model import PatternClassifier
from thoracle.respiration.types import CLASSES, NOISE


@pytest.mark.parametrize("condition", CONDITIONS, ids=lambda one: one.name)
def test_every_condition_gives_windows_of_a_minute_of_all_classes(condition: Condition) -> None:
    signal, kinds = simulated(condition, 21, rng=np.random.default_rng(0))
    assert signal.shape == (21, round(60 * condition.rate_hz))
    np.testing.assert_array_equal(np.bincount(kinds), np.full(7, 3))


def test_noise_is_as_strong_as_the_condition_says() -> None:
    clean, kinds = simulated(Condition(name="", snr_db=None), 70, rng=np.random.default_rng(1))
    noisy, _ = simulated(Condition(name="", snr_db=10.0), 70, rng=np.random.default_rng(1))
    calm = kinds == CLASSES.index("bradypnea")
    rough = [np.abs(np.diff(one[calm], n=2, axis=1)).mean() for one in (clean, noisy)]
    assert rough[1] > 3 * rough[0]


def test_figures_are_those_of_the_answers(pattern_bundle: Callable[..., Path]) -> None:
    classifier = PatternClassifier(open_bundle(str(pattern_bundle("biot"))))
    (judged,) = judge_patterns(classifier, conditions=[PUBLISHED_CONDITION], windows=70)
    assert judged.accuracy.value == pytest.approx(1 / 7)
    assert judged.answered.value == 1.0
    assert judged.accuracy_answered.value == pytest.approx(1 / 6)
    assert judged.noise_refused.value == 0.0
    np.testing.assert_array_equal(judged.matrix[:, CLASSES.index("biot")], np.full(7, 10))
    assert judged.rule_accuracy.value is not None
    assert judged.rule_accuracy.value > 0.3
    (again,) = judge_patterns(classifier, conditions=[PUBLISHED_CONDITION], windows=70)
    assert again.rule_accuracy == judged.rule_accuracy


def test_a_network_that_refuses_everything_answers_nothing(
    pattern_bundle: Callable[..., Path],
) -> None:
    classifier = PatternClassifier(open_bundle(str(pattern_bundle(NOISE))))
    (judged,) = judge_patterns(classifier, conditions=[PUBLISHED_CONDITION], windows=70)
    assert judged.answered.value == 0.0
    assert judged.accuracy_answered.value is None
    assert judged.noise_refused.value == 1.0
