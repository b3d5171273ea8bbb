"""Library exceptions turned into errors for the user."""

import struct
from pathlib import Path

import pytest
from PIL.Image import DecompressionBombError

from thoracle.core.errors import ImageError
from thoracle.imaging import faults


@pytest.mark.parametrize(
    ("fault", "code"),
    [
        (OSError("image file is truncated (3 bytes not processed)"), "image-truncated"),
        (EOFError("no more"), "image-truncated"),
        (MemoryError(), "image-memory"),
        (DecompressionBombError("Image size exceeds limit"), "image-too-large"),
        (ValueError("Decompressed data too large for MAX_TEXT_CHUNK"), "image-too-large"),
        (KeyError("mode"), "image-corrupt"),
        (struct.error("unpack requires 4 bytes"), "image-corrupt"),
        (UserWarning("odd metadata"), "image-corrupt"),
    ],
)
def test_each_kind_of_fault_has_its_code(fault: Exception, code: str) -> None:
    assert isinstance(fault, faults.DECODER_FAULTS)
    error = faults.as_image_error(fault, format_name="PNG")
    assert error.code == code
    assert "PNG" in error.text
    assert "expected" in error.text


def test_our_own_error_passes_unchanged() -> None:
    error = ImageError("found – expected – do this", code="image-mine")
    assert faults.as_image_error(error, format_name="PNG") is error


def test_a_message_of_many_lines_becomes_one_printable_line() -> None:
    error = faults.as_image_error(
        ValueError("bad\nvalue\x00 \x1b[31m" + "x" * 500), format_name="PNG"
    )
    assert error.text.isprintable()
    assert len(error.text) < 300


def test_a_fault_without_words_is_named_by_its_type() -> None:
    assert "ZeroDivisionError" in faults.as_image_error(ZeroDivisionError(), format_name="BMP").text


def test_several_frames_are_counted_in_the_format_s_own_word() -> None:
    error = faults.MultiFrameError("TIFF", count=12, noun="pages")
    assert error.text.startswith("The file is a TIFF with 12 pages – expected one film (")
    assert error.text.endswith("Save the film you want as its own file.")


@pytest.mark.parametrize(
    ("fault", "why"), [(PermissionError(13, "Permission denied"), "Permission"), (OSError(), "OSE")]
)
def test_a_file_that_cannot_be_read_says_why_and_where(fault: OSError, why: str) -> None:
    error = faults.UnreadableFileError(Path("films/1.png"), fault)
    assert error.code == "image-file"
    assert "films/1.png" in error.text
    assert why in error.text
