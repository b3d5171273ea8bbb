"""Every transfer syntax gives back the samples that were written."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from pydicom import uid

from thoracle.core.errors import ImageError
from thoracle.imaging.dicom_header import check_header, read_header
from thoracle.imaging.dicom_pixels import read_stored
from thoracle.imaging.limits import DecodeLimits

Encode = Callable[..., bytes]
LIMITS = DecodeLimits(pixels_max=1_000_000)


def read(content: bytes) -> NDArray[Any]:
    header = read_header(content, limits=LIMITS)
    check_header(header, limits=LIMITS)
    return read_stored(header)


NATIVE = [
    uid.ImplicitVRLittleEndian,
    uid.ExplicitVRLittleEndian,
    uid.ExplicitVRBigEndian,
    uid.DeflatedExplicitVRLittleEndian,
    uid.RLELossless,
]


@pytest.mark.parametrize("syntax", NATIVE)
@pytest.mark.parametrize("kind", [np.uint8, np.int8, np.uint16, np.int16])
def test_uncompressed_and_rle_samples_of_every_type_come_back(
    syntax: str, kind: type[np.generic], make_dicom: Encode
) -> None:
    info = np.iinfo(kind)  # type: ignore[type-var]
    samples = np.linspace(info.min, info.max, 35).astype(kind).reshape(5, 7)
    found = read(make_dicom(samples, syntax=syntax))
    np.testing.assert_array_equal(found, samples)


@pytest.mark.parametrize("syntax", [*NATIVE, uid.JPEGLSLossless])
@pytest.mark.parametrize("bits", [10, 12, 14])
def test_ten_twelve_and_fourteen_bits_come_back(syntax: str, bits: int, make_dicom: Encode) -> None:
    samples = np.linspace(0, 2**bits - 1, 48).astype(np.uint16).reshape(6, 8)
    found = read(make_dicom(samples, syntax=syntax, BitsStored=bits))
    np.testing.assert_array_equal(found, samples)


GDCM_LOSSLESS = [
    "JPEGLosslessProcess14",
    "JPEGLosslessProcess14_1",
    "JPEGLSLossless",
    "JPEG2000Lossless",
]


@pytest.mark.parametrize("syntax_name", GDCM_LOSSLESS)
@pytest.mark.parametrize("bits", [8, 12, 16])
def test_lossless_jpeg_jpeg_ls_and_jpeg_2000_come_back(
    syntax_name: str, bits: int, make_dicom: Encode, recode: Encode
) -> None:
    kind = np.uint8 if bits == 8 else np.uint16
    samples = np.linspace(0, 2**bits - 1, 1024).astype(kind).reshape(32, 32)
    content = recode(make_dicom(samples, BitsStored=bits), syntax_name)
    np.testing.assert_array_equal(read(content), samples)


@pytest.mark.parametrize("syntax_name", ["JPEGLosslessProcess14_1", "JPEG2000Lossless"])
def test_signed_samples_survive_compression(
    syntax_name: str, make_dicom: Encode, recode: Encode
) -> None:
    samples = np.linspace(-1024, 3071, 1024).astype(np.int16).reshape(32, 32)
    content = recode(make_dicom(samples), syntax_name)
    np.testing.assert_array_equal(read(content), samples)


@pytest.mark.parametrize(
    ("syntax_name", "bits", "error"),
    [("JPEGBaselineProcess1", 8, 3), ("JPEGExtendedProcess2_4", 12, 40), ("JPEG2000", 12, 40)],
)
def test_lossy_syntaxes_come_near(
    syntax_name: str, bits: int, error: int, make_dicom: Encode, recode: Encode
) -> None:
    kind = np.uint8 if bits == 8 else np.uint16
    samples = np.linspace(0, 2**bits - 1, 1024).astype(kind).reshape(32, 32)
    found = read(recode(make_dicom(samples, BitsStored=bits), syntax_name))
    assert np.abs(found.astype(int) - samples).max() <= error
    assert found.dtype == samples.dtype


def test_unused_high_bits_are_ignored(make_dicom: Encode) -> None:
    samples = np.array([[0x0FFF, 0xF001], [0x8000, 0x0123]], np.uint16)  # Overlay bits on top.
    found = read(make_dicom(samples, BitsStored=12))
    assert found.tolist() == [[0x0FFF, 0x001], [0x000, 0x123]]


@pytest.mark.parametrize("planar", [0, 1])
def test_color_by_pixel_and_by_plane_is_the_same(planar: int, make_dicom: Encode) -> None:
    rgb = np.arange(72, dtype=np.uint8).reshape(4, 6, 3)
    stored = np.ascontiguousarray(np.moveaxis(rgb, 2, 0)).reshape(rgb.shape) if planar else rgb
    found = read(make_dicom(stored, PlanarConfiguration=planar))
    np.testing.assert_array_equal(found, rgb)


def test_ybr_becomes_rgb(make_dicom: Encode) -> None:
    ybr = np.full((4, 4, 3), (76, 85, 255), np.uint8)  # Pure red: PS3.3 C.7.6.3.1.2.
    found = read(make_dicom(ybr, PhotometricInterpretation="YBR_FULL"))
    np.testing.assert_allclose(found, np.broadcast_to((254, 0, 0), (4, 4, 3)), atol=2)


@pytest.mark.parametrize("bits", [8, 16])
def test_a_palette_becomes_rgb(bits: int, make_dicom: Encode) -> None:
    kind = "<u1" if bits == 8 else "<u2"
    reds, greens, blues = np.array([[0, 10, 200], [0, 20, 100], [0, 30, 50]])
    scale = 1 if bits == 8 else 257
    elements: dict[str, Any] = {}
    for name, values in (("Red", reds), ("Green", greens), ("Blue", blues)):
        elements[f"{name}PaletteColorLookupTableDescriptor"] = [4, 0, bits]
        data = np.append(values, 0) * scale
        elements[f"{name}PaletteColorLookupTableData"] = data.astype(kind).tobytes()
    indices = np.array([[0, 1], [2, 1]], np.uint8)
    found = read(make_dicom(indices, PhotometricInterpretation="PALETTE COLOR", **elements))
    assert (found // scale).tolist() == [[[0, 0, 0], [10, 20, 30]], [[200, 100, 50], [10, 20, 30]]]


def test_sixteen_bit_palette_entries_that_hold_eight_bits_are_eight_bit_colors(
    make_dicom: Encode,
) -> None:
    elements: dict[str, Any] = {}
    for name in ("Red", "Green", "Blue"):
        elements[f"{name}PaletteColorLookupTableDescriptor"] = [2, 0, 16]
        elements[f"{name}PaletteColorLookupTableData"] = np.array([0, 255], "<u2").tobytes()
    found = read(
        make_dicom(
            np.array([[0, 1]], np.uint8), PhotometricInterpretation="PALETTE COLOR", **elements
        )
    )
    assert found.dtype == np.uint8
    assert found.tolist() == [[[0] * 3, [255] * 3]]


def refusal(content: bytes) -> ImageError:
    with pytest.raises(ImageError) as error:
        read(content)
    return error.value


def with_size(content: bytes, *, rows: int, columns: int) -> bytes:
    """Overwrite Rows and Columns of an explicit little-endian file: a header that lies."""
    at = content.index(b"\x28\x00\x10\x00US\x02\x00") + 8
    content = content[:at] + rows.to_bytes(2, "little") + content[at + 2 :]
    at = content.index(b"\x28\x00\x11\x00US\x02\x00") + 8
    return content[:at] + columns.to_bytes(2, "little") + content[at + 2 :]


@pytest.mark.parametrize(
    "syntax_name", ["JPEGBaselineProcess1", "JPEGLSLossless", "JPEG2000Lossless"]
)
def test_a_codestream_of_another_size_than_the_header_is_damaged(
    syntax_name: str, grey8: NDArray[np.uint8], make_dicom: Encode, recode: Encode
) -> None:
    content = recode(make_dicom(grey8), syntax_name)
    error = refusal(with_size(content, rows=999, columns=999))
    assert error.code == "image-corrupt"
    assert "999 × 999 × 1, but its codestream 24 × 32 × 1" in error.text


def test_pixel_data_without_a_codestream_is_damaged(
    grey8: NDArray[np.uint8], make_dicom: Encode, recode: Encode
) -> None:
    content = recode(make_dicom(grey8), "JPEG2000Lossless")
    error = refusal(content.replace(b"\xff\x4f\xff\x51", b"\0\0\0\0"))
    assert "is no JPEG 2000" in error.text


def test_an_rle_header_that_claims_more_than_its_bytes_can_hold_is_refused(
    grey8: NDArray[np.uint8], make_dicom: Encode
) -> None:
    content = make_dicom(grey8, syntax=uid.RLELossless)
    error = refusal(with_size(content, rows=990, columns=990))
    assert error.code == "image-truncated"
    assert "cannot hold 980100 bytes of pixels" in error.text


def test_rle_with_another_number_of_segments_is_damaged(
    grey16: NDArray[np.uint16], make_dicom: Encode
) -> None:
    content = make_dicom(grey16, syntax=uid.RLELossless)
    at = content.index(b"\x02\0\0\0\x40\0\0\0")
    error = refusal(content[:at] + b"\x03" + content[at + 1 :])
    assert "does not hold 2 segments" in error.text


def test_rle_segments_that_overlap_are_damaged(
    grey16: NDArray[np.uint16], make_dicom: Encode
) -> None:
    content = make_dicom(grey16, syntax=uid.RLELossless)
    at = content.index(b"\x02\0\0\0\x40\0\0\0") + 4
    error = refusal(content[:at] + b"\x02\0\0\0" + content[at + 4 :])
    assert "overlap" in error.text


def test_a_12_bit_jpeg_of_another_depth_is_damaged(
    grey12: NDArray[np.uint16], make_dicom: Encode, recode: Encode, monkeypatch: pytest.MonkeyPatch
) -> None:
    import gdcm

    class Short:
        def __getattr__(self, name: str) -> Any:
            return lambda *_: "" if name == "GetBuffer" else None

    content = recode(make_dicom(grey12, BitsStored=12), "JPEGExtendedProcess2_4")
    monkeypatch.setattr(gdcm, "Image", Short)
    assert "12-bit JPEG decodes to 0 bytes" in refusal(content).text
