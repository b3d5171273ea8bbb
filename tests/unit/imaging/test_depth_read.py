"""Depth videos in every format that is read, written here, and what is refused."""

import io
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from thoracle.core.errors import ImageError
from thoracle.imaging.depth_read import read_depth

Pack = Callable[..., bytes]
VIDEO: NDArray[np.uint16] = (
    np.random.default_rng(3).integers(0, 4000, (12, 9, 11)).astype(np.uint16)
)


def npy(values: NDArray[Any], *, version: tuple[int, int] | None = None) -> bytes:
    stream = io.BytesIO()
    np.lib.format.write_array(stream, values, version=version, allow_pickle=True)
    return stream.getvalue()


def png(frame: NDArray[Any]) -> bytes:
    stream = io.BytesIO()
    Image.fromarray(frame).save(stream, "PNG")
    return stream.getvalue()


def tiff(frames: NDArray[Any], **options: Any) -> bytes:
    stream = io.BytesIO()
    first, *rest = [Image.fromarray(one) for one in frames]
    first.save(stream, "TIFF", save_all=True, append_images=rest, **options)
    return stream.getvalue()


def read(content: bytes) -> NDArray[np.float32]:
    header, frames = read_depth(content)
    found = np.stack(list(frames))
    assert found.shape == (header.frames, header.rows, header.columns)
    return found


def refused(content: bytes) -> ImageError:
    with pytest.raises(ImageError) as error:
        read(content)
    assert error.value.text.isprintable()
    return error.value


def expected() -> NDArray[np.float32]:
    return np.where(VIDEO == 0, np.nan, VIDEO).astype(np.float32)


@pytest.mark.parametrize("kind", ["<u2", ">u2", "<i4", "<f4", "<f8"])
@pytest.mark.parametrize("version", [(1, 0), (2, 0)])
def test_an_array_is_read_whatever_its_numbers_are(kind: str, version: tuple[int, int]) -> None:
    np.testing.assert_array_equal(read(npy(VIDEO.astype(kind), version=version)), expected())


def test_an_archive_of_one_array_is_read() -> None:
    for save in (np.savez, np.savez_compressed):
        stream = io.BytesIO()
        save(stream, depth=VIDEO)
        np.testing.assert_array_equal(read(stream.getvalue()), expected())


@pytest.mark.parametrize("options", [{}, {"compression": "tiff_lzw"}, {"compression": "zip"}])
def test_a_tiff_of_several_pages_is_read_alone_and_in_an_archive(
    options: dict[str, Any], pack: Pack
) -> None:
    options = (
        {"compression": "tiff_adobe_deflate"} if options.get("compression") == "zip" else options
    )
    content = tiff(VIDEO, **options)
    np.testing.assert_array_equal(read(content), expected())
    np.testing.assert_array_equal(read(pack({"depth.tif": content})), expected())


def test_pictures_come_in_the_order_of_the_numbers_in_their_names(pack: Pack) -> None:
    names = [f"d/frame{number}.png" for number in range(12)]  # frame10 before frame2 by letters
    files = {name: png(frame) for name, frame in zip(names, VIDEO, strict=True)}
    shuffled = {name: files[name] for name in sorted(files)}
    np.testing.assert_array_equal(read(pack(shuffled)), expected())


def test_many_large_frames_are_made_smaller(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("thoracle.imaging.depth.VALUES_MAX", 300)
    header, frames = read_depth(npy(np.full((12, 9, 11), 700, np.uint16)))
    assert (header.step, header.rows, header.columns) == (2, 4, 5)
    assert {float(one.mean()) for one in frames} == {700.0}


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "depth-unknown-format"),
        (b"\x1aE\xdf\xa3", "depth-unknown-format"),  # Matroska
        (npy(VIDEO)[:-1], "recording-truncated"),
        (npy(VIDEO[0]), "depth-shape"),
        (npy(VIDEO[None]), "depth-shape"),
        (npy(VIDEO[:1]), "depth-size"),
        (npy(np.asfortranarray(VIDEO)), "recording-corrupt"),
        (npy(VIDEO.astype(complex)), "recording-corrupt"),
        (npy(np.array([{"a": 1}], object)), "recording-corrupt"),
        (npy(VIDEO).replace(b"\x93NUMPY\1", b"\x93NUMPY\3"), "recording-corrupt"),
        (npy(VIDEO).replace(b"(12, 9, 11)", b"(12, 9, 99)"), "recording-truncated"),
        (npy(VIDEO).replace(b"(12, 9, 11), ", b"(99999,9,999)"), "depth-size"),
        (tiff(VIDEO.astype(np.uint8)), "depth-shape"),
        (tiff(VIDEO[:1]), "depth-size"),
        (b"II*\0\xff\xff\0\0", "recording-corrupt"),
    ],
)
def test_what_is_no_depth_video_is_refused(content: bytes, code: str) -> None:
    assert refused(content).code == code


def test_archives_of_several_kinds_sizes_or_depths_are_refused(pack: Pack) -> None:
    eight = png(VIDEO[0].astype(np.uint8))
    for files, code in (
        ({"a.png": png(VIDEO[0]), "b.npy": npy(VIDEO)}, "depth-shape"),
        ({"a.npy": npy(VIDEO), "b.npy": npy(VIDEO)}, "depth-shape"),
        ({"a.txt": b"1"}, "depth-shape"),
        ({"a.png": png(VIDEO[0]), "b.png": png(VIDEO[0].T.copy())}, "depth-shape"),
        ({"a.png": eight, "b.png": eight}, "depth-shape"),
        ({"a.png": png(VIDEO[0]), "b.png": eight}, "depth-shape"),
        ({"x/a.png": png(VIDEO[0]), "y/a.png": png(VIDEO[1])}, "recording-corrupt"),
    ):
        assert refused(pack(files)).code == code


def test_a_picture_that_claims_to_be_huge_is_refused_before_it_is_decoded(pack: Pack) -> None:
    claimed = bytearray(png(VIDEO[0]))
    claimed[16:24] = b"\0\0\xff\xff" * 2
    assert refused(pack({"a.png": bytes(claimed), "b.png": bytes(claimed)})).code == "depth-size"
    assert refused(pack({"a.png": png(VIDEO[0]), "b.png": bytes(claimed)})).code == "depth-size"


def test_an_archive_that_unpacks_too_far_is_refused(
    pack: Pack, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("thoracle.imaging.depth_read.FILE_BYTES_MAX", 1000)
    assert refused(pack({"a.npy": npy(VIDEO)})).code == "recording-inflated"
