"""Which format bytes are, whatever the file is called."""

import gzip
import sys

import pytest

from thoracle.core.errors import ImageError
from thoracle.imaging.recording_read import format_of, prepare_for, read_recording


@pytest.mark.parametrize(
    ("content", "name"),
    [
        (b"1\n2\n", "CSV"),
        (gzip.compress(b"1\n2\n"), "CSV"),
        ("débit;µ\n1;2\n".encode(), "CSV"),
        ("a;b\n1;2\n".encode("utf-16"), "CSV"),
        (b"0       " + b" " * 300, "EDF"),
        (b"PK\3\4", "WFDB"),
    ],
)
def test_a_recording_is_known_by_its_first_bytes(content: bytes, name: str) -> None:
    assert format_of(content) == name


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (b"%PDF-1.7", "PDF"),
        (b"\xffBIOSEMI" + b" " * 300, "BDF"),
        (b'{"a": 1}', "JSON"),
        (b"<html>", "HTML"),
        (b"\x89PNG\r\n\x1a\n", "PNG"),
        (b"\x80\x02}q\0.", "of no known kind"),
    ],
)
def test_another_file_is_refused_by_its_name(content: bytes, kind: str) -> None:
    with pytest.raises(ImageError, match=kind) as error:
        read_recording(content)
    assert error.value.code == "recording-unknown-format"


def test_an_empty_file_and_one_too_large_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(ImageError, match="The file is empty"):
        read_recording(b"")
    monkeypatch.setattr("thoracle.imaging.recording.FILE_BYTES_MAX", 3)
    with pytest.raises(ImageError, match="The file has 4 bytes"):
        read_recording(b"1\n2\n")


def test_a_reader_is_chosen_and_its_library_loaded() -> None:
    assert read_recording(b"a,b\n1,2\n", wanted="b").channels[0].name == "b"
    for name in ("CSV", "EDF"):
        prepare_for(name)
    assert "edfio" in sys.modules
    with pytest.raises(ImageError, match="ends too early"):
        read_recording(b"0       ")
