"""A bundle's network tells patterns, and abstains where it must."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from thoracle.core.arrays import DoubleArray
from thoracle.core.errors import BundleError, SignalError
from thoracle.inference.bundle import open_bundle
from thoracle.inference.description import read_description, write_description
from thoracle.respiration.model import PatternClassifier
from thoracle.respiration.types import NOISE


@pytest.fixture
def windows() -> DoubleArray:
    """Three windows of breathing at 25 Hz."""
    times_s = np.arange(1500) / 25.0
    return np.asarray(np.sin(2 * np.pi * np.array([[0.2], [0.25], [0.3]]) * times_s), np.float64)


def test_probabilities_are_calibrated_and_sum_to_one(
    pattern_bundle: Callable[..., Path], windows: DoubleArray
) -> None:
    classifier = PatternClassifier(open_bundle(str(pattern_bundle("biot"))))
    found = classifier.classify(windows, rate_hz=25.0)
    assert found.names == ("biot",) * 3
    np.testing.assert_allclose(found.probabilities.sum(axis=1), 1.0)
    odds = found.probabilities[:, 3] / found.probabilities[:, 0]
    expected = np.exp((found.logits[:, 3] - found.logits[:, 0]) / 2.0)
    np.testing.assert_allclose(odds, expected, rtol=1e-5)


def test_attention_covers_the_window(
    pattern_bundle: Callable[..., Path], windows: DoubleArray
) -> None:
    classifier = PatternClassifier(open_bundle(str(pattern_bundle("biot"))))
    found = classifier.classify(windows, rate_hz=25.0)
    np.testing.assert_allclose(found.attention.sum(axis=1), 1.0, rtol=1e-5)
    assert found.step_s * found.attention.shape[1] == pytest.approx(60.0)


def test_noise_an_unsure_answer_and_a_long_gap_tell_no_pattern(
    pattern_bundle: Callable[..., Path], windows: DoubleArray
) -> None:
    noise = PatternClassifier(open_bundle(str(pattern_bundle(NOISE, name="noise"))))
    assert noise.classify(windows, rate_hz=25.0).names == (None,) * 3
    unsure = PatternClassifier(open_bundle(str(pattern_bundle("biot", bias=1.0))))
    assert unsure.classify(windows, rate_hz=25.0).names == (None,) * 3
    windows[1, 100:200] = np.nan
    sure = PatternClassifier(open_bundle(str(pattern_bundle("biot", name="sure"))))
    assert sure.classify(windows, rate_hz=25.0).names == ("biot", None, "biot")


def test_many_windows_are_answered_as_each_alone(pattern_bundle: Callable[..., Path]) -> None:
    classifier = PatternClassifier(open_bundle(str(pattern_bundle("eupnea", bias=1.0))))
    windows = np.random.default_rng(0).random((70, 600))
    together = classifier.classify(windows, rate_hz=10.0)
    for place in (0, 31, 32, 69):
        alone = classifier.classify(windows[place : place + 1], rate_hz=10.0)
        np.testing.assert_allclose(together.logits[place], alone.logits[0], atol=1e-5)


def test_no_window_gets_no_answer(pattern_bundle: Callable[..., Path]) -> None:
    classifier = PatternClassifier(open_bundle(str(pattern_bundle("eupnea", bias=1.0))))
    found = classifier.classify(np.zeros((0, 600)), rate_hz=10.0)
    assert found.names == ()
    assert found.probabilities.shape == (0, 7)


def test_another_rate_or_length_is_refused(
    pattern_bundle: Callable[..., Path], windows: DoubleArray
) -> None:
    classifier = PatternClassifier(open_bundle(str(pattern_bundle("eupnea", bias=1.0))))
    with pytest.raises(SignalError, match="found a window of 150 s"):
        classifier.classify(windows, rate_hz=10.0)
    with pytest.raises(SignalError, match="found a signal of 2 Hz"):
        classifier.classify(windows, rate_hz=2.0)


def test_a_bundle_of_another_task_or_input_is_refused(pattern_bundle: Callable[..., Path]) -> None:
    folder = pattern_bundle("eupnea")
    table = read_description(folder)
    table.pop("files")
    write_description(folder, {**table, "task": "gate"})
    with pytest.raises(BundleError, match="expected task 'breathing_patterns'"):
        PatternClassifier(open_bundle(str(folder)))
