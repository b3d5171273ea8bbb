"""Decoding in this process."""

import hashlib
from collections.abc import Callable
from io import BytesIO
from pathlib import Path
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
from thoracle.imaging.decode import (
    DecodeLimits,
    decode,
    decode_samples,
    decode_trusted_file,
    decode_trusted_film,
    is_synthetic_file,
    refuse_synthetic,
)
from thoracle.imaging.faults import SyntheticFilmError, UnreadableFileError

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


def test_a_trusted_file_is_decoded_from_its_path(
    tmp_path: Path, grey8: NDArray[np.uint8], save: Callable[..., bytes]
) -> None:
    (tmp_path / "film").write_bytes(save(grey8, "PNG"))
    for read in (decode_trusted_file, decode_trusted_film):
        np.testing.assert_array_equal(np.rint(read(tmp_path / "film").pixels * 255), grey8)


@pytest.mark.parametrize("name", ["missing.png", "."])
def test_a_file_that_cannot_be_read_is_an_image_error_that_says_what_to_do(
    tmp_path: Path, name: str
) -> None:
    with pytest.raises(UnreadableFileError, match=r"(No such file|Is a directory).*--root") as e:
        decode_trusted_file(tmp_path / name)
    assert e.value.code == "image-file"


@pytest.fixture
def marked(
    grey8: NDArray[np.uint8], save: Callable[..., bytes], make_dicom: Callable[..., bytes]
) -> dict[str, bytes]:
    """Return one file of each format that says it is synthetic, each in its own way."""
    from PIL.PngImagePlugin import PngInfo

    notes = PngInfo()
    notes.add_text("Synthetic", "Thoracle")
    exif = Image.Exif()
    exif[0x010E] = "SYNTHETIC film"
    return {
        "PNG": save(grey8, "PNG", pnginfo=notes),
        "JPEG comment": save(grey8, "JPEG", comment="SYNTHETIC film"),
        "JPEG description": save(grey8, "JPEG", exif=exif),
        "WEBP": save(grey8, "WEBP", exif=exif),
        "TIFF": save(grey8, "TIFF", description="SYNTHETIC film"),
        "DICOM": make_dicom(grey8, ImageComments="SYNTHETIC film"),
        "deflated": make_dicom(grey8, syntax="1.2.840.10008.1.2.1.99", PatientID="SYNTHETIC-1-0"),
    }


def test_the_file_and_the_decoder_agree_that_a_film_is_synthetic(
    tmp_path: Path, marked: dict[str, bytes]
) -> None:
    for name, content in marked.items():
        path = tmp_path / name
        path.write_bytes(content)
        assert is_synthetic_file(path), name
        assert decode_trusted_file(path).is_synthetic, name
        for refuse in (decode_trusted_film, refuse_synthetic):
            with pytest.raises(SyntheticFilmError, match="never training or evaluation") as error:
                refuse(path)
            assert error.value.code == "image-synthetic"


def test_other_files_are_let_through(
    tmp_path: Path,
    grey8: NDArray[np.uint8],
    save: Callable[..., bytes],
    make_dicom: Callable[..., bytes],
) -> None:
    contents = {
        **{name: save(grey8, name) for name in ("PNG", "JPEG", "WEBP", "TIFF", "BMP")},
        "DICOM": make_dicom(grey8, PatientID="4711", ImageComments=""),
        "broken PNG": b"\x89PNG\r\n\x1a\n and no more",
        "broken DICOM": bytes(128) + b"DICM" + b"\x02\x00\x00\x00UL",
        "broken WEBP": b"RIFF\x40\0\0\0WEBPVP8 ",
        "empty": b"",
        "text": b"SYNTHETIC",
    }
    for name, content in contents.items():
        (tmp_path / name).write_bytes(content)
        assert not is_synthetic_file(tmp_path / name), name
        refuse_synthetic(tmp_path / name)
    assert not is_synthetic_file(tmp_path / "missing")


def test_a_synthetic_file_is_told_without_its_pixels(
    tmp_path: Path, marked: dict[str, bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object, **__: object) -> None:
        pytest.fail("pixels were decoded")

    monkeypatch.setattr("PIL.ImageFile.ImageFile.load", fail)
    monkeypatch.setattr("PIL.PngImagePlugin.PngImageFile.load", fail, raising=False)
    for name in ("PNG", "JPEG comment", "TIFF"):
        (tmp_path / name).write_bytes(marked[name])
        assert is_synthetic_file(tmp_path / name)


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
