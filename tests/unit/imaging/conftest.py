"""Small pictures and writers for every file format, so that each test knows its answer."""

import struct
import zlib
from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.uid import UID, ExplicitVRLittleEndian, RLELossless

from thoracle.imaging.limits import DecodeLimits

ROWS, COLUMNS = 24, 32

Encode = Callable[..., bytes]


@pytest.fixture
def limits() -> DecodeLimits:
    return DecodeLimits(pixels_max=1_000_000)


@pytest.fixture
def grey8() -> NDArray[np.uint8]:
    """A ramp in which every row and column differs, so that a turn shows."""
    return (np.arange(ROWS * COLUMNS) % 251).astype(np.uint8).reshape(ROWS, COLUMNS)


@pytest.fixture
def grey16() -> NDArray[np.uint16]:
    return (np.arange(ROWS * COLUMNS) * 83).astype(np.uint16).reshape(ROWS, COLUMNS)


@pytest.fixture
def grey12() -> NDArray[np.uint16]:
    return (np.arange(ROWS * COLUMNS) * 5).astype(np.uint16).reshape(ROWS, COLUMNS)


@pytest.fixture
def save() -> Encode:
    """Encode an array or a Pillow image in one of Pillow's formats."""

    def encode(picture: NDArray[Any] | Image.Image, format_name: str, **options: Any) -> bytes:
        image = picture if isinstance(picture, Image.Image) else Image.fromarray(picture)
        stream = BytesIO()
        image.save(stream, format=format_name, **options)
        return stream.getvalue()

    return encode


@pytest.fixture
def make_png() -> Encode:
    """Write a PNG chunk by chunk: any depth, any color type, any extra chunk."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        crc = zlib.crc32(kind + data)
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", crc)

    def encode(
        scanlines: list[bytes],
        *,
        columns: int,
        depth: int,
        color: int,
        extra: tuple[tuple[bytes, bytes], ...] = (),
        rows: int | None = None,
    ) -> bytes:
        size = struct.pack(">II", columns, rows or len(scanlines))
        header = size + bytes((depth, color, 0, 0, 0))
        data = zlib.compress(b"".join(b"\0" + line for line in scanlines))
        return (
            b"\x89PNG\r\n\x1a\n"
            + chunk(b"IHDR", header)
            + b"".join(chunk(kind, content) for kind, content in extra)
            + chunk(b"IDAT", data)
            + chunk(b"IEND", b"")
        )

    return encode


def data_set(samples: NDArray[Any], **elements: Any) -> Dataset:
    """Return a secondary capture whose elements the test overrides; None removes one."""
    ds = Dataset()
    ds.SOPClassUID = "1.2.840.10008.5.1.4.1.1.7"
    ds.SOPInstanceUID = "1.2.826.0.1.3680043.8.498.1"
    ds.Modality = "DX"
    ds.Rows, ds.Columns = samples.shape[:2]
    ds.SamplesPerPixel = 3 if samples.ndim == 3 else 1
    ds.PhotometricInterpretation = "RGB" if samples.ndim == 3 else "MONOCHROME2"
    if samples.ndim == 3:
        ds.PlanarConfiguration = 0
    ds.BitsAllocated = ds.BitsStored = 8 * samples.dtype.itemsize
    ds.PixelRepresentation = int(samples.dtype.kind == "i")
    for name, value in elements.items():
        setattr(ds, name, value)
    ds.HighBit = elements.get("HighBit", ds.BitsStored - 1)
    for name in [name for name, value in elements.items() if value is None]:
        del ds[name]
    return ds


@pytest.fixture
def make_data_set() -> Callable[..., Dataset]:
    return data_set


@pytest.fixture
def make_dicom() -> Encode:
    """Write a DICOM file: `make_dicom(samples, syntax=UID, Keyword=value, ...)`."""

    def encode(
        samples: NDArray[Any], *, syntax: str = ExplicitVRLittleEndian, **elements: Any
    ) -> bytes:
        ds = data_set(samples, **elements)
        is_native = not UID(syntax).is_compressed or UID(syntax).is_deflated
        ds.file_meta = FileMetaDataset()
        ds.file_meta.TransferSyntaxUID = UID(syntax) if is_native else ExplicitVRLittleEndian
        is_big = is_native and not UID(syntax).is_little_endian
        pixels = samples.astype(samples.dtype.newbyteorder(">" if is_big else "<")).tobytes()
        ds.PixelData = pixels + b"\0" * (len(pixels) % 2)
        ds["PixelData"].VR = "OB" if samples.dtype.itemsize == 1 else "OW"
        if not is_native:
            plugin = "pydicom" if syntax == RLELossless else ""  # GDCM's RLE encoder aborts.
            ds.compress(UID(syntax), encoding_plugin=plugin, generate_instance_uid=False)
        stream = BytesIO()
        ds.save_as(stream, enforce_file_format=True)
        return stream.getvalue()

    return encode


@pytest.fixture
def recode(tmp_path: Path) -> Encode:
    """Re-encode a DICOM file with GDCM into one of its named transfer syntaxes."""

    def encode(content: bytes, syntax_name: str) -> bytes:
        import gdcm

        source, target = tmp_path / "native.dcm", tmp_path / "coded.dcm"
        source.write_bytes(content)
        reader = gdcm.ImageReader()
        reader.SetFileName(str(source))
        assert reader.Read()
        change = gdcm.ImageChangeTransferSyntax()
        change.SetTransferSyntax(gdcm.TransferSyntax(getattr(gdcm.TransferSyntax, syntax_name)))
        change.SetInput(reader.GetImage())
        assert change.Change()
        writer = gdcm.ImageWriter()
        writer.SetFile(reader.GetFile())
        writer.SetImage(change.GetOutput())
        writer.SetFileName(str(target))
        assert writer.Write()
        return target.read_bytes()

    return encode
