"""One slice: modality values in whole numbers, padding as air, and only what the file says."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from thoracle.core.errors import ImageError
from thoracle.imaging.ct_slice import SliceHeader, Values
from thoracle.imaging.dicom_slice import read_slice
from thoracle.imaging.faults import DECODER_FAULTS
from thoracle.imaging.limits import DecodeLimits

LIMITS = DecodeLimits(pixels_max=10_000)
Files = Callable[..., list[bytes]]
HU = np.arange(-1000, -1000 + 30, dtype=np.int16).reshape(1, 5, 6)


@pytest.fixture
def read(ct_files: Files) -> Callable[..., tuple[SliceHeader, Values]]:
    def one(hu: NDArray[np.int16] = HU, **elements: Any) -> tuple[SliceHeader, Values]:
        return read_slice(ct_files(hu, **elements)[0], limits=LIMITS)

    return one


def test_hu_come_back_as_whole_numbers_with_their_place(read: Callable[..., Any]) -> None:
    header, values = read(ConvolutionKernel=["B60f", "2"], PatientAge="045Y", PatientSex="F")
    assert values.dtype == np.int16
    assert np.array_equal(values, HU[0])
    assert header == SliceHeader(
        rows=5,
        columns=6,
        sop_class="1.2.840.10008.5.1.4.1.1.2",
        modality="CT",
        image_type=("ORIGINAL", "PRIMARY", "AXIAL"),
        series_uid="1.2.3.4",
        study_uid="1.2.3",
        frame_uid="1.2.3.9",
        instance_number=1,
        position_mm=(-70.0, -60.0, -300.0),
        orientation=(1.0, 0.0, 0.0, 0.0, 1.0, 0.0),
        pixel_spacing_mm=(7.0, 6.0),
        has_rescale=True,
        rescale_type="HU",
        slice_thickness_mm=8.0,
        kernel="B60f, 2",
        age_years=45.0,
        sex="F",
        patient_id="someone",
    )


def test_what_the_file_does_not_say_is_none(read: Callable[..., Any]) -> None:
    names = ("ImagePositionPatient", "ImageOrientationPatient", "PixelSpacing", "RescaleSlope")
    header, values = read(**dict.fromkeys(names), InstanceNumber=None, ImageType=None)
    assert header.position_mm is header.orientation is header.pixel_spacing_mm is None
    assert header.instance_number is None
    assert header.image_type == ()
    assert not header.has_rescale
    assert np.array_equal(values, HU[0])  # The intercept alone still counts; nobody trusts it.


def test_half_a_slope_needs_real_numbers(read: Callable[..., Any]) -> None:
    _, values = read(RescaleSlope=0.5)
    assert values.dtype == np.float32
    assert values[0, 1] == pytest.approx(0.5 * 101 - 1100)


def test_values_past_int16_are_kept(read: Callable[..., Any]) -> None:
    _, values = read(RescaleSlope=1000)
    assert values.dtype == np.float32
    assert values.max() == 129 * 1000 - 1100


def test_padding_is_air_in_a_ct_and_the_lowest_grey_elsewhere(read: Callable[..., Any]) -> None:
    stored = int(HU[0, 0, 0]) + 1100
    header, values = read(PixelPaddingValue=stored)
    assert values[0, 0] == -1024
    assert header.padding_share == pytest.approx(1 / 30)
    assert read(PixelPaddingValue=stored, Modality="NM")[1][0, 0] == HU[0, 0, 1]


def test_nothing_is_read_inside_a_sequence(read: Callable[..., Any]) -> None:
    from pydicom.dataset import Dataset

    inner = Dataset()
    inner.ImagePositionPatient = [1.0, 2.0, 3.0]
    header, _ = read(ImagePositionPatient=None, DetectorInformationSequence=[inner])
    assert header.position_mm is None


@pytest.mark.parametrize(
    ("elements", "code"),
    [
        ({"NumberOfFrames": 2}, "scan-multi-frame"),
        ({"PhotometricInterpretation": "PALETTE COLOR"}, "scan-color"),
        ({"PixelData": None}, "image-truncated"),
        ({"Rows": 500, "Columns": 500}, "image-too-large"),
        ({"Rows": 6}, "image-truncated"),
    ],
)
def test_what_is_no_slice_is_refused(
    elements: dict[str, Any], code: str, read: Callable[..., Any]
) -> None:
    with pytest.raises(ImageError) as error:
        read(**elements)
    assert error.value.code == code


@pytest.mark.filterwarnings("ignore")  # pydicom warns of what the mutations write
@given(data=st.data())
def test_a_mutated_header_is_a_slice_or_a_known_fault(data: st.DataObject, ct_files: Files) -> None:
    content = bytearray(ct_files(HU)[0])
    for _ in range(data.draw(st.integers(1, 6))):
        position = data.draw(st.integers(132, len(content) - 1))
        content[position] = data.draw(st.integers(0, 255))
    known: tuple[type[Exception], ...] = (ImageError, *DECODER_FAULTS)
    try:
        header, values = read_slice(bytes(content), limits=LIMITS)
    except known:
        return
    assert values.shape == (header.rows, header.columns)
