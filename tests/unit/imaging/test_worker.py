"""The child's own code, run here with pipes of bytes; its limits are tested in a real child."""

import contextlib
import resource
import signal
import subprocess
import sys
from collections.abc import Callable
from io import BytesIO

import numpy as np
import pytest
from numpy.typing import NDArray

from thoracle.imaging import wire, worker
from thoracle.imaging.depth_wire import DEPTH
from thoracle.imaging.recording_wire import RECORDING, pack_wanted
from thoracle.imaging.scan_wire import SLICE, VOLUME, unpack_slice_header, unpack_volume_header
from thoracle.imaging.worker import WorkerLimits, limited_cpu, restrict, serve

LIMITS = WorkerLimits(memory_mb=1024, cpu_s=10, pixels_max=100_000)
Frames = list[tuple[bytes, bytes]]


@pytest.fixture
def exchange(monkeypatch: pytest.MonkeyPatch) -> Callable[..., Frames]:
    """Serve requests and return the frames of the answer."""
    # This process is not the child: nothing may limit it.
    monkeypatch.setattr(worker, "limited_cpu", lambda _: contextlib.nullcontext())

    def run(*requests: tuple[bytes, bytes], limits: WorkerLimits = LIMITS) -> Frames:
        source = BytesIO(b"".join(wire.pack_head(k, len(p)) + p for k, p in requests))
        sink = BytesIO()
        serve(source, sink, limits=limits)
        answer, frames = BytesIO(sink.getvalue()), []
        while head := answer.read(wire.HEAD_BYTES):
            kind, length = wire.unpack_head(head)
            frames.append((kind, answer.read(length)))
        return frames

    return run


def test_a_film_is_answered_with_its_header_and_raw_samples(
    exchange: Callable[..., Frames], grey8: NDArray[np.uint8], save: Callable[..., bytes]
) -> None:
    frames = exchange((wire.DECODE, save(grey8, "PNG")))
    assert [kind for kind, _ in frames] == [wire.READY, wire.STARTED, wire.HEADER, wire.PIXELS]
    header = wire.unpack_header(frames[2][1], pixels_max=100_000)
    assert (header.rows, header.columns, header.facts.format) == (*grey8.shape, "PNG")
    assert frames[3][1] == grey8.tobytes()


def test_a_bad_file_is_answered_with_its_error_and_the_next_is_served(
    exchange: Callable[..., Frames], grey8: NDArray[np.uint8], save: Callable[..., bytes]
) -> None:
    frames = exchange((wire.DECODE, b"%PDF-1.7"), (wire.DECODE, save(grey8, "PNG")))
    assert [kind for kind, _ in frames[1:3]] == [wire.STARTED, wire.ERROR]
    assert wire.unpack_error(frames[2][1]).code == "image-unknown-format"
    assert frames[-1][0] == wire.PIXELS


def test_a_dicom_film_and_a_warm_request_load_the_dicom_libraries(
    exchange: Callable[..., Frames], grey8: NDArray[np.uint8], make_dicom: Callable[..., bytes]
) -> None:
    frames = exchange((wire.WARM, b""), (wire.DECODE, make_dicom(grey8)))
    assert [kind for kind, _ in frames] == [
        wire.READY,
        wire.STARTED,
        wire.STARTED,
        wire.HEADER,
        wire.PIXELS,
    ]
    assert "thoracle.imaging.dicom" in sys.modules
    assert exchange(limits=WorkerLimits(memory_mb=1, cpu_s=1, pixels_max=1, preload=True)) == [
        (wire.READY, b"")
    ]


def test_whatever_a_decoder_raises_is_one_error(
    exchange: Callable[..., Frames], monkeypatch: pytest.MonkeyPatch
) -> None:
    class StrangeError(Exception):
        pass

    def fail(*_: object, **__: object) -> None:
        raise StrangeError("unheard of")

    monkeypatch.setattr(worker, "decode_samples", fail)
    frames = exchange((wire.DECODE, b"x"))
    error = wire.unpack_error(frames[-1][1])
    assert error.code == "image-corrupt"
    assert "unheard of" in error.text


def test_a_half_request_ends_the_service(exchange: Callable[..., Frames]) -> None:
    assert [kind for kind, _ in exchange()] == [wire.READY]


def test_every_limit_is_set(monkeypatch: pytest.MonkeyPatch) -> None:
    found: dict[int, tuple[int, int]] = {}
    monkeypatch.setattr(resource, "setrlimit", found.__setitem__)
    monkeypatch.setattr(sys, "dont_write_bytecode", sys.dont_write_bytecode)
    restrict(LIMITS)
    assert found[resource.RLIMIT_AS] == (2**30, 2**30)
    assert found[resource.RLIMIT_FSIZE] == (0, 0)
    assert found[resource.RLIMIT_CORE] == (0, 0)
    assert found[resource.RLIMIT_NOFILE] == (64, 64)


def test_cpu_time_is_counted_from_what_has_been_used(monkeypatch: pytest.MonkeyPatch) -> None:
    found: dict[int, tuple[int, int]] = {}
    monkeypatch.setattr(resource, "setrlimit", found.__setitem__)
    monkeypatch.setattr(resource, "getrlimit", lambda _: (0, resource.RLIM_INFINITY))
    monkeypatch.setattr("thoracle.imaging.worker.time.process_time", lambda: 41.2)
    with limited_cpu(10.0):
        assert 9.0 < signal.getitimer(signal.ITIMER_PROF)[0] <= 10.1
    assert signal.getitimer(signal.ITIMER_PROF) == (0.0, 0.0)
    assert found == {resource.RLIMIT_CPU: (53, resource.RLIM_INFINITY)}
    monkeypatch.setattr(resource, "getrlimit", lambda _: (0, 30))
    found.clear()
    with limited_cpu(10.0):
        assert found == {}


def test_a_loop_without_end_is_killed_by_its_cpu_time_to_a_fraction_of_a_second() -> None:
    code = (
        "import time\n"
        "from thoracle.imaging.worker import limited_cpu\n"
        "with limited_cpu(0.2):\n"
        "    sum(range(10**12))"  # Inside C: no Python handler would run.
    )
    before_s = _children_cpu_s()
    done = subprocess.run([sys.executable, "-I", "-c", code], check=False, timeout=120)
    assert done.returncode == -signal.SIGPROF
    assert _children_cpu_s() - before_s < 2.0


def _children_cpu_s() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def test_the_child_starts_without_what_a_png_does_not_need() -> None:
    code = "import sys, thoracle.imaging.worker; print(*sys.modules)"
    loaded = subprocess.run(
        [sys.executable, "-I", "-c", code], capture_output=True, text=True, check=True
    ).stdout.split()
    heavy = {"pydicom", "gdcm", "tifffile", "scipy", "pydantic", "onnxruntime", "jpeg_ls"}
    assert heavy.isdisjoint(loaded)


def test_a_child_whose_input_closes_ends_by_itself() -> None:
    said = '{"memory_mb": 1024, "cpu_s": 5, "pixels_max": 1000}'
    done = subprocess.run(
        [sys.executable, "-I", "-m", "thoracle.imaging.worker", said],
        input=wire.pack_head(wire.DECODE, 4) + b"%PDF",
        capture_output=True,
        check=True,
        timeout=60,
    )
    assert done.stdout.startswith(wire.pack_head(wire.READY, 0) + wire.pack_head(wire.STARTED, 0))
    assert b"image-unknown-format" in done.stdout


def test_main_serves_its_own_standard_streams(monkeypatch: pytest.MonkeyPatch) -> None:
    """Run `main` here, on pipes in the place of descriptors 0 and 1, without its limits."""
    import os

    request_end, request = os.pipe()
    answer, answer_end = os.pipe()
    saved = os.dup(0), os.dup(1)
    monkeypatch.setattr(worker, "restrict", lambda _: None)
    monkeypatch.setattr("thoracle.imaging.worker.warnings.simplefilter", lambda _: None)
    said = '{"memory_mb": 1, "cpu_s": 1, "pixels_max": 1}'
    monkeypatch.setattr(sys, "argv", ["worker", said])
    try:
        os.dup2(request_end, 0)
        os.dup2(answer_end, 1)
        os.close(request)
        worker.main()
    finally:
        os.dup2(saved[0], 0)
        os.dup2(saved[1], 1)
        for descriptor in (*saved, request_end, answer_end):
            os.close(descriptor)
    assert os.read(answer, 100) == wire.pack_head(wire.READY, 0)
    os.close(answer)


def test_an_archive_is_answered_with_names_and_contents(
    exchange: Callable[..., Frames], pack: Callable[..., bytes]
) -> None:
    frames = exchange((wire.UNPACK, pack({"a/é.png": b"one", "b.png": b""})))
    assert frames[1:] == [
        (wire.STARTED, b""),
        (wire.NAME, "é.png".encode()),
        (wire.CONTENT, b"one"),
        (wire.NAME, b"b.png"),
        (wire.CONTENT, b""),
        (wire.END, b""),
    ]


def test_a_torn_archive_is_answered_with_an_error(
    exchange: Callable[..., Frames], pack: Callable[..., bytes]
) -> None:
    frames = exchange((wire.UNPACK, pack({"a": b"x"})[:20]), (wire.WARM, b""))
    assert [kind for kind, _ in frames[1:]] == [wire.STARTED, wire.ERROR, wire.STARTED]
    assert wire.unpack_error(frames[2][1]).code == "image-corrupt"


def test_a_slice_is_answered_with_its_header_and_values(
    exchange: Callable[..., Frames], ct_files: Callable[..., list[bytes]]
) -> None:
    hu = np.arange(-30, 0, dtype=np.int16).reshape(1, 5, 6)
    frames = exchange((SLICE, ct_files(hu)[0]), (SLICE, b"\0" * 128 + b"DICM"))
    assert [kind for kind, _ in frames[1:4]] == [wire.STARTED, wire.HEADER, wire.PIXELS]
    header, sample_type = unpack_slice_header(frames[2][1], pixels_max=30)
    assert (header.rows, header.columns, sample_type) == (5, 6, "int16")
    assert frames[3][1] == hu.tobytes()
    assert [kind for kind, _ in frames[4:]] == [wire.STARTED, wire.ERROR]


def test_a_volume_is_answered_in_pieces_and_a_torn_one_with_an_error_in_place_of_any(
    exchange: Callable[..., Frames], monkeypatch: pytest.MonkeyPatch
) -> None:
    import nibabel

    values = np.arange(24, dtype=np.int16).reshape(2, 3, 4)
    whole = nibabel.Nifti1Image(values, np.eye(4)).to_bytes()  # type: ignore[no-untyped-call]
    monkeypatch.setattr("thoracle.imaging.nifti_scan.CHUNK_BYTES", 20)
    frames = exchange((VOLUME, whole), (VOLUME, whole[:-1]), (VOLUME, b"nothing"))
    kinds = b"".join(kind for kind, _ in frames[1:])
    assert kinds == b"SHPPP" + b"SHPPE" + b"SE"
    header, sample_type = unpack_volume_header(frames[2][1])
    assert (header.slices, header.rows, header.columns, sample_type) == (4, 3, 2, "int16")
    assert b"".join(payload for kind, payload in frames[3:6]) == values.T.tobytes()
    assert wire.unpack_error(frames[10][1]).code == "image-truncated"


def test_a_recording_is_answered_channel_by_channel(exchange: Callable[..., Frames]) -> None:
    content = b"time_s,a,b\n0,1,\n1,2,3\n"
    frames = exchange((RECORDING, pack_wanted(None) + content))
    three = [wire.HEADER, wire.HEADER, wire.PIXELS, wire.HEADER, wire.PIXELS, wire.HEADER]
    assert [kind for kind, _ in frames[2:]] == [*three, wire.PIXELS]
    assert frames[-1][1] == np.array([np.nan, 3.0]).tobytes()
    frames = exchange((RECORDING, pack_wanted("b") + content))
    assert [kind for kind, _ in frames[2:]] == three[:3] + three[1:3]


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "recording-empty"),
        (b"%PDF", "recording-unknown-format"),
        (b"a,b\n1\n", "recording-columns"),
        (b"\x1f\x8bno", "recording-corrupt"),
    ],
)
def test_a_bad_recording_is_answered_with_its_error(
    content: bytes, code: str, exchange: Callable[..., Frames]
) -> None:
    frames = exchange((RECORDING, pack_wanted(None) + content))
    assert [kind for kind, _ in frames[1:]] == [wire.STARTED, wire.ERROR]
    assert wire.unpack_error(frames[2][1]).code == code


def test_a_depth_video_is_answered_frame_by_frame(exchange: Callable[..., Frames]) -> None:
    stream = BytesIO()
    video = np.arange(2 * 8 * 9, dtype=np.uint16).reshape(2, 8, 9) + 1
    np.save(stream, video)
    frames = exchange((DEPTH, stream.getvalue()), (DEPTH, stream.getvalue()[:-1]))
    assert [kind for kind, _ in frames[2:5]] == [wire.HEADER, wire.PIXELS, wire.PIXELS]
    assert frames[3][1] == video[0].astype(np.float32).tobytes()
    assert [kind for kind, _ in frames[5:]] == [wire.STARTED, wire.ERROR]
    assert wire.unpack_error(frames[6][1]).code == "recording-truncated"
