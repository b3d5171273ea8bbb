"""What is told of a recording goes into JSON and comes back exactly."""

import json
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from thoracle.core.results import BundleReference, Provenance, Reason
from thoracle.respiration.analyze import measure_recording
from thoracle.respiration.patterns import PatternWindow
from thoracle.respiration.result import (
    SCHEMA,
    BreathingResult,
    breathing_from_json,
    breathing_json,
)
from thoracle.respiration.types import Recording


def _told(start_s: float, pattern: str | None) -> PatternWindow:
    return PatternWindow(
        start_s=start_s,
        pattern=pattern,
        likeliest=pattern or "noise",
        probabilities=(0.1,) * 6 + (0.4,),
        reason="" if pattern else "noise",
        attention=np.zeros(0, np.float32),
    )


@pytest.fixture
def result() -> BreathingResult:
    times_s = np.arange(0, 150, 0.05)
    is_paused = (times_s > 72) & (times_s < 96)
    signal = np.where(is_paused, -1.0, -np.cos(2 * np.pi * 0.25 * times_s))
    signal += np.random.default_rng(0).normal(0, 0.005, signal.size)  # a flat line is a fault
    signal[2600:2700] = np.nan
    recording = Recording(signal=signal, rate_hz=20.0, sensor="belt", unit="V", sha256="b" * 64)
    measured = measure_recording(recording)
    bundle = BundleReference(name="breathing", version="1", digest="d" * 64)
    return BreathingResult(
        sensor="belt",
        unit="V",
        rate_hz=20.0,
        duration_s=recording.duration_s,
        channel="chest",
        breaths=measured.breathing.breaths,
        apneas=measured.apneas,
        faults=measured.faults,
        windows=measured.windows,
        patterns=(_told(0, "biot"), _told(60, None), _told(120, "biot")),
        untold=None,
        colors=("#112233",) * 7,
        provenance=Provenance(
            sha256="b" * 64,
            software_version="1",
            bundles=(bundle,),
            runtime="r",
            precision="fp32",
        ),
    )


def _through_text(result: BreathingResult) -> BreathingResult:
    return breathing_from_json(json.loads(json.dumps(breathing_json(result), allow_nan=False)))


def _without_arrays(result: BreathingResult) -> Any:
    return replace(result, patterns=())


def test_it_comes_back_exactly(result: BreathingResult) -> None:
    again = _through_text(result)
    assert result.breaths
    assert result.apneas
    assert result.faults.gaps
    assert _without_arrays(again) == _without_arrays(result)
    assert breathing_json(again) == breathing_json(result)
    assert breathing_json(result)["schema"] == SCHEMA


def test_a_recording_without_patterns_says_why(result: BreathingResult) -> None:
    untold = Reason(code="breathing-no-bundle", text="found none – expected one. Install it.")
    again = _through_text(replace(result, patterns=(), colors=(), untold=untold))
    assert again.untold == untold
    assert again.pattern is None


def test_the_pattern_is_that_of_most_windows(result: BreathingResult) -> None:
    assert result.pattern == "biot"
    assert replace(result, patterns=(_told(0, None),)).pattern is None


def test_the_rate_is_the_median_of_the_windows(result: BreathingResult) -> None:
    rates = [one.measures.rate_per_minute for one in result.windows if one.measures]
    known = [one for one in rates if one is not None]
    assert result.breaths_per_minute == pytest.approx(float(np.median(known)))
    assert replace(result, windows=()).breaths_per_minute is None


def test_another_schema_is_refused(result: BreathingResult) -> None:
    with pytest.raises(ValueError, match="thoracle breathing 9"):
        breathing_from_json({**breathing_json(result), "schema": "thoracle breathing 9"})
    with pytest.raises(KeyError):
        breathing_from_json({"schema": SCHEMA})
