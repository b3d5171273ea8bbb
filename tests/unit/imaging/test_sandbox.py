"""The pool: limits, replacement, threads."""

import hashlib
import os
import signal
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from io import BytesIO
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Never

import numpy as np
import psutil
import pytest
from numpy.typing import NDArray

from thoracle.core.errors import ImageError
from thoracle.core.settings import settings
from thoracle.imaging import sandbox
from thoracle.imaging.child import DecoderChild
from thoracle.imaging.decode import DecodeLimits, decode
from thoracle.imaging.lost_child import ChildLostError
from thoracle.imaging.sandbox import DecoderPool


@pytest.fixture(scope="module")
def pool() -> Iterator[DecoderPool]:
    with DecoderPool(workers=2, memory_mb=768, cpu_s=5, pixels_max=20_000_000) as one:
        one.warm_up()
        yield one


def test_the_pool_gives_what_decoding_here_gives(
    pool: DecoderPool,
    grey16: NDArray[np.uint16],
    save: Callable[..., bytes],
    make_dicom: Callable[..., bytes],
) -> None:
    limits = DecodeLimits(pixels_max=1_000_000)
    for content in (
        save(grey16, "PNG"),
        make_dicom(grey16, PixelSpacing=[0.1, 0.2], PatientAge="045Y"),
    ):
        there, here = pool.decode(content), decode(content, limits=limits)
        np.testing.assert_array_equal(there.pixels, here.pixels)
        assert there.pixel_spacing_mm == here.pixel_spacing_mm
        assert there.age_years == here.age_years
        assert there.sha256 == hashlib.sha256(content).hexdigest()


def test_a_killed_child_is_replaced_and_the_file_is_read(
    pool: DecoderPool, grey8: NDArray[np.uint8], save: Callable[..., bytes]
) -> None:
    before = pool.child_pids()
    assert len(before) == 2
    for pid in before:
        os.kill(pid, signal.SIGKILL)
    content = save(grey8, "PNG")
    for _ in range(3):
        assert pool.decode(content).pixels.shape == grey8.shape
    assert set(before).isdisjoint(pool.child_pids())


def test_a_child_killed_over_a_file_gives_one_error_and_the_next_file_is_read(
    pool: DecoderPool,
    grey8: NDArray[np.uint8],
    save: Callable[..., bytes],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    receive = DecoderChild.receive

    def killed(self: DecoderChild) -> object:
        os.kill(self.pid, signal.SIGKILL)
        self._has_started = True
        self._process.wait()
        return receive(self)

    content = save(np.zeros((3000, 3000), np.uint8), "PNG")
    pool.warm_up()
    with monkeypatch.context() as patch:
        patch.setattr(DecoderChild, "receive", killed)
        with pytest.raises(ImageError) as error:
            pool.decode(content)
    assert error.value.code in {"image-decoder-died", "image-decoder-unavailable"}
    assert pool.decode(save(grey8, "PNG")).format == "PNG"


def test_many_threads_are_served_by_two_children(
    pool: DecoderPool, save: Callable[..., bytes]
) -> None:
    pool.warm_up()
    before = set(pool.child_pids())
    films = [np.full((64, 64), grey, np.uint8) for grey in range(0, 240, 6)]
    with ThreadPoolExecutor(8) as threads:
        found = list(threads.map(lambda film: pool.decode(save(film, "PNG")), films))
    for film, decoded in zip(films, found, strict=True):
        np.testing.assert_array_equal(np.rint(decoded.pixels * 255), film)
    assert set(pool.child_pids()) == before


def test_a_film_that_needs_too_much_memory_is_refused_and_its_child_replaced(
    save: Callable[..., bytes],
) -> None:
    content = save(np.zeros((9000, 9000, 3), np.uint8), "PNG", compress_level=1)
    with DecoderPool(workers=1, memory_mb=350, cpu_s=10, pixels_max=100_000_000) as small:
        small.warm_up()
        before = small.child_pids()
        with pytest.raises(ImageError, match="setting decode_memory_mb") as error:
            small.decode(content)
        assert error.value.code == "image-memory"
        assert small.child_pids() != before


def test_running_out_of_time_is_one_error_and_the_next_file_is_read(
    monkeypatch: pytest.MonkeyPatch, grey8: NDArray[np.uint8], save: Callable[..., bytes]
) -> None:
    slow = save(np.zeros((4000, 4000), np.uint8), "PNG")
    with DecoderPool(workers=1, memory_mb=768, cpu_s=5, pixels_max=20_000_000) as one:
        one.warm_up()
        with monkeypatch.context() as patch:
            patch.setattr("thoracle.imaging.child.wall_allowed_s", lambda *_, **__: 0.001)
            with pytest.raises(ImageError, match=r"expected 1\.2 s of CPU time at most") as error:
                one.decode(slow)
        assert error.value.code == "image-timeout"
        assert one.decode(save(grey8, "PNG")).format == "PNG"


def test_a_decoder_that_cannot_start_says_so_after_a_second_try(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("thoracle.imaging.child.sys.executable", "/bin/false")
    with DecoderPool(workers=1, memory_mb=512, cpu_s=5, pixels_max=1000) as idle:
        with pytest.raises(ImageError, match="No decoder process could be started") as error:
            idle.decode(b"\x89PNG\r\n\x1a\n")
        monkeypatch.setattr("thoracle.imaging.child.sys.executable", "/nowhere/python")
        with pytest.raises(ImageError, match="No decoder process could be started"):
            idle.decode(b"\x89PNG\r\n\x1a\n")
    assert error.value.code == "image-decoder-unavailable"


def test_the_parent_refuses_what_needs_no_child() -> None:
    closed = DecoderPool(workers=1, memory_mb=512, cpu_s=1, pixels_max=1)
    with pytest.raises(ImageError, match="is empty"):
        closed.decode(b"")
    with pytest.raises(ImageError, match="Send one film"):
        closed.decode(b"\xff\xd8\xff" + bytes(17_000_000))
    assert closed.child_pids() == ()


def test_a_closed_pool_refuses_and_leaves_no_process_behind(
    grey8: NDArray[np.uint8], save: Callable[..., bytes]
) -> None:
    one = DecoderPool(workers=2, memory_mb=768, cpu_s=5, pixels_max=1_000_000).start().start()
    one.decode(save(grey8, "PNG"))
    pids = one.child_pids()
    one.close()
    one.close()
    assert not any(psutil.pid_exists(pid) for pid in pids)
    for _ in range(3):
        with pytest.raises(ImageError, match="decoder is closed") as error:
            one.decode(save(grey8, "PNG"))
        assert error.value.code == "image-decoder-unavailable"


def test_a_child_is_replaced_after_many_files(
    monkeypatch: pytest.MonkeyPatch, grey8: NDArray[np.uint8], save: Callable[..., bytes]
) -> None:
    monkeypatch.setattr(sandbox, "_FILES_PER_CHILD", 2)
    with DecoderPool(workers=1, memory_mb=768, cpu_s=5, pixels_max=1_000_000) as one:
        first = one.child_pids()
        one.decode(save(grey8, "PNG"))
        assert one.child_pids() == first
        with pytest.raises(ImageError):
            one.decode(save(grey8, "PNG")[:80])
        assert one.child_pids() != first


def test_a_child_lost_in_warming_is_replaced(monkeypatch: pytest.MonkeyPatch) -> None:
    def lose(_: DecoderChild) -> None:
        raise ChildLostError(has_started=False, is_late=True, how="no answer")

    with DecoderPool(workers=1, memory_mb=768, cpu_s=5, pixels_max=1_000_000) as one:
        before = one.child_pids()
        with monkeypatch.context() as patch:
            patch.setattr(DecoderChild, "warm", lose)
            one.warm_up()
        assert one.child_pids() != before


def test_a_pool_can_be_made_as_the_settings_say(
    monkeypatch: pytest.MonkeyPatch, grey8: NDArray[np.uint8], save: Callable[..., bytes]
) -> None:
    monkeypatch.setenv("THORACLE_DECODE_PIXELS_MAX", "100")
    monkeypatch.setenv("THORACLE_DECODE_WORKERS", "2")
    settings.cache_clear()
    with DecoderPool.from_settings() as two:
        with pytest.raises(ImageError, match="expected at most 100"):
            two.decode(save(grey8, "PNG"))
        two.warm_up()
        assert len(two.child_pids()) == 2
    with DecoderPool.from_settings(workers=1) as one:
        one.warm_up()
        assert len(one.child_pids()) == 1


def test_a_forked_process_leaves_the_pool_of_its_parent_alone(
    pool: DecoderPool,
    grey8: NDArray[np.uint8],
    save: Callable[..., bytes],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    pool.warm_up()
    with monkeypatch.context() as patch:
        patch.setattr("thoracle.imaging.sandbox.os.getpid", lambda: -1)
        pool.close()
        assert not pool.is_usable
    assert pool.is_usable
    assert pool.decode(save(grey8, "PNG")).format == "PNG"


@pytest.mark.parametrize(
    ("has_started", "outcome"),
    [(True, (1, "image-decoder-died")), (False, (2, "image-decoder-unavailable"))],
)
def test_only_a_child_that_had_not_begun_is_given_a_second_try(
    has_started: bool,
    outcome: tuple[int, str],
    pool: DecoderPool,
    grey8: NDArray[np.uint8],
    save: Callable[..., bytes],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    lost: list[DecoderChild] = []

    def lose(self: DecoderChild) -> None:
        lost.append(self)
        raise ChildLostError(has_started=has_started, is_late=False, how="SIGSEGV")

    with monkeypatch.context() as patch:
        patch.setattr(DecoderChild, "receive", lose)
        with pytest.raises(ImageError, match="SIGSEGV") as error:
            pool.decode(save(grey8, "PNG"))
    assert (len(lost), error.value.code) == outcome
    assert not any(child.is_running for child in lost)
    assert pool.decode(save(grey8, "PNG")).format == "PNG"


@pytest.fixture
def film(grey8: NDArray[np.uint8], save: Callable[..., bytes]) -> bytes:
    return save(grey8, "PNG")


def test_an_archive_is_unpacked_under_numbers(
    pool: DecoderPool, pack: Callable[..., bytes], tmp_path: Path
) -> None:
    content = pack({"../a.png": b"one", "b/a.png": b"two"})
    members = pool.unpack(content, tmp_path, files_max=2)
    assert [(one.name, one.path.read_bytes()) for one in members] == [
        ("a.png", b"one"),
        ("a.png", b"two"),
    ]
    assert {one.path.parent for one in members} == {tmp_path}


@pytest.mark.parametrize(
    ("files", "cut", "code"),
    [
        ({str(number): b"x" for number in range(4)}, None, "zip-too-many"),
        ({}, None, "zip-empty"),
        ({"a/": b"", ".b": b"x"}, None, "zip-empty"),
        ({"a.png": bytes(3_000_000)}, None, "zip-too-large"),
        ({"a.png": b"x"}, -5, "image-corrupt"),
    ],
)
def test_a_useless_archive_is_refused_and_the_next_file_is_read(
    files: dict[str, bytes],
    cut: int | None,
    code: str,
    pool: DecoderPool,
    pack: Callable[..., bytes],
    film: bytes,
) -> None:
    with TemporaryDirectory() as folder, pytest.raises(ImageError) as error:
        pool.unpack(pack(files)[:cut], Path(folder), files_max=3)
    assert error.value.code == code
    for _ in range(3):
        assert pool.decode(film).format == "PNG"


def test_a_folder_without_room_is_told(
    pool: DecoderPool, pack: Callable[..., bytes], tmp_path: Path
) -> None:
    with pytest.raises(ImageError, match="cannot be unpacked") as error:
        pool.unpack(pack({"a": b"x"}), tmp_path / "missing", files_max=3)
    assert error.value.code == "zip-no-room"


def test_parts_of_a_ct_come_with_the_digest_of_their_bytes(
    pool: DecoderPool, ct_files: Callable[..., list[bytes]]
) -> None:
    import nibabel

    hu = np.arange(-30, 0, dtype=np.int16).reshape(1, 5, 6)
    content = ct_files(hu)[0]
    one = pool.decode_slice(content, name="a.dcm")
    assert (one.name, one.sha256) == ("a.dcm", hashlib.sha256(content).hexdigest())
    np.testing.assert_array_equal(one.values, hu[0])
    packed = nibabel.Nifti1Image(hu.T, np.eye(4)).to_bytes()  # type: ignore[no-untyped-call]
    volume = pool.decode_volume(packed, name="a.nii")
    assert (volume.name, volume.sha256) == ("a.nii", hashlib.sha256(packed).hexdigest())
    np.testing.assert_array_equal(volume.values, hu)
    for refused in (pool.decode_slice, pool.decode_volume):
        with pytest.raises(ImageError):
            refused(b"nothing", name="x")
    assert pool.workers == 2


def test_a_recording_comes_with_the_digest_of_its_bytes(pool: DecoderPool) -> None:
    content = b"time_s,a,b\n0,1,\n1,2,3\n"
    file = pool.decode_recording(content, name="a.csv")
    assert (file.name, file.sha256) == ("a.csv", hashlib.sha256(content).hexdigest())
    assert [one.name for one in file.reading.channels] == ["a", "b"]
    np.testing.assert_array_equal(file.reading.channels[1].values, [np.nan, 3.0])
    (only,) = pool.decode_recording(content, name="a.csv", channel="b").reading.channels
    assert only.name == "b"
    with pytest.raises(ImageError, match="found no channel"):
        pool.decode_recording(content, name="a.csv", channel="c")


def test_a_recording_that_takes_too_long_is_told_in_its_own_words(
    monkeypatch: pytest.MonkeyPatch, pool: DecoderPool
) -> None:
    def late(*_args: object) -> Never:
        raise ImageError("x", code="image-timeout")

    monkeypatch.setattr(pool, "_ask", late)
    with pytest.raises(ImageError, match="The recording took longer"):
        pool.decode_recording(b"1\n2\n", name="a.csv")


def test_a_depth_video_comes_with_the_digest_of_its_bytes(pool: DecoderPool) -> None:
    stream = BytesIO()
    np.save(stream, np.full((3, 8, 9), 1200, np.uint16))
    frames = pool.decode_depth(stream.getvalue(), name="a.npy")
    assert frames.sha256 == hashlib.sha256(stream.getvalue()).hexdigest()
    assert (frames.depth_mm.shape, frames.step, frames.name) == ((3, 8, 9), 1, "a.npy")
    assert (frames.depth_mm == 1200.0).all()
    with pytest.raises(ImageError, match="no depth video"):
        pool.decode_depth(b"nothing", name="x")
