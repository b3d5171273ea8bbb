"""What a codestream declares."""

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from thoracle.imaging.codestream import (
    DeclaredPicture,
    read_j2k_declaration,
    read_jpeg_declaration,
)

Encode = Callable[..., bytes]


def test_a_jpeg_declares_rows_columns_samples_and_bits(
    grey8: NDArray[np.uint8], save: Encode
) -> None:
    declared = DeclaredPicture(rows=24, columns=32, samples=1, bits=8)
    assert read_jpeg_declaration(save(grey8, "JPEG")) == declared
    color = save(np.dstack([grey8] * 3), "JPEG", progressive=True)
    assert read_jpeg_declaration(color) == DeclaredPicture(rows=24, columns=32, samples=3, bits=8)


def test_fill_bytes_and_markers_without_length_are_passed_over() -> None:
    frame = b"\xff\xc3\x00\x0b\x10\x00\x07\x00\x09\x01\x01\x11\x00"
    codestream = b"\xff\xd8" + b"\xff\xff\x01" + b"\xff\xfe\x00\x04ab" + frame
    assert read_jpeg_declaration(codestream) == DeclaredPicture(
        rows=7, columns=9, samples=1, bits=16
    )


@pytest.mark.parametrize(
    "codestream",
    [
        b"",
        b"\xff\xd8",
        b"\xff\xd8\x00\x01\x02\x03",
        b"\xff\xd8\xff\xda\x00\x08" + bytes(20),
        b"\xff\xd8\xff\xc0\x00\x0b\x08",
        b"\xff\xd8\xff\xe0\xff\xff" + bytes(20),
    ],
)
def test_a_jpeg_without_a_frame_header_declares_nothing(codestream: bytes) -> None:
    assert read_jpeg_declaration(codestream) is None


def test_jpeg_2000_declares_its_size_bare_and_wrapped(
    grey16: NDArray[np.uint16], save: Encode
) -> None:
    declared = DeclaredPicture(rows=24, columns=32, samples=1, bits=16)
    wrapped = save(grey16, "JPEG2000")
    bare = wrapped[wrapped.index(b"\xff\x4f\xff\x51") :]
    assert read_j2k_declaration(wrapped) == declared
    assert read_j2k_declaration(bare) == declared
    assert read_j2k_declaration(bare[:40]) is None
    assert read_j2k_declaration(b"no codestream") is None


@given(st.binary(max_size=80))
def test_any_bytes_declare_something_or_nothing(codestream: bytes) -> None:
    for read in (read_jpeg_declaration, read_j2k_declaration):
        assert isinstance(read(b"\xff\xd8" + codestream), DeclaredPicture | None)
