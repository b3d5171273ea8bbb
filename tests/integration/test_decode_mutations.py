"""Every kind of file, truncated and bit-flipped at seeded places, through one warm pool."""

import resource
import time
from collections.abc import Iterator
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
import psutil
import pytest
from PIL import Image
from pydicom.data import get_testdata_file

from thoracle.core.errors import ImageError
from thoracle.imaging.sandbox import DecoderPool

SEED = 20
TRUNCATED_AT = (0.02, 0.2, 0.5, 0.8, 0.97)
FLIPPED_FILES = 12
# CPU seconds of this process and of its children: the seconds on the clock of an idle machine,
# whatever else runs on this one.
SECONDS_MAX = 2.0
GROWTH_BYTES_MAX = 300e6

# A sample of each transfer syntax that ships inside pydicom.
DICOM_SAMPLES = [
    "CT_small.dcm",
    "MR_small_implicit.dcm",
    "MR_small_bigendian.dcm",
    "image_dfl.dcm",
    "MR_small_RLE.dcm",
    "SC_rgb_rle_16bit.dcm",
    "SC_rgb_jpeg_dcmtk.dcm",
    "JPGExtended.dcm",
    "SC_rgb_jpeg_gdcm.dcm",
    "MR_small_jpeg_ls_lossless.dcm",
    "SC_rgb_jls_lossy_line.dcm",
    "MR_small_jp2klossless.dcm",
    "JPEG2000.dcm",
    "SC_ybr_full_422_uncompressed.dcm",
    "examples_palette.dcm",
]


def film(kind: str) -> Image.Image:
    y, x = np.mgrid[0:96, 0:128]
    ramp = (40 + x + y // 2).astype(np.uint8)
    ramp[20:40, 30:60] ^= 0x55
    if kind == "grey16":
        return Image.fromarray(ramp.astype(np.uint16) * np.uint16(200))
    grey = Image.fromarray(ramp)
    return {"grey": grey, "rgb": grey.convert("RGB"), "rgba": grey.convert("RGBA")}.get(
        kind, grey.convert("P")
    )


RASTERS: dict[str, tuple[str, str, dict[str, Any]]] = {
    "PNG grey": ("grey", "PNG", {}),
    "PNG 16 bits": ("grey16", "PNG", {}),
    "PNG palette": ("palette", "PNG", {}),
    "PNG alpha": ("rgba", "PNG", {}),
    "JPEG grey": ("grey", "JPEG", {}),
    "JPEG color": ("rgb", "JPEG", {"progressive": True}),
    "TIFF": ("grey16", "TIFF", {}),
    "TIFF LZW": ("grey", "TIFF", {"compression": "tiff_lzw"}),
    "TIFF deflate": ("rgb", "TIFF", {"compression": "tiff_adobe_deflate"}),
    "TIFF JPEG": ("grey", "TIFF", {"compression": "jpeg"}),
    "WebP lossy": ("rgb", "WEBP", {}),
    "WebP lossless": ("rgba", "WEBP", {"lossless": True}),
    "BMP": ("rgb", "BMP", {}),
    "BMP palette": ("palette", "BMP", {}),
}


def original(name: str) -> bytes:
    if name in RASTERS:
        kind, format_name, options = RASTERS[name]
        stream = BytesIO()
        film(kind).save(stream, format_name, **options)
        return stream.getvalue()
    found = get_testdata_file(name, download=False)
    if found is None:
        pytest.skip(f"this pydicom ships no {name}")
    return Path(found).read_bytes()


def mutants(content: bytes) -> Iterator[bytes]:
    rng = np.random.default_rng(SEED)
    for share in TRUNCATED_AT:
        yield content[: max(1, int(share * len(content)))]
    for number in range(FLIPPED_FILES):
        damaged = bytearray(content)
        # Half of the files are hit in their first bytes, where declarations stand.
        reach = len(content) if number % 2 else min(len(content), 1200)
        for position in rng.integers(0, reach, size=1 + number):
            damaged[position] ^= 1 << int(rng.integers(0, 8))
        yield bytes(damaged)


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


@dataclass
class Tally:
    """What the whole corpus did to this process."""

    before_bytes: int
    slowest_s: float = 0.0
    files: int = 0


@pytest.fixture(scope="module")
def pool() -> Iterator[DecoderPool]:
    with DecoderPool(workers=1, memory_mb=1024, cpu_s=10, pixels_max=64_000_000) as one:
        one.warm_up()
        yield one


@pytest.fixture(scope="module")
def tally(pool: DecoderPool) -> Tally:
    pool.decode(original("CT_small.dcm"))
    return Tally(before_bytes=psutil.Process().memory_info().rss)


@pytest.mark.parametrize("name", [*RASTERS, *DICOM_SAMPLES])
def test_every_mutant_is_a_film_or_one_error_in_time(
    name: str, pool: DecoderPool, tally: Tally
) -> None:
    whole = original(name)
    good = pool.decode(whole)
    for content in mutants(whole):
        pool.warm_up()  # Only a replaced child has something to do here.
        begin_s = cpu_s(pool)
        try:
            found = pool.decode(content)
        except ImageError as error:
            assert error.text.isprintable()  # noqa: PT017
            assert error.code.startswith("image-")  # noqa: PT017
        else:
            assert 0.0 <= found.pixels.min() <= found.pixels.max() <= 1.0
        took_s = cpu_s(pool) - begin_s
        assert took_s < SECONDS_MAX
        tally.slowest_s = max(tally.slowest_s, took_s)
        tally.files += 1
    np.testing.assert_array_equal(pool.decode(whole).pixels, good.pixels)


def test_this_process_has_not_grown(tally: Tally) -> None:
    growth_bytes = psutil.Process().memory_info().rss - tally.before_bytes
    assert growth_bytes < GROWTH_BYTES_MAX


@pytest.mark.parametrize("name", [*RASTERS, *DICOM_SAMPLES])
def test_a_film_cut_in_half_is_refused_and_never_padded(name: str, pool: DecoderPool) -> None:
    whole = original(name)
    with pytest.raises(ImageError) as error:
        pool.decode(whole[: len(whole) // 2])
    assert error.value.code in {"image-truncated", "image-corrupt"}
