"""A recording knows its length; classes begin with the patterns."""

import numpy as np

from thoracle.respiration.types import CLASSES, NOISE, PATTERNS, Recording


def test_a_recording_is_as_long_as_its_samples_at_its_rate() -> None:
    made = Recording(signal=np.zeros(50), rate_hz=25.0, sensor="belt", unit="", sha256="0" * 64)
    assert made.duration_s == 2.0


def test_noise_follows_the_six_patterns() -> None:
    assert (*PATTERNS, NOISE) == CLASSES
    assert len(PATTERNS) == 6
