"""The names in the interface's description are those of the package."""

from typing import get_args

from thoracle.respiration.types import PATTERNS, SENSORS
from thoracle.web.schemas_breathing import PatternName, RecordingSchema, SensorName


def test_sensors_and_patterns_are_all_described() -> None:
    assert get_args(SensorName) == SENSORS
    assert get_args(PatternName) == PATTERNS


def test_a_whole_recording_has_what_a_line_has() -> None:
    assert {"id", "breaths_per_minute", "document"} <= set(RecordingSchema.model_fields)
