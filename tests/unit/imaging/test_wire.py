"""The protocol, and what the parent does not believe."""

import json
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from thoracle.core.errors import ImageError
from thoracle.imaging import wire
from thoracle.imaging.types import Decoded, FilmFacts

FACTS = FilmFacts(
    format="DICOM",
    bits=12,
    color_share=0.25,
    pixel_spacing_mm=(0.1, 0.2),
    modality="DX",
    view="PA",
    age_years=45.0,
    sex="F",
)
DECODED = Decoded(samples=np.zeros((3, 5), np.uint16), peak=4095.0, facts=FACTS)


def changed(**fields: Any) -> bytes:
    said = json.loads(wire.pack_header(DECODED))
    for name, value in fields.items():
        (said if name in said else said["facts"])[name] = value
    return json.dumps(said).encode()


def test_a_header_comes_back_as_it_was_sent() -> None:
    header = wire.unpack_header(wire.pack_header(DECODED), pixels_max=15)
    assert (header.rows, header.columns, header.sample_type) == (3, 5, "uint16")
    assert header.peak == 4095.0
    assert header.facts == FACTS
    assert wire.empty_samples(header).shape == (3, 5)


def test_a_frame_s_head_is_nine_bytes() -> None:
    head = wire.pack_head(wire.PIXELS, 2**40)
    assert len(head) == wire.HEAD_BYTES == 9
    assert wire.unpack_head(head) == (wire.PIXELS, 2**40)


@pytest.mark.parametrize(
    "fields",
    [
        {"rows": 4},  # 4 × 5 is more than the parent takes memory for.
        {"rows": -3},
        {"rows": True},
        {"columns": 5.0},
        {"sample_type": "object"},
        {"peak": 0},
        {"peak": float("nan")},
        {"peak": "255"},
        {"format": "EXE"},
        {"bits": 17},
        {"bits": 8.0},
        {"is_color": 1},
        {"color_share": "all"},
        {"color_share": float("inf")},
        {"pixel_spacing_mm": [0.1]},
        {"pixel_spacing_mm": [0.1, "x"]},
        {"pixel_spacing_mm": 3},
        {"age_years": "old"},
        {"view": "P\nA"},
        {"view": "P" * 65},
        {"sex": 1},
        {"facts": None},
        {"facts": {"unknown": 1, "pixel_spacing_mm": None}},
    ],
)
def test_a_header_that_lies_is_not_believed(fields: dict[str, Any]) -> None:
    with pytest.raises(wire.WireError):
        wire.unpack_header(changed(**fields), pixels_max=15)


@pytest.mark.parametrize("payload", [b"", b"[]", b"{", b"{}", b"\xff", b"[" * 5000])
def test_what_is_no_json_object_is_not_believed(payload: bytes) -> None:
    with pytest.raises(wire.WireError):
        wire.unpack_header(payload, pixels_max=15)
    with pytest.raises(wire.WireError):
        wire.unpack_error(payload)


def test_a_header_with_a_superfluous_field_is_not_believed() -> None:
    said = json.loads(wire.pack_header(DECODED)) | {"pickle": "x"}
    with pytest.raises(wire.WireError):
        wire.unpack_header(json.dumps(said).encode(), pixels_max=15)


@given(st.binary(max_size=300))
def test_arbitrary_bytes_are_never_more_than_a_wire_error(payload: bytes) -> None:
    with pytest.raises(wire.WireError):
        wire.unpack_header(payload, pixels_max=15)


def test_an_error_comes_back_with_code_and_text() -> None:
    sent = ImageError("found – expected – do this", code="image-corrupt")
    error = wire.unpack_error(wire.pack_error(sent))
    assert (error.text, error.code) == (sent.text, sent.code)


def test_a_long_error_is_cut() -> None:
    error = wire.unpack_error(wire.pack_error(ImageError("x" * 5000, code="c" * 500)))
    assert len(error.text) == 600
    assert len(error.code) == 60


def test_what_a_file_calls_itself_cannot_make_an_error_unprintable() -> None:
    error = wire.unpack_error(wire.pack_error(ImageError("kind \x1b[2J\n found", code="c")))
    assert error.text == "kind ?[2J? found"


@pytest.mark.parametrize(
    "said",
    [{"code": "c"}, {"text": "t"}, {"code": "", "text": "t"}, {"code": "c", "text": "\x1b[2J"}],
)
def test_an_error_that_could_harm_a_terminal_is_not_believed(said: dict[str, str]) -> None:
    with pytest.raises(wire.WireError):
        wire.unpack_error(json.dumps(said).encode())


@pytest.mark.parametrize("wrong", [b"", b"a\nb", b"x" * 201])
def test_a_name_that_is_no_short_line_is_not_taken(wrong: bytes) -> None:
    assert wire.unpack_name("é.png".encode()) == "é.png"
    with pytest.raises(wire.WireError, match="printable name"):
        wire.unpack_name(wrong)
