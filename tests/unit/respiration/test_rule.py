import numpy as np
import pytest
from tests.unit.respiration.conftest import Breathe

from thoracle.core.arrays import DoubleArray
from thoracle.datasets.breathing.rsm import simulate
from thoracle.datasets.breathing.types import PUBLISHED
from thoracle.respiration.rule import CLINICAL_LIMITS, RSM_LIMITS, classify_by_rule
from thoracle.respiration.types import CLASSES, NOISE


def _noisy(signal: DoubleArray) -> DoubleArray:
    return signal + np.random.default_rng(8).normal(0, 0.02, signal.size)


@pytest.mark.parametrize(
    ("per_minute", "by_model", "by_clinic"),
    [
        (8, "bradypnea", "bradypnea"),
        (11.8, "eupnea", "bradypnea"),
        (15, "eupnea", "eupnea"),
        (19, "tachypnea", "eupnea"),
        (26, "tachypnea", "tachypnea"),
    ],
)
def test_the_rate_names_the_pattern(
    breathe: Breathe, per_minute: float, by_model: str, by_clinic: str
) -> None:
    signal = _noisy(breathe([60 / per_minute] * round(per_minute)).signal)
    assert classify_by_rule(signal, rate_hz=25).pattern == by_model
    found = classify_by_rule(signal, rate_hz=25, limits=CLINICAL_LIMITS)
    assert found.pattern == by_clinic
    assert found.rate_per_minute == pytest.approx(per_minute, rel=0.05)
    assert found.pauses == 0


def test_the_limits_of_the_clinic_belong_to_eupnea() -> None:
    assert CLINICAL_LIMITS.name(12) == "eupnea"
    assert CLINICAL_LIMITS.name(20) == "eupnea"
    assert CLINICAL_LIMITS.name(20.1) == "tachypnea"


def test_the_limits_of_the_model_lie_between_its_ranges() -> None:
    assert 60 * 1.15 / (2 * np.pi) < RSM_LIMITS.slow_per_minute < 60 * 1.27 / (2 * np.pi)
    assert 60 * 1.77 / (2 * np.pi) < RSM_LIMITS.fast_per_minute < 60 * 2.09 / (2 * np.pi)


def test_fast_breaths_and_a_pause_are_biots(breathe: Breathe) -> None:
    signal = _noisy(breathe([2.4] * 16, tail_s=20).signal)
    found = classify_by_rule(signal, rate_hz=25)
    assert found.pattern == "biot"
    assert found.pauses == 1


def test_breaths_that_wax_and_wane_before_a_pause_are_cheynes_and_stokes(breathe: Breathe) -> None:
    depths = [0.3, 0.3, 0.4, 0.7, 0.8, 0.8, 0.7, 0.4, 0.3]
    signal = _noisy(breathe([4.0] * 9, depths=depths, tail_s=22).signal)
    found = classify_by_rule(signal, rate_hz=25)
    assert found.pattern == "cheyne_stokes"
    assert found.is_waxing


def test_even_breaths_and_a_pause_are_a_central_apnea(breathe: Breathe) -> None:
    signal = _noisy(breathe([4.0] * 9, tail_s=22).signal)
    found = classify_by_rule(signal, rate_hz=25)
    assert found.pattern == "central_apnea"
    assert not found.is_waxing


def test_few_breaths_do_not_wax(breathe: Breathe) -> None:
    signal = _noisy(breathe([4.0] * 4, depths=[0.3, 0.9, 0.9, 0.3], tail_s=40).signal)
    assert not classify_by_rule(signal, rate_hz=25).is_waxing


@pytest.mark.parametrize("signal", [np.full(1500, 3.0), np.full(1500, np.nan)])
def test_a_dead_signal_is_noise(signal: DoubleArray) -> None:
    found = classify_by_rule(signal, rate_hz=25)
    assert found.pattern == NOISE
    assert found.rate_per_minute is None


def test_most_windows_of_the_published_model_are_named_rightly() -> None:
    rng = np.random.default_rng(9)
    made = simulate(None, 140, PUBLISHED, rng=rng)
    named = [classify_by_rule(signal, rate_hz=10).pattern for signal in made.signal]
    right = [name == CLASSES[kind] for name, kind in zip(named, made.kinds, strict=True)]
    assert np.mean(right) > 0.9
