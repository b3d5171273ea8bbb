"""The header: what is refused before pixels, and what is kept."""

import zlib
from collections.abc import Callable
from io import BytesIO
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from pydicom.datadict import dictionary_VR
from pydicom.dataelem import RawDataElement
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.tag import Tag
from pydicom.uid import DeflatedExplicitVRLittleEndian, ExplicitVRLittleEndian

from thoracle.core.errors import ImageError
from thoracle.imaging.decode import decode
from thoracle.imaging.dicom_header import (
    age_years,
    check_header,
    dicom_date,
    numbers,
    patient_age_years,
    read_facts,
    read_header,
)
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
    [
        ("045Y", 45.0),
        ("09Y", 9.0),
        ("9Y", 9.0),
        (" 9y ", 9.0),
        ("006M", 0.5),
        ("6M", 0.5),
        ("026W", 26 * 7 / 365.25),
        ("010D", 10 / 365.25),
        ("120Y", 120.0),
    ],
)
def test_ages_in_days_weeks_months_and_years(age: str, years: float) -> None:
    assert age_years(age) == pytest.approx(years)


@pytest.mark.parametrize("age", ["", "45", "045", "0045Y", "045X", "abcY", "Y", "-1Y", "121Y"])
def test_an_unclear_age_is_unknown(age: str) -> None:
    assert age_years(age) is None


def dated(**elements: str) -> Dataset:
    """Return elements as a file holds them, whatever the standard would say of their values."""
    header = Dataset()
    for keyword, value in elements.items():
        content = value.encode("ascii")
        header[keyword] = RawDataElement(
            Tag(keyword), dictionary_VR(keyword), len(content), content, 0, False, True
        )
    return header


@pytest.mark.parametrize(
    ("born", "studied", "years"),
    [
        ("19700301", "20200301", 50.0),
        ("19700302", "20200301", 49.0),
        ("20180301", "20200301", 2.0),
        ("20180901", "20200301", 1.5),
        ("20200301", "20200301", 0.0),
        ("1970.03.01", "20200301", 50.0),
        ("20200302", "20200301", None),
        ("18000101", "20200301", None),
        ("", "20200301", None),
        ("19700301", "", None),
        ("19700231", "20200301", None),
        ("1970", "20200301", None),
    ],
)
def test_without_an_age_the_years_from_birth_to_study_are_it(
    born: str, studied: str, years: float | None
) -> None:
    header = dated(PatientAge="", PatientBirthDate=born, StudyDate=studied)
    assert patient_age_years(header) == years


def test_the_written_age_goes_before_the_birth_date() -> None:
    header = dated(PatientAge="045Y", PatientBirthDate="20100101", StudyDate="20200101")
    assert patient_age_years(header) == 45.0
    header = dated(PatientAge="999Y", PatientBirthDate="20100101", StudyDate="20200101")
    assert patient_age_years(header) == 10.0
    header.PatientAge = "045Y"
    assert patient_age_years(header) == 45.0


def test_an_age_that_the_standard_would_not_allow_is_read_from_a_file_without_a_warning(
    grey8: NDArray[np.uint8], make_dicom: Encode, limits: DecodeLimits
) -> None:
    content = make_dicom(grey8, PatientAge="045Y", PatientBirthDate="20100101")
    assert (
        decode(content.replace(b"AS\x04\x00045Y", b"AS\x04\x0045Y "), limits=limits).age_years == 45
    )
    child = make_dicom(grey8, PatientBirthDate="20100101", StudyDate="20200101")
    assert decode(child, limits=limits).age_years == 10.0


def test_dates_are_read_in_both_forms_of_the_standard() -> None:
    assert str(dicom_date("20200229")) == str(dicom_date("2020.02.29 ")) == "2020-02-29"
    assert [dicom_date(text) for text in ("20190229", "2020-02-29", "2020.0229", "")] == [None] * 4


@pytest.mark.parametrize(
    ("elements", "side"),
    [
        ({"ImageLaterality": "L", "Laterality": "R"}, "L"),
        ({"ImageLaterality": "", "Laterality": "R"}, "R"),
        ({"Laterality": "R"}, "R"),
        ({}, None),
    ],
)
def test_the_side_of_the_image_goes_before_that_of_the_series(
    elements: dict[str, str],
    side: str | None,
    grey8: NDArray[np.uint8],
    make_dicom: Encode,
    limits: DecodeLimits,
) -> None:
    assert decode(make_dicom(grey8, **elements), limits=limits).laterality == side


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
    header = read_header(make_dicom(grey8, InstitutionName="Clinic"), limits=limits)
    assert "InstitutionName" not in header
    assert "PixelData" in header


def test_an_element_whose_length_does_not_fit_its_type_is_damage(
    grey8: NDArray[np.uint8], make_dicom: Encode
) -> None:
    content = make_dicom(grey8)
    rows = b"\x28\x00\x10\x00US\x02\x00\x18\x00"
    assert rows in content
    error = refusal(content.replace(rows, b"\x28\x00\x10\x00US\x03\x00\x18\x00\x00"))
    assert error.code == "image-corrupt"
    assert "the length of an element" in error.text


def test_a_number_that_is_not_finite_is_damage(make_data_set: Callable[..., Dataset]) -> None:
    header = make_data_set(np.zeros((2, 2), np.uint8), RescaleSlope="1.5")
    assert numbers(header, "RescaleSlope") == (1.5,)
    assert numbers(header, "RescaleIntercept") == ()
    header.WindowCenter = ["40", "50"]
    assert numbers(header, "WindowCenter") == (40.0, 50.0)
    header.PixelPaddingValue = float("nan")
    with pytest.raises(ImageError, match="PixelPaddingValue is not a finite number"):
        numbers(header, "PixelPaddingValue")
