"""From stored values to bone-bright grey."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from pydicom import uid
from pydicom.dataset import Dataset

from thoracle.core.errors import ImageError
from thoracle.imaging.decode import decode
from thoracle.imaging.dicom import is_inverted
from thoracle.imaging.limits import DecodeLimits
from thoracle.imaging.types import Radiograph

Encode = Callable[..., bytes]


def read(content: bytes) -> Radiograph:
    return decode(content, limits=DecodeLimits(pixels_max=1_000_000))


def lut(entries: list[int], *, first: int, bits: int, vr: str = "US") -> Dataset:
    item = Dataset()
    item.add_new("LUTDescriptor", "US", [len(entries), first % 65536, bits])
    if vr == "US":
        item.add_new("LUTData", "US", entries)
    else:
        item.add_new("LUTData", "OW", np.array(entries, "<u2").tobytes())
    return item


def test_monochrome1_equals_its_monochrome2_twin(
    grey12: NDArray[np.uint16], make_dicom: Encode
) -> None:
    bright = make_dicom(grey12, BitsStored=12)
    dark = make_dicom(
        (3835 - grey12).astype(np.uint16), BitsStored=12, PhotometricInterpretation="MONOCHROME1"
    )
    np.testing.assert_allclose(read(dark).pixels, read(bright).pixels, atol=1e-6)
    assert read(bright).pixels[0, 0] == 0.0


@pytest.mark.parametrize(
    ("kind", "shape", "inverted"),
    [
        ("MONOCHROME1", "INVERSE", True),
        ("MONOCHROME1", None, True),
        ("MONOCHROME1", "IDENTITY", True),
        ("MONOCHROME2", "INVERSE", True),
        ("MONOCHROME2", "IDENTITY", False),
        ("MONOCHROME2", None, False),
    ],
)
def test_polarity_is_undone_once_whoever_says_it(
    kind: str,
    shape: str | None,
    inverted: bool,
    grey8: NDArray[np.uint8],
    make_data_set: Callable[..., Dataset],
) -> None:
    header = make_data_set(grey8, PhotometricInterpretation=kind, PresentationLUTShape=shape)
    assert is_inverted(header) is inverted


def test_without_a_window_the_range_of_the_values_is_shown(make_dicom: Encode) -> None:
    samples = np.array([[100, 200], [300, 500]], np.uint16)
    np.testing.assert_allclose(read(make_dicom(samples)).pixels, [[0, 0.25], [0.5, 1.0]], atol=1e-6)


def test_a_film_of_one_grey_is_black(make_dicom: Encode) -> None:
    assert read(make_dicom(np.full((3, 3), 77, np.uint16))).pixels.max() == 0.0


def test_the_first_of_several_windows_is_shown(make_dicom: Encode) -> None:
    samples = np.array([[0, 100, 150, 200, 999]], np.uint16)
    film = read(make_dicom(samples, WindowCenter=[150.5, 9], WindowWidth=[101, 9]))
    np.testing.assert_allclose(film.pixels, [[0, 0, 0.5, 1, 1]], atol=1e-6)


@pytest.mark.parametrize(
    ("function", "middle"), [("LINEAR", 0.5 + 0.5 / 99), ("LINEAR_EXACT", 0.5), ("SIGMOID", 0.5)]
)
def test_each_voi_function_is_obeyed(function: str, middle: float, make_dicom: Encode) -> None:
    samples = np.array([[150]], np.uint16)
    film = read(make_dicom(samples, WindowCenter=150, WindowWidth=100, VOILUTFunction=function))
    assert film.pixels[0, 0] == pytest.approx(middle, abs=1e-6)


def test_an_unknown_voi_function_is_damage(make_dicom: Encode) -> None:
    content = make_dicom(
        np.zeros((2, 2), np.uint8), WindowCenter=1, WindowWidth=1, VOILUTFunction="CUBIC"
    )
    with pytest.raises(ImageError, match=r"\(0028,1056\) is CUBIC"):
        read(content)


def test_a_window_without_width_says_so_with_its_tag(make_dicom: Encode) -> None:
    with pytest.raises(ImageError, match=r"\(0028,1051\) is 0") as error:
        read(make_dicom(np.zeros((2, 2), np.uint8), WindowCenter=1, WindowWidth=0))
    assert error.value.code == "image-window"


def test_half_a_window_is_no_window(make_dicom: Encode) -> None:
    film = read(make_dicom(np.array([[3, 5]], np.uint8), WindowCenter=1))
    assert film.pixels.tolist() == [[0.0, 1.0]]


def test_a_window_is_in_hounsfield_units_after_rescale(make_dicom: Encode) -> None:
    stored = np.array([[0, 1024, 1064, 1104]], np.uint16)
    film = read(
        make_dicom(
            stored,
            Modality="CT",
            RescaleSlope=1,
            RescaleIntercept=-1024,
            WindowCenter=40,
            WindowWidth=80,
            VOILUTFunction="LINEAR_EXACT",
        )
    )
    np.testing.assert_allclose(film.pixels, [[0, 0, 0.5, 1]], atol=1e-6)
    assert film.modality == "CT"


def test_signed_values_are_signed(make_dicom: Encode) -> None:
    film = read(make_dicom(np.array([[-1000, 0, 1000]], np.int16)))
    np.testing.assert_allclose(film.pixels, [[0, 0.5, 1]], atol=1e-6)


def test_signed_values_of_12_bits_are_signed(make_dicom: Encode) -> None:
    stored = np.array([[0x800, 0, 0x7FF]], np.uint16)  # -2048, 0, 2047 in 12 bits.
    film = read(make_dicom(stored, BitsStored=12, PixelRepresentation=1))
    np.testing.assert_allclose(film.pixels, [[0, 2048 / 4095, 1]], atol=1e-6)


@pytest.mark.parametrize("syntax", [uid.ExplicitVRLittleEndian, uid.ImplicitVRLittleEndian])
@pytest.mark.parametrize("vr", ["US", "OW"])
def test_a_voi_table_goes_before_a_window(syntax: str, vr: str, make_dicom: Encode) -> None:
    samples = np.array([[9, 10, 11, 12, 13]], np.uint16)
    film = read(
        make_dicom(
            samples,
            syntax=syntax,
            VOILUTSequence=[lut([0, 1023, 4095], first=10, bits=12, vr=vr)],
            WindowCenter=1,
            WindowWidth=1,
        )
    )
    np.testing.assert_allclose(film.pixels, [[0, 0, 1023 / 4095, 1, 1]], atol=1e-6)


def test_a_voi_table_may_begin_below_zero(make_dicom: Encode) -> None:
    table = lut([0, 100, 255], first=-1, bits=8)
    film = read(make_dicom(np.array([[-1, 0, 1]], np.int16), VOILUTSequence=[table]))
    np.testing.assert_allclose(film.pixels, [[0, 100 / 255, 1]], atol=1e-6)


def test_a_table_of_packed_bytes_is_read(make_dicom: Encode) -> None:
    item = Dataset()
    item.add_new("LUTDescriptor", "US", [3, 0, 8])
    item.add_new("LUTData", "OW", bytes([0, 51, 255, 0]))
    film = read(make_dicom(np.array([[0, 1, 2]], np.uint16), VOILUTSequence=[item]))
    np.testing.assert_allclose(film.pixels, [[0, 0.2, 1]], atol=1e-6)


def test_a_big_endian_table_is_read(make_dicom: Encode) -> None:
    item = lut([0, 1023, 4095], first=0, bits=12)
    film = read(
        make_dicom(
            np.array([[0, 1, 2]], np.uint16), syntax=uid.ExplicitVRBigEndian, VOILUTSequence=[item]
        )
    )
    np.testing.assert_allclose(film.pixels, [[0, 1023 / 4095, 1]], atol=1e-6)


def test_a_modality_table_goes_before_rescale(make_dicom: Encode) -> None:
    film = read(
        make_dicom(
            np.array([[0, 1, 2]], np.uint16),
            ModalityLUTSequence=[lut([1000, 3000, 2000], first=0, bits=16)],
            RescaleSlope=5,
            RescaleIntercept=5,
        )
    )
    np.testing.assert_allclose(film.pixels, [[0, 1, 0.5]], atol=1e-6)


@pytest.mark.parametrize("descriptor", [[3, 0, 7], [4, 0, 12], [0, 0, 12]])
def test_a_table_that_does_not_fit_its_descriptor_is_damage(
    descriptor: list[int], make_dicom: Encode
) -> None:
    item = lut([0, 1, 2], first=0, bits=12)
    item.add_new("LUTDescriptor", "US", descriptor)
    with pytest.raises(ImageError, match="VOILUTSequence holds 3 entries") as error:
        read(make_dicom(np.zeros((2, 2), np.uint16), VOILUTSequence=[item]))
    assert error.value.code == "image-corrupt"


@pytest.mark.parametrize("kind", ["MONOCHROME1", "MONOCHROME2"])
def test_padding_is_black_and_does_not_stretch_the_range(kind: str, make_dicom: Encode) -> None:
    stored = np.array([[-2000, -1000, 0, 1000]], np.int16)
    film = read(make_dicom(stored, PhotometricInterpretation=kind, PixelPaddingValue=-2000))
    shown = np.array([[0, 0, 0.5, 1]] if kind == "MONOCHROME2" else [[0, 1, 0.5, 0]])
    np.testing.assert_allclose(film.pixels, shown, atol=1e-6)


def test_a_padding_range_is_black_from_end_to_end(make_dicom: Encode) -> None:
    stored = np.array([[60000, 61000, 65535, 10, 20]], np.uint16)
    film = read(make_dicom(stored, PixelPaddingValue=65535, PixelPaddingRangeLimit=60000))
    np.testing.assert_allclose(film.pixels, [[0, 0, 0, 0, 1]], atol=1e-6)


def test_a_film_of_padding_only_is_black(make_dicom: Encode) -> None:
    film = read(make_dicom(np.full((2, 2), 7, np.uint8), PixelPaddingValue=7))
    assert film.pixels.max() == 0.0


@pytest.mark.parametrize("bits", [8, 12, 16])
def test_a_color_secondary_capture_has_luma(bits: int, make_dicom: Encode) -> None:
    kind = np.uint8 if bits == 8 else np.uint16
    rgb: NDArray[Any] = np.zeros((2, 2, 3), kind)
    rgb[0, 0] = 2**bits - 1
    rgb[1, 1, 0] = 2**bits - 1
    film = read(make_dicom(rgb, BitsStored=bits))
    np.testing.assert_allclose(film.pixels, [[1.0, 0.0], [0.0, 0.299]], atol=1e-3)
    assert film.bits == bits


def test_a_grey_capture_stored_as_rgb_equals_its_grey_twin(
    grey8: NDArray[np.uint8], make_dicom: Encode
) -> None:
    film = read(make_dicom(np.dstack([grey8] * 3)))
    np.testing.assert_array_equal(np.rint(film.pixels * 255), grey8)
    assert not film.is_color


def test_a_palette_capture_is_scaled_by_its_palette(make_dicom: Encode) -> None:
    elements: dict[str, Any] = {}
    for name in ("Red", "Green", "Blue"):
        elements[f"{name}PaletteColorLookupTableDescriptor"] = [2, 0, 16]
        elements[f"{name}PaletteColorLookupTableData"] = np.array([0, 65535], "<u2").tobytes()
    film = read(
        make_dicom(
            np.array([[0, 1]], np.uint8), PhotometricInterpretation="PALETTE COLOR", **elements
        )
    )
    assert film.pixels.tolist() == [[0.0, 1.0]]


@pytest.mark.parametrize("photometric", ["MONOCHROME2", "MONOCHROME1"])
def test_what_lies_outside_the_window_is_kept_beyond_black_and_white(
    photometric: str, grey16: NDArray[np.uint16], make_dicom: Callable[..., bytes]
) -> None:
    content = make_dicom(
        grey16,
        PhotometricInterpretation=photometric,
        WindowCenter=30000,
        WindowWidth=20001,
        PixelPaddingValue=0,
    )
    film = decode(content, limits=DecodeLimits(pixels_max=1_000_000))
    ramp = (grey16.astype(np.float64) - 29999.5) / 20000 + 0.5
    if photometric == "MONOCHROME1":
        ramp = 1 - ramp
    ramp[0, 0] = min(ramp.min(), 0) if photometric == "MONOCHROME1" else ramp.min()
    assert film.beyond is not None
    np.testing.assert_allclose(film.beyond, ramp, atol=1e-5)
    np.testing.assert_allclose(film.pixels, np.clip(ramp, 0, 1), atol=1e-5)


def test_a_window_that_holds_the_whole_film_leaves_nothing_beyond(
    grey16: NDArray[np.uint16], make_dicom: Callable[..., bytes]
) -> None:
    for own in ({}, {"WindowCenter": 32768, "WindowWidth": 70000}):
        film = decode(make_dicom(grey16, **own), limits=DecodeLimits(pixels_max=1_000_000))
        assert film.beyond is None
