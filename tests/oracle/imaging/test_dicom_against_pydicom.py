"""DICOM decoding compared with pydicom's own functions, and with second decoders."""

from pathlib import Path
from typing import Any

import gdcm
import numpy as np
import pydicom
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from pydicom.data import get_testdata_file
from pydicom.dataset import Dataset
from pydicom.pixels import apply_modality_lut, apply_voi_lut, get_decoder

from thoracle.imaging.decode import DecodeLimits, decode
from thoracle.imaging.dicom import display_values, modality_values
from thoracle.imaging.dicom_header import read_header
from thoracle.imaging.dicom_pixels import read_stored
from thoracle.imaging.grey import to_grey

pytestmark = [
    pytest.mark.filterwarnings("ignore::UserWarning"),  # pydicom, about its own samples' values.
    pytest.mark.filterwarnings("ignore:overflow encountered in exp"),  # pydicom's SIGMOID.
]

LIMITS = DecodeLimits(pixels_max=1_000_000)

GREY_SAMPLES = [
    "693_J2KI.dcm",
    "CT_small.dcm",
    "J2K_pixelrep_mismatch.dcm",
    "JPEG2000.dcm",
    "JPEGLSNearLossless_08.dcm",
    "JPEGLSNearLossless_16.dcm",
    "MR_small.dcm",
    "MR_small_RLE.dcm",
    "MR_small_bigendian.dcm",
    "MR_small_expb.dcm",
    "MR_small_implicit.dcm",
    "MR_small_jp2klossless.dcm",
    "MR_small_jpeg_ls_lossless.dcm",
    "MR_small_padded.dcm",
    "examples_overlay.dcm",
    "image_dfl.dcm",
]
COLOR_SAMPLES = [
    "ExplVR_BigEnd.dcm",
    "SC_rgb_dcmtk_+eb+cr.dcm",
    "SC_rgb_dcmtk_+eb+cy+np.dcm",
    "SC_rgb_dcmtk_+eb+cy+s4.dcm",
    "SC_rgb_gdcm_KY.dcm",
    "SC_rgb_jls_lossy_line.dcm",
    "SC_rgb_jls_lossy_sample.dcm",
    "SC_rgb_jpeg_gdcm.dcm",
    "SC_rgb_rle.dcm",
    "SC_rgb_rle_16bit.dcm",
    "SC_rgb_small_odd_big_endian.dcm",
    "SC_ybr_full_422_uncompressed.dcm",
    "examples_jpeg2k.dcm",
    "examples_rgb_color.dcm",
]
SECOND_DECODERS = [
    ("693_J2KI.dcm", "pillow"),
    ("MR_small_jp2klossless.dcm", "pillow"),
    ("examples_jpeg2k.dcm", "pillow"),
    ("MR_small_jpeg_ls_lossless.dcm", "gdcm"),
    ("JPEGLSNearLossless_16.dcm", "gdcm"),
    ("SC_rgb_jls_lossy_line.dcm", "gdcm"),
    ("SC_rgb_dcmtk_+eb+cr.dcm", "gdcm"),
]


def sample(name: str) -> Path:
    """Return a sample that ships inside pydicom; nothing is downloaded."""
    found = get_testdata_file(name, download=False)
    if found is None:
        pytest.skip(f"this pydicom ships no {name}")
    return Path(found)


@pytest.mark.parametrize("name", GREY_SAMPLES)
def test_grey_samples_show_what_pydicom_shows(name: str) -> None:
    path = sample(name)
    ds = pydicom.dcmread(path)
    film = decode(path.read_bytes(), limits=LIMITS)
    values = apply_modality_lut(ds.pixel_array, ds).astype(float)
    if "WindowCenter" in ds:
        shown = normalized(apply_voi_lut(values, ds), ds)
        np.testing.assert_allclose(film.pixels, shown, atol=2e-5)
        return
    padding = np.asarray(ds.pixel_array == ds.get("PixelPaddingValue", 1e9))
    low, high = values[~padding].min(), values[~padding].max()
    expected = np.where(padding, 0.0, (values - low) / (high - low))
    np.testing.assert_allclose(film.pixels, expected, atol=2e-5)


@pytest.mark.parametrize("name", COLOR_SAMPLES)
def test_color_samples_have_the_luma_of_pydicom_s_rgb(name: str) -> None:
    path = sample(name)
    rgb = pydicom.dcmread(path).pixel_array
    film = decode(path.read_bytes(), limits=LIMITS)
    peak = np.iinfo(rgb.dtype).max
    np.testing.assert_array_equal(np.rint(film.pixels.astype(float) * peak), to_grey(rgb))
    assert film.is_color


@pytest.mark.parametrize(("name", "plugin"), SECOND_DECODERS)
def test_a_second_decoder_reads_the_same_samples(name: str, plugin: str) -> None:
    path = sample(name)
    ds = pydicom.dcmread(path)
    decoder = get_decoder(ds.file_meta.TransferSyntaxUID)
    other, _ = decoder.as_array(ds, decoding_plugin=plugin)
    ours = stored(path)
    # Lossy JPEG and JPEG 2000 leave rounding to the decoder.
    assert np.abs(ours.astype(int) - other.astype(int)).max() <= 1


@pytest.mark.parametrize("name", ["JPGExtended.dcm", "JPEG-lossy.dcm", "SC_rgb_jpeg_gdcm.dcm"])
def test_gdcm_s_own_reader_gives_the_same_samples(name: str) -> None:
    path = sample(name)
    ours = stored(path)
    reader = gdcm.ImageReader()
    reader.SetFileName(str(path))
    assert reader.Read()
    buffer = reader.GetImage().GetBuffer().encode("utf-8", "surrogateescape")
    np.testing.assert_array_equal(ours, np.frombuffer(buffer, ours.dtype).reshape(ours.shape))


def stored(path: Path) -> NDArray[Any]:
    return read_stored(read_header(path.read_bytes(), limits=LIMITS))


def normalized(shown: NDArray[Any], ds: Dataset) -> NDArray[Any]:
    """Bring pydicom's output range onto 0…1: it depends on bits, sign and rescale."""
    signed = ds.PixelRepresentation == 1
    low = -(2 ** (ds.BitsStored - 1)) if signed else 0
    high = 2 ** (ds.BitsStored - 1) - 1 if signed else 2**ds.BitsStored - 1
    if "RescaleSlope" in ds:
        low, high = (each * ds.RescaleSlope + ds.RescaleIntercept for each in (low, high))
    scaled: NDArray[Any] = (shown - float(low)) / float(high - low)
    return scaled


def header(**elements: Any) -> Dataset:
    ds = Dataset()
    ds.BitsStored, ds.PixelRepresentation, ds.PhotometricInterpretation = 12, 0, "MONOCHROME2"
    ds.set_original_encoding(False, True)
    for keyword, value in elements.items():
        setattr(ds, keyword, value)
    return ds


@given(
    function=st.sampled_from(["LINEAR", "LINEAR_EXACT", "SIGMOID"]),
    center=st.integers(-500, 4500),
    width=st.integers(1, 5000),
    slope=st.sampled_from([0.5, 1.0, 2.0]),
    intercept=st.sampled_from([-1024.0, 0.0, 10.0]),
)
def test_every_window_after_rescale_agrees_with_pydicom(
    function: str, center: int, width: int, slope: float, intercept: float
) -> None:
    ds = header(
        WindowCenter=center,
        WindowWidth=width,
        VOILUTFunction=function,
        RescaleSlope=slope,
        RescaleIntercept=intercept,
    )
    samples = np.arange(0, 4096, 7, dtype=np.uint16).reshape(1, -1)
    values = modality_values(ds, samples)
    theirs = apply_modality_lut(samples, ds)
    np.testing.assert_allclose(values, theirs, rtol=1e-6)
    shown = normalized(apply_voi_lut(theirs, ds), ds)
    ours = np.clip(display_values(ds, values, None), 0.0, 1.0)  # pydicom clips
    np.testing.assert_allclose(ours, shown, atol=1e-4)


@given(
    entries=st.lists(st.integers(0, 4095), min_size=2, max_size=40),
    first=st.integers(0, 4000),
    keyword=st.sampled_from(["ModalityLUTSequence", "VOILUTSequence"]),
)
def test_every_table_agrees_with_pydicom(entries: list[int], first: int, keyword: str) -> None:
    item = Dataset()
    bits = 12 if keyword == "VOILUTSequence" else 16  # pydicom reads no modality table of 12.
    item.add_new("LUTDescriptor", "US", [len(entries), first, bits])
    item.add_new("LUTData", "US", entries)
    ds = header(**{keyword: [item]})
    samples = np.arange(0, 4096, 3, dtype=np.uint16).reshape(1, -1)
    if keyword == "ModalityLUTSequence":
        ours, theirs = modality_values(ds, samples), apply_modality_lut(samples, ds)
    else:
        ours = display_values(ds, samples.astype(np.float32), None)
        theirs = apply_voi_lut(samples, ds) / 4095.0
    np.testing.assert_allclose(ours, theirs, atol=1e-6)
