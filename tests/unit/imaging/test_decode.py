"""Decoding in this process."""

import hashlib
from collections.abc import Callable
from io import BytesIO
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from numpy.typing import NDArray
from PIL import Image

from thoracle.core.errors import ImageError
from thoracle.imaging import decode as module
from thoracle.imaging.decode import DecodeLimits, decode, decode_samples

LIMITS = DecodeLimits(pixels_max=1_000_000)


def test_the_digest_is_that_of_the_bytes(
    grey8: NDArray[np.uint8], save: Callable[..., bytes]
) -> None:
    content = save(grey8, "PNG")
    assert decode(content, limits=LIMITS).sha256 == hashlib.sha256(content).hexdigest()


def test_samples_stay_in_the_file_s_depth(
    grey8: NDArray[np.uint8], grey16: NDArray[np.uint16], save: Callable[..., bytes]
) -> None:
    assert decode_samples(save(grey8, "PNG"), limits=LIMITS).samples.dtype == np.uint8
    assert decode_samples(save(grey16, "PNG"), limits=LIMITS).samples.dtype == np.uint16


def test_a_file_past_its_limit_is_refused_unread() -> None:
    with pytest.raises(ImageError, match="expected at most 16777224 for one film") as error:
        decode(b"\x89PNG\r\n\x1a\n" + bytes(17_000_000), limits=DecodeLimits(pixels_max=1))
    assert error.value.code == "image-too-large"


def test_a_fault_of_a_library_becomes_an_image_error(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object, **__: object) -> None:
        raise RecursionError("too deep")

    monkeypatch.setattr(module, "read_raster", fail)
    with pytest.raises(ImageError, match="PNG file is damaged: too deep") as error:
        decode(b"\x89PNG\r\n\x1a\n", limits=LIMITS)
    assert error.value.code == "image-corrupt"


@given(
    hnp.arrays(np.uint8, st.tuples(st.integers(1, 20), st.integers(1, 20)))
    | hnp.arrays(np.uint16, st.tuples(st.integers(1, 20), st.integers(1, 20))),
    st.sampled_from(["PNG", "TIFF"]),
)
def test_lossless_files_come_back_exactly(samples: NDArray[Any], name: str) -> None:
    stream = BytesIO()
    Image.fromarray(samples).save(stream, name)
    decoded = decode_samples(stream.getvalue(), limits=LIMITS)
    np.testing.assert_array_equal(decoded.samples, samples)


@given(
    st.sampled_from([b"", b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff", b"II*\0", b"MM\0*", b"BM"]),
    st.binary(),
)
def test_arbitrary_bytes_are_never_more_than_an_image_error(magic: bytes, rest: bytes) -> None:
    with pytest.raises(ImageError, match="expected"):
        decode(magic + rest, limits=LIMITS)


@given(st.binary(max_size=200))
def test_arbitrary_bytes_behind_a_dicom_prefix_are_never_more_than_an_image_error(
    rest: bytes,
) -> None:
    with pytest.raises(ImageError, match="expected"):
        decode(bytes(128) + b"DICM" + rest, limits=LIMITS)


@pytest.mark.filterwarnings("ignore::UserWarning:pydicom")  # Odd values; that is the point.
@given(st.data())
def test_a_damaged_uncompressed_dicom_is_a_film_or_an_image_error(data: st.DataObject) -> None:
    content = bytearray(_small_dicom())
    for _ in range(data.draw(st.integers(1, 4))):
        content[data.draw(st.integers(132, len(content) - 1))] = data.draw(st.integers(0, 255))
    try:
        film = decode(bytes(content), limits=LIMITS)
    except ImageError as error:
        assert error.code.startswith("image-")  # noqa: PT017
    else:
        assert 0.0 <= film.pixels.min() <= film.pixels.max() <= 1.0


def _small_dicom() -> bytes:
    from pydicom.dataset import Dataset, FileMetaDataset
    from pydicom.uid import ExplicitVRLittleEndian

    ds = Dataset()
    ds.SOPClassUID, ds.SOPInstanceUID = "1.2.840.10008.5.1.4.1.1.7", "1.2.3"
    ds.PatientAge, ds.PixelSpacing = "045Y", [0.1, 0.1]
    ds.WindowCenter, ds.WindowWidth, ds.RescaleSlope, ds.RescaleIntercept = 20, 40, 1, 0
    ds.Rows, ds.Columns, ds.SamplesPerPixel, ds.PhotometricInterpretation = 6, 8, 1, "MONOCHROME2"
    ds.BitsAllocated, ds.BitsStored, ds.HighBit, ds.PixelRepresentation = 16, 12, 11, 0
    ds.PixelData = np.arange(48, dtype="<u2").tobytes()
    ds["PixelData"].VR = "OW"
    ds.file_meta = FileMetaDataset()
    ds.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    stream = BytesIO()
    ds.save_as(stream, enforce_file_format=True)
    return stream.getvalue()
