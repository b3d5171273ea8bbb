"""Files made to harm: each gives one clear error in under two seconds, and the next is served."""

import functools
import resource
import struct
import time
import zlib
from collections.abc import Callable, Iterator
from io import BytesIO

import numpy as np
import psutil
import pytest
from PIL import Image
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.encaps import encapsulate
from pydicom.uid import (
    UID,
    DeflatedExplicitVRLittleEndian,
    ExplicitVRLittleEndian,
    JPEG2000Lossless,
    RLELossless,
)

from thoracle.core.errors import ImageError
from thoracle.imaging.sandbox import DecoderPool

# CPU seconds of this process and of its children: the seconds on the clock of an idle machine,
# whatever else runs on this one.
SECONDS_MAX = 2.0
GROWTH_BYTES_MAX = 300e6


@pytest.fixture(scope="module")
def pool() -> Iterator[DecoderPool]:
    """The pool of a server with the default settings."""
    with DecoderPool(workers=1, memory_mb=1536, cpu_s=10, pixels_max=64_000_000) as one:
        yield one


@pytest.fixture(scope="module")
def good() -> bytes:
    stream = BytesIO()
    Image.fromarray(np.arange(4096, dtype=np.uint16).reshape(64, 64)).save(stream, "PNG")
    return stream.getvalue()


def cpu_s(pool: DecoderPool) -> float:
    """Return the CPU time used so far here, in children that ended, and in those that live."""
    ended = resource.getrusage(resource.RUSAGE_CHILDREN)
    living = [psutil.Process(pid).cpu_times() for pid in pool.child_pids()]
    return (
        time.process_time()
        + ended.ru_utime
        + ended.ru_stime
        + sum(each.user + each.system for each in living)
    )


def dicom(
    pixel_data: bytes,
    *,
    rows: int = 64,
    columns: int = 64,
    syntax: UID = ExplicitVRLittleEndian,
    extra: bytes = b"",
) -> bytes:
    """Write a DICOM file whose header claims what the caller wants."""
    ds = Dataset()
    ds.SOPClassUID, ds.SOPInstanceUID = "1.2.840.10008.5.1.4.1.1.7", "1.2.3"
    ds.Rows, ds.Columns, ds.SamplesPerPixel, ds.PhotometricInterpretation = (
        rows,
        columns,
        1,
        "MONOCHROME2",
    )
    ds.BitsAllocated = ds.BitsStored = 16
    ds.HighBit, ds.PixelRepresentation = 15, 0
    ds.PixelData = encapsulate([pixel_data]) if syntax.is_encapsulated else pixel_data
    ds["PixelData"].VR = "OB" if syntax.is_encapsulated else "OW"
    ds["PixelData"].is_undefined_length = syntax.is_encapsulated
    ds.file_meta = FileMetaDataset()
    ds.file_meta.TransferSyntaxUID = syntax
    stream = BytesIO()
    ds.save_as(stream, enforce_file_format=True)
    content = stream.getvalue()
    at = content.index(b"\x28\x00\x02\x00US") if extra else 0
    return content[:at] + extra + content[at:]


def rle_segment(claimed_rows: int, claimed_columns: int) -> bytes:
    """Return the file of 572 bytes or so that claims a picture of any size."""
    header = struct.pack("<16I", 2, 64, 66, *([0] * 13))
    return dicom(
        header + b"\x81\x00\x81\x00",
        rows=claimed_rows,
        columns=claimed_columns,
        syntax=RLELossless,
    )


@functools.cache
def deflated_bomb() -> bytes:
    """Return a data set of 400 kB that unpacks to 400 MB before any element of interest."""
    whole = dicom(bytes(8), syntax=DeflatedExplicitVRLittleEndian)
    meta_end = 132 + 12 + int.from_bytes(whole[140:144], "little")
    squeezer = zlib.compressobj(9, wbits=-15)
    size = 410 * 10**6
    packed = [squeezer.compress(struct.pack("<HH2sHI", 0x0009, 0x1001, b"OB", 0, size))]
    packed += [squeezer.compress(bytes(10**7)) for _ in range(size // 10**7)]
    return whole[:meta_end] + b"".join(packed) + squeezer.flush()


def nested_sequences() -> bytes:
    """Return a private sequence in a sequence, fifty thousand deep."""
    opening = b"\x09\x00\x01\x10SQ\0\0\xff\xff\xff\xff" + b"\xfe\xff\x00\xe0\xff\xff\xff\xff"
    return dicom(bytes(8192), extra=opening * 50_000)


def lying_j2k() -> bytes:
    stream = BytesIO()
    Image.fromarray(np.zeros((64, 64), np.uint16)).save(stream, "JPEG2000", no_jp2=True)
    codestream = bytearray(stream.getvalue())
    codestream[8:16] = struct.pack(">II", 60_000, 60_000)  # Xsiz, Ysiz
    return dicom(bytes(codestream), syntax=JPEG2000Lossless)


def png(*chunks: tuple[bytes, bytes], columns: int = 64, rows: int = 64) -> bytes:
    header = struct.pack(">IIBBBBB", columns, rows, 8, 0, 0, 0, 0)
    content = b"\x89PNG\r\n\x1a\n"
    for kind, data in ((b"IHDR", header), *chunks, (b"IEND", b"")):
        crc = zlib.crc32(kind + data)
        content += struct.pack(">I", len(data)) + kind + data + struct.pack(">I", crc)
    return content


@functools.cache
def zeros(megabytes: int) -> bytes:
    squeezer = zlib.compressobj(9)
    packed = [squeezer.compress(bytes(10**6)) for _ in range(megabytes)]
    return b"".join(packed) + squeezer.flush()


SMALL_PIXELS = zlib.compress((b"\0" + bytes(64)) * 64)


def many_scans() -> bytes:
    """Return a progressive JPEG whose last scan is repeated thousands of times."""
    stream = BytesIO()
    Image.new("L", (6000, 6000)).save(stream, "JPEG", progressive=True)
    content = stream.getvalue()
    last = content.rindex(b"\xff\xda")
    return content[:last] + content[last:-2] * 2000 + b"\xff\xd9"


def resized(format_name: str, patches: dict[int, bytes]) -> bytes:
    stream = BytesIO()
    Image.new("L", (64, 64)).save(stream, format_name)
    content = bytearray(stream.getvalue())
    for position, patch in patches.items():
        content[position : position + len(patch)] = patch
    return bytes(content)


def huge_jpeg() -> bytes:
    content = resized("JPEG", {})
    at = content.index(b"\xff\xc0") + 5
    return content[:at] + struct.pack(">HH", 65500, 65500) + content[at + 4 :]


def huge_tiff() -> bytes:
    content = resized("TIFF", {})
    for tag in (256, 257):
        at = content.index(struct.pack("<HHI", tag, 4, 1)) + 8
        content = content[:at] + struct.pack("<I", 60_000) + content[at + 4 :]
    return content


BOMBS: dict[str, tuple[Callable[[], bytes], set[str]]] = {
    "deflated DICOM": (deflated_bomb, {"image-too-large"}),
    "RLE of 65535 × 65535": (lambda: rle_segment(65535, 65535), {"image-too-large"}),
    "RLE within the limit": (lambda: rle_segment(7900, 8000), {"image-truncated"}),
    "nested sequences": (nested_sequences, {"image-corrupt"}),
    "JPEG 2000 that lies": (lying_j2k, {"image-corrupt"}),
    "uncompressed DICOM that lies": (
        lambda: dicom(bytes(128), rows=7900, columns=8000),
        {"image-truncated"},
    ),
    "PNG of 50000 × 50000": (
        lambda: png((b"IDAT", SMALL_PIXELS), columns=50_000, rows=50_000),
        {"image-too-large"},
    ),
    "PNG that claims 7900 × 8000": (
        lambda: png((b"IDAT", SMALL_PIXELS), columns=8000, rows=7900),
        {"image-truncated", "image-corrupt"},
    ),
    "PNG with a text bomb": (
        lambda: png((b"zTXt", b"Comment\0\0" + zeros(300)), (b"IDAT", SMALL_PIXELS)),
        {"image-too-large"},
    ),
    "PNG with a profile bomb": (
        lambda: png((b"iCCP", b"icc\0\0" + zeros(300)), (b"IDAT", SMALL_PIXELS)),
        {"image-too-large", ""},
    ),
    # What follows the last row is not unpacked: the film is whole.
    "PNG with 300 megabytes of rows": (lambda: png((b"IDAT", zeros(300))), {""}),
    "JPEG of 65500 × 65500": (huge_jpeg, {"image-too-large"}),
    "JPEG of two thousand scans": (many_scans, {"image-timeout", "image-corrupt"}),
    "TIFF of 60000 × 60000": (huge_tiff, {"image-too-large"}),
    "BMP of 60000 × 60000": (
        lambda: resized("BMP", {18: struct.pack("<ii", 60_000, 60_000)}),
        {"image-too-large"},
    ),
    "WebP canvas": (
        lambda: (
            b"RIFF\x40\0\0\0WEBPVP8X\x0a\0\0\0" + bytes(4) + b"\xff\x3f\0\xff\x3f\0" + bytes(60)
        ),
        {"image-too-large"},
    ),
}


@pytest.mark.parametrize("name", list(BOMBS))
def test_a_bomb_is_one_error_in_time_and_the_next_film_is_served(
    name: str, pool: DecoderPool, good: bytes
) -> None:
    make, codes = BOMBS[name]
    content = make()
    pool.warm_up()
    parent = psutil.Process()
    before_bytes = parent.memory_info().rss
    begin_s = cpu_s(pool)
    code = ""
    try:
        pool.decode(content)
    except ImageError as error:
        code = error.code
    took_s = cpu_s(pool) - begin_s
    growth_bytes = parent.memory_info().rss - before_bytes
    assert code in codes
    assert took_s < SECONDS_MAX
    assert growth_bytes < GROWTH_BYTES_MAX
    assert pool.decode(good).pixels.shape == (64, 64)


def test_the_rle_bomb_is_as_small_as_the_one_in_the_wild() -> None:
    assert len(rle_segment(65535, 65535)) < 700
    assert len(deflated_bomb()) < 500_000


def test_a_legitimate_large_jpeg_2000_film_is_read_under_the_same_limits(
    pool: DecoderPool,
) -> None:
    rng = np.random.default_rng(0)
    rows = np.linspace(0, 60_000, 3000)[:, None]
    samples = (rows + rng.normal(0, 60, (3000, 3000))).clip(0, 65535).astype(np.uint16)
    stream = BytesIO()
    Image.fromarray(samples).save(stream, "JPEG2000", no_jp2=True, irreversible=False)
    content = dicom(stream.getvalue(), rows=3000, columns=3000, syntax=JPEG2000Lossless)
    pool.warm_up()
    film = pool.decode(content)
    low, high = int(samples.min()), int(samples.max())
    np.testing.assert_allclose(film.pixels, (samples - low) / (high - low), atol=1e-5)
