"""A volume comes in pieces, as its header says, or not at all."""

import gzip
from collections.abc import Callable
from typing import Any

import nibabel
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from thoracle.core.errors import ImageError
from thoracle.imaging import nifti_scan
from thoracle.imaging.ct_slice import VolumeHeader
from thoracle.imaging.limits import DecodeLimits
from thoracle.imaging.nifti_scan import read_nifti

LIMITS = DecodeLimits(pixels_max=1_000_000)
AFFINE = np.diag([-2.0, 3.0, 4.0, 1.0])
VALUES = np.arange(2 * 3 * 4, dtype=np.int16).reshape(2, 3, 4) - 9  # (columns, rows, slices)


def written(
    values: NDArray[Any] = VALUES, change: Callable[[Any], object] = lambda _: None, kind: int = 1
) -> bytes:
    classes = {1: nibabel.Nifti1Image, 2: nibabel.Nifti2Image}
    image = classes[kind](values, AFFINE)  # type: ignore[no-untyped-call]
    change(image)
    return bytes(image.to_bytes())


def read(content: bytes) -> tuple[VolumeHeader, str, NDArray[Any]]:
    header, kind, pieces = read_nifti(content, limits=LIMITS)
    flat = np.concatenate(list(pieces))
    return header, kind, flat.reshape(header.slices, header.rows, header.columns)


@pytest.mark.parametrize("kind", [1, 2])
@pytest.mark.parametrize("pack", [bytes, gzip.compress])
def test_voxels_and_place_come_as_they_stand(kind: int, pack: Callable[[bytes], bytes]) -> None:
    def change(image: Any) -> None:
        image.header.set_xyzt_units("mm")

    header, sample_type, values = read(pack(written(kind=kind, change=change)))
    assert sample_type == "int16"
    assert np.array_equal(values, VALUES.T)
    assert (header.slices, header.rows, header.columns) == (4, 3, 2)
    assert header.spacing_mm == (4.0, 3.0, 2.0)
    assert (header.unit, header.sform_code, header.qform_code) == ("mm", 2, 0)
    assert header.sform is not None
    assert np.array_equal(header.sform, AFFINE)
    assert header.qform is None


def test_many_pieces_make_the_same_volume(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(nifti_scan, "CHUNK_BYTES", 16)
    assert np.array_equal(read(written())[2], VALUES.T)


@pytest.mark.parametrize("order", ["<", ">"])
@pytest.mark.parametrize("name", ["uint8", "int16", "uint16", "int32", "float32", "float64"])
def test_every_type_and_byte_order_is_read(name: str, order: Any) -> None:
    stored = np.abs(VALUES).astype(np.dtype(name).newbyteorder(order))
    header: Any = nibabel.Nifti1Header(endianness=order)  # type: ignore[no-untyped-call]
    header.set_data_dtype(stored.dtype)
    image: Any = nibabel.Nifti1Image(stored, AFFINE, header)  # type: ignore[no-untyped-call]
    _, sample_type, values = read(bytes(image.to_bytes()))
    assert sample_type == ("int16" if name in {"uint8", "int16"} else "float32")
    assert np.array_equal(values, np.abs(VALUES).T)


def with_bytes(at: int, new: bytes) -> bytes:
    content = bytearray(written())
    content[at : at + len(new)] = new
    return bytes(content)


def test_slope_and_intercept_are_applied() -> None:
    content = with_bytes(112, np.array([2.0, -1024.0], np.float32).tobytes())
    _, sample_type, values = read(content)
    assert sample_type == "float32"
    assert np.array_equal(values, VALUES.T * 2.0 - 1024.0)


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (written()[:-1], "image-truncated"),
        (written()[:200], "image-truncated"),
        (b"nothing at all", "volume-unreadable"),
        (with_bytes(344, b"ni1\0"), "scan-nifti-pair"),
        (with_bytes(108, np.float32(100).tobytes()), "image-corrupt"),
        (with_bytes(70, np.int16(32).tobytes()), "image-pixel-type"),  # complex64
        (with_bytes(42, np.array([3000, 3000, 3000], np.int16).tobytes()), "image-too-large"),
        (with_bytes(42, np.array([600, 600, 600], np.int16).tobytes()), "image-too-large"),
        (written(np.zeros((2, 2, 2, 3), np.int16)), "volume-shape"),
        (written(np.zeros((2, 2), np.int16)), "volume-shape"),
        (with_bytes(280, np.float32(np.nan).tobytes()), "image-corrupt"),
    ],
)
def test_what_is_no_volume_is_refused(content: bytes, code: str) -> None:
    with pytest.raises(ImageError) as error:
        read(content)
    assert error.value.code == code


def test_what_follows_the_voxels_is_never_unpacked() -> None:
    bomb = gzip.compress(written() + bytes(50_000_000))
    assert np.array_equal(read(bomb)[2], VALUES.T)


@given(st.binary(min_size=1, max_size=40), st.integers(0, 347))
def test_a_mutated_header_is_a_volume_or_an_exception(new: bytes, at: int) -> None:
    """What nibabel raises is caught at the worker's edge; nothing hangs or takes memory."""
    try:
        header, _, values = read(with_bytes(at, new)[:-1] + b"\0")
    except Exception:  # noqa: BLE001
        return
    assert values.shape == (header.slices, header.rows, header.columns)
