"""TIFF: depths, layouts, pages, and what Pillow cannot read."""

import struct
from collections.abc import Callable
from io import BytesIO
from typing import Any

import numpy as np
import pytest
import tifffile
from numpy.typing import NDArray
from PIL import Image

from thoracle.core.errors import ImageError
from thoracle.imaging.decode import decode
from thoracle.imaging.limits import DecodeLimits
from thoracle.imaging.tiff import count_pages
from thoracle.imaging.types import Radiograph


def write(samples: NDArray[Any], **options: Any) -> bytes:
    stream = BytesIO()
    options.setdefault("photometric", "rgb" if 3 in samples.shape[:1] + samples.shape[2:] else None)
    tifffile.imwrite(stream, samples, metadata=None, **options)
    return stream.getvalue()


def read(content: bytes) -> Radiograph:
    return decode(content, limits=DecodeLimits(pixels_max=1_000_000))


def shown(film: Radiograph, peak: int) -> NDArray[Any]:
    whole: NDArray[Any] = np.rint(film.pixels.astype(float) * peak).astype(int)
    return whole


LAYOUTS: list[dict[str, Any]] = [
    {},
    {"byteorder": ">"},
    {"bigtiff": True},
    {"tile": (16, 16)},
    {"rowsperstrip": 5},
    {"compression": "zlib", "predictor": True},
    {"compression": "packbits"},
]


@pytest.mark.parametrize("layout", LAYOUTS)
def test_grey_of_8_and_16_bits_is_exact_in_every_layout(
    layout: dict[str, Any], grey8: NDArray[np.uint8], grey16: NDArray[np.uint16]
) -> None:
    film8, film16 = read(write(grey8, **layout)), read(write(grey16, **layout))
    np.testing.assert_array_equal(shown(film8, 255), grey8)
    np.testing.assert_array_equal(shown(film16, 65535), grey16)
    assert (film8.bits, film16.bits) == (8, 16)


@pytest.mark.parametrize("compression", ["tiff_lzw", "tiff_adobe_deflate"])
def test_pillow_s_own_compressions_are_exact(
    compression: str, grey16: NDArray[np.uint16], save: Callable[..., bytes]
) -> None:
    film = read(save(grey16, "TIFF", compression=compression))
    np.testing.assert_array_equal(shown(film, 65535), grey16)


def test_white_is_zero_is_inverted_once_at_both_depths(
    grey8: NDArray[np.uint8], grey16: NDArray[np.uint16]
) -> None:
    film8 = read(write(grey8, photometric="miniswhite"))
    film16 = read(write(grey16, photometric="miniswhite"))
    np.testing.assert_array_equal(shown(film8, 255), 255 - grey8)
    np.testing.assert_array_equal(shown(film16, 65535), 65535 - grey16.astype(int))


@pytest.mark.parametrize("planar", ["contig", "separate"])
def test_color_of_16_bits_keeps_its_depth_through_tifffile(
    planar: str, grey16: NDArray[np.uint16]
) -> None:
    channels = np.stack([grey16] * 3, axis=-1 if planar == "contig" else 0)
    film = read(write(channels, planarconfig=planar))
    np.testing.assert_array_equal(shown(film, 65535), grey16)
    assert (film.bits, film.is_color) == (16, False)


def test_alpha_of_16_bits_is_composited_on_black(grey16: NDArray[np.uint16]) -> None:
    alpha = np.full_like(grey16, 65535)
    alpha[:, 16:] = 0
    film = read(
        write(np.dstack([grey16] * 3 + [alpha]), photometric="rgb", extrasamples=["unassalpha"])
    )
    np.testing.assert_array_equal(shown(film, 65535)[:, :16], grey16[:, :16])
    assert film.pixels[:, 16:].max() == 0.0


def test_orientation_is_undone_by_both_readers(grey8: NDArray[np.uint8]) -> None:
    upright = np.zeros((16, 32), np.uint16)
    upright[:8, :16] = 65535
    stored = np.rot90(upright, 1)
    tag = [(274, "H", 1, 6, True)]
    by_pillow = read(write(stored, extratags=tag))
    by_tifffile = read(write(np.dstack([stored] * 3), extratags=tag))
    np.testing.assert_array_equal(shown(by_pillow, 65535), upright)
    np.testing.assert_array_equal(shown(by_tifffile, 65535), upright)


def test_twelve_packed_bits_reach_white(make_tiff_12_bit: bytes) -> None:
    film = read(make_tiff_12_bit)
    np.testing.assert_allclose(film.pixels, [[0.0, 1.0], [2048 / 4095, 1 / 4095]], atol=1e-7)
    assert film.bits == 12


@pytest.fixture
def make_tiff_12_bit() -> bytes:
    """Two rows of two 12-bit samples, three bytes a row, written tag by tag."""
    pixels = bytes.fromhex("000fff800001")
    tags = [
        (256, 3, 1, 2),
        (257, 3, 1, 2),
        (258, 3, 1, 12),
        (259, 3, 1, 1),
        (262, 3, 1, 1),
        (273, 4, 1, 8),
        (277, 3, 1, 1),
        (278, 3, 1, 2),
        (279, 4, 1, 6),
    ]
    directory = struct.pack("<H", len(tags))
    directory += b"".join(struct.pack("<HHII", *tag) for tag in tags) + bytes(4)
    return b"II*\0" + struct.pack("<I", 14) + pixels + directory


@pytest.mark.parametrize("kind", [np.float32, np.int16, np.uint32])
def test_samples_without_a_known_range_are_refused(kind: type[np.generic]) -> None:
    with pytest.raises(ImageError) as error:
        read(write(np.zeros((8, 8), kind)))
    assert error.value.code == "image-pixel-type"


def test_five_channels_are_refused() -> None:
    content = write(np.zeros((8, 8, 5), np.uint16), photometric="minisblack", planarconfig="contig")
    with pytest.raises(ImageError, match="5 samples of 16 bits") as error:
        read(content)
    assert error.value.code == "image-pixel-type"


def test_twelve_pages_are_counted_and_refused(grey8: NDArray[np.uint8]) -> None:
    content = write(np.stack([grey8] * 12), photometric="minisblack")
    assert count_pages(content) == 12
    with pytest.raises(ImageError, match="a TIFF with 12 pages – expected one film") as error:
        read(content)
    assert error.value.code == "image-multi-frame"


@pytest.mark.parametrize("bigtiff", [False, True])
def test_a_thumbnail_is_no_page(bigtiff: bool, grey8: NDArray[np.uint8]) -> None:
    stream = BytesIO()
    with tifffile.TiffWriter(stream, bigtiff=bigtiff) as file:
        file.write(grey8, photometric="minisblack", metadata=None)
        file.write(grey8[::4, ::4], photometric="minisblack", subfiletype=1, metadata=None)
    np.testing.assert_array_equal(shown(read(stream.getvalue()), 255), grey8)


def test_a_chain_of_a_thousand_pages_is_not_followed_further() -> None:
    pages = b"".join(struct.pack("<HI", 0, 8 + 6 * (number + 1)) for number in range(1200))
    assert count_pages(b"II*\0" + struct.pack("<I", 8) + pages) == 1000


def test_pages_that_form_a_ring_are_damaged() -> None:
    with pytest.raises(ImageError, match="form a ring"):
        count_pages(b"II*\0" + struct.pack("<I", 8) + struct.pack("<HI", 0, 8))


def test_a_directory_past_the_end_is_truncated() -> None:
    with pytest.raises(ImageError, match="past its end") as error:
        read(b"II*\0" + struct.pack("<I", 4000) + bytes(100))
    assert error.value.code == "image-truncated"


@pytest.mark.parametrize("channels", [1, 3])
def test_pixels_past_the_end_are_truncated_for_both_readers(
    channels: int, grey16: NDArray[np.uint16]
) -> None:
    samples = grey16 if channels == 1 else np.dstack([grey16] * 3)
    content = write(samples)  # tifffile writes the directory first.
    with pytest.raises(ImageError, match="its pixels go to byte") as error:
        read(content[:-40])
    assert error.value.code == "image-truncated"


def test_the_size_is_checked_for_both_readers(grey16: NDArray[np.uint16]) -> None:
    for samples in (grey16, np.dstack([grey16] * 3)):
        with pytest.raises(ImageError, match="TIFF file declares 24 × 32"):
            decode(write(samples), limits=DecodeLimits(pixels_max=100))


def test_a_tiff_with_an_empty_directory_is_damaged() -> None:
    with pytest.raises(ImageError) as error:
        read(b"II*\0" + struct.pack("<I", 8) + bytes(60))
    assert error.value.code == "image-corrupt"


def test_a_bilevel_fax_is_read(save: Callable[..., bytes]) -> None:
    mask = np.eye(16, dtype=np.bool_)
    film = read(save(Image.fromarray(mask), "TIFF", compression="group4"))
    np.testing.assert_array_equal(film.pixels, mask.astype(float))
    assert film.bits == 1


def test_white_is_zero_with_alpha_is_inverted_before_compositing(
    grey16: NDArray[np.uint16],
) -> None:
    opaque = np.full_like(grey16, 65535)
    stored = np.dstack([grey16, 65535 - opaque])  # tifffile's reader inverts nothing itself.
    content = write(
        stored, photometric="miniswhite", planarconfig="contig", extrasamples=["unassalpha"]
    )
    film = read(content)
    assert film.pixels.shape == grey16.shape
    np.testing.assert_array_equal(shown(film, 65535), 65535 - grey16.astype(int))


def test_a_second_reader_s_own_refusal_is_damage(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise tifffile.TiffFileError("corrupted\nstrip")

    monkeypatch.setattr(tifffile.TiffPage, "asarray", refuse)
    with pytest.raises(ImageError, match="TIFF file is damaged: corrupted strip") as error:
        read(write(np.zeros((8, 8, 3), np.uint16)))
    assert error.value.code == "image-corrupt"
