"""What a file is, told by its bytes."""

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from thoracle.core.errors import ImageError
from thoracle.imaging.sniff import FORMATS, HEAD_BYTES, kind_of, sniff_format


@pytest.mark.parametrize("name", ["PNG", "JPEG", "TIFF", "WEBP", "BMP"])
def test_each_picture_format_is_known_by_its_bytes(
    name: str, grey8: NDArray[np.uint8], save: Callable[..., bytes]
) -> None:
    assert sniff_format(save(grey8, name)) == name


def test_a_dicom_preamble_may_look_like_another_format() -> None:
    preamble = b"II*\0".ljust(128, b"\0")
    assert sniff_format(preamble + b"DICM") == "DICOM"


@pytest.mark.parametrize("magic", [b"II*\0", b"MM\0*", b"II+\0", b"MM\0+"])
def test_classic_and_big_tiff_of_either_byte_order_are_tiff(magic: bytes) -> None:
    assert sniff_format(magic + bytes(20)) == "TIFF"


@pytest.mark.parametrize(
    ("content", "name"),
    [
        (b"GIF89a....", "GIF"),
        (b"%PDF-1.7", "PDF"),
        (b"PK\x03\x04....", "ZIP"),
        (b"\x1f\x8b\x08....", "gzip"),
        (b"\0\0\0\x0cjP  \r\n", "JPEG 2000 outside DICOM"),
        (b"\0\0\0\x18ftypheic", "HEIC"),
        (b"\0\0\0\x18ftypmp42", "video"),
        (bytes(344) + b"n+1\0", "NIfTI"),
        (b"<svg xmlns='x'>", "SVG"),
        (b"\x08\0\x05\0CS", "without its Part 10 header"),
        (b"patient,age\n1,45\n", "text"),
        (b"\x00\xde\xad\xbe\xef", "begins with 00 de ad be"),
        (b"BM" + bytes(12) + b"\x11\0\0\0", "no known kind"),
    ],
)
def test_another_kind_of_file_is_named_and_the_readable_ones_are_listed(
    content: bytes, name: str
) -> None:
    with pytest.raises(
        ImageError, match=f"{name}.*expected PNG, JPEG, TIFF, WebP, BMP or DICOM"
    ) as e:
        sniff_format(content)
    assert e.value.code == "image-unknown-format"


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (b"GIF89a....", "GIF"),
        (bytes(344) + b"n+1\0" + bytes(900), "NIfTI"),
        (bytes(128) + b"DICM", "DICOM"),
        (b"\xff\xd8\xff\xe0", "JPEG"),
        (b"name,age\n" * 300, "text"),
        (b"\x00\xde\xad\xbe\xef", "of no known kind"),
        (b"", "empty"),
    ],
)
def test_the_first_bytes_are_enough_to_name_any_file(content: bytes, kind: str) -> None:
    assert kind_of(content) == kind_of(content[:HEAD_BYTES]) == kind


def test_an_empty_file_has_a_code_of_its_own() -> None:
    with pytest.raises(ImageError, match="is empty – expected") as error:
        sniff_format(b"")
    assert error.value.code == "image-empty"


@given(st.binary(max_size=400))
def test_any_bytes_are_a_known_format_or_one_line_of_refusal(content: bytes) -> None:
    try:
        said = sniff_format(content)
    except ImageError as error:
        said = error.text
    assert said in FORMATS or (said.isprintable() and "expected" in said)
