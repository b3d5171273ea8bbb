"""Every whole window of a recording is told, or why it is not."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from thoracle.core.errors import SignalError
from thoracle.inference.bundle import open_bundle
from thoracle.respiration.model import PatternClassifier
from thoracle.respiration.patterns import tell_patterns
from thoracle.respiration.types import NOISE, Recording

HZ = 20.0


def _recording(seconds: float, *, sensor: str = "belt") -> Recording:
    times_s = np.arange(round(seconds * HZ)) / HZ
    signal = np.sin(2 * np.pi * 0.25 * times_s)
    return Recording(signal=signal, rate_hz=HZ, sensor=sensor, unit="", sha256="0" * 64)


@pytest.fixture
def classifier(pattern_bundle: Callable[..., Path]) -> PatternClassifier:
    """One that always says Biot."""
    return PatternClassifier(open_bundle(str(pattern_bundle("biot"))))


def test_windows_follow_one_another_and_a_rest_is_left(classifier: PatternClassifier) -> None:
    found = tell_patterns(_recording(190), classifier)
    assert [one.start_s for one in found] == [0.0, 60.0, 120.0]
    assert {one.pattern for one in found} == {"biot"}
    assert {one.reason for one in found} == {""}
    overlapping = tell_patterns(_recording(90), classifier, step_s=10)
    assert [one.start_s for one in overlapping] == [0.0, 10.0, 20.0, 30.0]


def test_a_gap_or_a_sensor_that_is_off_lets_nothing_be_told(classifier: PatternClassifier) -> None:
    recording = _recording(240)
    recording.signal[100:170] = np.nan
    recording.signal[1300:1500] = 0.3
    recording.signal[2500:2550] = np.nan
    found = tell_patterns(recording, classifier)
    assert [one.reason for one in found] == ["gap", "disconnected", "", ""]
    assert [one.pattern for one in found] == [None, None, "biot", "biot"]
    assert found[0].likeliest == "biot"


def test_noise_and_unsure_answers_say_so(pattern_bundle: Callable[..., Path]) -> None:
    for name, given, reason in ((NOISE, 8.0, "noise"), ("biot", 1.0, "unsure")):
        folder = pattern_bundle(name, bias=given, name=name)
        (found,) = tell_patterns(_recording(60), PatternClassifier(open_bundle(str(folder))))
        assert (found.pattern, found.reason) == (None, reason)


def test_a_sensor_that_falls_with_inspiration_is_turned_over(
    classifier: PatternClassifier, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[float] = []
    own = classifier.classify

    def classify(windows: np.ndarray, *, rate_hz: float) -> object:
        seen.append(float(windows[0, 20]))
        return own(windows, rate_hz=rate_hz)

    monkeypatch.setattr(classifier, "classify", classify)
    for sensor in ("belt", "depth_camera"):
        tell_patterns(_recording(60, sensor=sensor), classifier)
    assert seen[0] == pytest.approx(1.0)
    assert seen[1] == pytest.approx(-1.0)


def test_what_cannot_be_told_is_refused(classifier: PatternClassifier) -> None:
    with pytest.raises(SignalError, match="direction is unknown"):
        tell_patterns(_recording(60, sensor="unknown"), classifier)
    with pytest.raises(SignalError, match="found a recording of 59 s"):
        tell_patterns(_recording(59), classifier)
    with pytest.raises(SignalError, match="expected a step above 0"):
        tell_patterns(_recording(60), classifier, step_s=0)
