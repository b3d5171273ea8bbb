"""Faults of libraries and of the decoder, in a recording's words."""

import pytest

from thoracle.core.errors import ImageError, MissingExtraError
from thoracle.imaging.recording_faults import (
    CorruptRecordingError,
    InflatedRecordingError,
    about_recording,
    as_recording_error,
)


@pytest.mark.parametrize(
    ("fault", "code"),
    [
        (MemoryError(), "recording-memory"),
        (EOFError(), "recording-truncated"),
        (ValueError("unexpected end of data"), "recording-truncated"),
        (KeyError("x"), "recording-corrupt"),
        (RuntimeError("a\nb"), "recording-corrupt"),
    ],
)
def test_a_library_s_fault_is_one_line_about_a_recording(fault: Exception, code: str) -> None:
    error = as_recording_error(fault, format_name="EDF")
    assert error.code == code
    assert "recording" in error.text
    assert "film" not in error.text
    assert error.text.isprintable()


def test_an_error_of_a_recording_stays_as_it_is() -> None:
    for error in (
        CorruptRecordingError("CSV", "odd"),
        InflatedRecordingError("gzip", allowed_bytes=7),
    ):
        assert as_recording_error(error, format_name="CSV") is error


def test_an_error_of_the_decoder_speaks_of_a_recording() -> None:
    late = about_recording(ImageError("x", code="image-timeout"), size_bytes=0, cpu_s=10)
    assert isinstance(late, ImageError)
    assert (late.code, "1.2 s of CPU time" in late.text) == ("recording-timeout", True)
    died = about_recording(ImageError("x", code="image-decoder-died"), size_bytes=0, cpu_s=10)
    assert (died.code, "recording" in died.text) == ("recording-decoder-died", True)
    other = ImageError("x", code="recording-cell")
    assert about_recording(other, size_bytes=0, cpu_s=10) is other
    extra = about_recording(ImageError("Run: …", code="missing-extra"), size_bytes=0, cpu_s=10)
    assert isinstance(extra, MissingExtraError)
