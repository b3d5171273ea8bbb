"""The header: what is refused before pixels, and what is kept."""

import zlib
from collections.abc import Callable
from io import BytesIO
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.uid import DeflatedExplicitVRLittleEndian, ExplicitVRLittleEndian

from thoracle.core.errors import ImageError
from thoracle.imaging.decode import decode
from thoracle.imaging.dicom_header import age_years, check_header, numbers, read_facts, read_header
from thoracle.imaging.limits import DecodeLimits

Encode = Callable[..., bytes]


def refusal(content: bytes, *, pixels_max: int = 1_000_000) -> ImageError:
    with pytest.raises(ImageError) as error:
        decode(content, limits=DecodeLimits(pixels_max=pixels_max))
    return error.value


def test_geometry_view_side_age_and_sex_are_kept(
    grey16: NDArray[np.uint16], make_dicom: Encode, limits: DecodeLimits
) -> None:
    content = make_dicom(
        grey16,
        Modality="CR",
        ViewPosition="PA",
        ImageLaterality="U",
        PatientAge="045Y",
        PatientSex="F",
        ImagerPixelSpacing=[0.143, 0.145],
    )
    film = decode(content, limits=limits)
    assert (film.format, film.bits, film.modality, film.view) == ("DICOM", 16, "CR", "PA")
    assert (film.laterality, film.age_years, film.sex) == ("U", 45.0, "F")
    assert film.pixel_spacing_mm == (0.143, 0.145)
    assert not film.is_synthetic


def test_pixel_spacing_goes_before_imager_pixel_spacing(
    grey8: NDArray[np.uint8], make_dicom: Encode, limits: DecodeLimits
) -> None:
    content = make_dicom(grey8, PixelSpacing=[0.1, 0.2], ImagerPixelSpacing=[0.3, 0.4])
    assert decode(content, limits=limits).pixel_spacing_mm == (0.1, 0.2)


def test_what_the_file_does_not_say_is_none(
    grey8: NDArray[np.uint8], make_dicom: Encode, limits: DecodeLimits
) -> None:
    content = make_dicom(
        grey8, Modality=None, ViewPosition="", PatientSex="", PixelSpacing=[0.0, 0.1]
    )
    film = decode(content, limits=limits)
    facts = (film.modality, film.view, film.laterality, film.age_years, film.sex)
    assert facts == (None,) * 5
    assert film.pixel_spacing_mm is None


def test_an_unknown_sex_is_none(
    grey8: NDArray[np.uint8], make_data_set: Callable[..., Dataset]
) -> None:
    assert read_facts(make_data_set(grey8, PatientSex="X")).sex is None


@pytest.mark.parametrize("keyword", ["PatientName", "PatientID", "ImageComments"])
def test_a_synthetic_film_says_so(
    keyword: str, grey8: NDArray[np.uint8], make_data_set: Callable[..., Dataset]
) -> None:
    assert read_facts(make_data_set(grey8, **{keyword: "SYNTHETIC^Film"})).is_synthetic


@pytest.mark.parametrize(
    ("age", "years"),
    [("045Y", 45.0), ("006M", 0.5), ("026W", 26 * 7 / 365.25), ("010D", 10 / 365.25)],
)
def test_ages_in_days_weeks_months_and_years(age: str, years: float) -> None:
    assert age_years(age) == pytest.approx(years)


@pytest.mark.parametrize("age", ["", "45", "045", "45Y", "0045Y", "045X", "abcY"])
def test_an_unclear_age_is_unknown(age: str) -> None:
    assert age_years(age) is None


@pytest.mark.parametrize(
    ("elements", "code", "words"),
    [
        ({"NumberOfFrames": 3}, "image-multi-frame", "with 3 frames"),
        ({"NumberOfFrames": 0}, "image-multi-frame", "with 0 frames"),
        ({"Rows": 60000, "Columns": 60000}, "image-too-large", "60000 × 60000"),
        ({"Rows": 0}, "image-corrupt", "0 rows"),
        ({"Rows": None}, "image-corrupt", "does not say its Rows"),
        ({"BitsAllocated": 32}, "image-pixel-type", "16 of 32 bits"),
        ({"BitsStored": 20}, "image-pixel-type", "20 of 16 bits"),
        ({"BitsStored": 12, "HighBit": 15}, "image-corrupt", "High Bit"),
        ({"PixelRepresentation": 2}, "image-corrupt", "High Bit"),
        ({"PhotometricInterpretation": "RGB"}, "image-pixel-type", "1 samples a pixel.* RGB"),
        ({"PhotometricInterpretation": "HSV", "SamplesPerPixel": 3}, "image-pixel-type", "HSV"),
        ({"SamplesPerPixel": 2}, "image-pixel-type", "2 samples a pixel"),
    ],
)
def test_what_cannot_be_one_film_is_refused_before_its_pixels(
    elements: dict[str, Any],
    code: str,
    words: str,
    grey16: NDArray[np.uint16],
    make_data_set: Callable[..., Dataset],
    limits: DecodeLimits,
) -> None:
    header = make_data_set(grey16, **elements)
    header.PixelData = b"\0\0"
    with pytest.raises(ImageError, match=words) as error:
        check_header(header, limits=limits)
    assert error.value.code == code


def test_a_report_has_no_pixels(
    make_data_set: Callable[..., Dataset], limits: DecodeLimits
) -> None:
    header = Dataset()
    header.SOPClassUID = "1.2.840.10008.5.1.4.1.1.88.11"
    with pytest.raises(ImageError, match="no picture \\(Basic Text SR Storage\\)") as error:
        check_header(header, limits=limits)
    assert error.value.code == "image-dicom-no-pixels"


def test_floating_point_pixels_are_refused(
    grey8: NDArray[np.uint8], make_data_set: Callable[..., Dataset], limits: DecodeLimits
) -> None:
    header = make_data_set(grey8)
    header.FloatPixelData = bytes(4)
    with pytest.raises(ImageError, match="floating-point pixels") as error:
        check_header(header, limits=limits)
    assert error.value.code == "image-pixel-type"


def test_a_file_that_ends_before_its_pixels_is_truncated(
    grey8: NDArray[np.uint8], make_dicom: Encode
) -> None:
    content = make_dicom(grey8)
    start = content.rindex(b"\xe0\x7f\x10\x00")
    assert refusal(content[:start]).code == "image-truncated"


def test_a_file_that_ends_within_its_header_is_truncated(
    grey8: NDArray[np.uint8], make_dicom: Encode
) -> None:
    content = make_dicom(grey8)
    start = content.index(b"\x28\x00\x02\x00US")
    assert refusal(content[:start]).code == "image-truncated"


@pytest.mark.filterwarnings("ignore:.*end of file:UserWarning")
def test_encoded_pixels_without_an_end_are_truncated(
    grey8: NDArray[np.uint8], make_dicom: Encode, recode: Encode
) -> None:
    error = refusal(recode(make_dicom(grey8), "JPEGLSLossless")[:-40])
    assert error.code == "image-truncated"


def test_a_file_that_ends_within_its_pixels_is_truncated(
    grey8: NDArray[np.uint8], make_dicom: Encode
) -> None:
    assert "has 668 of 768 bytes" in refusal(make_dicom(grey8)[:-100]).text


@pytest.mark.parametrize(
    ("syntax", "words"),
    [
        ("1.2.840.10008.1.2.4.201", "High-Throughput JPEG 2000"),
        ("1.2.840.10008.1.2.4.103", "MPEG-4"),
        ("1.2.3.4", "1.2.3.4"),
        (None, "no Transfer Syntax UID"),
    ],
)
def test_an_unread_transfer_syntax_is_named(
    syntax: str | None, words: str, grey8: NDArray[np.uint8], make_data_set: Callable[..., Dataset]
) -> None:
    ds = make_data_set(grey8)
    ds.file_meta = FileMetaDataset()
    ds.file_meta.MediaStorageSOPClassUID = ds.SOPClassUID
    if syntax is not None:
        ds.file_meta.TransferSyntaxUID = syntax
    stream = BytesIO()
    ds.save_as(stream, implicit_vr=False, little_endian=True)
    content = stream.getvalue()
    if not content.startswith(bytes(128) + b"DICM"):
        content = bytes(128) + b"DICM" + content
    error = refusal(content)
    assert error.code == "image-transfer-syntax"
    assert words in error.text


def test_a_deflated_data_set_is_read(
    grey8: NDArray[np.uint8], make_dicom: Encode, limits: DecodeLimits
) -> None:
    deflated = make_dicom(grey8, syntax=DeflatedExplicitVRLittleEndian)
    plain = make_dicom(grey8, syntax=ExplicitVRLittleEndian)
    np.testing.assert_array_equal(
        decode(deflated, limits=limits).pixels, decode(plain, limits=limits).pixels
    )


def test_a_deflated_data_set_that_stops_is_truncated(
    grey8: NDArray[np.uint8], make_dicom: Encode
) -> None:
    content = make_dicom(grey8, syntax=DeflatedExplicitVRLittleEndian)
    assert refusal(content[:-200]).code == "image-truncated"


def test_a_deflated_bomb_stops_at_what_a_film_may_need(
    grey8: NDArray[np.uint8], make_dicom: Encode
) -> None:
    limits = DecodeLimits(pixels_max=1000)
    content = make_dicom(grey8, syntax=DeflatedExplicitVRLittleEndian)
    meta_end = 132 + 12 + int.from_bytes(content[140:144], "little")
    squeezer = zlib.compressobj(9, wbits=-15)
    bomb = squeezer.compress(bytes(limits.inflated_bytes_max(10**9) + 1000)) + squeezer.flush()
    error = refusal(content[:meta_end] + bomb, pixels_max=1000)
    assert error.code == "image-too-large"
    assert "unpacks to more than" in error.text


def test_elements_that_no_film_needs_are_not_kept(
    grey8: NDArray[np.uint8], make_dicom: Encode, limits: DecodeLimits
) -> None:
    header = read_header(make_dicom(grey8, PatientBirthDate="19700101"), limits=limits)
    assert "PatientBirthDate" not in header
    assert "PixelData" in header


def test_a_number_that_is_not_finite_is_damage(make_data_set: Callable[..., Dataset]) -> None:
    header = make_data_set(np.zeros((2, 2), np.uint8), RescaleSlope="1.5")
    assert numbers(header, "RescaleSlope") == (1.5,)
    assert numbers(header, "RescaleIntercept") == ()
    header.WindowCenter = ["40", "50"]
    assert numbers(header, "WindowCenter") == (40.0, 50.0)
    header.PixelPaddingValue = float("nan")
    with pytest.raises(ImageError, match="PixelPaddingValue is not a finite number"):
        numbers(header, "PixelPaddingValue")
