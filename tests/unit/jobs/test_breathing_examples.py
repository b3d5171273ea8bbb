"""Recordings to try are the same each time, and hold what their names say."""

import gzip

import pytest

from thoracle.core.errors import StoreError
from thoracle.imaging.recording import RecordingFile
from thoracle.imaging.recording_read import read_recording
from thoracle.jobs.breathing_examples import EXAMPLES, RATE_HZ, example_recording
from thoracle.jobs.breathing_records import tell_breathing


@pytest.mark.parametrize("name", EXAMPLES)
def test_an_example_is_read_as_any_recording(name: str) -> None:
    content, choice = example_recording(name)
    assert example_recording(name)[0] == content
    file = RecordingFile(reading=read_recording(content), sha256="0" * 64, name=name)
    told = tell_breathing(file, choice, None)
    minutes = sum(part[1] for part in EXAMPLES[name].parts)
    assert told.duration_s == pytest.approx(60 * minutes)
    assert told.rate_hz == pytest.approx(RATE_HZ)
    pauses = {"cheyne_stokes", "biot", "central_apnea"}
    assert bool(told.apneas) == any(part[0] in pauses for part in EXAMPLES[name].parts)
    assert told.breaths_per_minute is not None


def test_the_restless_one_has_gaps() -> None:
    content, _ = example_recording("synthetic-restless.csv.gz")
    assert b",\n" in gzip.decompress(content)


def test_another_name_is_refused() -> None:
    with pytest.raises(StoreError, match="found no example 'x'"):
        example_recording("x")
